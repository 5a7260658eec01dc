// Lines of Exim's main log (Exim's specification, chapter "Log files").
#ifndef HELOVET_CORE_SESSION_LOG_EXIM_LINE_H_
#define HELOVET_CORE_SESSION_LOG_EXIM_LINE_H_

#include <optional>
#include <string_view>

#include "helovet/session_log.h"

namespace helovet {

// What follows the time, its zone and the process id, whichever of them log_selector and syslog put
// there. None: Exim has not written this line.
[[nodiscard]] std::optional<std::string_view> EximMessage(std::string_view line);

// A message that arrived over SMTP, or a rejected HELO, MAIL, RCPT or DATA; any other is kOther.
//  - `H=(helo) [ip]`, `H=name (helo) [ip]`, `H=[ip]`: the HELO name, or that there was none.
//  - `H=name [ip]`: the host has a verified name, and HELO was the same; so says Exim also if HELO
//    was the address as a literal, or missing, which nobody can tell afterwards.
//  - octets that Exim has escaped (\344) are what they were.
[[nodiscard]] LogLine ReadEximLine(std::string_view line);

}  // namespace helovet

#endif  // HELOVET_CORE_SESSION_LOG_EXIM_LINE_H_
