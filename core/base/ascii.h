// Letters, digits and their case, whatever the process's locale.
#ifndef HELOVET_CORE_BASE_ASCII_H_
#define HELOVET_CORE_BASE_ASCII_H_

#include <algorithm>
#include <string_view>

namespace helovet {

[[nodiscard]] constexpr bool IsAsciiDigit(char octet) { return octet >= '0' && octet <= '9'; }
[[nodiscard]] constexpr bool IsAsciiLetter(char octet) {
  return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z');
}
[[nodiscard]] constexpr bool IsAsciiPrintable(char octet) { return octet >= ' ' && octet <= '~'; }
[[nodiscard]] constexpr char ToAsciiLower(char octet) {
  return octet >= 'A' && octet <= 'Z' ? static_cast<char>(octet - 'A' + 'a') : octet;
}
// The same but for the case of ASCII letters.
[[nodiscard]] constexpr bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return ToAsciiLower(x) == ToAsciiLower(y); });
}

}  // namespace helovet

#endif  // HELOVET_CORE_BASE_ASCII_H_
