// Letters and digits, whatever the process's locale.
#ifndef HELOVET_CORE_BASE_ASCII_H_
#define HELOVET_CORE_BASE_ASCII_H_

namespace helovet {

[[nodiscard]] constexpr bool IsAsciiDigit(char octet) { return octet >= '0' && octet <= '9'; }
[[nodiscard]] constexpr bool IsAsciiLetter(char octet) {
  return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z');
}
[[nodiscard]] constexpr bool IsAsciiPrintable(char octet) { return octet >= ' ' && octet <= '~'; }
[[nodiscard]] constexpr char ToAsciiLower(char octet) {
  return octet >= 'A' && octet <= 'Z' ? static_cast<char>(octet - 'A' + 'a') : octet;
}

}  // namespace helovet

#endif  // HELOVET_CORE_BASE_ASCII_H_
