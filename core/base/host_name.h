// What host names are made of.
#ifndef HELOVET_CORE_BASE_HOST_NAME_H_
#define HELOVET_CORE_BASE_HOST_NAME_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace helovet {

inline constexpr std::size_t kMaxLabelOctets = 63;  // RFC 1035 §2.3.4
// As text without a trailing dot: what is left of the 255 octets of the wire form (RFC 1035 §2.3.4)
// without the first length octet and the root.
inline constexpr std::size_t kMaxHostNameOctets = 253;

// Letters, digits and inner hyphens (RFC 1123 §2.1), 1 to kMaxLabelOctets of them.
[[nodiscard]] bool IsLdhLabel(std::string_view label);
// The same after one underscore, which counts, too.
[[nodiscard]] bool IsUnderscoreLabel(std::string_view label);

// Where the first label of `name` begins that is neither of the two; empty where every label is
// one. A trailing dot counts as an empty label.
[[nodiscard]] std::optional<std::size_t> FindBadLabel(std::string_view name);

// Letters in lower case.
[[nodiscard]] std::string LowerCase(std::string_view text);

}  // namespace helovet

#endif  // HELOVET_CORE_BASE_HOST_NAME_H_
