#include "helovet/result.h"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "helovet/verdict.h"

namespace helovet {
namespace {

constexpr std::size_t kLongestMeaning = 90;  // So that it leaves a reply line room for the rest.

std::vector<Reason> AllReasons() {
  std::vector<Reason> reasons;
  for (int i = 0; i <= static_cast<int>(Reason::kNameTooLong); ++i) {
    reasons.push_back(static_cast<Reason>(i));
  }
  return reasons;
}

bool IsKebabCase(std::string_view token) {
  if (token.empty() || token.front() == '-' || token.back() == '-') return false;
  return std::ranges::all_of(token, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

bool IsPrintableAscii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

TEST(ReasonTest, TokensAreKebabCaseAndDiffer) {
  std::set<std::string_view> seen;
  for (const Reason reason : AllReasons()) {
    const std::string_view token = ToString(reason);
    EXPECT_TRUE(IsKebabCase(token)) << "got " << token;
    EXPECT_TRUE(seen.insert(token).second) << "twice: " << token;
  }
}

TEST(ReasonTest, MeaningsFitIntoAReply) {
  std::set<std::string_view> seen;
  for (const Reason reason : AllReasons()) {
    const std::string_view meaning = Meaning(reason);
    EXPECT_FALSE(meaning.empty()) << ToString(reason);
    EXPECT_LE(meaning.size(), kLongestMeaning) << ToString(reason);
    EXPECT_TRUE(IsPrintableAscii(meaning)) << ToString(reason);
    EXPECT_NE(meaning.back(), '.') << ToString(reason);
    EXPECT_TRUE(seen.insert(meaning).second) << "twice: " << meaning;
  }
}

TEST(ResultRulesTest, EachStandsOnce) {
  std::set<std::tuple<CheckId, Result, Reason>> seen;
  for (const ResultRule& rule : ResultRules()) {
    EXPECT_TRUE(seen.emplace(rule.check, rule.result, rule.reason).second)
        << "twice: " << ToString(rule.check) << " " << ToString(rule.result) << " "
        << ToString(rule.reason);
  }
}

// A list says "listed" for and against; everywhere else a reason tells the result.
TEST(ResultRulesTest, OnlyListedLeavesTheResultOpen) {
  std::set<std::pair<CheckId, Reason>> seen;
  for (const ResultRule& rule : ResultRules()) {
    if (rule.reason == Reason::kListed) continue;
    EXPECT_TRUE(seen.emplace(rule.check, rule.reason).second)
        << "twice: " << ToString(rule.check) << " " << ToString(rule.reason);
  }
}

TEST(ResultRulesTest, EveryReasonOccurs) {
  std::set<Reason> seen;
  for (const ResultRule& rule : ResultRules()) seen.insert(rule.reason);
  for (const Reason reason : AllReasons()) {
    EXPECT_TRUE(seen.contains(reason)) << "no rule: " << ToString(reason);
  }
}

// SourceOf gives one of them where a check has several for a reason.
TEST(ResultRulesTest, SourceOfFindsEachRule) {
  for (const ResultRule& rule : ResultRules()) {
    EXPECT_FALSE(rule.source.empty());
    const std::string_view got = SourceOf(rule.check, rule.reason);
    EXPECT_TRUE(std::ranges::any_of(ResultRules(),
                                    [&](const ResultRule& each) {
                                      return each.check == rule.check &&
                                             each.reason == rule.reason && each.source == got;
                                    }))
        << ToString(rule.check) << " " << ToString(rule.reason) << ": got " << got;
  }
  EXPECT_EQ(SourceOf(CheckId::kHelo, Reason::kAuthorized), "");
}

TEST(RatingTest, LettersBothWays) {
  const std::vector<std::pair<std::string_view, Rating>> cases = {{"A", Rating::kA},
                                                                  {"B", Rating::kB},
                                                                  {"C", Rating::kC},
                                                                  {"D", Rating::kD},
                                                                  {"E", Rating::kE}};
  for (const auto& [letter, rating] : cases) {
    EXPECT_EQ(ToString(rating), letter);
    EXPECT_EQ(ParseRating(letter), rating);
    const std::string lower(1, static_cast<char>(letter[0] | 0x20));
    EXPECT_EQ(ParseRating(lower), rating);
  }
  for (const char* other : {"", "F", "@", "AA", "A ", "!", "1", "\xc1"}) {
    EXPECT_EQ(ParseRating(other), std::nullopt) << other;
  }
}

std::vector<std::string> WantedTable() {
  std::vector<std::string> lines = {"| check | result | reason | meaning | source |",
                                    "|---|---|---|---|---|"};
  for (const ResultRule& rule : ResultRules()) {
    std::string line = "| ";
    line += ToString(rule.check);
    line += " | ";
    line += ToString(rule.result);
    line += " | ";
    line += ToString(rule.reason);
    line += " | ";
    line += Meaning(rule.reason);
    line += " | ";
    line += rule.source;
    line += " |";
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::string> TableInDocs() {
  std::vector<std::string> lines;
  std::ifstream file(HELOVET_SOURCE_DIR "/docs/results.md");
  bool in_table = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("| check |")) in_table = true;
    if (!line.starts_with("|")) in_table = false;
    if (in_table) lines.push_back(line);
  }
  return lines;
}

TEST(ResultRulesTest, DocsHaveTheSameTable) {
  const std::vector<std::string> got = TableInDocs();
  const std::vector<std::string> wanted = WantedTable();
  if (got == wanted) return;
  std::string table;
  for (const std::string& line : wanted) table += line + "\n";
  ADD_FAILURE() << "docs/results.md has another table (" << got.size()
                << " lines); this is the one of core/base/result.cc:\n"
                << table;
}

TEST(ResultTest, NamesAreThoseOfRfc8601) {
  const std::vector<std::pair<Result, std::string_view>> cases = {
      {Result::kNone, "none"},           {Result::kNeutral, "neutral"},
      {Result::kPass, "pass"},           {Result::kFail, "fail"},
      {Result::kSoftfail, "softfail"},   {Result::kPolicy, "policy"},
      {Result::kTemperror, "temperror"}, {Result::kPermerror, "permerror"},
      {Result::kSkipped, "skipped"},
  };
  for (const auto& [result, wanted] : cases) EXPECT_EQ(ToString(result), wanted);
}

TEST(VerdictTest, FindsOnlyChecksThatRan) {
  Verdict verdict = {
      .session = {.client = IpAddress::FromV4({192, 0, 2, 9}), .helo = "mail.example.com"}};
  verdict.checks = {{.check = CheckId::kHelo, .result = Result::kPass, .reason = Reason::kFqdn},
                    {.check = CheckId::kCsa, .result = Result::kSkipped}};
  ASSERT_NE(verdict.Find(CheckId::kHelo), nullptr);
  EXPECT_EQ(verdict.Find(CheckId::kHelo)->reason, Reason::kFqdn);
  EXPECT_EQ(verdict.Find(CheckId::kCsa), nullptr);
  EXPECT_EQ(verdict.Find(CheckId::kIprev), nullptr);
}

TEST(VerdictTest, NamesOfTrustAndAction) {
  EXPECT_EQ(ToString(Trust::kLow), "low");
  EXPECT_EQ(ToString(Trust::kUnknown), "unknown");
  EXPECT_EQ(ToString(Trust::kHigh), "high");
  EXPECT_EQ(ToString(Action::kAccept), "accept");
  EXPECT_EQ(ToString(Action::kTag), "tag");
  EXPECT_EQ(ToString(Action::kDefer), "defer");
  EXPECT_EQ(ToString(Action::kReject), "reject");
}

}  // namespace
}  // namespace helovet
