#include "results_sieve.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace helovet {
namespace {

constexpr std::string_view kOurs = "mx.example";

using Lines = std::vector<std::string>;

// What comes out for the header section `lines`; smtpd's own field is before it.
Lines Through(const Lines& lines) {
  ResultsSieve sieve;
  Lines out;
  const auto pass = [&out](std::string_view line) { out.emplace_back(line); };
  for (const std::string& line : lines) sieve.Feed(line, kOurs, pass);
  sieve.End(kOurs, pass);
  EXPECT_EQ(sieve.held(), 0u);
  return out;
}

struct Case {
  std::string what;
  Lines lines;
};

// RFC 8601 §5: a field that claims to be ours.
const std::vector<Case>& Forgeries() {
  static const std::vector<Case> cases = {
      {"plain", {"Authentication-Results: mx.example; spf=pass smtp.mailfrom=a.example"}},
      {"mixed case", {"AUTHENTICATION-results: MX.Example; spf=pass"}},
      {"with a version", {"Authentication-Results: mx.example 1; spf=pass"}},
      {"no results", {"Authentication-Results: mx.example; none"}},
      {"blanks before the colon (RFC 5322 §4.5.8)",
       {"Authentication-Results \t : mx.example; spf=pass"}},
      {"folded before the id", {"Authentication-Results:", "\tmx.example; spf=pass"}},
      {"folded often", {"Authentication-Results:", " ", "\t", " mx.example;", " spf=pass"}},
      {"a comment before the id",
       {"Authentication-Results: (a (nested) ;\\)) mx.example; spf=pass"}},
      {"a comment that is folded",
       {"Authentication-Results: (to be", " continued) mx.example; spf=pass"}},
      {"a quoted-string", {"Authentication-Results: \"mx.example\"; spf=pass"}},
      {"a quoted pair", {R"(Authentication-Results: "mx\.example"; spf=pass)"}},
      {"a final dot", {"Authentication-Results: mx.example.; spf=pass"}},
      {"no id at all", {"Authentication-Results: ; spf=pass"}},
      {"a comment without an end", {"Authentication-Results: (other.example; spf=pass"}},
      // smtpd takes one dot off every line that begins with one (RFC 5321 §4.5.2).
      {"behind a dot that goes", {".Authentication-Results: mx.example; spf=pass"}},
      {"folded behind a dot that goes",
       {"Authentication-Results: (", ". other) mx.example; spf=pass"}},
      {"behind a carriage return that ends a line for some",
       {"X-Note: a\rAuthentication-Results: mx.example; spf=pass"}},
      {"the same in a folded line", {"\t\rAuthentication-Results: mx.example;", " spf=pass"}},
      {"an id behind a carriage return", {"Authentication-Results:\r mx.example; spf=pass"}},
      {"a carriage return at the end", {"Authentication-Results: mx.example; spf=pass\r"}},
      {"the colon on the next line", {"Authentication-Results", " : mx.example; spf=pass"}},
      {"a control character in front",
       {"\x01"
        "Authentication-Results: mx.example; spf=pass"}},
      {"longer than anybody needs",
       {"Authentication-Results: other.example; " + std::string(kMaxHeldFieldOctets, 'x'), " y"}},
      {"longer in many lines",
       [] {
         Lines lines(2000, " " + std::string(60, 'x'));
         lines.insert(lines.begin(), "Authentication-Results: other.example;");
         return lines;
       }()},
  };
  return cases;
}

// What is not ours stays as it is, octet for octet.
const std::vector<Case>& Others() {
  static const std::vector<Case> cases = {
      {"a stranger's", {"Authentication-Results: other.example; spf=pass"}},
      {"a stranger's, folded oddly",
       {"aUTHENTICATION-rESULTS  :", " ", "\tother.example  ;", " spf=pass (a  b)\t"}},
      {"a result in the place of the id", {"Authentication-Results: spf=pass"}},
      {"a host below ours", {"Authentication-Results: a.mx.example; spf=pass"}},
      {"a name that ours ends", {"Authentication-Results: smx.example; spf=pass"}},
      {"a name that ours begins", {"Authentication-Results: mx.example.org; spf=pass"}},
      {"ours in the results only",
       {"Authentication-Results: other.example; spf=pass smtp.mailfrom=mx.example"}},
      {"other fields",
       {"X-Authentication-Results: mx.example; spf=pass",
        "ARC-Authentication-Results: i=1; mx.example; spf=pass",
        "Authentication-Results-X: mx.example; spf=pass", "Authentication: mx.example; spf=pass",
        "Subject: Authentication-Results: mx.example; spf=pass"}},
      {"a folded line of another field", {"Subject: x", " Authentication-Results: mx.example; x"}},
      {"the same behind a dot that goes",
       {"Subject: x", ". Authentication-Results: mx.example; x"}},
      {"behind a dot that stays", {"..Authentication-Results: mx.example; spf=pass"}},
      {"carriage returns elsewhere",
       {"X: a\rb", "Authentication-Results: other.example;\r x=pass"}},
      {"dots", {".Authentication-Results: other.example; x=pass", ". folded", "..", ".x"}},
      {"a name without a colon", {"Authentication-Results", "Subject: x"}},
      {"any octets", {std::string("Authentication-Results: other.example; \0\xff\x80", 42)}},
      {"a field as long as may be",
       {"Authentication-Results: other.example; " + std::string(65000, 'x'), " y"}},
  };
  return cases;
}

TEST(ResultsSieve, RemovesWhatClaimsToBeOurs) {
  ASSERT_FALSE(Forgeries().empty());
  for (const Case& c : Forgeries()) {
    Lines lines = c.lines;
    lines.insert(lines.begin(), "Received: from x");
    lines.emplace_back("Subject: hello");
    // A field with another one in front of it, or a folded line, may take that along.
    Lines got = Through(lines);
    ASSERT_GE(got.size(), 2u) << c.what;
    EXPECT_EQ(got, Lines({"Received: from x", "Subject: hello"})) << c.what;
  }
}

TEST(ResultsSieve, LeavesTheRestAsItIs) {
  ASSERT_FALSE(Others().empty());
  for (const Case& c : Others()) {
    Lines lines = c.lines;
    lines.insert(lines.begin(), "Received: from x");
    EXPECT_EQ(Through(lines), lines) << c.what;
    lines.emplace_back("Subject: hello");
    EXPECT_EQ(Through(lines), lines) << c.what;
  }
}

TEST(ResultsSieve, TellsFieldsThatFollowOneAnotherApart) {
  EXPECT_EQ(Through({"Authentication-Results: mx.example; x=pass", " y=pass",
                     "Authentication-Results: other.example; x=pass", " y=pass",
                     "Authentication-Results: mx.example; x=pass",
                     "Authentication-Results: b.example; none", "Subject: x", " y"}),
            Lines({"Authentication-Results: other.example; x=pass", " y=pass",
                   "Authentication-Results: b.example; none", "Subject: x", " y"}));
}

TEST(ResultsSieve, HoldsNoMoreThanItMay) {
  ResultsSieve sieve;
  std::size_t passed = 0;
  const auto pass = [&passed](std::string_view) { ++passed; };
  sieve.Feed("Authentication-Results: other.example;", kOurs, pass);
  const std::string folded = " " + std::string(1000, 'x');
  for (int i = 0; i < 10000; ++i) {
    sieve.Feed(folded, kOurs, pass);
    ASSERT_LE(sieve.held(), kMaxHeldFieldOctets);
  }
  EXPECT_EQ(passed, 0u);
  sieve.Feed("Subject: x", kOurs, pass);
  EXPECT_EQ(passed, 1u);
}

// Nobody may buy more time with a line than with others of its length.
TEST(ResultsSieve, TakesTimeInProportion) {
  const std::string name = "Authentication-Results";
  std::string names;
  while (names.size() < 65000) names += name + "\r";
  std::string fields;
  while (fields.size() < 65000) fields += name + ":(\"\r";
  for (const std::string& line :
       {std::string(65000, '\r'), std::string(65000, ' '), "x" + std::string(65000, ':'), names,
        fields, name + ": " + std::string(60000, '('), name + ": " + std::string(60000, '\r')}) {
    const auto begun = std::chrono::steady_clock::now();
    Through({line});
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(500))
        << line.substr(0, 40);
  }
}

}  // namespace
}  // namespace helovet
