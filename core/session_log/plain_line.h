// Lines that people or their scripts write: "192.0.2.1 mail.example joe@example.org".
#ifndef HELOVET_CORE_SESSION_LOG_PLAIN_LINE_H_
#define HELOVET_CORE_SESSION_LOG_PLAIN_LINE_H_

#include <string_view>

#include "helovet/session_log.h"

namespace helovet {

// LogFormat::kPlain. Control characters are malformed: they are written as \xHH.
[[nodiscard]] LogLine ReadPlainLine(std::string_view line);

}  // namespace helovet

#endif  // HELOVET_CORE_SESSION_LOG_PLAIN_LINE_H_
