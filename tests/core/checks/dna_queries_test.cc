// What the check dna asks, and what it tells of the answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "checks/answers.h"
#include "checks/dna.h"
#include "core/checks/run_dna.h"
#include "testing/scripted_dns.h"

namespace helovet {
namespace {

using testing::Address;
using testing::DnaCase;
using ::testing::ElementsAre;
using testing::HeloOf;
using ::testing::IsEmpty;
using testing::kAlwaysB;
using testing::kPtr;
using testing::kShortDeadline;
using testing::kTrustA;
using testing::kTrustAb;
using testing::Named;
using testing::OpinionsOf;
using testing::Report;
using testing::RunDna;
using testing::RunTask;
using testing::ScriptedDns;
using testing::ScriptLine;
using testing::Summary;
using testing::Texts;
using testing::Trusting;
using ::testing::UnorderedElementsAre;

TEST(DnaParallelTest, ReportsAreAskedForBeforeTheFirstIsAnswered) {
  Loop loop;
  ScriptedDns dns(loop, {Named({"a.test", "c.test"}), Report("a.test", "MARID,1,A"),
                         Report("b.test", "MARID,1,A"), Report("c.test", "MARID,1,A")});
  SessionDns session_dns(loop, dns, loop.Now() + kShortDeadline);
  const HeloFinding helo = HeloOf("mail.example.com", Address("192.0.2.1"));
  const Config::Dna settings =
      Trusting({{.name = "a.test"}, {.name = "b.test", .always_ask = true}, {.name = "c.test"}});
  PrefetchDna(helo, settings, session_dns);
  const CheckResult result = RunTask(loop, CheckDna(helo, settings, session_dns));
  EXPECT_EQ(Summary(result), "pass/recommended A a.test");
  EXPECT_THAT(
      dns.log(),
      ElementsAre("ask " + kPtr, "ask mail.example.com.b.test TXT", "answer " + kPtr,
                  "ask mail.example.com.a.test TXT", "ask mail.example.com.c.test TXT",
                  "answer mail.example.com.b.test TXT", "answer mail.example.com.a.test TXT",
                  "answer mail.example.com.c.test TXT"));
}

// DNA-02 §6: the info is the accreditor's own, of any length that DNS can carry (RFC 1035 §3.3.14:
// 65,535 octets of RDATA, a length octet to each 255).
TEST(DnaLargeReportTest, InfoAsLongAsDnsCarriesIsCutAndTheRatingCounts) {
  constexpr std::size_t kLargestText = 65535 - 65535 / 256 - 1;
  const std::string report = "MARID,1,D;";
  const std::string info(kLargestText - report.size(), 'x');
  DnaCase wanted;
  wanted.settings = kTrustA;
  const CheckResult result = RunDna(wanted, {Named({"a.test"}),
                                             Report("a.test", report + info),
                                             {"_vouch._smtp.a.test SRV", "nxdomain"}});
  EXPECT_EQ(Summary(result), "fail/not-recommended D a.test");
  ASSERT_EQ(result.opinions.size(), 1U);
  EXPECT_EQ(result.opinions[0].text.size(), kMaxReportOctets);
}

// More than one session keeps: not known, which is never "no".
TEST(DnaLargeReportTest, ReportsBeyondWhatASessionKeepsFailForNow) {
  const std::string strange(65000, 'x');
  DnaCase wanted;
  wanted.settings = kTrustAb;
  const CheckResult result =
      RunDna(wanted, {Named({"a.test", "b.test"}), Report("a.test", strange + " | " + strange),
                      Report("b.test", strange)});
  EXPECT_EQ(Summary(result), "temperror/dns");
}

TEST(DnaPrefetchTest, AsksForThePointersAndTheReportsThatAreAlwaysAsked) {
  const auto first_wave = [](const std::string& helo_text) {
    Loop loop;
    ScriptedDns dns(loop, {{kPtr, "nxdomain"}, Report("b.test", "nxdomain")});
    SessionDns session_dns(loop, dns, loop.Now() + kShortDeadline);
    PrefetchDna(HeloOf(helo_text, Address("192.0.2.1")), kAlwaysB, session_dns);
    return dns.FirstWave();
  };
  EXPECT_THAT(first_wave("mail.example.com"),
              UnorderedElementsAre(kPtr, "mail.example.com.b.test TXT"));
  EXPECT_THAT(first_wave("[192.0.2.1]"), IsEmpty());
}

TEST(DnaEvidenceTest, ShowsEveryAnswerThatWasUsed) {
  const DnaCase wanted = {.settings = kTrustAb,
                          .script = {Named({"b.test", "x.test", "a.test"}),
                                     Report("a.test", "MARID,1,D | other"),
                                     Report("b.test", "nodata"),
                                     {"_vouch._smtp.a.test SRV", "0 0 80 www.a.test"}}};
  EXPECT_THAT(
      Texts(RunDna(wanted).evidence),
      ElementsAre("mail.example.com PTR ok _vouch._smtp.a.test",
                  "mail.example.com PTR ok _vouch._smtp.b.test",
                  "mail.example.com PTR ok _vouch._smtp.x.test",
                  "mail.example.com.a.test TXT ok \"MARID,1,D\"",
                  "mail.example.com.a.test TXT ok \"other\"", "mail.example.com.b.test TXT nodata",
                  "_vouch._smtp.a.test SRV ok 0 0 80 www.a.test"));
}

// An accreditor whose name leaves no room for the HELO name (docs/rules.md §6.1).
TEST(DnaLongNameTest, IsLeftOut) {
  const std::string label(60, 'x');
  const std::string helo = label + "." + label + "." + label + ".example";
  const std::string accreditor = label + ".test";
  const DnaCase wanted = {
      .settings = Trusting({{.name = "a.test"}, {.name = accreditor, .always_ask = true}}),
      .script = {{helo + " PTR", "_vouch._smtp.a.test | _vouch._smtp." + accreditor},
                 {helo + ".a.test TXT", "MARID,1,A"}},
      .helo = helo};
  const CheckResult result = RunDna(wanted);
  EXPECT_EQ(Summary(result), "pass/recommended A a.test");
  EXPECT_THAT(OpinionsOf(result),
              ElementsAre("a.test pass/recommended A", accreditor + " skipped/name-too-long"));
}

TEST(DnaLongNameTest, TakesNoPlaceAmongTheSix) {
  const std::string label(60, 'x');
  const std::string helo = label + "." + label + "." + label + ".example";
  DnaCase wanted = {.settings = Trusting({{.name = label + ".aa"}}), .helo = helo};
  std::string pointers = "_vouch._smtp." + label + ".aa";
  for (const char* name : {"t1.test", "t2.test", "t3.test", "t4.test", "t5.test", "t6.test"}) {
    wanted.settings.trusted.push_back({.name = name});
    wanted.script.push_back({helo + "." + name + " TXT", "nxdomain"});
    pointers.append(" | _vouch._smtp.").append(name);
  }
  wanted.script.back().reply = "MARID,1,A";
  wanted.script.push_back({helo + " PTR", pointers});
  EXPECT_EQ(Summary(RunDna(wanted)), "pass/recommended A t6.test");
}

std::string ReportTold(const std::string& report) {
  const CheckResult result =
      RunDna({.settings = kTrustA, .script = {Named({"a.test"}), Report("a.test", report)}});
  return result.opinions.size() == 1 ? result.opinions[0].text : "no opinion";
}

TEST(DnaOpinionTest, TellsTheReportAsItWasGiven) {
  EXPECT_EQ(ReportTold("marid, 1,A;\x01\xff\\\"x"), "marid, 1,A;\x01\xff\\\"x");
  EXPECT_EQ(ReportTold("other | MARID,1,C;b | MARID,1,B | MARID,1,C;a"), "MARID,1,C;a");
  EXPECT_EQ(ReportTold("other"), "");
}

TEST(DnaOpinionTest, PointersForSomebodyElseAreNone) {
  for (const char* pointer : {".", "_vouch._smtp", "a.test", "_smtp.a.test"}) {
    const CheckResult result = RunDna({.settings = kTrustA, .script = {{kPtr, pointer}}});
    EXPECT_THAT(OpinionsOf(result), IsEmpty()) << pointer;
  }
}

TEST(DnaOpinionTest, CutsALongReport) {
  const std::string report = "MARID,1,A;" + std::string(64000, 'x');
  EXPECT_EQ(ReportTold(report), report.substr(0, kMaxReportOctets));
}

std::string Repeated(int count, const std::string& before, const std::string& after) {
  std::string reply;
  for (int i = 0; i < count; ++i) {
    if (i > 0) reply += " | ";
    reply.append(before).append(std::to_string(i)).append(after);
  }
  return reply;
}

// docs/rules.md §8: the limit of what a validation keeps, and what is within it.
TEST(DnaLimitsTest, HundredsOfRecordsAreReadAndThousandsAreTooLarge) {
  const auto run = [](const ScriptLine& pointers, const ScriptLine& report) {
    return Summary(RunDna({.settings = kTrustA, .script = {pointers, report}}));
  };
  const ScriptLine good = Report("a.test", "MARID,1,A");
  EXPECT_EQ(run({kPtr, Repeated(300, "_vouch._smtp.x", ".test") + " | _vouch._smtp.a.test"}, good),
            "pass/recommended A a.test");
  EXPECT_EQ(run({kPtr, Repeated(3000, "_vouch._smtp.x", ".test")}, good), "temperror/dns");
  EXPECT_EQ(run(Named({"a.test"}), Report("a.test", Repeated(300, "v=x", "") + " | MARID,1,A")),
            "pass/recommended A a.test");
  EXPECT_EQ(run(Named({"a.test"}), Report("a.test", Repeated(3000, "MARID,1,A;", ""))),
            "temperror/dns");
}

}  // namespace
}  // namespace helovet
