// What this host calls itself, as its kernel tells.
#ifndef HELOVET_CORE_BASE_OWN_HOST_H_
#define HELOVET_CORE_BASE_OWN_HOST_H_

#include <string>
#include <vector>

#include "helovet/ip_address.h"

namespace helovet {

// The name that gethostname(2) gives, as it is, which may be no domain name; empty where it gives
// none. Thread-safe.
[[nodiscard]] std::string OwnHostName();

// The addresses of all interfaces, loopback included, each once and in their order; empty where
// getifaddrs(3) gives none. Thread-safe.
[[nodiscard]] std::vector<IpAddress> OwnAddresses();

}  // namespace helovet

#endif  // HELOVET_CORE_BASE_OWN_HOST_H_
