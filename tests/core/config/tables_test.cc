// Settings that are tables: what they become.
#include <string>
#include <string_view>
#include <vector>

#include "config/return_codes.h"
#include "config/settings.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "helovet/config.h"

namespace helovet {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

Config Parsed(std::string_view toml) {
  const FileErrorOr<Config> config = ParseConfig(toml, "test.toml");
  EXPECT_TRUE(config) << "got " << config.error().ToString() << ", want no error";
  return config ? *config : Config();
}

// So that an override of any check has an effect.
constexpr std::string_view kAllChecksRun =
    "senders.checks = [\"dmp\", \"drip\", \"rmx\", \"spf\", \"cbv\"]\n"
    "dna.trusted = [\"a.example\"]\n"
    "vbr.certifiers = [\"a.example\"]\n"
    "lists.address = [{ zone = \"a.example\", codes = { \"127.0.0.2\" = \"D\" } }]\n"
    "lists.name = [{ zone = \"a.example\", codes = { \"127.0.0.2\" = \"D\" } }]\n";

// docs/rules.md §10.
TEST(OverridesTest, AreReadInEveryForm) {
  const Override none = {CheckId::kCsa, Result::kNone, OverrideAction::kTag};
  const Override temperror = {CheckId::kIprev, Result::kTemperror, OverrideAction::kDefer};
  for (const std::string_view toml : {
           "[overrides]\ncsa.none = \"tag\"\niprev.temperror = \"defer\"",
           "[overrides.csa]\nnone = \"tag\"\n[overrides.iprev]\ntemperror = \"defer\"",
           "overrides.csa.none = \"tag\"\noverrides.iprev = { temperror = \"defer\" }",
           "overrides = { iprev.temperror = \"defer\", csa.none = \"tag\" }",
       }) {
    EXPECT_THAT(Parsed(toml).overrides, UnorderedElementsAre(none, temperror)) << toml;
  }
  EXPECT_THAT(Parsed("[overrides]").overrides, ElementsAre());
}

TEST(OverridesTest, TakeEveryResultThatOccurs) {
  for (const ResultRule& rule : ResultRules()) {
    if (rule.check == CheckId::kExempt || rule.check == CheckId::kConfiguration) continue;
    if (rule.result == Result::kSkipped) continue;  // That is none: the check did not run.
    const std::string toml = std::string(kAllChecksRun) + "overrides." +
                             std::string(ToString(rule.check)) + "." +
                             std::string(ToString(rule.result)) + " = \"ignore\"";
    EXPECT_THAT(Parsed(toml).overrides,
                ElementsAre(Override{rule.check, rule.result, OverrideAction::kIgnore}));
  }
}

TEST(OverridesTest, HaveFourActions) {
  for (const auto& [word, action] :
       {std::pair{"ignore", OverrideAction::kIgnore}, std::pair{"tag", OverrideAction::kTag},
        std::pair{"defer", OverrideAction::kDefer}, std::pair{"reject", OverrideAction::kReject}}) {
    EXPECT_EQ(ToString(action), word);
    const std::string toml = "overrides.iprev.fail = \"" + std::string(word) + "\"";
    EXPECT_THAT(Parsed(toml).overrides,
                ElementsAre(Override{CheckId::kIprev, Result::kFail, action}));
  }
}

// docs/rules.md §6.1.
TEST(AccreditorsTest, AreNamesOrTables) {
  const Accreditor plain = {.name = "a.example"};
  const Accreditor heavy = {.name = "b.example", .weight = 100, .always_ask = true};
  const Accreditor heard = {.name = "c.example", .advisory = true};
  for (const std::string_view toml : {
           "dna.trusted = [\"A.Example.\", { name = \"b.example\", weight = 100, always_ask = true "
           "}, "
           "{ name = \"C.example\", advisory = true, always_ask = false }]",
           "[[dna.trusted]]\nname = \"a.example\"\nweight = 1\n"
           "[[dna.trusted]]\nname = \"b.example\"\nweight = 100\nadvisory = false\nalways_ask = "
           "true\n"
           "[[dna.trusted]]\nname = \"c.example\"\nadvisory = true",
       }) {
    EXPECT_THAT(Parsed(toml).dna.trusted, ElementsAre(plain, heavy, heard)) << toml;
  }
}

// "127.0.0.4-7 D", octets that can be all as "*".
std::string Text(const ReturnCode& code) {
  std::string text;
  for (const ReturnCode::Octet& octet : code.octets) {
    if (!text.empty()) text += '.';
    if (octet == ReturnCode::Octet{}) {
      text += '*';
    } else {
      text += std::to_string(octet.least);
      if (octet.most != octet.least) text += '-' + std::to_string(octet.most);
    }
  }
  return text + ' ' + std::string(ToString(code.rating));
}

std::vector<std::string> Texts(const std::vector<ReturnCode>& codes) {
  std::vector<std::string> texts;
  for (const ReturnCode& code : codes) texts.push_back(Text(code));
  return texts;
}

// docs/rules.md §7.2: first match first, and tables have no order.
TEST(DnsListsTest, HaveTheirMostSpecificCodesFirst) {
  const Config config = Parsed(R"(
[[lists.address]]
zone = "DNSBL.Example."
[lists.address.codes]
"127.*.*.*" = "C"
"127.0.0.2-11" = "D"
"127.0.*.3" = "B"
"127.0.0.4" = "E"
"127.0.0.5-5" = "A"

[[lists.address]]
zone = "dnswl.example"
codes = { "127.0.0-255.2" = "B" }

[[lists.name]]
zone = "dnsbl.example"
codes = { "127.0.1.2" = "d" }
)");
  ASSERT_EQ(config.lists.address.size(), 2U);
  EXPECT_EQ(config.lists.address[0].zone, "dnsbl.example");
  EXPECT_THAT(
      Texts(config.lists.address[0].codes),
      ElementsAre("127.0.0.4 E", "127.0.0.5 A", "127.0.0.2-11 D", "127.0.*.3 B", "127.*.*.* C"));
  EXPECT_EQ(config.lists.address[1].zone, "dnswl.example");
  EXPECT_THAT(Texts(config.lists.address[1].codes), ElementsAre("127.0.*.2 B"));
  ASSERT_EQ(config.lists.name.size(), 1U);
  EXPECT_THAT(Texts(config.lists.name[0].codes), ElementsAre("127.0.1.2 D"));
}

TEST(DnsListsTest, CodesOfOneSizeMayMeetWhereTheyAgree) {
  const Config config = Parsed(
      R"(lists.name = [{ zone = "a.example", codes = { "127.0.0.2-4" = "D", "127.0.0.4-6" = "D" } }])");
  ASSERT_EQ(config.lists.name.size(), 1U);
  EXPECT_EQ(config.lists.name[0].codes.size(), 2U);
}

TEST(ReturnCodeTest, Parses) {
  struct Case {
    std::string_view pattern;
    std::string_view wanted;  // Empty: refused.
  };
  constexpr Case kCases[] = {
      {"127.0.0.2", "127.0.0.2 C"},
      {"0.255.1.10", "0.255.1.10 C"},
      {"127.0.0.4-7", "127.0.0.4-7 C"},
      {"127.0.0.7-7", "127.0.0.7 C"},
      {"127.0.*.3", "127.0.*.3 C"},
      {"127.0.0-255.3", "127.0.*.3 C"},
      {"*.*.*.*", "*.*.*.* C"},
      {"", ""},
      {"127.0.0", ""},
      {"127.0.0.", ""},
      {".0.0.2", ""},
      {"127.0.0.2.", ""},
      {"127.0.0.2.3", ""},
      {"127.0.0.02", ""},
      {"127.0.0.256", ""},
      {"127.0.0.-1", ""},
      {"127.0.0.1-", ""},
      {"127.0.0.-", ""},
      {"127.0.0.7-4", ""},
      {"127.0.0.4-7-9", ""},
      {"127.0.0.4-256", ""},
      {"127.0.0.*-7", ""},
      {"127.0.0.**", ""},
      {"127.0.0.+2", ""},
      {"127.0.0. 2", ""},
      {"127.0.0.2 ", ""},
      {"127.0.0.0x2", ""},
      {"127.0.0.2/32", ""},
  };
  for (const Case& test : kCases) {
    const std::optional<ReturnCode> got = ParseReturnCode(test.pattern);
    EXPECT_EQ(got ? Text(*got) : "", test.wanted) << "for \"" << test.pattern << '"';
  }
}

}  // namespace
}  // namespace helovet
