// Text of any octets as printable ASCII.
#ifndef HELOVET_CORE_BASE_PRINTABLE_H_
#define HELOVET_CORE_BASE_PRINTABLE_H_

#include <string>
#include <string_view>

namespace helovet {

// Adds `octet` as `\xHH`.
void AppendHexEscape(std::string& text, char octet);

// `text` with every octet that is not printable ASCII as `\xHH`. Backslashes stay as they are: for
// text that has escapes of its own, or none that anybody would read back.
[[nodiscard]] std::string Printable(std::string_view text);

}  // namespace helovet

#endif  // HELOVET_CORE_BASE_PRINTABLE_H_
