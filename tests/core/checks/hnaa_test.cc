#include "checks/hnaa.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
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

struct HnaaCase {
  std::string id;
  std::string source;
  std::vector<ScriptLine> script;
  std::string wanted;
  bool wanted_confirms = false;  // iprev alone.
  std::string helo = "mail.example.com";
  std::string client = "192.0.2.1";
};
void PrintTo(const HnaaCase& each, std::ostream* out) { *out << each.id; }

CheckResult RunForward(const HnaaCase& wanted) {
  Loop loop;
  ScriptedDns dns(loop, wanted.script);
  SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
  const IpAddress client = Address(wanted.client);
  const HeloFinding helo = HeloOf(wanted.helo, client);
  return RunTask(loop, CheckForward(helo, client, session_dns));
}

IprevFinding RunIprev(const HnaaCase& wanted,
                      ScriptedDns::Order order = ScriptedDns::Order::kAsAsked) {
  Loop loop;
  ScriptedDns dns(loop, wanted.script, order);
  SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
  const IpAddress client = Address(wanted.client);
  const HeloFinding helo = HeloOf(wanted.helo, client);
  return RunTask(loop, CheckIprev(helo, client, session_dns));
}

std::vector<HnaaCase> ForwardCases() {
  const std::string a = "mail.example.com A";
  return {
      {"match", "docs/rules.md §5", {{a, "192.0.2.9 | 192.0.2.1"}}, "pass/matched"},
      {"other_address", "docs/rules.md §5", {{a, "192.0.2.2"}}, "neutral/not-matched"},
      {"no_data", "docs/rules.md §5", {{a, "nodata"}}, "neutral/not-matched"},
      {"no_such_name", "docs/rules.md §5", {{a, "nxdomain"}}, "neutral/not-matched"},
      {"alias", "docs/rules.md §5", AliasChain("mail.example.com", "A", 8, "192.0.2.1"),
       "pass/matched"},
      {"alias_chain", "docs/rules.md §8", AliasChain("mail.example.com", "A", 9, "192.0.2.1"),
       "permerror/alias-chain"},
      {"timeout", "docs/rules.md §5", {{a, "timeout"}}, "temperror/dns"},
      {"servfail", "docs/rules.md §5", {{a, "servfail"}}, "temperror/dns"},
      {"refused", "docs/rules.md §5", {{a, "refused"}}, "temperror/dns"},
      {"silence", "docs/rules.md §5", {{a, "silence"}}, "temperror/dns"},
      {.id = "v6",
       .source = "docs/rules.md §5",
       .script = {{"mail.example.com AAAA", "2001:db8::1"}},
       .wanted = "pass/matched",
       .client = "2001:db8::1"},
      {.id = "v6_mismatch",
       .source = "docs/rules.md §5",
       .script = {{"mail.example.com AAAA", "2001:db8::2"}},
       .wanted = "neutral/not-matched",
       .client = "2001:db8::1"},
      {.id = "upper_case",
       .source = "docs/rules.md §1",
       .script = {{a, "192.0.2.1"}},
       .wanted = "pass/matched",
       .helo = "MAIL.EXAMPLE.COM."},
      {.id = "no_name",
       .source = "docs/rules.md §3",
       .script = {},
       .wanted = "none/no-name",
       .helo = "[x]"},
      {.id = "literal",
       .source = "docs/rules.md §3",
       .script = {},
       .wanted = "none/no-name",
       .helo = "[192.0.2.1]"},
  };
}

class ForwardTest : public ::testing::TestWithParam<HnaaCase> {};

TEST_P(ForwardTest, IsRuled) {
  const CheckResult result = RunForward(GetParam());
  EXPECT_EQ(result.check, CheckId::kForward);
  EXPECT_EQ(Text(result), GetParam().wanted) << GetParam().source;
}

INSTANTIATE_TEST_SUITE_P(Cases, ForwardTest, ::testing::ValuesIn(ForwardCases()),
                         [](const auto& each) { return each.param.id; });

const std::string kPtr = "1.2.0.192.in-addr.arpa PTR";

// PTR records of n00.test to nNN.test, in no good order.
std::string ManyNames(int count) {
  std::string reply;
  for (int i = count - 1; i >= 0; --i) {
    if (!reply.empty()) reply += " | ";
    reply += "n" + std::to_string(100 + i) + ".test";
  }
  return reply;
}

std::vector<ScriptLine> ManyForwards(int count, int match) {
  std::vector<ScriptLine> lines;
  lines.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    lines.push_back(
        {"n" + std::to_string(100 + i) + ".test A", i == match ? "192.0.2.1" : "192.0.2.200"});
  }
  return lines;
}

std::vector<HnaaCase> IprevCases() {
  const std::string v6_ptr =
      "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR";
  return {
      {"confirmed",
       "RFC 8601 §3",
       {{kPtr, "mail.example.com"}, {"mail.example.com A", "192.0.2.1"}},
       "pass/confirmed",
       true},
      {"confirmed_under_another_name",
       "RFC 8601 §3",
       {{kPtr, "host.test"}, {"host.test A", "192.0.2.1"}},
       "pass/confirmed"},
      {"helo_name_among_several",
       "docs/rules.md §5",
       {{kPtr, "a.test | mail.example.com"},
        {"a.test A", "192.0.2.1"},
        {"mail.example.com A", "192.0.2.1"}},
       "pass/confirmed",
       true},
      {"another_name_than_the_helo_name_confirmed",
       "docs/rules.md §5",
       {{kPtr, "a.test | mail.example.com"},
        {"a.test A", "192.0.2.1"},
        {"mail.example.com A", "192.0.2.2"}},
       "pass/confirmed"},
      {"helo_name_fails_temporarily",
       "docs/rules.md §5",
       {{kPtr, "a.test | mail.example.com"},
        {"a.test A", "192.0.2.1"},
        {"mail.example.com A", "servfail"}},
       "pass/confirmed"},
      {"not_confirmed",
       "RFC 8601 §2.7.3",
       {{kPtr, "host.test"}, {"host.test A", "192.0.2.2"}},
       "fail/not-confirmed"},
      {"forward_nxdomain",
       "RFC 8601 §2.7.3",
       {{kPtr, "host.test"}, {"host.test A", "nxdomain"}},
       "fail/not-confirmed"},
      {"forward_nodata",
       "RFC 8601 §2.7.3",
       {{kPtr, "host.test"}, {"host.test A", "nodata"}},
       "fail/not-confirmed"},
      {"forward_temporary",
       "RFC 8601 §2.7.3",
       {{kPtr, "host.test"}, {"host.test A", "servfail"}},
       "temperror/dns"},
      {"temporary_before_not_confirmed",
       "RFC 8601 §2.7.3",
       {{kPtr, "a.test | b.test"}, {"a.test A", "refused"}, {"b.test A", "192.0.2.2"}},
       "temperror/dns"},
      {"confirmed_before_temporary",
       "RFC 8601 §2.7.3",
       {{kPtr, "a.test | b.test"}, {"a.test A", "timeout"}, {"b.test A", "192.0.2.1"}},
       "pass/confirmed"},
      {"ptr_nxdomain", "RFC 8601 §2.7.3", {{kPtr, "nxdomain"}}, "permerror/no-ptr"},
      {"ptr_nodata", "RFC 8601 §2.7.3", {{kPtr, "nodata"}}, "permerror/no-ptr"},
      {"ptr_servfail", "RFC 8601 §2.7.3", {{kPtr, "servfail"}}, "temperror/dns"},
      {"ptr_silence", "RFC 8601 §2.7.3", {{kPtr, "silence"}}, "temperror/dns"},
      {"ptr_alias",
       "RFC 2317",
       {{kPtr, "CNAME 1.0-127.2.0.192.in-addr.arpa"},
        {"1.0-127.2.0.192.in-addr.arpa PTR", "mail.example.com"},
        {"mail.example.com A", "192.0.2.1"}},
       "pass/confirmed",
       true},
      {"ptr_alias_chain", "docs/rules.md §8",
       AliasChain("1.2.0.192.in-addr.arpa", "PTR", 9, "mail.example.com"), "permerror/alias-chain"},
      {"forward_alias_chain", "docs/rules.md §8",
       AliasChain("host.test", "A", 9, "192.0.2.1") + std::vector<ScriptLine>{{kPtr, "host.test"}},
       "fail/not-confirmed"},
      {"root_is_no_host", "RFC 8601 §3", {{kPtr, "."}}, "fail/not-confirmed"},
      {"ten_names", "docs/rules.md §5, §8",
       ManyForwards(10, 9) + std::vector<ScriptLine>{{kPtr, ManyNames(10)}}, "pass/confirmed"},
      {"eleventh_name_is_not_asked", "docs/rules.md §5, §8",
       ManyForwards(10, -1) + std::vector<ScriptLine>{{kPtr, ManyNames(12)}}, "fail/not-confirmed"},
      {.id = "v6",
       .source = "RFC 3596 §2.5",
       .script = {{v6_ptr, "mail.example.com"}, {"mail.example.com AAAA", "2001:db8::1"}},
       .wanted = "pass/confirmed",
       .wanted_confirms = true,
       .client = "2001:db8::1"},
      {.id = "mapped_client",
       .source = "docs/rules.md §1",
       .script = {{kPtr, "mail.example.com"}, {"mail.example.com A", "192.0.2.1"}},
       .wanted = "pass/confirmed",
       .wanted_confirms = true,
       .client = "::ffff:192.0.2.1"},
      {.id = "helo_name_in_upper_case",
       .source = "docs/rules.md §1",
       .script = {{kPtr, "mail.example.com"}, {"mail.example.com A", "192.0.2.1"}},
       .wanted = "pass/confirmed",
       .wanted_confirms = true,
       .helo = "Mail.Example.COM."},
      {.id = "without_a_helo_name",
       .source = "docs/rules.md §5",
       .script = {{kPtr, "mail.example.com"}, {"mail.example.com A", "192.0.2.1"}},
       .wanted = "pass/confirmed",
       .helo = ""},
  };
}

class IprevTest : public ::testing::TestWithParam<HnaaCase> {};

TEST_P(IprevTest, IsRuled) {
  const IprevFinding finding = RunIprev(GetParam());
  EXPECT_EQ(finding.result.check, CheckId::kIprev);
  EXPECT_EQ(Text(finding.result), GetParam().wanted) << GetParam().source;
  EXPECT_EQ(finding.confirms_helo, GetParam().wanted_confirms) << GetParam().source;
}

TEST_P(IprevTest, OrderChangesNothing) {
  const IprevFinding plain = RunIprev(GetParam());
  const IprevFinding turned = RunIprev(GetParam(), ScriptedDns::Order::kReversed);
  EXPECT_EQ(Text(turned.result), Text(plain.result));
  EXPECT_EQ(Texts(turned.result.evidence), Texts(plain.result.evidence));
}

INSTANTIATE_TEST_SUITE_P(Cases, IprevTest, ::testing::ValuesIn(IprevCases()),
                         [](const auto& each) { return each.param.id; });

std::vector<HnaaCase> ReverseMatchCases() {
  const std::string rule = "DSAR-00 §3.1.2; docs/rules.md §5";
  return {
      {"match", rule, {{kPtr, "mail.example.com"}}, "pass/matched"},
      {"match_among_several", rule, {{kPtr, "z.test | mail.example.com | a.test"}}, "pass/matched"},
      {"match_in_another_case", "RFC 4343", {{kPtr, "MAIL.Example.COM"}}, "pass/matched"},
      {"other_name", rule, {{kPtr, "host.test"}}, "neutral/not-matched"},
      {"name_below", rule, {{kPtr, "a.mail.example.com"}}, "neutral/not-matched"},
      {"name_above", rule, {{kPtr, "example.com"}}, "neutral/not-matched"},
      {"root", rule, {{kPtr, "."}}, "neutral/not-matched"},
      {"nodata", rule, {{kPtr, "nodata"}}, "neutral/not-matched"},
      {"nxdomain", rule, {{kPtr, "nxdomain"}}, "neutral/not-matched"},
      {"servfail", "docs/rules.md §2, §8", {{kPtr, "servfail"}}, "temperror/dns"},
      {"silence", "docs/rules.md §2, §8", {{kPtr, "silence"}}, "temperror/dns"},
      {"alias",
       "RFC 2317",
       {{kPtr, "CNAME 1.0-127.2.0.192.in-addr.arpa"},
        {"1.0-127.2.0.192.in-addr.arpa PTR", "mail.example.com"}},
       "pass/matched"},
      {"alias_chain", "docs/rules.md §8",
       AliasChain("1.2.0.192.in-addr.arpa", "PTR", 9, "mail.example.com"), "permerror/alias-chain"},
      // mail.example.com comes before all of them in canonical order, zz.zz after.
      {"first_of_eleven_names",
       "docs/rules.md §5",
       {{kPtr, ManyNames(10) + " | mail.example.com"}},
       "pass/matched"},
      {.id = "tenth_of_ten_names",
       .source = "docs/rules.md §5",
       .script = {{kPtr, "zz.zz | " + ManyNames(9)}},
       .wanted = "pass/matched",
       .helo = "zz.zz"},
      {.id = "eleventh_name_does_not_count",
       .source = "docs/rules.md §5",
       .script = {{kPtr, "zz.zz | " + ManyNames(10)}},
       .wanted = "neutral/not-matched",
       .helo = "zz.zz"},
      {.id = "v6",
       .source = "RFC 3596 §2.5",
       .script = {{"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR",
                   "mail.example.com"}},
       .wanted = "pass/matched",
       .client = "2001:db8::1"},
      {.id = "no_name",
       .source = "docs/rules.md §3",
       .script = {},
       .wanted = "none/no-name",
       .helo = ""},
      {.id = "literal",
       .source = "docs/rules.md §3",
       .script = {},
       .wanted = "none/no-name",
       .helo = "[192.0.2.1]"},
  };
}

CheckResult RunReverseMatch(const HnaaCase& wanted) {
  Loop loop;
  ScriptedDns dns(loop, wanted.script);
  SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
  const IpAddress client = Address(wanted.client);
  const HeloFinding helo = HeloOf(wanted.helo, client);
  return RunTask(loop, CheckReverseMatch(helo, client, session_dns));
}

class ReverseMatchTest : public ::testing::TestWithParam<HnaaCase> {};

TEST_P(ReverseMatchTest, IsRuled) {
  const CheckResult result = RunReverseMatch(GetParam());
  EXPECT_EQ(result.check, CheckId::kReverseMatch);
  EXPECT_EQ(Text(result), GetParam().wanted) << GetParam().source;
}

INSTANTIATE_TEST_SUITE_P(Cases, ReverseMatchTest, ::testing::ValuesIn(ReverseMatchCases()),
                         [](const auto& each) { return each.param.id; });

TEST(ReverseMatchEvidenceTest, ShowsTheNamesInOrder) {
  const HnaaCase wanted = {
      .id = "", .source = "", .script = {{kPtr, "b.test | a.test"}}, .wanted = ""};
  EXPECT_THAT(
      Texts(RunReverseMatch(wanted).evidence),
      ElementsAre("1.2.0.192.in-addr.arpa PTR ok a.test", "1.2.0.192.in-addr.arpa PTR ok b.test"));
}

// Both checks share one question, which SessionDns asks once.
TEST(ReverseMatchQuestionTest, IsThatOfIprev) {
  Loop loop;
  ScriptedDns dns(loop, {{kPtr, "mail.example.com"}, {"mail.example.com A", "192.0.2.1"}});
  SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
  const IpAddress client = Address("192.0.2.1");
  const HeloFinding helo = HeloOf("mail.example.com", client);
  PrefetchHnaa(helo, client, session_dns);
  EXPECT_EQ(Text(RunTask(loop, CheckReverseMatch(helo, client, session_dns))), "pass/matched");
  EXPECT_EQ(Text(RunTask(loop, CheckIprev(helo, client, session_dns)).result), "pass/confirmed");
  EXPECT_THAT(dns.asked(), UnorderedElementsAre("mail.example.com A", kPtr));
}

struct WellKnownCase {
  std::string id;
  std::string source;
  std::string helo;
  std::vector<std::string> domains;
  std::string wanted;
};
void PrintTo(const WellKnownCase& each, std::ostream* out) { *out << each.id; }

std::vector<WellKnownCase> WellKnownCases() {
  const std::string rule = "DSAR-00 §3.2.2; docs/rules.md §5";
  const std::vector<std::string> domains = {"example.net", "example.com"};
  return {
      {"domain_itself", rule, "example.com", domains, "pass/listed"},
      {"name_below", rule, "mail.example.com", domains, "pass/listed"},
      {"name_far_below", rule, "a.b.c.example.com", domains, "pass/listed"},
      {"upper_case_and_dot", "docs/rules.md §1", "MAIL.Example.COM.", domains, "pass/listed"},
      {"other_domain", rule, "mail.example.org", domains, "none/not-listed"},
      {"name_above", rule, "example.com", {"mail.example.com"}, "none/not-listed"},
      {"end_of_a_label", rule, "mail.badexample.com", domains, "none/not-listed"},
      {"nothing_listed", rule, "mail.example.com", {}, "none/not-listed"},
      {"no_name", "docs/rules.md §3", "", domains, "none/no-name"},
      {"single_label", "docs/rules.md §3", "com", domains, "none/no-name"},
      {"literal", "docs/rules.md §3", "[192.0.2.1]", domains, "none/no-name"},
  };
}

class WellKnownTest : public ::testing::TestWithParam<WellKnownCase> {};

TEST_P(WellKnownTest, IsRuled) {
  const HeloFinding helo = HeloOf(GetParam().helo, Address("192.0.2.1"));
  const CheckResult result = CheckWellKnown(helo, {.domains = GetParam().domains});
  EXPECT_EQ(result.check, CheckId::kWellKnown);
  EXPECT_EQ(Text(result), GetParam().wanted) << GetParam().source;
}

INSTANTIATE_TEST_SUITE_P(Cases, WellKnownTest, ::testing::ValuesIn(WellKnownCases()),
                         [](const auto& each) { return each.param.id; });

TEST(IprevParallelTest, AllNamesAreAskedBeforeTheFirstIsAnswered) {
  Loop loop;
  ScriptedDns dns(loop, {{kPtr, "c.test | b.test | a.test"},
                         {"a.test A", "192.0.2.7"},
                         {"b.test A", "192.0.2.8"},
                         {"c.test A", "192.0.2.9"}});
  SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
  const IpAddress client = Address("192.0.2.1");
  const HeloFinding helo = HeloOf("mail.example.com", client);
  const IprevFinding finding = RunTask(loop, CheckIprev(helo, client, session_dns));
  EXPECT_EQ(Text(finding.result), "fail/not-confirmed");
  EXPECT_THAT(dns.log(),
              ElementsAre("ask " + kPtr, "answer " + kPtr, "ask a.test A", "ask b.test A",
                          "ask c.test A", "answer a.test A", "answer b.test A", "answer c.test A"));
}

TEST(HnaaPrefetchTest, AsksForTheNameAndTheAddress) {
  const auto first_wave = [](const std::string& helo_text) {
    Loop loop;
    ScriptedDns dns(loop, {{kPtr, "nxdomain"}, {"mail.example.com A", "nxdomain"}});
    SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
    const IpAddress client = Address("192.0.2.1");
    PrefetchHnaa(HeloOf(helo_text, client), client, session_dns);
    return dns.FirstWave();
  };
  EXPECT_THAT(first_wave("mail.example.com"), UnorderedElementsAre(kPtr, "mail.example.com A"));
  EXPECT_THAT(first_wave("[192.0.2.1]"), UnorderedElementsAre(kPtr));
}

TEST(IprevEvidenceTest, ShowsTheNamesAndTheirAddresses) {
  const HnaaCase wanted = {.id = "",
                           .source = "",
                           .script = {{kPtr, "b.test | a.test"},
                                      {"a.test A", "192.0.2.9 | 192.0.2.8"},
                                      {"b.test A", "nodata"}},
                           .wanted = ""};
  EXPECT_THAT(
      Texts(RunIprev(wanted).result.evidence),
      ElementsAre("1.2.0.192.in-addr.arpa PTR ok a.test", "1.2.0.192.in-addr.arpa PTR ok b.test",
                  "a.test A ok 192.0.2.8", "a.test A ok 192.0.2.9", "b.test A nodata"));
}

TEST(IprevEvidenceTest, EndsWithTheNameThatIsConfirmed) {
  const HnaaCase wanted = {.id = "",
                           .source = "",
                           .script = {{kPtr, "c.test | b.test | a.test"},
                                      {"a.test A", "192.0.2.9"},
                                      {"b.test A", "192.0.2.1"},
                                      {"c.test A", "192.0.2.1"}},
                           .wanted = ""};
  const IprevFinding finding = RunIprev(wanted);
  EXPECT_EQ(Text(finding.result), "pass/confirmed");
  ASSERT_FALSE(finding.result.evidence.empty());
  EXPECT_THAT(Texts({finding.result.evidence.back()}), ElementsAre("b.test A ok 192.0.2.1"));
}

}  // namespace
}  // namespace helovet
