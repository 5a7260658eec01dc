#include "engine/network.h"

#include <cstddef>
#include <string>
#include <vector>

#include "base/read_file.h"
#include "dns/client.h"

namespace helovet {
namespace {

constexpr const char* kResolvConf = "/etc/resolv.conf";      // resolv.conf(5)
constexpr std::size_t kMaxResolvConfOctets = 64UL * 1024UL;  // Ours; a screenful is usual.
// Where resolv.conf names no server, or is not there, the C library asks the local host.
constexpr IpAddress::V4Bytes kLocalHost = {127, 0, 0, 1};

std::vector<DnsServer> ServersFor(const Config& config) {
  if (!config.dns.servers.empty()) return config.dns.servers;
  const tl::expected<std::string, int> text = ReadFile(kResolvConf, kMaxResolvConfOctets);
  std::vector<DnsServer> servers = ServersOfResolvConf(text.value_or(""));
  if (servers.empty()) servers.push_back({IpAddress::FromV4(kLocalHost)});
  return servers;
}

}  // namespace

std::unique_ptr<Dns> NetworkDns(Loop& loop, const Config& config) {
  return std::make_unique<DnsClient>(loop,
                                     DnsClientOptions{.servers = ServersFor(config),
                                                      .trusted = config.dns.trusted,
                                                      .query_timeout = config.dns.query_timeout});
}

}  // namespace helovet
