// What may stand in the commands of a callback.
#ifndef HELOVET_CORE_SMTP_MAILBOX_H_
#define HELOVET_CORE_SMTP_MAILBOX_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "dns/name.h"
#include "helovet/ip_address.h"

namespace helovet {

inline constexpr std::size_t kMaxMailboxOctets = 254;  // RFC 5321 §4.5.3.1.3, without brackets.

// A mailbox in two parts that can be put between "<", "@" and ">" as they are.
struct CallableMailbox {
  std::string local_part;
  std::string domain;  // Without a trailing dot.
};

// `mailbox` (RFC 5321 §4.1.2) at `domain`, which takes the place of what stands behind its last
// "@": that may be in UTF-8. Dots may stand anywhere in an unquoted local part, since such
// addresses exist. Empty for anything else: a local part that is no printable ASCII, for which the
// server would need SMTPUTF8 (RFC 6531), and whatever would end the path or the line and might be a
// command of its own.
[[nodiscard]] std::optional<CallableMailbox> ParseCallable(std::string_view mailbox,
                                                           const DnsName& domain);

// `text` is an unquoted local part by itself.
[[nodiscard]] bool IsAtoms(std::string_view text);

// What stands behind EHLO: `name`, or, where that is no domain name, the literal of `local`
// (RFC 5321 §4.1.4).
[[nodiscard]] std::string EhloArgument(std::string_view name,
                                       const std::optional<IpAddress>& local);

}  // namespace helovet

#endif  // HELOVET_CORE_SMTP_MAILBOX_H_
