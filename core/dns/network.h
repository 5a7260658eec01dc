// The DNS servers that a configuration means.
#ifndef HELOVET_CORE_DNS_NETWORK_H_
#define HELOVET_CORE_DNS_NETWORK_H_

#include <memory>

#include "dns/dns.h"
#include "helovet/config.h"
#include "helovet/loop.h"

namespace helovet {

// Asks `config.dns.servers`, or, where there are none, the servers of /etc/resolv.conf as it is
// now. The loop must outlive the result.
[[nodiscard]] std::unique_ptr<Dns> NetworkDns(Loop& loop, const Config& config);

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_NETWORK_H_
