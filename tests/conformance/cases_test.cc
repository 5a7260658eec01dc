#include "conformance/cases.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
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

std::map<std::string, std::string> Expected(const Case& read) {
  std::map<std::string, std::string> expected;
  for (const Case::Expected& each : read.expect) expected.emplace(each.part, each.wanted);
  return expected;
}

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
  EXPECT_EQ(Expected(read), (std::map<std::string, std::string>{{"csa", "pass/authorized"},
                                                                {"authenticated", "true"}}));
  EXPECT_EQ(read.asked, std::vector<std::string>{"mail.example.com A"});
  EXPECT_EQ(read.not_asked, std::vector<std::string>{"com A"});
}

TEST(CasesTest, ASessionCanGoOnAfterHelo) {
  const FileErrorOr<std::vector<Case>> cases = ParseCases(kGood + R"(
mail_from = "user@example.org"
recipient = "user@example.net"
smtputf8 = true
authenticated_session = true
)",
                                                          "good.toml");
  ASSERT_TRUE(cases.has_value()) << cases.error().ToString();
  const Session& session = cases->front().session;
  EXPECT_EQ(session.mail_from, "user@example.org");
  EXPECT_EQ(session.recipient, "user@example.net");
  EXPECT_TRUE(session.smtputf8);
  EXPECT_TRUE(session.authenticated);
}

// What a case is not about must not ask questions of its own.
TEST(CasesTest, ChecksOfSendersRunOnlyWhereACaseNamesThem) {
  const FileErrorOr<std::vector<Case>> with_settings = ParseCases(kGood, "good.toml");
  const FileErrorOr<std::vector<Case>> without =
      ParseCases(std::string(kGood).erase(kGood.find("settings"),
                                          kGood.find("expect") - kGood.find("settings")),
                 "good.toml");
  std::string named = kGood;
  named.replace(named.find("csa.reverse = true"), 18, "senders.checks = ['dmp']");
  const FileErrorOr<std::vector<Case>> with_checks = ParseCases(named, "good.toml");
  ASSERT_TRUE(with_settings && without && with_checks);
  EXPECT_TRUE(with_settings->front().config.senders.checks.empty());
  EXPECT_TRUE(without->front().config.senders.checks.empty());
  EXPECT_EQ(with_checks->front().config.senders.checks, std::vector<CheckId>{CheckId::kDmp});
}

TEST(CasesTest, TheNullSenderIsNotTheSameAsNone) {
  const FileErrorOr<std::vector<Case>> without = ParseCases(kGood, "good.toml");
  const FileErrorOr<std::vector<Case>> null = ParseCases(kGood + "mail_from = \"\"", "good.toml");
  ASSERT_TRUE(without.has_value() && null.has_value());
  EXPECT_EQ(without->front().session.mail_from, std::nullopt);
  EXPECT_EQ(null->front().session.mail_from, "");
}

TEST(CasesTest, EveryPartOfAVerdictCanBeExpected) {
  const std::string text = R"([[case]]
id = "parts"
source = "docs/rules.md §6"
client = "192.0.2.10"
helo = "mail.example.com"
[case.expect]
dna = "fail/not-recommended"
"dna.authority" = "a.example"
"dna.rating" = "D"
"dna.contact" = "www.a.example:80"
"dna.opinions" = ["a.example fail/not-recommended D", "b.example pass/recommended A advisory",
                  "c.example skipped/unknown"]
forward = "none/no-name"
"forward.authority" = ""
"forward.rating" = ""
"forward.opinions" = []
"dna.explanation" = ""
vbr = "skipped"
dmp = "fail/denied"
"dmp.identity" = "mail-from"
spf-helo = "fail/denied"
"spf-helo.identity" = "helo"
"spf-helo.explanation" = "Go away"
address-list = "skipped"
trust = "low"
action = "reject"
decided_by = "dna/not-recommended"
standard = "reject"
strict = "defer"
authenticated = true
skip_address_blocklists = false
)";
  Verdict verdict = {.session = {.client = IpAddress::FromV4({}), .helo = ""}};
  verdict.trust = Trust::kLow;
  verdict.action = Action::kReject;
  verdict.decided_by = {CheckId::kDna, Reason::kNotRecommended};
  verdict.name_proof = NameProof::kProven;
  verdict.shadow = {.standard = Action::kReject, .strict = Action::kDefer};
  CheckResult dna = {
      .check = CheckId::kDna, .result = Result::kFail, .reason = Reason::kNotRecommended};
  dna.authority = "a.example";
  dna.rating = Rating::kD;
  dna.contact = "www.a.example:80";
  dna.opinions = {
      {.authority = "a.example",
       .result = Result::kFail,
       .reason = Reason::kNotRecommended,
       .rating = Rating::kD},
      {.authority = "b.example",
       .result = Result::kPass,
       .reason = Reason::kRecommended,
       .rating = Rating::kA,
       .advisory = true},
      {.authority = "c.example", .result = Result::kSkipped, .reason = Reason::kUnknown},
  };
  verdict.checks = {{.check = CheckId::kForward, .result = Result::kNone},
                    dna,
                    {.check = CheckId::kDmp,
                     .result = Result::kFail,
                     .reason = Reason::kDenied,
                     .identity = Identity::kMailFrom},
                    {.check = CheckId::kSpfHelo,
                     .result = Result::kFail,
                     .reason = Reason::kDenied,
                     .explanation = "Go away"},
                    {.check = CheckId::kVbr, .result = Result::kSkipped}};

  const FileErrorOr<std::vector<Case>> cases = ParseCases(text, "parts.toml");
  ASSERT_TRUE(cases.has_value()) << cases.error().ToString();
  EXPECT_EQ(cases->front().expect.size(), 24U);
  for (const auto& [part, wanted] : Expected(cases->front())) {
    EXPECT_EQ(PartOf(verdict, part), wanted) << part;
  }
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
        {"unknown_part", With("authenticated =", "\"csa.colour\" ="), "no check has a part colour"},
        {"part_of_no_check", With("csa =", "\"cas.rating\" ="), "no check has the name cas.rating"},
        {"decider_that_is_no_check", With("csa =", "exempt ="), "no check has the name exempt"},
        {"opinions_as_text", With("authenticated = true", "\"dna.opinions\" = \"\""),
         "want a list of strings"},
        {"switch_as_text", With("authenticated = true", "authenticated = \"true\""),
         "want true or false"},
        {"smtputf8_as_text", kGood + "smtputf8 = \"true\"", "want true or false"},
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
         "a case expects a check's result or what decided"},
        {"expects_a_detail_alone", With("csa =", "\"csa.authority\" ="),
         "a case expects a check's result or what decided"},
        {"id_twice", kGood + kGood, "the id occurs twice"},
    }),
    [](const auto& each) { return each.param.id; });

}  // namespace
}  // namespace helovet::conformance
