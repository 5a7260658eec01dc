// Words of log lines.
#ifndef HELOVET_CORE_SESSION_LOG_WORDS_H_
#define HELOVET_CORE_SESSION_LOG_WORDS_H_

#include <optional>
#include <string>
#include <string_view>

namespace helovet {

// Removes `prefix` from the beginning of `text` if it is there.
[[nodiscard]] bool TakePrefix(std::string_view& text, std::string_view prefix);

// What follows `program` in a line of syslog whose tag begins with it, such as "[123]: text" of
// "Nov 22 10:31:18 mx exim[123]: text". None: the line is another program's.
[[nodiscard]] std::optional<std::string_view> AfterSyslogTag(std::string_view line,
                                                             std::string_view program);

// Removes blanks, then what stands before the next one, from the beginning of `text`. Empty: there
// was nothing else.
[[nodiscard]] std::string_view TakeWord(std::string_view& text);

// Removes a path, `<...>` or without brackets, from the beginning of `text` up to a blank or behind
// its bracket; blanks and brackets count for nothing in a quoted local part (RFC 5321 §4.1.2). The
// path without brackets; none: it does not end.
[[nodiscard]] std::optional<std::string> TakePath(std::string_view& text);

// What EscapeForLog made `text` of. Empty: it cannot have been made by that.
[[nodiscard]] std::optional<std::string> UnescapeFromLog(std::string_view text);

}  // namespace helovet

#endif  // HELOVET_CORE_SESSION_LOG_WORDS_H_
