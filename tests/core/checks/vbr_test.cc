#include "checks/vbr.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "checks/answers.h"
#include "core/checks/run_check.h"
#include "testing/scripted_dns.h"

namespace helovet {
namespace {

using testing::Address;
using testing::AliasChain;
using ::testing::ElementsAre;
using testing::HeloOf;
using ::testing::IsEmpty;
using testing::RunTask;
using testing::ScriptedDns;
using testing::ScriptLine;
using testing::Text;
using testing::Texts;
using ::testing::UnorderedElementsAre;

const std::string kA = "mail.example.com._vouch.a.test TXT";
const std::string kB = "mail.example.com._vouch.b.test TXT";
const Config::Vbr kAskA = {.certifiers = {"a.test"}, .types = {}};
const Config::Vbr kAskAb = {.certifiers = {"b.test", "a.test"}, .types = {}};
// Mail of lists counts as well.
const Config::Vbr kLists = {.certifiers = {"a.test"}, .types = {"transaction", "list"}};

struct VbrCase {
  std::string id = {};
  std::string source = {};
  Config::Vbr settings = {};
  std::vector<ScriptLine> script = {};
  std::string wanted = {};  // "pass/vouched a.test"
  std::vector<std::string> wanted_opinions = {};
  std::string helo = "mail.example.com";
};
void PrintTo(const VbrCase& each, std::ostream* out) { *out << each.id; }

CheckResult RunVbr(const VbrCase& wanted, const std::vector<ScriptLine>& script,
                   ScriptedDns::Order order = ScriptedDns::Order::kAsAsked) {
  Loop loop;
  ScriptedDns dns(loop, script, order);
  SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
  const HeloFinding helo = HeloOf(wanted.helo, Address("192.0.2.1"));
  PrefetchVbr(helo, wanted.settings, session_dns);  // As the engine does.
  return RunTask(loop, CheckVbr(helo, wanted.settings, session_dns));
}

CheckResult RunVbr(const VbrCase& wanted) { return RunVbr(wanted, wanted.script); }

std::string Summary(const CheckResult& result) {
  return Text(result) + (result.authority.empty() ? "" : " " + result.authority);
}

// "a.test pass/vouched [all]".
std::vector<std::string> OpinionsOf(const CheckResult& result) {
  std::vector<std::string> texts;
  for (const Opinion& opinion : result.opinions) {
    std::string text = opinion.authority + " " + std::string(ToString(opinion.result)) + "/" +
                       std::string(ToString(opinion.reason));
    if (!opinion.text.empty()) text += " [" + opinion.text + "]";
    texts.push_back(std::move(text));
  }
  return texts;
}

std::vector<VbrCase> RecordCases() {
  const std::string query = "RFC 5518 §5";
  const std::string types = "RFC 5518 §5, §6; docs/rules.md §6.2";
  const std::string yes = "pass/vouched a.test";
  const std::string no = "none/not-vouched";
  return {
      {"all", query, kAskA, {{kA, "all"}}, yes, {"a.test pass/vouched [all]"}},
      {"all_among_others", types, kAskA, {{kA, "list all transaction"}}, yes},
      {"several_spaces", types, kAskA, {{kA, "\"  list   all  \""}}, yes},
      {"other_type",
       types,
       kAskA,
       {{kA, "transaction"}},
       no,
       {"a.test none/not-vouched [transaction]"}},
      {"type_that_counts", types, kLists, {{kA, "list"}}, yes},
      {"one_type_that_counts_among_others", types, kLists, {{kA, "bulk list"}}, yes},
      {"type_that_does_not_count", types, kLists, {{kA, "bulk"}}, no},
      {"all_beside_types_that_count", types, kLists, {{kA, "all"}}, yes},
      {"part_of_a_word", types, kLists, {{kA, "overall lists alls"}}, no},
      {"upper_case_is_another_format",
       query,
       kAskA,
       {{kA, "ALL"}},
       no,
       {"a.test none/not-vouched"}},
      {"digits_are_another_format", query, kAskA, {{kA, "all 1"}}, no},
      {"comma_is_another_format", query, kAskA, {{kA, "list,all"}}, no},
      {"tab_is_another_format", query, kAskA, {{kA, "all list\tbulk"}}, no},
      {"octets_are_another_format", query, kAskA, {{kA, "all \x01\xff"}}, no},
      {"record_of_something_else", query, kAskA, {{kA, "v=spf1 -all"}}, no},
      {"empty_record", query, kAskA, {{kA, "\"\""}}, no},
      {"spaces_alone", query, kAskA, {{kA, "\"  \""}}, no},
      {"one_record_of_several_vouches",
       types,
       kAskA,
       {{kA, "transaction | all | list"}},
       yes,
       {"a.test pass/vouched [all]"}},
      {"record_of_something_else_beside", query, kAskA, {{kA, "v=spf1 -all | all"}}, yes},
      {"no_record", query, kAskA, {{kA, "nodata"}}, no},
      {"no_such_name", query, kAskA, {{kA, "nxdomain"}}, no, {"a.test none/not-vouched"}},
      {"alias", query, kAskA, {{kA, "CNAME v.a.test"}, {"v.a.test TXT", "all"}}, yes},
      {.id = "no_name",
       .source = "docs/rules.md §3",
       .settings = kAskA,
       .script = {},
       .wanted = "none/no-name",
       .helo = "localhost"},
      {.id = "helo_name_in_upper_case",
       .source = "docs/rules.md §1",
       .settings = kAskA,
       .script = {{kA, "all"}},
       .wanted = yes,
       .helo = "MAIL.EXAMPLE.COM"},
  };
}

std::vector<VbrCase> SeveralCases() {
  const std::string source = "docs/rules.md §6.2";
  const std::vector<ScriptLine> chain =
      AliasChain("mail.example.com._vouch.a.test", "TXT", 9, "all");
  return {
      {"one_is_enough",
       source,
       kAskAb,
       {{kA, "nxdomain"}, {kB, "all"}},
       "pass/vouched b.test",
       {"a.test none/not-vouched", "b.test pass/vouched [all]"}},
      {"first_of_two", source, kAskAb, {{kA, "all"}, {kB, "all"}}, "pass/vouched a.test"},
      {"certifier_named_twice",
       source,
       {.certifiers = {"a.test", "a.test"}, .types = {}},
       {{kA, "all"}},
       "pass/vouched a.test",
       {"a.test pass/vouched [all]"}},
      {"vouching_before_temporary_failure",
       source,
       kAskAb,
       {{kA, "servfail"}, {kB, "all"}},
       "pass/vouched b.test",
       {"a.test temperror/dns", "b.test pass/vouched [all]"}},
      {"temporary_failure", source, kAskAb, {{kA, "list"}, {kB, "timeout"}}, "temperror/dns"},
      {"silence", source, kAskAb, {{kA, "silence"}, {kB, "nxdomain"}}, "temperror/dns"},
      {"alias_chain",
       "docs/rules.md §8",
       kAskA,
       chain,
       "permerror/alias-chain",
       {"a.test permerror/alias-chain"}},
      {"alias_chain_of_one",
       source,
       kAskAb,
       chain + std::vector<ScriptLine>{{kB, "nxdomain"}},
       "none/not-vouched",
       {"a.test permerror/alias-chain", "b.test none/not-vouched"}},
      {"alias_chain_beside_temporary_failure", source, kAskAb,
       chain + std::vector<ScriptLine>{{kB, "servfail"}}, "temperror/dns"},
  };
}

std::vector<VbrCase> AllCases() {
  std::vector<VbrCase> all = RecordCases();
  const std::vector<VbrCase> several = SeveralCases();
  all.insert(all.end(), several.begin(), several.end());
  return all;
}

class VbrTest : public ::testing::TestWithParam<VbrCase> {};

TEST_P(VbrTest, IsRuled) {
  const VbrCase& wanted = GetParam();
  const CheckResult result = RunVbr(wanted);
  EXPECT_EQ(result.check, CheckId::kVbr);
  EXPECT_EQ(Summary(result), wanted.wanted) << wanted.source;
  EXPECT_FALSE(SourceOf(result.check, result.reason).empty()) << Text(result);
  if (!wanted.wanted_opinions.empty()) {
    EXPECT_EQ(OpinionsOf(result), wanted.wanted_opinions) << wanted.source;
  }
}

// `reply` with the order of its records turned round.
std::string Reversed(const std::string& reply) {
  std::istringstream parts(reply);
  std::string reversed;
  for (std::string part; std::getline(parts, part, '|');) {
    if (!reversed.empty()) part += '|';
    reversed.insert(0, part);
  }
  return reversed;
}

// docs/rules.md §2: neither the order of records nor that of answers shows anywhere.
TEST_P(VbrTest, OrderChangesNothing) {
  std::vector<ScriptLine> script = GetParam().script;
  for (ScriptLine& line : script) line.reply = Reversed(line.reply);
  const CheckResult plain = RunVbr(GetParam());
  const CheckResult turned = RunVbr(GetParam(), script, ScriptedDns::Order::kReversed);
  EXPECT_EQ(Summary(turned), Summary(plain));
  EXPECT_EQ(OpinionsOf(turned), OpinionsOf(plain));
  EXPECT_EQ(Texts(turned.evidence), Texts(plain.evidence));
}

INSTANTIATE_TEST_SUITE_P(Cases, VbrTest, ::testing::ValuesIn(AllCases()),
                         [](const auto& each) { return each.param.id; });

TEST(VbrPrefetchTest, AsksAllCertifiersAtOnce) {
  const auto first_wave = [](const std::string& helo_text) {
    Loop loop;
    ScriptedDns dns(loop, {{kA, "nxdomain"}, {kB, "nxdomain"}});
    SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
    PrefetchVbr(HeloOf(helo_text, Address("192.0.2.1")), kAskAb, session_dns);
    return dns.FirstWave();
  };
  EXPECT_THAT(first_wave("mail.example.com"), UnorderedElementsAre(kA, kB));
  EXPECT_THAT(first_wave(""), IsEmpty());
}

TEST(VbrEvidenceTest, ShowsEveryAnswer) {
  const CheckResult result =
      RunVbr({.settings = kAskAb, .script = {{kA, "list | all"}, {kB, "nxdomain"}}});
  EXPECT_THAT(Texts(result.evidence), ElementsAre("mail.example.com._vouch.a.test TXT ok \"all\"",
                                                  "mail.example.com._vouch.a.test TXT ok \"list\"",
                                                  "mail.example.com._vouch.b.test TXT nxdomain"));
}

TEST(VbrLongNameTest, IsNotAsked) {
  const std::string label(60, 'x');
  const std::string helo = label + "." + label + "." + label + ".example";
  const std::string certifier = label + ".test";
  const VbrCase alone = {.settings = {.certifiers = {certifier}, .types = {}}, .helo = helo};
  EXPECT_EQ(Summary(RunVbr(alone)), "permerror/name-too-long");
  const VbrCase beside = {.settings = {.certifiers = {certifier, "a.test"}, .types = {}},
                          .script = {{helo + "._vouch.a.test TXT", "all"}},
                          .helo = helo};
  const CheckResult result = RunVbr(beside);
  EXPECT_EQ(Summary(result), "pass/vouched a.test");
  EXPECT_THAT(OpinionsOf(result),
              ElementsAre("a.test pass/vouched [all]", certifier + " permerror/name-too-long"));
}

TEST(VbrOpinionTest, CutsALongRecord) {
  const std::string record = "all " + std::string(64000, 'x');
  const CheckResult result = RunVbr({.settings = kAskA, .script = {{kA, record}}});
  ASSERT_EQ(result.opinions.size(), 1U);
  EXPECT_EQ(Text(result), "pass/vouched");
  EXPECT_EQ(result.opinions[0].text, record.substr(0, kMaxReportOctets));
}

}  // namespace
}  // namespace helovet
