#include "dns/network.h"

#include <string>

#include "base/read_file.h"
#include "dns/client.h"

namespace helovet {

std::vector<DnsServer> ServersOf(const Config& config) {
  if (!config.dns.servers.empty()) return config.dns.servers;
  const tl::expected<std::string, int> text = ReadFile(kResolvConf, kMaxResolvConfOctets);
  return ServersOfResolvConf(text.value_or(""));
}

std::unique_ptr<Dns> NetworkDns(Loop& loop, const Config& config) {
  return std::make_unique<DnsClient>(loop,
                                     DnsClientOptions{.servers = ServersOf(config),
                                                      .trusted = config.dns.trusted,
                                                      .query_timeout = config.dns.query_timeout});
}

}  // namespace helovet
