// The one place where text of clients and name servers is made safe to show.
#ifndef HELOVET_CORE_RENDER_ESCAPE_H_
#define HELOVET_CORE_RENDER_ESCAPE_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace helovet {

// A text whatever its length; where a function takes a limit.
inline constexpr std::size_t kNoLimit = std::string_view::npos;

// What begins with "Append" adds to `out` the same text that its counterpart returns; nothing else
// is allocated where nothing needs an escape.

// For replies and header fields: letters, digits and -._:[] stay, every other octet becomes \xHH.
// So a HELO name stays one word, and brings no quote, space, semicolon, equals sign, pipe, dollar
// or brace into a line that somebody takes apart. At most `limit` octets, which is at least 3; a
// longer one ends in "...".
[[nodiscard]] std::string EscapeName(std::string_view name, std::size_t limit);
void AppendName(std::string& out, std::string_view name, std::size_t limit);

// Words of others in a line of ours: spaces stay, too, and what URLs are made of; no quote,
// semicolon, pipe, dollar, brace, backslash. At most `limit` octets as above.
[[nodiscard]] std::string EscapeWords(std::string_view words, std::size_t limit);
void AppendWords(std::string& out, std::string_view words, std::size_t limit);

// EscapeForLog of at most `limit` octets, which is at least 3; a longer text ends in "...".
[[nodiscard]] std::string EscapeForLogWithin(std::string_view text, std::size_t limit);

// Adds base/printable.h's Printable(text): backslashes stay as they are.
void AppendPrintable(std::string& out, std::string_view text);

// HeaderValue(EscapeName(name, limit)) and ExtractValue(EscapeForLogWithin(text, limit)).
void AppendHeaderName(std::string& out, std::string_view name, std::size_t limit);
void AppendExtractText(std::string& out, std::string_view text, std::size_t limit);

// The functions below put text in form that is printable ASCII already.

// A quoted-string (RFC 5322 §3.2.4).
void AppendQuoted(std::string& out, std::string_view text);

// A `value` of RFC 2045 §5.1, as RFC 8601 §2.2 wants it for authserv-id and properties: the text
// itself if it is made of letters, digits and -._ alone and not empty, otherwise a quoted-string.
[[nodiscard]] std::string HeaderValue(std::string_view text);
void AppendHeaderValue(std::string& out, std::string_view text);

// A value that Exim's ${extract{key}{...}} gives back unchanged: the text itself if it is made of
// letters, digits and -._:/ alone and not empty, otherwise in double quotes with `\"`, `\\` and
// `\n`, for "\n" is allowed here.
[[nodiscard]] std::string ExtractValue(std::string_view text);
void AppendExtractValue(std::string& out, std::string_view text);

}  // namespace helovet

#endif  // HELOVET_CORE_RENDER_ESCAPE_H_
