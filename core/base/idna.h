// Internationalised domain names.
#ifndef HELOVET_CORE_BASE_IDNA_H_
#define HELOVET_CORE_BASE_IDNA_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace helovet {

// Of a name in UTF-8. What becomes a name of 253 octets (base/host_name.h) has no more code points
// than that, and none has more than four octets; only what the mapping drops could make it longer.
inline constexpr std::size_t kMaxUnicodeNameOctets = std::size_t{4} * 253;

// `name`, in UTF-8, with its U-labels as A-labels (RFC 5890 §2.3.2.1), by UTS #46 without its
// transitional mappings and by IDNA2008: in lower case, in normalisation form C, with dots for the
// dots of other scripts. Labels that are ASCII already stay, whatever octets they have, so the
// outcome need not be a host name. Empty for what is not UTF-8, for labels that IDNA2008 forbids,
// and for labels and names that are too long. Thread-safe.
[[nodiscard]] std::optional<std::string> ToALabels(std::string_view name);

}  // namespace helovet

#endif  // HELOVET_CORE_BASE_IDNA_H_
