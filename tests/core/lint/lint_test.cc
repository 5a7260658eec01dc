// Findings, their corrections, and what stays silent.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "helovet/lint.h"
#include "lint/lint.h"
#include "lint_case.h"
#include "testing/scripted_dns.h"

namespace helovet {
namespace {

using testing::Corrected;
using testing::CountOf;
using testing::LintCase;
using testing::LintCases;
using testing::LintRecords;
using testing::Text;

std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += "  " + line + "\n";
  return text;
}

TEST(LintCasesTest, TheMistakeIsFound) {
  for (const LintCase& each : LintCases()) {
    const LintReport report = LintRecords(each.wrong, each.names);
    EXPECT_GT(CountOf(each.id, report), 0U)
        << each.source << ", want " << ToString(each.id) << " of\n"
        << Joined(each.wrong) << "got\n"
        << Text(report);
  }
}

TEST(LintCasesTest, TheNearestRightZoneHasNone) {
  for (const LintCase& each : LintCases()) {
    const LintReport report = LintRecords(each.right, each.names);
    EXPECT_EQ(CountOf(each.id, report), 0U)
        << each.source << ", want no " << ToString(each.id) << " of\n"
        << Joined(each.right) << "got\n"
        << Text(report);
  }
}

// Whatever is found in any of the zones, the case's own mistake or another.
TEST(LintCasesTest, EachCorrectionMendsItsFinding) {
  std::size_t corrections = 0;
  for (const LintCase& each : LintCases()) {
    for (const std::vector<std::string>* records : {&each.wrong, &each.right}) {
      const LintReport report = LintRecords(*records, each.names);
      for (const Finding& finding : report.findings) {
        if (finding.remedy == Remedy::kNone) continue;
        ++corrections;
        const std::vector<std::string> corrected = Corrected(*records, finding);
        const LintReport after = LintRecords(corrected, each.names);
        EXPECT_LT(CountOf(finding.id, after), CountOf(finding.id, report))
            << Text(finding) << "\n of\n"
            << Joined(*records) << "corrected\n"
            << Joined(corrected) << "got\n"
            << Text(after);
        EXPECT_LE(after.Count(Severity::kError), report.Count(Severity::kError))
            << "worse than before: " << Text(finding) << "\n"
            << Text(after);
      }
    }
  }
  EXPECT_GT(corrections, 80U);
}

TEST(LintCasesTest, RecordsHaveTheirLines) {
  for (const LintCase& each : LintCases()) {
    for (const Finding& finding : LintRecords(each.wrong, each.names).findings) {
      if (finding.id == FindingId::kAliasChain) continue;
      for (const FaultyRecord& record : finding.records) {
        EXPECT_GT(record.line, 1) << Text(finding);
      }
    }
  }
}

TEST(LintCasesTest, EveryFindingHasACase) {
  std::set<FindingId> seen = {FindingId::kCouldNotLook, FindingId::kTooManyNames};  // Below.
  for (const LintCase& each : LintCases()) seen.insert(each.id);
  for (const FindingRule& rule : FindingRules()) {
    EXPECT_TRUE(seen.contains(rule.id)) << "no case: " << rule.slug;
  }
}

TEST(LintTest, ACompleteHostIsClean) {
  const LintReport report = LintRecords(
      {"mail.example.com. 3600 IN A 192.0.2.1", "mail.example.com. 3600 IN AAAA 2001:db8::1",
       "1.2.0.192.in-addr.arpa. 3600 IN PTR mail.example.com.",
       "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. 3600 IN "
       "PTR mail.example.com.",
       "_client._smtp.example.com. 3600 IN SRV 1 1 1 example.com.",
       "_client._smtp.mail.example.com. 3600 IN SRV 1 2 0 mail.example.com.",
       "mail.example.com. 3600 IN PTR _vouch._smtp.accredit.example.",
       "mail.example.com.accredit.example. 3600 IN TXT \"MARID,1,A\"",
       "example.com. 3600 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"",
       "_rmx.example.com. 3600 IN TXT \"ipv4:192.0.2.1\""});
  EXPECT_TRUE(report.findings.empty()) << Text(report);
  EXPECT_EQ(report.names, (std::vector<std::string>{"example.com", "mail.example.com",
                                                    "mail.example.com.accredit.example"}));
}

// DNA-02 §3, §7: a wildcard points for all names below, and is none that anybody says in HELO.
TEST(LintTest, PointersOfAWildcardAreNoHost) {
  const LintReport report =
      LintRecords({"_client._smtp.example.com. 3600 IN SRV 1 1 1 example.com.",
                   "*.example.com. 3600 IN PTR _vouch._smtp.accredit.example.",
                   "mail.example.com.accredit.example. 3600 IN TXT \"MARID,1,A\""});
  EXPECT_TRUE(report.findings.empty()) << Text(report);
}

// RFC 7208 §5.1: mechanisms behind "all" are never tested.
TEST(LintTest, WhatIsBehindAllPassesNobody) {
  const LintReport report = LintRecords({"example.com. 60 IN TXT \"v=spf1 -all +all\""});
  EXPECT_EQ(CountOf(FindingId::kSpfPassesAll, report), 0U) << Text(report);
  EXPECT_EQ(CountOf(FindingId::kSpfAfterAll, report), 1U) << Text(report);
}

// DMP-01 §4: what else stands below _smtp-client designates nobody.
TEST(LintTest, OtherTextsAreNoEntries) {
  const LintReport report =
      LintRecords({"1.2.0.192.in-addr._smtp-client.example.com. 60 IN TXT other"});
  EXPECT_EQ(CountOf(FindingId::kDmpNoParticipation, report), 0U) << Text(report);
}

TEST(LintTest, WhatIsFoundTwiceIsToldOnce) {
  const LintReport report =
      LintRecords({"_client._smtp.a.example.com. 3600 IN SRV 1 1 0 a.example.com.",
                   "_client._smtp.b.example.com. 3600 IN SRV 1 1 0 b.example.com."});
  EXPECT_EQ(CountOf(FindingId::kCsaExplicitMissing, report), 1U) << Text(report);
}

// Answers that say nothing.
class FailuresTest : public ::testing::Test {
 protected:
  LintReport Look(std::initializer_list<testing::ScriptLine> script, bool outside = false) {
    testing::ScriptedDns dns(loop_, script);
    LintSubjects subjects;
    LintSubject& subject = subjects[testing::Name("mail.example.com")];
    subject.helo = subject.asked = true;
    const LintSources sources = {.loop = loop_,
                                 .dns = dns,
                                 .refused_is_outside = outside,
                                 .deadline = std::chrono::milliseconds(100)};
    return LintSubjectsAndWait(sources, subjects);
  }

  Loop loop_;
};

// RFC 2308 §7: a failure is no absence.
TEST_F(FailuresTest, AreFindingsOfTheirOwn) {
  for (const std::string outcome : {"servfail", "silence", "refused", "malformed"}) {
    const LintReport report = Look({{"_client._smtp.mail.example.com SRV", outcome},
                                    {"_client._smtp.example.com SRV", outcome},
                                    {"mail.example.com A", outcome},
                                    {"mail.example.com AAAA", outcome},
                                    {"mail.example.com PTR", outcome}});
    EXPECT_GE(CountOf(FindingId::kCouldNotLook, report), 4U) << outcome << "\n" << Text(report);
    EXPECT_EQ(CountOf(FindingId::kCouldNotLook, report), report.findings.size()) << outcome << "\n"
                                                                                 << Text(report);
  }
}

TEST_F(FailuresTest, OfOneQuestionHideNothingElse) {
  const LintReport report = Look({{"_client._smtp.mail.example.com SRV", "1 6 0 mail.example.com"},
                                  {"_client._smtp.example.com SRV", "servfail"},
                                  {"mail.example.com A", "192.0.2.1"},
                                  {"mail.example.com AAAA", "servfail"},
                                  {"1.2.0.192.in-addr.arpa PTR", "mail.example.com"},
                                  {"mail.example.com PTR", "nodata"}});
  EXPECT_EQ(CountOf(FindingId::kCsaReservedWeight, report), 1U) << Text(report);
  EXPECT_EQ(CountOf(FindingId::kCsaExplicitMissing, report), 0U) << Text(report);
  EXPECT_EQ(CountOf(FindingId::kCsaTargetNoAddress, report), 0U) << Text(report);
}

TEST_F(FailuresTest, RefusalsBesideFilesAreNoFailures) {
  const LintReport report = Look({{"_client._smtp.mail.example.com SRV", "refused"},
                                  {"_client._smtp.example.com SRV", "refused"},
                                  {"mail.example.com A", "refused"},
                                  {"mail.example.com AAAA", "refused"},
                                  {"mail.example.com PTR", "refused"}},
                                 /*outside=*/true);
  EXPECT_EQ(CountOf(FindingId::kNotLookedAt, report), report.findings.size()) << Text(report);
  EXPECT_FALSE(report.findings.empty());
}

// From a resolver, TTLs are what is left of the zone's: they cannot be compared.
TEST_F(FailuresTest, TtlsOfResolversAreNotCompared) {
  const LintReport report = Look({{"_client._smtp.mail.example.com SRV", "1 2 0 mail.example.com"},
                                  {"_client._smtp.example.com SRV", "1 1 1 example.com"},
                                  {"mail.example.com A", "192.0.2.1"},
                                  {"mail.example.com AAAA", "nodata"},
                                  {"1.2.0.192.in-addr.arpa PTR", "mail.example.com"},
                                  {"mail.example.com PTR", "nodata"}});
  EXPECT_TRUE(report.findings.empty()) << Text(report);
}

TEST(BoundsTest, NamesOfAFile) {
  std::vector<std::string> records;
  for (std::size_t i = 0; i <= kMaxLintNames; ++i) {
    records.push_back("n" + std::to_string(i) + ".example.com. 60 IN TXT \"v=spf1 -all\"");
  }
  const LintReport report = LintRecords(records);
  EXPECT_EQ(report.names.size(), kMaxLintNames);
  ASSERT_EQ(report.findings.size(), 1U) << Text(report);
  EXPECT_EQ(report.findings.front().id, FindingId::kTooManyNames);
}

// Nothing is asked once time is up, and nothing is taken for absent.
TEST(BoundsTest, Time) {
  Loop loop;
  testing::ScriptedDns dns(loop);
  LintSubjects subjects;
  for (const char* name : {"a.example.com", "b.example.com"}) {
    subjects[testing::Name(name)].spf = true;
    subjects[testing::Name(name)].rmx = true;
  }
  const LintSources sources = {.loop = loop, .dns = dns, .latest = loop.Now()};
  const LintReport report = LintSubjectsAndWait(sources, subjects);
  EXPECT_EQ(CountOf(FindingId::kCouldNotLook, report), 2U) << Text(report);
  EXPECT_EQ(report.findings.size(), 2U) << Text(report);
}

// Wildcards at every level of many addresses: the work grows with the file alone.
TEST(BoundsTest, Wildcards) {
  std::vector<std::string> records = {"_smtp-client.example.com. 60 IN TXT dmp="};
  const auto add = [&records](const std::string& parts, const std::string& text) {
    records.push_back(parts + "in-addr._smtp-client.example.com. 60 IN TXT dmp=" + text);
  };
  add("*.", "deny");
  add("*.192.", "deny");
  add("*.0.192.", "deny");
  for (int i = 0; i < 250; ++i) {
    const std::string network = std::to_string(i) + ".0.192.";
    add("*." + network, "deny");
    for (int j = 0; j < 100; ++j) add(std::to_string(j) + "." + network, "allow");
  }
  const LintReport report = LintRecords(records);
  EXPECT_TRUE(report.findings.empty()) << report.findings.size();
}

// More records than are shown: no correction that would leave some out.
TEST(BoundsTest, RecordsOfAFinding) {
  std::vector<std::string> records = {"_client._smtp.example.com. 60 IN SRV 1 3 1 example.com.",
                                      "example.com. 60 IN A 192.0.2.1"};
  for (int i = 0; i < 30; ++i) {
    records.push_back("example.com. " + std::to_string(i + 100) + " IN A 192.0.3." +
                      std::to_string(i));
  }
  const LintReport report = LintRecords(records);
  const auto found =
      std::find_if(report.findings.begin(), report.findings.end(),
                   [](const Finding& finding) { return finding.id == FindingId::kTtlUnequal; });
  ASSERT_NE(found, report.findings.end()) << Text(report);
  EXPECT_EQ(found->records.size(), kMaxFindingRecords);
  EXPECT_EQ(found->remedy, Remedy::kNone);
  EXPECT_TRUE(found->corrected.empty());
}

bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char octet) { return octet == '\n' || (octet >= ' ' && octet <= '~'); });
}

// What a zone holds reaches no terminal.
TEST(RenderLintTest, EscapesAnyOctets) {
  std::vector<std::string> records;
  for (int octet = 0; octet < 256; ++octet) {
    const std::string digits = std::to_string(octet);
    const std::string escaped = "\\" + std::string(3 - digits.size(), '0') + digits;
    const std::string name = "a" + escaped + "b.example.com.";
    records.push_back(name + " 60 IN TXT \"v=spf1 " + escaped + "[31m:" + escaped + " ptr\"");
    records.push_back("_client._smtp." + name + " 60 IN SRV 2 6 7 x" + escaped + ".example.com.");
    records.push_back("_rmx." + name + " 60 IN TXT \"x" + escaped + "\"");
    records.push_back(name + " 60 IN PTR " + name);
    records.push_back("1." + escaped + ".in-addr._smtp-client." + name +
                      " 60 IN TXT dmp=" + escaped);
    records.push_back(escaped + ".ipv4.relays._email_." + name + " 60 IN A 192.0.2.1");
  }
  const LintReport report = LintRecords(records);
  EXPECT_GT(report.findings.size(), 1000U);
  const std::string text = RenderLint(report);
  const std::string json = RenderLintJson(report);
  for (std::string_view line : {std::string_view(text), std::string_view(json)}) {
    while (!line.empty()) {
      const std::size_t end = std::min(line.find('\n'), line.size());
      std::string ascii(line.substr(0, end));
      // Sources have section signs.
      for (std::size_t at = ascii.find("\xc2\xa7"); at != ascii.npos; at = ascii.find("\xc2\xa7")) {
        ascii.erase(at, 2);
      }
      ASSERT_TRUE(IsPlain(ascii)) << ascii;
      line.remove_prefix(std::min(end + 1, line.size()));
    }
  }
  EXPECT_TRUE(IsPlain(json));
}

TEST(RenderLintTest, TellsWhereAndWhat) {
  const LintReport report =
      LintRecords({"_client._smtp.example.com. 60 IN SRV 2 1 1 example.com."});
  EXPECT_EQ(RenderLint(report),
            "error: example.com: the record has another version (its priority) than 1, and "
            "receivers pass it over\n"
            "  example.com.:2: _client._smtp.example.com. 60 IN SRV 2 1 1 example.com.\n"
            "  write instead:\n"
            "    _client._smtp.example.com. 60 IN SRV 1 1 1 example.com.\n"
            "  csa-wrong-version, CSA-02 §5\n"
            "1 name: 1 error, 0 warnings, 0 notes\n");
}

TEST(FindingRulesTest, SlugsAreKebabCaseAndDiffer) {
  std::set<std::string_view> seen;
  for (const FindingRule& rule : FindingRules()) {
    EXPECT_TRUE(std::all_of(rule.slug.begin(), rule.slug.end(), [](char octet) {
      return octet == '-' || (octet >= 'a' && octet <= 'z');
    })) << rule.slug;
    EXPECT_TRUE(seen.insert(rule.slug).second) << "twice: " << rule.slug;
    EXPECT_TRUE(IsPlain(rule.meaning)) << rule.slug;
    EXPECT_TRUE(IsPlain(rule.advice) && !rule.advice.empty()) << rule.slug;
    EXPECT_NE(rule.meaning.back(), '.') << rule.slug;
    EXPECT_FALSE(rule.source.empty()) << rule.slug;
  }
}

TEST(FindingRulesTest, DocsHaveTheSameTable) {
  std::string wanted =
      "| finding | severity | meaning | what to do | source |\n|---|---|---|---|---|\n";
  for (const FindingRule& rule : FindingRules()) {
    wanted.append("| ").append(rule.slug).append(" | ").append(ToString(rule.severity));
    wanted.append(" | ").append(rule.meaning).append(" | ").append(rule.advice);
    wanted.append(" | ").append(rule.source).append(" |\n");
  }
  std::string got;
  std::ifstream file(HELOVET_SOURCE_DIR "/docs/findings.md");
  bool in_table = false;
  for (std::string line; std::getline(file, line);) {
    in_table = line.starts_with("| finding |") || (in_table && line.starts_with("|"));
    if (in_table) got += line + "\n";
  }
  EXPECT_TRUE(got == wanted) << "docs/findings.md has another table; this is the one of "
                                "core/lint/findings.cc:\n"
                             << wanted;
}

}  // namespace
}  // namespace helovet
