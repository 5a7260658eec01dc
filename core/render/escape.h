// The one place where text of clients and name servers is made safe to show.
#ifndef HELOVET_CORE_RENDER_ESCAPE_H_
#define HELOVET_CORE_RENDER_ESCAPE_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace helovet {

inline constexpr std::size_t kNoLimit = static_cast<std::size_t>(-1);

// For SMTP replies: letters, digits and -._:[] stay, every other octet becomes \xHH. So a HELO name
// stays one word and brings no quote, space, pipe, dollar or brace into a line that MTAs pass on.
// At most `limit` octets, at least 3; a longer one ends in "...".
[[nodiscard]] std::string EscapeForReply(std::string_view name, std::size_t limit);

// For DNS data, which is in presentation form already: as EscapeForLog, but `\` stays as it is.
[[nodiscard]] std::string EscapePresentation(std::string_view text);

// A `value` of RFC 2045 §5.1, as RFC 8601 §2.2 wants it for authserv-id and properties: the text
// itself if it is made of letters, digits and -._ alone, otherwise QuotedString().
[[nodiscard]] std::string HeaderValue(std::string_view text, std::size_t limit);

// A quoted-string (RFC 5322 §3.2.4) that holds EscapeForLog(text), of which at most `limit` octets
// are kept; a longer one ends in "...".
[[nodiscard]] std::string QuotedString(std::string_view text, std::size_t limit = kNoLimit);

// A value that Exim's ${extract{key}{...}} gives back unchanged: the text itself if it is made of
// letters, digits and -._:/ alone and not empty, otherwise in double quotes with `\"`, `\\` and
// `\n`. The text must be printable ASCII and "\n".
[[nodiscard]] std::string ExtractValue(std::string_view text);

}  // namespace helovet

#endif  // HELOVET_CORE_RENDER_ESCAPE_H_
