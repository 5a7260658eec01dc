#include "dns/presentation.h"

#include <algorithm>

#include "base/ascii.h"

namespace helovet {
namespace {

std::uint32_t SecondsOf(char unit) {
  switch (ToAsciiLower(unit)) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 60 * 60;
    case 'd':
      return 24 * 60 * 60;
    case 'w':
      return 7 * 24 * 60 * 60;
    default:
      return 0;
  }
}

std::optional<std::uint8_t> HexValue(char digit) {
  if (IsAsciiDigit(digit)) return static_cast<std::uint8_t>(digit - '0');
  const char lower = ToAsciiLower(digit);
  if (lower < 'a' || lower > 'f') return std::nullopt;
  return static_cast<std::uint8_t>(lower - 'a' + 10);
}

}  // namespace

std::optional<char> TakeOctet(std::string_view& text) {
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

void AppendDecimalEscape(std::string& text, char octet) {
  const auto value = static_cast<std::uint8_t>(octet);
  text += {'\\', static_cast<char>('0' + value / 100), static_cast<char>('0' + value / 10 % 10),
           static_cast<char>('0' + value % 10)};
}

std::optional<std::string> Unescape(std::string_view text) {
  std::string octets;
  octets.reserve(text.size());
  while (!text.empty()) {
    const std::optional<char> octet = TakeOctet(text);
    if (!octet) return std::nullopt;
    octets += *octet;
  }
  return octets;
}

void AppendQuotedString(std::string& text, std::string_view octets) {
  text += '"';
  for (const char octet : octets) {
    if (octet == '"' || octet == '\\') {
      text += {'\\', octet};
    } else if (IsAsciiPrintable(octet)) {
      text += octet;
    } else {
      AppendDecimalEscape(text, octet);
    }
  }
  text += '"';
}

bool IsAbsoluteName(std::string_view name) {
  if (name.empty() || name.back() != '.') return false;
  name.remove_suffix(1);
  const std::size_t last_other = name.find_last_not_of('\\');
  const std::size_t backslashes =
      last_other == std::string_view::npos ? name.size() : name.size() - 1 - last_other;
  return backslashes % 2 == 0;
}

std::optional<std::uint32_t> ParseNumber(std::string_view text, std::uint32_t most) {
  if (text.empty()) return std::nullopt;
  std::uint64_t number = 0;
  for (char digit : text) {
    if (!IsAsciiDigit(digit)) return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(digit - '0');
    if (number > most) return std::nullopt;
  }
  return static_cast<std::uint32_t>(number);
}

std::optional<std::uint32_t> ParsePeriod(std::string_view text, std::uint32_t most) {
  std::uint64_t seconds = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const std::optional<std::uint32_t> number = ParseNumber(text.substr(0, digits), most);
    const std::uint32_t unit = digits == text.size() ? 1 : SecondsOf(text[digits]);
    if (!number || unit == 0) return std::nullopt;
    seconds += std::uint64_t{*number} * unit;
    if (seconds > most) return std::nullopt;
    text.remove_prefix(std::min(digits + 1, text.size()));
  }
  return static_cast<std::uint32_t>(seconds);
}

std::optional<std::string> ParseHex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string octets;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = HexValue(text[i]);
    const auto low = HexValue(text[i + 1]);
    if (!high || !low) return std::nullopt;
    octets += static_cast<char>(*high << 4 | *low);
  }
  return octets;
}

}  // namespace helovet
