#include "base/printable.h"

#include <string>

#include "gtest/gtest.h"

namespace helovet {
namespace {

TEST(PrintableTest, EveryOctet) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int value = 0; value < 256; ++value) {
    const std::string octet(1, static_cast<char>(value));
    const bool printable = value >= 0x20 && value <= 0x7e;
    const std::string escaped = std::string("\\x") + kDigits[value / 16] + kDigits[value % 16];
    EXPECT_EQ(Printable(octet), printable ? octet : escaped);
  }
}

TEST(PrintableTest, KeepsTheEscapesOfDns) {
  EXPECT_EQ(Printable("a\\032b.example"), "a\\032b.example");
  EXPECT_EQ(Printable("\x1b]0;x\x07"), "\\x1b]0;x\\x07");
}

}  // namespace
}  // namespace helovet
