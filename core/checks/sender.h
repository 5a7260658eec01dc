// The domain of MAIL FROM.
#ifndef HELOVET_CORE_CHECKS_SENDER_H_
#define HELOVET_CORE_CHECKS_SENDER_H_

#include <optional>
#include <string>
#include <string_view>

namespace helovet {

// The domain of a path (RFC 5321 §4.1.2; RFC 6531 §3.3) without brackets, in lower case, without a
// trailing dot and with A-labels for U-labels; of a source route that of the mailbox, which is the
// last. Empty for the null sender, a path without a domain, an address literal, and a domain that
// is no host name.
[[nodiscard]] std::optional<std::string> DomainOfPath(std::string_view path);

}  // namespace helovet

#endif  // HELOVET_CORE_CHECKS_SENDER_H_
