#include "store/redis_address.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/host_name.h"
#include "base/read_file.h"
#include "dns/network.h"
#include "dns/session_dns.h"

namespace helovet {
namespace {

constexpr const char* kHosts = "/etc/hosts";  // hosts(5)
constexpr std::size_t kMaxFileOctets = std::size_t{256} * 1024;
constexpr std::size_t kMaxAddresses = 8;  // Of a name; ours.

std::string TextOf(const char* path) { return ReadFile(path, kMaxFileOctets).value_or(""); }

std::vector<std::string_view> Words(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t start = line.find_first_not_of(" \t\r");
    if (start == line.npos) return words;
    line.remove_prefix(start);
    words.push_back(line.substr(0, line.find_first_of(" \t\r")));
    line.remove_prefix(words.back().size());
  }
}

void AddPeers(const std::vector<IpAddress>& addresses, std::uint16_t port,
              std::vector<RedisPeer>& peers) {
  for (const IpAddress& address : addresses) {
    if (peers.size() < kMaxAddresses)
      peers.emplace_back(DnsServer{.address = address, .port = port});
  }
}

std::vector<IpAddress> AddressesOf(const DnsAnswer& answer) {
  std::vector<IpAddress> addresses;
  for (const DnsRecord& record : answer.records) {
    if (const auto* const address = std::get_if<IpAddress>(&record.data)) {
      addresses.push_back(*address);
    }
  }
  return addresses;
}

}  // namespace

RedisServer RedisServer::Of(const Config& config) {
  RedisServer server;
  const std::string& text = config.redis.server;
  if (text.starts_with('/')) {
    server.path = text;
    return server;
  }
  if (const std::optional<DnsServer> address = DnsServer::Parse(text)) {
    server.host = address->address.ToString();
    server.port = address->port;
    return server;
  }
  const std::size_t colon = text.rfind(':');
  server.host = text.substr(0, colon);
  // Any address lends its syntax of a port.
  const std::optional<DnsServer> port = DnsServer::Parse("192.0.2.1:" + text.substr(colon + 1));
  server.port = port ? port->port : std::uint16_t{0};
  return server;
}

std::optional<RedisPeer> RedisServer::Peer() const {
  if (!path.empty()) return path;
  if (const std::optional<IpAddress> address = IpAddress::Parse(host)) {
    return DnsServer{.address = *address, .port = port};
  }
  return std::nullopt;
}

std::vector<IpAddress> AddressesOfHosts(std::string_view text, std::string_view host) {
  std::vector<IpAddress> addresses;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    const std::vector<std::string_view> words = Words(line.substr(0, line.find('#')));
    if (words.empty()) continue;
    const std::optional<IpAddress> address = IpAddress::Parse(words.front());
    for (std::size_t i = 1; address && i < words.size(); ++i) {
      if (LowerCase(words[i]) != LowerCase(host)) continue;
      addresses.push_back(*address);
      break;
    }
  }
  return addresses;
}

Task<tl::expected<std::vector<RedisPeer>, std::string>> FindPeers(Loop& loop, const Config& config,
                                                                  RedisServer server,
                                                                  Loop::TimePoint deadline) {
  std::vector<RedisPeer> peers;
  AddPeers(AddressesOfHosts(TextOf(kHosts), server.host), server.port, peers);
  const std::optional<DnsName> name = DnsName::Parse(server.host);
  if (peers.empty() && name) {
    const std::unique_ptr<Dns> network = NetworkDns(loop, config);
    SessionDns dns(loop, *network, deadline);
    const DnsQuestion v4 = {*name, DnsType::kA};
    const DnsQuestion v6 = {*name, DnsType::kAaaa};
    dns.Prefetch(v6);
    const DnsAnswer& first = co_await dns.Ask(v4);
    AddPeers(AddressesOf(first), server.port, peers);
    const DnsAnswer& second = co_await dns.Ask(v6);
    AddPeers(AddressesOf(second), server.port, peers);
    if (peers.empty()) {
      const DnsOutcome worse = std::max(first.outcome, second.outcome);
      co_return tl::make_unexpected("no address: " + std::string(ToString(worse)));
    }
  }
  if (peers.empty()) co_return tl::make_unexpected(std::string("no address"));
  co_return peers;
}

}  // namespace helovet
