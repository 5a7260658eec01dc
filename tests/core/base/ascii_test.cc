#include "base/ascii.h"

#include "gtest/gtest.h"

namespace helovet {
namespace {

TEST(AsciiTest, EqualsIgnoringCase) {
  struct Case {
    std::string_view a;
    std::string_view b;
    bool equal;
  };
  constexpr Case kCases[] = {
      {"", "", true},          {"v=spf1", "V=SPF1", true},
      {"IN", "in", true},      {"IN", "i", false},
      {"I", "in", false},      {"[", "{", false},
      {"@origin", "`", false}, {"\xc3\xa4", "\xc3\x84", false},
  };
  for (const Case& test : kCases) {
    EXPECT_EQ(EqualsIgnoringCase(test.a, test.b), test.equal) << test.a << " and " << test.b;
    EXPECT_EQ(EqualsIgnoringCase(test.b, test.a), test.equal) << test.b << " and " << test.a;
  }
}

}  // namespace
}  // namespace helovet
