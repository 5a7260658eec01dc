#include "base/host_name.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace helovet {
namespace {

struct LabelCase {
  std::string label;
  bool ldh;
  bool underscore;
};

// RFC 1123 §2.1, RFC 1035 §2.3.4.
TEST(HostNameTest, Labels) {
  const std::vector<LabelCase> cases = {
      {"mail", true, false},
      {"MX-1", true, false},
      {"1", true, false},
      {"", false, false},
      {"-a", false, false},
      {"a-", false, false},
      {"a.b", false, false},
      {"a_b", false, false},
      {"\xe4", false, false},
      {std::string(63, 'a'), true, false},
      {std::string(64, 'a'), false, false},
      {"_", false, false},
      {"_a", false, true},
      {"__a", false, false},
      {"_-a", false, false},
      {"_" + std::string(62, 'a'), false, true},
      {"_" + std::string(63, 'a'), false, false},
  };
  for (const LabelCase& c : cases) {
    EXPECT_EQ(IsLdhLabel(c.label), c.ldh) << c.label;
    EXPECT_EQ(IsUnderscoreLabel(c.label), c.underscore) << c.label;
  }
}

TEST(HostNameTest, TheFirstBadLabel) {
  EXPECT_EQ(FindBadLabel("mail.example"), std::nullopt);
  EXPECT_EQ(FindBadLabel("_a._b"), std::nullopt);
  EXPECT_EQ(FindBadLabel(""), 0U);
  EXPECT_EQ(FindBadLabel("a b.-c"), 0U);
  EXPECT_EQ(FindBadLabel("a..b"), 2U);
  EXPECT_EQ(FindBadLabel("mail.-c.-d"), 5U);
  EXPECT_EQ(FindBadLabel("mail."), 5U);
}

TEST(HostNameTest, LowerCaseIsThatOfAscii) {
  EXPECT_EQ(LowerCase("MX-1.Example_\xc4[\\]"), "mx-1.example_\xc4[\\]");
}

}  // namespace
}  // namespace helovet
