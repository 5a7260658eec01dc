#include "config/spelling.h"

#include "gtest/gtest.h"

namespace helovet {
namespace {

TEST(SpellingTest, CountsEdits) {
  struct Case {
    std::string_view a;
    std::string_view b;
    std::size_t edits;  // The least that lead from a to b; 3: more than 2.
  };
  constexpr Case kCases[] = {
      {"", "", 0},
      {"dns", "dns", 0},
      {"dn", "dns", 1},
      {"dnss", "dns", 1},
      {"dms", "dns", 1},
      {"dsn", "dns", 1},
      {"sdn", "dns", 2},
      {"", "ab", 2},
      {"abc", "", 3},
      {"profile", "fprile", 3},
      {"hedaer", "header", 1},
      {"xheadre", "header", 2},
  };
  for (const Case& test : kCases) {
    for (std::size_t edits = 0; edits <= 2; ++edits) {
      EXPECT_EQ(IsNearMiss(test.a, test.b, edits), edits >= test.edits)
          << test.a << " and " << test.b << " by " << edits;
    }
  }
}

TEST(SpellingTest, FindsTheNearest) {
  constexpr std::string_view kKnown[] = {"", "csa", "spf", "spfs", "checks"};
  struct Case {
    std::string_view word;
    std::string_view found;
  };
  constexpr Case kCases[] = {
      {"SPF", "spf"}, {"sPfS", "spfs"}, {"CSA", "csa"},    {"cheks", "checks"},
      {"xy", ""},     {"", ""},         {"something", ""},
  };
  for (const Case& test : kCases) {
    EXPECT_EQ(FindNearMiss(test.word, kKnown), test.found) << test.word;
  }
}

}  // namespace
}  // namespace helovet
