// The DNS servers that a configuration means.
#ifndef HELOVET_CORE_DNS_NETWORK_H_
#define HELOVET_CORE_DNS_NETWORK_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "dns/dns.h"
#include "helovet/config.h"
#include "helovet/loop.h"

namespace helovet {

inline constexpr const char* kResolvConf = "/etc/resolv.conf";      // resolv.conf(5)
inline constexpr std::size_t kMaxResolvConfOctets = 64UL * 1024UL;  // Ours; a screenful is usual.

// `config.dns.servers`, or, where there are none, the servers of /etc/resolv.conf as it is now.
[[nodiscard]] std::vector<DnsServer> ServersOf(const Config& config);

// Asks these. The loop must outlive the result.
[[nodiscard]] std::unique_ptr<Dns> NetworkDns(Loop& loop, const Config& config);

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_NETWORK_H_
