#include "dns/network.h"

#include <cstddef>
#include <string>
#include <vector>

#include "base/read_file.h"
#include "dns/client.h"

namespace helovet {
namespace {

constexpr const char* kResolvConf = "/etc/resolv.conf";      // resolv.conf(5)
constexpr std::size_t kMaxResolvConfOctets = 64UL * 1024UL;  // Ours; a screenful is usual.

std::vector<DnsServer> ServersFor(const Config& config) {
  if (!config.dns.servers.empty()) return config.dns.servers;
  const tl::expected<std::string, int> text = ReadFile(kResolvConf, kMaxResolvConfOctets);
  return ServersOfResolvConf(text.value_or(""));
}

}  // namespace

std::unique_ptr<Dns> NetworkDns(Loop& loop, const Config& config) {
  return std::make_unique<DnsClient>(loop,
                                     DnsClientOptions{.servers = ServersFor(config),
                                                      .trusted = config.dns.trusted,
                                                      .query_timeout = config.dns.query_timeout});
}

}  // namespace helovet
