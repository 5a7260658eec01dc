// The paths of MAIL FROM and RCPT TO.
#ifndef HELOVET_CORE_CLI_MAIL_PATH_H_
#define HELOVET_CORE_CLI_MAIL_PATH_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace helovet::cli {

inline constexpr std::size_t kMaxLocalPartOctets = 64;  // RFC 5321 §4.5.3.1.1
inline constexpr std::size_t kMaxDomainOctets = 255;    // RFC 5321 §4.5.3.1.2
inline constexpr std::size_t kMaxPathOctets = 256;      // RFC 5321 §4.5.3.1.3, with the brackets

// The path in `text` without its brackets, which may be missing: a mailbox of RFC 5321 §4.1.2 or
// RFC 6531 §3.3, a source route before it included. Empty for the null path. No value: malformed.
[[nodiscard]] std::optional<std::string> ParsePath(std::string_view text);

// The same for RCPT TO: not the null path, but "postmaster" alone (RFC 5321 §4.1.1.3).
[[nodiscard]] std::optional<std::string> ParseForwardPath(std::string_view text);

}  // namespace helovet::cli

#endif  // HELOVET_CORE_CLI_MAIL_PATH_H_
