// Which addresses may be called (docs/rules.md §12.4).
#ifndef HELOVET_CORE_SMTP_CALLABLE_H_
#define HELOVET_CORE_SMTP_CALLABLE_H_

#include <optional>
#include <string_view>
#include <vector>

#include "helovet/ip_address.h"

namespace helovet {

// The sender's domain names the addresses of its mail servers, so anybody could have us connect to
// whatever we reach and others do not. Empty: `address` may be called. Otherwise why not, such as
// "private (RFC 1918)". What leads to an IPv4 address from within IPv6 counts as that.
[[nodiscard]] std::optional<std::string_view> WhyNotCalled(
    const IpAddress& address, const std::vector<IpAddress>& own_addresses);

// It stands for an address of IPv4 that is reached through a NAT64 (RFC 6052 §2.1).
[[nodiscard]] bool IsBehindNat64(const IpAddress& address);

}  // namespace helovet

#endif  // HELOVET_CORE_SMTP_CALLABLE_H_
