#include "base/printable.h"

#include "base/ascii.h"

namespace helovet {

void AppendHexEscape(std::string& text, char octet) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(octet);
  text += {'\\', 'x', kDigits[value >> 4], kDigits[value & 0xf]};
}

std::string Printable(std::string_view text) {
  std::string printable;
  printable.reserve(text.size());
  for (const char octet : text) {
    if (IsAsciiPrintable(octet)) {
      printable += octet;
    } else {
      AppendHexEscape(printable, octet);
    }
  }
  return printable;
}

}  // namespace helovet
