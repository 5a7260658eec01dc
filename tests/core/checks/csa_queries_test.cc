#include "checks/csa.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <ostream>
#include <string>
#include <vector>

#include "core/checks/run_csa.h"
#include "testing/scripted_dns.h"

namespace helovet {
namespace {

using testing::Address;
using testing::CsaRun;
using ::testing::ElementsAre;
using testing::HeloOf;
using testing::kParent;
using testing::kSrv;
using testing::RunCsa;
using testing::RunTask;
using testing::ScriptedDns;
using testing::ScriptLine;
using testing::Text;
using testing::Texts;
using ::testing::UnorderedElementsAre;

TEST(CsaNameTest, NothingIsAskedWithoutAName) {
  for (const std::string helo : {"", "localhost", "mailhost", "mail.local", "a b", "192.0.2.1",
                                 "[192.0.2.1]", "[IPv6:2001:db8::1]"}) {
    const CsaRun run = RunCsa(helo, "192.0.2.1", {});
    EXPECT_EQ(Text(run.finding.result), "none/no-name") << helo;
    EXPECT_TRUE(run.asked.empty()) << helo;
  }
}

TEST(CsaNameTest, CaseAndTrailingDotMakeNoDifference) {
  const CsaRun run = RunCsa("MAIL.Example.com.", "192.0.2.1", {{kSrv, "1 1 0 mail.example.com"}});
  EXPECT_EQ(Text(run.finding.result), "fail/not-authorized");
}

// Four labels of 63, 63, 63 and `last` octets, `last` + 195 octets of text.
std::string NameWithLastLabel(int last) {
  const std::string label(63, 'a');
  return std::string(static_cast<std::size_t>(last), 'z') + "." + label + "." + label + "." +
         label.substr(4) + ".test";
}

TEST(CsaNameTest, TheLongestSrvNameIsAsked) {
  // 239 octets of name, 241 on the wire, and 14 of _client._smtp make the limit of 255.
  const std::string helo = NameWithLastLabel(239 - 193);
  ASSERT_EQ(helo.size(), 239U);
  const std::string label(63, 'a');
  const std::string grandparent = label + "." + label.substr(4) + ".test";
  const CsaRun run = RunCsa(helo, "192.0.2.1", {{"_client._smtp." + helo + " SRV", "1 1 0 ."}});
  EXPECT_EQ(Text(run.finding.result), "fail/not-authorized");
}

std::vector<ScriptLine> ParentsOfLongName(const std::string& reply) {
  const std::string label(63, 'a');
  const std::string second = label.substr(4) + ".test";
  return {{"_client._smtp." + second + " SRV", "nxdomain"},
          {"_client._smtp." + label + "." + second + " SRV", "nxdomain"},
          {"_client._smtp." + label + "." + label + "." + second + " SRV", reply}};
}

TEST(CsaNameTest, ATooLongSrvNameGoesStraightToTheParents) {
  const std::string helo = NameWithLastLabel(240 - 193);
  ASSERT_EQ(helo.size(), 240U);
  EXPECT_EQ(Text(RunCsa(helo, "192.0.2.1", ParentsOfLongName("nodata")).finding.result),
            "none/no-record");
  EXPECT_EQ(Text(RunCsa(helo, "192.0.2.1", ParentsOfLongName("1 2 1 x.test")).finding.result),
            "fail/explicit-required");
  const CsaRun unsearched = RunCsa(helo, "192.0.2.1", {}, {.explicit_search = false});
  EXPECT_EQ(Text(unsearched.finding.result), "none/no-record");
  EXPECT_TRUE(unsearched.asked.empty());
}

TEST(CsaNameTest, AParentWithATooLongSrvNameIsPassedOver) {
  const std::string label(63, 'a');
  const std::string parent = label + "." + label + "." + label + "." + label.substr(0, 48);
  const std::string helo = "x." + parent;  // The parent alone is 240 octets long.
  ASSERT_EQ(parent.size(), 240U);
  const std::string second = label + "." + label.substr(0, 48);
  const CsaRun run = RunCsa(helo, "192.0.2.1",
                            {{"_client._smtp." + second + " SRV", "nxdomain"},
                             {"_client._smtp." + label + "." + second + " SRV", "nxdomain"}});
  EXPECT_EQ(Text(run.finding.result), "none/no-record");
}

TEST(CsaSettingsTest, WithoutTheSearchNoParentIsAsked) {
  const CsaRun run =
      RunCsa("mail.example.com", "192.0.2.1", {{kSrv, "nxdomain"}}, {.explicit_search = false});
  EXPECT_EQ(Text(run.finding.result), "none/no-record");
}

struct ReverseCase {
  std::string id;
  std::string helo;
  std::string client;
  std::vector<ScriptLine> script;
  std::string wanted;
  bool explicit_search = true;
};
void PrintTo(const ReverseCase& each, std::ostream* out) { *out << each.id; }

const std::string kV6Nibbles = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.";

std::vector<ReverseCase> ReverseCases() {
  const std::string v4 = "_client._smtp.1.2.0.192.in-addr.arpa SRV";
  const std::string v6 = "_client._smtp." + kV6Nibbles + "0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa SRV";
  return {
      {"literal_v4",
       "[192.0.2.1]",
       "192.0.2.1",
       {{v4, "1 2 0 mail.example.com"}, {"mail.example.com A", "192.0.2.1"}},
       "pass/authorized"},
      {"bare_v4",
       "192.0.2.1",
       "192.0.2.1",
       {{v4, "1 2 0 mail.example.com"}, {"mail.example.com A", "192.0.2.2"}},
       "fail/address-mismatch"},
      {"bare_v6", "2001:db8::1", "2001:db8::1", {{v6, "1 1 0 ."}}, "fail/not-authorized"},
      {"literal_of_another",
       "[192.0.2.1]",
       "198.51.100.1",
       {{v4, "1 1 0 ."}},
       "fail/not-authorized"},
      {"parents_v4",
       "[192.0.2.1]",
       "192.0.2.1",
       {{v4, "nxdomain"},
        {"_client._smtp.192.in-addr.arpa SRV", "nxdomain"},
        {"_client._smtp.0.192.in-addr.arpa SRV", "nxdomain"},
        {"_client._smtp.2.0.192.in-addr.arpa SRV", "1 2 1 x.test"}},
       "fail/explicit-required"},
      {"parents_v6",
       "[IPv6:2001:db8::1]",
       "2001:db8::1",
       {{v6, "nodata"},
        {"_client._smtp.1.0.0.2.ip6.arpa SRV", "nxdomain"},
        {"_client._smtp.8.b.d.0.1.0.0.2.ip6.arpa SRV", "nxdomain"},
        {"_client._smtp.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa SRV", "nodata"}},
       "none/no-record"},
      {"no_search", "[192.0.2.1]", "192.0.2.1", {{v4, "nxdomain"}}, "none/no-record", false},
      {"no_literal", "[192.0.2.1", "192.0.2.1", {}, "none/no-name"},
      {"no_address", "localhost", "192.0.2.1", {}, "none/no-name"},
  };
}

class CsaReverseTest : public ::testing::TestWithParam<ReverseCase> {};

// docs/rules.md §4.6.
TEST_P(CsaReverseTest, AsksTheReverseTree) {
  const ReverseCase& wanted = GetParam();
  const CsaRun run = RunCsa(wanted.helo, wanted.client, wanted.script,
                            {.explicit_search = wanted.explicit_search, .reverse = true});
  EXPECT_EQ(Text(run.finding.result), wanted.wanted);
}

INSTANTIATE_TEST_SUITE_P(Cases, CsaReverseTest, ::testing::ValuesIn(ReverseCases()),
                         [](const auto& each) { return each.param.id; });

TEST(CsaParallelTest, AllParentsAreAskedBeforeTheFirstAnswer) {
  Loop loop;
  ScriptedDns dns(loop, {{"_client._smtp.d.c.b.a.test SRV", "nxdomain"},
                         {"_client._smtp.c.b.a.test SRV", "nxdomain"},
                         {"_client._smtp.b.a.test SRV", "nxdomain"},
                         {"_client._smtp.a.test SRV", "1 2 1 x.test"},
                         {"d.c.b.a.test A", "192.0.2.1"}});
  SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
  const IpAddress client = Address("192.0.2.1");
  const HeloFinding helo = HeloOf("d.c.b.a.test", client);
  const Config::Csa settings;

  PrefetchCsa(helo, client, settings, session_dns);
  EXPECT_THAT(dns.FirstWave(),
              UnorderedElementsAre("_client._smtp.d.c.b.a.test SRV", "d.c.b.a.test A",
                                   "_client._smtp.a.test SRV", "_client._smtp.b.a.test SRV",
                                   "_client._smtp.c.b.a.test SRV"));
  const CsaFinding finding = RunTask(loop, CheckCsa(helo, client, settings, session_dns));
  EXPECT_EQ(Text(finding.result), "fail/explicit-required");
  EXPECT_EQ(dns.asked().size(), 5U);
}

TEST(CsaParallelTest, ParentsLeaveTogetherWithoutAPrefetchToo) {
  Loop loop;
  ScriptedDns dns(loop, {{"_client._smtp.d.c.b.a.test SRV", "nxdomain"},
                         {"_client._smtp.c.b.a.test SRV", "nxdomain"},
                         {"_client._smtp.b.a.test SRV", "nxdomain"},
                         {"_client._smtp.a.test SRV", "nxdomain"}});
  SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
  const IpAddress client = Address("192.0.2.1");
  const HeloFinding helo = HeloOf("d.c.b.a.test", client);
  const Config::Csa settings;
  const CsaFinding finding = RunTask(loop, CheckCsa(helo, client, settings, session_dns));
  EXPECT_EQ(Text(finding.result), "none/no-record");
  EXPECT_THAT(
      dns.log(),
      ElementsAre("ask _client._smtp.d.c.b.a.test SRV", "answer _client._smtp.d.c.b.a.test SRV",
                  "ask _client._smtp.a.test SRV", "ask _client._smtp.b.a.test SRV",
                  "ask _client._smtp.c.b.a.test SRV", "answer _client._smtp.a.test SRV",
                  "answer _client._smtp.b.a.test SRV", "answer _client._smtp.c.b.a.test SRV"));
}

TEST(CsaParallelTest, AllTargetsAreAskedBeforeTheFirstAnswers) {
  Loop loop;
  ScriptedDns dns(loop, {{kSrv, "1 2 0 b.test | 1 2 0 a.test"},
                         {"a.test A", "192.0.2.8"},
                         {"b.test A", "192.0.2.9"}});
  SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
  const IpAddress client = Address("192.0.2.1");
  const HeloFinding helo = HeloOf("mail.example.com", client);
  const Config::Csa settings;
  const CsaFinding finding = RunTask(loop, CheckCsa(helo, client, settings, session_dns));
  EXPECT_EQ(Text(finding.result), "fail/address-mismatch");
  EXPECT_THAT(dns.log(), ElementsAre("ask " + kSrv, "answer " + kSrv, "ask a.test A",
                                     "ask b.test A", "answer a.test A", "answer b.test A"));
}

TEST(CsaPrefetchTest, AsksNothingThatTheSettingsRuleOut) {
  const auto first_wave = [](const std::string& helo_text, const Config::Csa& settings) {
    Loop loop;
    ScriptedDns dns(loop, {{kSrv, "nxdomain"},
                           {"mail.example.com AAAA", "nxdomain"},
                           {"_client._smtp.1.2.0.192.in-addr.arpa SRV", "nxdomain"}});
    SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
    const IpAddress client = Address("2001:db8::1");
    PrefetchCsa(HeloOf(helo_text, client), client, settings, session_dns);
    return dns.FirstWave();
  };
  EXPECT_THAT(first_wave("mail.example.com", {.explicit_search = false}),
              UnorderedElementsAre(kSrv, "mail.example.com AAAA"));
  EXPECT_TRUE(first_wave("[192.0.2.1]", {}).empty());
  EXPECT_THAT(first_wave("[192.0.2.1]", {.explicit_search = false, .reverse = true}),
              UnorderedElementsAre("_client._smtp.1.2.0.192.in-addr.arpa SRV"));
}

TEST(CsaEvidenceTest, HoldsEveryAnswerInAnOrderOfItsOwn) {
  const CsaRun run = RunCsa("mail.example.com", "192.0.2.1",
                            {{kSrv, "CNAME csa.test"},
                             {"csa.test SRV", "1 2 0 b.test | 1 2 0 a.test"},
                             {"a.test A", "192.0.2.9 | 192.0.2.8"},
                             {"b.test A", "nxdomain"}});
  EXPECT_THAT(Texts(run.finding.result.evidence),
              ElementsAre("_client._smtp.mail.example.com CNAME ok csa.test",
                          "csa.test SRV ok 1 2 0 a.test", "csa.test SRV ok 1 2 0 b.test",
                          "a.test A ok 192.0.2.8", "a.test A ok 192.0.2.9", "b.test A nxdomain"));
}

TEST(CsaEvidenceTest, HoldsTheParentsAnswers) {
  const CsaRun run =
      RunCsa("mail.example.com", "192.0.2.1", {{kSrv, "nxdomain"}, {kParent, "nodata"}});
  EXPECT_THAT(Texts(run.finding.result.evidence),
              ElementsAre("_client._smtp.mail.example.com SRV nxdomain",
                          "_client._smtp.example.com SRV nodata"));
}

TEST(CsaEvidenceTest, HoldsTheAdditionalRecordThatProves) {
  const CsaRun run = RunCsa("mail.example.com", "192.0.2.1",
                            {{kSrv, "1 2 0 a.test | + a.test A 192.0.2.8 | + a.test A 192.0.2.1"}});
  EXPECT_THAT(
      Texts(run.finding.result.evidence),
      ElementsAre("_client._smtp.mail.example.com SRV ok 1 2 0 a.test", "a.test A ok 192.0.2.1"));
}

// RFC 4035 §3.2.3: the AD bit speaks of the answer and authority sections.
TEST(CsaEvidenceTest, AdditionalRecordsAreNotAuthenticatedByTheBitOfTheirReply) {
  const CsaRun run =
      RunCsa("mail.example.com", "192.0.2.1", {{kSrv, "ad | 1 2 0 a.test | + a.test A 192.0.2.1"}});
  ASSERT_EQ(run.finding.result.evidence.size(), 2U);
  EXPECT_TRUE(run.finding.result.evidence[0].ad);
  EXPECT_FALSE(run.finding.result.evidence[1].ad);
}

// A pass needs no other target's answer, and must not wait for it.
TEST(CsaEvidenceTest, ASilentTargetBehindTheMatchCostsNoTime) {
  Loop loop;
  ScriptedDns dns(
      loop,
      {{kSrv, "1 2 0 a.test | 1 2 0 b.test"}, {"a.test A", "192.0.2.1"}, {"b.test A", "silence"}});
  const Loop::TimePoint start = loop.Now();
  SessionDns session_dns(loop, dns, start + std::chrono::seconds(30));
  const IpAddress client = Address("192.0.2.1");
  const HeloFinding helo = HeloOf("mail.example.com", client);
  const Config::Csa settings;
  const CsaFinding finding = RunTask(loop, CheckCsa(helo, client, settings, session_dns));
  EXPECT_EQ(Text(finding.result), "pass/authorized");
  EXPECT_LT(loop.Now() - start, std::chrono::seconds(10));
}

TEST(RaiseByIprevTest, RaisesWhatIsAuthorizedElsewhereAlone) {
  const auto raised = [](Result result, Reason reason, bool elsewhere, bool confirms) {
    CsaFinding finding = {.result = {CheckId::kCsa, result, reason},
                          .authorizes_elsewhere = elsewhere};
    return Text(RaiseByIprev(finding, confirms));
  };
  EXPECT_EQ(raised(Result::kNeutral, Reason::kTargetIgnored, true, true),
            "pass/authenticated-elsewhere");
  EXPECT_EQ(raised(Result::kTemperror, Reason::kDns, true, true), "pass/authenticated-elsewhere");
  EXPECT_EQ(raised(Result::kNeutral, Reason::kTargetIgnored, true, false),
            "neutral/target-ignored");
  EXPECT_EQ(raised(Result::kTemperror, Reason::kDns, false, true), "temperror/dns");
  EXPECT_EQ(raised(Result::kFail, Reason::kNotAuthorized, false, true), "fail/not-authorized");
  EXPECT_EQ(raised(Result::kPass, Reason::kAuthorized, false, true), "pass/authorized");
}

TEST(RaiseByIprevTest, KeepsTheEvidence) {
  CsaFinding finding = {.result = {CheckId::kCsa, Result::kNeutral, Reason::kTargetIgnored},
                        .authorizes_elsewhere = true};
  finding.result.evidence.push_back(
      {.owner = "a.test", .type = "SRV", .outcome = "ok", .text = ""});
  EXPECT_EQ(RaiseByIprev(finding, true).evidence.size(), 1U);
}

}  // namespace
}  // namespace helovet
