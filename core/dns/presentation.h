// Octets of names and strings as text, RFC 1035 §5.1.
#ifndef HELOVET_CORE_DNS_PRESENTATION_H_
#define HELOVET_CORE_DNS_PRESENTATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ascii.h"

namespace helovet {

// Takes one octet, as it is or escaped (`\X`, `\DDD`), off the front of `text`, which must not be
// empty. Empty: a broken escape.
[[nodiscard]] inline std::optional<char> TakeOctet(std::string_view& text) {
  const char first = text[0];
  text.remove_prefix(1);
  if (first != '\\') return first;
  if (text.empty()) return std::nullopt;
  if (!IsAsciiDigit(text[0])) {
    const char literal = text[0];
    text.remove_prefix(1);
    return literal;
  }
  if (text.size() < 3 || !IsAsciiDigit(text[1]) || !IsAsciiDigit(text[2])) return std::nullopt;
  const int value = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
  text.remove_prefix(3);
  if (value > 255) return std::nullopt;
  return static_cast<char>(value);
}

// `\DDD`
inline void AppendDecimalEscape(std::string& text, char octet) {
  const auto value = static_cast<std::uint8_t>(octet);
  text += {'\\', static_cast<char>('0' + value / 100), static_cast<char>('0' + value / 10 % 10),
           static_cast<char>('0' + value % 10)};
}

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_PRESENTATION_H_
