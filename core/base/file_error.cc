#include "helovet/file_error.h"

#include <string_view>

#include "base/ascii.h"

namespace helovet {
namespace {

// What a file holds may be anything; what is printed is one line of printable ASCII.
std::string Printable(std::string_view text) {
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  std::string result;
  result.reserve(text.size());
  for (const char octet : text) {
    if (IsAsciiPrintable(octet)) {
      result += octet;
      continue;
    }
    const auto value = static_cast<unsigned char>(octet);
    result += {'\\', 'x', kHexDigits[value >> 4], kHexDigits[value & 0xf]};
  }
  return result;
}

}  // namespace

std::string FileError::ToString() const {
  std::string text = file;
  if (line > 0) text += ':' + std::to_string(line);
  if (line > 0 && column > 0) text += ':' + std::to_string(column);
  return Printable(text + ": " + message);
}

}  // namespace helovet
