#include "checks/drip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "core/checks/run_check.h"
#include "testing/scripted_dns.h"

namespace helovet {
namespace {

using testing::Address;
using testing::AliasChain;
using ::testing::ElementsAre;
using testing::HeloOf;
using testing::RunTask;
using testing::ScriptedDns;
using testing::ScriptLine;
using testing::Text;
using testing::Texts;
using ::testing::UnorderedElementsAre;

const std::string kTail = ".ipv4.relays._email_.";
const std::string kOwn = "192_0_2_10" + kTail + "s.m.example.com A";
const std::string kMiddle = "192_0_2_10" + kTail + "m.example.com A";
const std::string kTop = "192_0_2_10" + kTail + "example.com A";

struct DripCase {
  std::string id = {};
  std::string source = {};
  std::vector<ScriptLine> script = {};
  std::string wanted = {};
  std::string helo = "s.m.example.com";
  std::string client = "192.0.2.10";
};
void PrintTo(const DripCase& each, std::ostream* out) { *out << each.id; }

CheckResult RunDrip(const DripCase& wanted,
                    ScriptedDns::Order order = ScriptedDns::Order::kAsAsked) {
  Loop loop;
  ScriptedDns dns(loop, wanted.script, order);
  SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
  const IpAddress client = Address(wanted.client);
  const HeloFinding helo = HeloOf(wanted.helo, client);
  PrefetchDrip(helo, client, session_dns);
  return RunTask(loop, CheckDrip(helo, client, session_dns));
}

std::vector<DripCase> OwnCases() {
  const std::string status = "DRIP-02 §4.2";
  return {
      {"own_address", status, {{kOwn, "192.0.2.10"}}, "pass/designated"},
      {"default_record", status, {{kOwn, "0.0.0.0"}}, "fail/not-designated"},
      {"another_address", status, {{kOwn, "192.0.2.11"}}, "fail/not-designated"},
      {"alias", status, {{kOwn, "CNAME a.test"}, {"a.test A", "192.0.2.10"}}, "pass/designated"},
      {"ipv6",
       "DRIP-02 §3.4",
       {{"2002_c000_0201_0000_0000_0000_0000_1234.IPv6.relays._email_.s.m.example.com AAAA",
         "2002:c000:201::1234"}},
       "pass/designated",
       "s.m.example.com",
       "2002:c000:201::1234"},
      {"ipv6_default_record",
       "DRIP-02 §3.4",
       {{"2001_0db8_0000_0000_0000_0000_0000_0001.IPv6.relays._email_.s.m.example.com AAAA", "::"}},
       "fail/not-designated",
       "s.m.example.com",
       "2001:db8::1"},
      {"ipv4_mapped",
       "DRIP-02 §4.1",
       {{kOwn, "192.0.2.10"}},
       "pass/designated",
       "s.m.example.com",
       "::ffff:c000:20a"},
      {"no_name", "docs/rules.md §3", {}, "none/no-name", "localhost"},
      {"temporary_failure_asks_no_parent", "DRIP-02 §4.2", {{kOwn, "servfail"}}, "temperror/dns"},
      {"silence_asks_no_parent", "DRIP-02 §4.2", {{kOwn, "silence"}}, "temperror/dns"},
      {"alias_chain", "docs/rules.md §8",
       AliasChain("192_0_2_10" + kTail + "s.m.example.com", "A", 9, "192.0.2.10"),
       "permerror/alias-chain"},
  };
}

std::vector<DripCase> ParentCases() {
  const std::string parents = "DRIP-02 §4.3; docs/rules.md §11.3";
  const std::string fail = "fail/parent-participates";
  return {
      {"nobody_takes_part",
       parents,
       {{kOwn, "nxdomain"}, {kTop, "nodata"}, {kMiddle, "nxdomain"}},
       "none/not-participating"},
      {"parent_says_no",
       parents,
       {{kOwn, "nxdomain"}, {kTop, "0.0.0.0"}, {kMiddle, "nxdomain"}},
       fail},
      {"parent_says_yes",
       parents,
       {{kOwn, "nxdomain"}, {kTop, "nxdomain"}, {kMiddle, "192.0.2.10"}},
       fail},
      {"several_records_are_as_none",
       "DRIP-02 §4.2",
       {{kOwn, "192.0.2.10 | 0.0.0.0"}, {kTop, "nxdomain"}, {kMiddle, "nxdomain"}},
       "none/not-participating"},
      {"several_records_of_a_parent",
       "DRIP-02 §4.2, §4.3",
       {{kOwn, "nodata"}, {kTop, "192.0.2.10 | 0.0.0.0"}, {kMiddle, "nxdomain"}},
       "none/not-participating"},
      {"parent_beside_a_failure",
       parents,
       {{kOwn, "nxdomain"}, {kTop, "timeout"}, {kMiddle, "0.0.0.0"}},
       fail},
      {"failure_of_a_parent",
       parents,
       {{kOwn, "nxdomain"}, {kTop, "timeout"}, {kMiddle, "nxdomain"}},
       "temperror/dns"},
      {"second_level",
       "docs/rules.md §4.5",
       {{kTop, "nxdomain"}},
       "none/not-participating",
       "example.com"},
      {"top_level_domain_is_no_parent",
       "docs/rules.md §4.5",
       {{"192_0_2_10" + kTail + "b.example.com A", "nxdomain"}, {kTop, "nxdomain"}},
       "none/not-participating",
       "b.example.com"},
  };
}

std::vector<DripCase> AllCases() {
  std::vector<DripCase> all = OwnCases();
  const std::vector<DripCase> parents = ParentCases();
  all.insert(all.end(), parents.begin(), parents.end());
  return all;
}

class DripTest : public ::testing::TestWithParam<DripCase> {};

TEST_P(DripTest, IsRuled) {
  const CheckResult result = RunDrip(GetParam());
  EXPECT_EQ(result.check, CheckId::kDrip);
  EXPECT_EQ(Text(result), GetParam().wanted) << GetParam().source;
  EXPECT_FALSE(SourceOf(result.check, result.reason).empty()) << Text(result);
}

// docs/rules.md §2: the order of answers shows nowhere.
TEST_P(DripTest, OrderChangesNothing) {
  const CheckResult plain = RunDrip(GetParam());
  const CheckResult turned = RunDrip(GetParam(), ScriptedDns::Order::kReversed);
  EXPECT_EQ(Text(turned), Text(plain));
  EXPECT_EQ(Texts(turned.evidence), Texts(plain.evidence));
}

INSTANTIATE_TEST_SUITE_P(Cases, DripTest, ::testing::ValuesIn(AllCases()),
                         [](const auto& each) { return each.param.id; });

TEST(DripQueriesTest, ParentsAreAskedTogetherWhenTheNameSaysNothing) {
  Loop loop;
  ScriptedDns dns(loop, {{kOwn, "nxdomain"}, {kTop, "nxdomain"}, {kMiddle, "0.0.0.0"}});
  SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
  const IpAddress client = Address("192.0.2.10");
  const HeloFinding helo = HeloOf("s.m.example.com", client);
  PrefetchDrip(helo, client, session_dns);
  EXPECT_THAT(dns.FirstWave(), UnorderedElementsAre(kOwn));
  RunTask(loop, CheckDrip(helo, client, session_dns));
  EXPECT_THAT(dns.log(), ElementsAre("ask " + kOwn, "answer " + kOwn, "ask " + kTop,
                                     "ask " + kMiddle, "answer " + kTop, "answer " + kMiddle));
}

TEST(DripEvidenceTest, ShowsEveryAnswer) {
  const CheckResult result =
      RunDrip({.script = {{kOwn, "nxdomain"}, {kTop, "nodata"}, {kMiddle, "0.0.0.0"}}});
  EXPECT_THAT(Texts(result.evidence),
              ElementsAre("192_0_2_10.ipv4.relays._email_.s.m.example.com A nxdomain",
                          "192_0_2_10.ipv4.relays._email_.example.com A nodata",
                          "192_0_2_10.ipv4.relays._email_.m.example.com A ok 0.0.0.0"));
}

// A name with which no record can be asked for hides no parent that takes part (docs/rules.md
// §11.3).
TEST(DripLongNameTest, LeavesItToTheParents) {
  const std::string label(60, 'x');
  const std::string helo =
      label + "." + label + "." + label + ".twenty-octets-of-text.b.c.d.e.f.example.com";
  const auto script = [](const std::string& parent) {
    std::vector<ScriptLine> lines;
    for (const char* name : {"example.com", "f.example.com", "e.f.example.com", "d.e.f.example.com",
                             "c.d.e.f.example.com"}) {
      lines.push_back({"192_0_2_10" + kTail + name + " A", parent});
    }
    return lines;
  };
  EXPECT_EQ(Text(RunDrip({.script = script("nxdomain"), .helo = helo})), "permerror/name-too-long");
  EXPECT_EQ(Text(RunDrip({.script = script("0.0.0.0"), .helo = helo})), "fail/parent-participates");
  EXPECT_EQ(Text(RunDrip({.script = script("servfail"), .helo = helo})), "temperror/dns");
}

}  // namespace
}  // namespace helovet
