// Names and addresses of a plan, and what is wrong with them.
#ifndef HELOVET_CORE_PUBLICATION_PUBLISHED_NAME_H_
#define HELOVET_CORE_PUBLICATION_PUBLISHED_NAME_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dns/name.h"
#include "helovet/ip_address.h"
#include "tl/expected.hpp"

namespace helovet {

enum class NameKind : std::uint8_t {
  kHost,     // Said in HELO, so that receivers must take it for a host (docs/rules.md §3).
  kDomain,   // Letters, digits and inner hyphens in its labels (RFC 1123 §2.1).
  kService,  // Labels may have an underscore in front.
  kZone,     // Whatever DNS can carry: zones of addresses have labels such as "0/25" (RFC 2317).
};

// Unexpected, of both functions: what is wrong, such as "has an empty label"; printable ASCII.

// U-labels become A-labels (base/idna.h).
[[nodiscard]] tl::expected<DnsName, std::string> ReadPublishedName(std::string_view text,
                                                                   NameKind kind);

// An address that a host can send from.
[[nodiscard]] tl::expected<IpAddress, std::string> ReadPublishedAddress(std::string_view text);

// Why receivers elsewhere never see `address`: "is private (RFC 1918)". Empty: they may.
[[nodiscard]] std::optional<std::string> WhyNeverSeen(const IpAddress& address);

}  // namespace helovet

#endif  // HELOVET_CORE_PUBLICATION_PUBLISHED_NAME_H_
