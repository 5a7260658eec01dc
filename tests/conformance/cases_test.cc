#include "conformance/cases.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace helovet::conformance {
namespace {

const std::string kGood = R"([[case]]
id = "good"
source = "docs/rules.md §4"
client = "192.0.2.10"
helo = "mail.example.com"
settings = ["csa.reverse = true", "csa.explicit_search = false"]
expect = { csa = "pass/authorized", authenticated = true }
asked = ["mail.example.com A"]
not_asked = ["com A"]
)";

TEST(CasesTest, ACaseIsReadWhole) {
  const FileErrorOr<std::vector<Case>> cases = ParseCases(kGood, "good.toml");
  ASSERT_TRUE(cases.has_value()) << cases.error().ToString();
  ASSERT_EQ(cases->size(), 1U);
  const Case& read = cases->front();
  EXPECT_EQ(read.id, "good");
  EXPECT_EQ(read.source, "docs/rules.md §4");
  EXPECT_EQ(read.session.client.ToString(), "192.0.2.10");
  EXPECT_EQ(read.session.helo, "mail.example.com");
  EXPECT_TRUE(read.config.csa.reverse);
  EXPECT_FALSE(read.config.csa.explicit_search);
  ASSERT_EQ(read.expect.size(), 1U);
  EXPECT_EQ(read.expect[0].check, "csa");
  EXPECT_EQ(read.expect[0].outcome, "pass/authorized");
  EXPECT_EQ(read.authenticated, true);
  EXPECT_EQ(read.asked, std::vector<std::string>{"mail.example.com A"});
  EXPECT_EQ(read.not_asked, std::vector<std::string>{"com A"});
}

struct MistakeCase {
  std::string id;
  std::string text;
  std::string wanted;  // Part of the message.
};
void PrintTo(const MistakeCase& each, std::ostream* out) { *out << each.id; }

// kGood with `from` replaced.
std::string With(const std::string& from, const std::string& to) {
  std::string text = kGood;
  return text.replace(text.find(from), from.size(), to);
}

class MistakeTest : public ::testing::TestWithParam<MistakeCase> {};

TEST_P(MistakeTest, IsAnError) {
  const FileErrorOr<std::vector<Case>> cases = ParseCases(GetParam().text, "bad.toml");
  ASSERT_FALSE(cases.has_value());
  EXPECT_NE(cases.error().ToString().find(GetParam().wanted), std::string::npos)
      << "got " << cases.error().ToString() << ", want " << GetParam().wanted;
}

INSTANTIATE_TEST_SUITE_P(
    Cases, MistakeTest,
    ::testing::ValuesIn(std::vector<MistakeCase>{
        {"empty", "", "no cases"},
        {"empty_list", "case = []", "no cases"},
        {"no_toml", "[[case", "bad.toml:1"},
        {"unknown_top_level_key", "cases = []", "no file has a key cases"},
        {"unknown_key", With("asked =", "askd ="), "bad.toml:8:1: no case has a key askd"},
        {"unknown_check", With("csa =", "cas ="), "no check has the name cas"},
        {"unknown_setting", With("csa.reverse", "csa.revers"), "csa.revers"},
        {"bad_client", With("192.0.2.10", "192.0.2.256"), "bad.toml:4:10: want an address"},
        {"bad_id", With("\"good\"", "\"Good-1\""), "an id has lower-case letters"},
        {"wrong_type", With("\"mail.example.com\"", "true"), "bad.toml:5:8: want a string"},
        {"no_id", With("id = \"good\"", ""), "a case needs the key id"},
        {"no_source", With("source = \"docs/rules.md §4\"", ""), "a case needs the key source"},
        {"empty_source", With("docs/rules.md §4", ""), "a case names its source"},
        {"no_client", With("client = \"192.0.2.10\"", ""), "a case needs the key client"},
        {"no_helo", With("helo = \"mail.example.com\"", ""), "a case needs the key helo"},
        {"expects_nothing", With("csa = \"pass/authorized\", authenticated", "authenticated"),
         "a case expects a check's result"},
        {"id_twice", kGood + kGood, "the id occurs twice"},
    }),
    [](const auto& each) { return each.param.id; });

}  // namespace
}  // namespace helovet::conformance
