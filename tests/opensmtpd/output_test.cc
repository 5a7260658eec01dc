#include "output.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "protocol_checker.h"

namespace helovet {
namespace {

using testing::Answer;
using testing::ProtocolChecker;

constexpr ProtocolVersion kV06 = 6;
constexpr RequestId kId{0x7641df9771b4ed00, 0x1ef1c203cc576e5d};
constexpr std::size_t kPrefixOctets = 50;  // "filter-dataline|SESSION|TOKEN|"

// Everything queued, checked against smtpd's rules.
std::vector<Answer> Answers(Output& output) {
  ProtocolChecker checker;
  checker.Feed("register|ready\n");
  checker.Feed(output.queued());
  EXPECT_EQ(checker.complaints(), std::vector<std::string>());
  return checker.answers();
}

TEST(Output, RegistersInOneGo) {
  for (const Phases& phases : {Phases(), Phases{.rcpt_to = true}, Phases{.data = true},
                               Phases{.data_line = true}, Phases{true, true, true}}) {
    Output output;
    output.Register(phases);
    ProtocolChecker checker;
    checker.Feed(output.queued());
    EXPECT_EQ(checker.complaints(), std::vector<std::string>());
    EXPECT_TRUE(checker.registered());
    std::vector<std::string> want = {
        "report|smtp-in|link-connect", "report|smtp-in|link-disconnect",
        "report|smtp-in|link-auth",    "filter|smtp-in|helo",
        "filter|smtp-in|ehlo",         "filter|smtp-in|mail-from"};
    if (phases.rcpt_to) want.push_back("filter|smtp-in|rcpt-to");
    if (phases.data) want.push_back("filter|smtp-in|data");
    if (phases.data_line) want.push_back("filter|smtp-in|data-line");
    EXPECT_EQ(checker.registrations(), want);
  }
}

TEST(Output, NamesSessionAndToken) {
  Output output;
  output.Proceed(kId);
  output.Junk({0, 0xffffffffffffffff});
  output.Reject({1, 2}, "550 5.7.1 no|really");
  EXPECT_EQ(output.queued(),
            "filter-result|7641df9771b4ed00|1ef1c203cc576e5d|proceed\n"
            "filter-result|0000000000000000|ffffffffffffffff|junk\n"
            "filter-result|0000000000000001|0000000000000002|reject|550 5.7.1 no|really\n");
}

// What smtpd would answer with "421 Internal server error", or end at, never leaves.
TEST(Output, ReplacesRepliesThatSmtpdWouldNotTake) {
  const std::vector<std::string> bad = {
      "",          "550",         "550-more", "250 fine",
      "350 go on", "55x broken",  "550 a\nb", "550 a\rb",
      "550 \x80",  "550 \x1b[2J", "x",        "550 " + std::string(600, 'a')};
  for (const std::string& reply : bad) {
    Output output;
    output.Reject(kId, reply);
    const auto answers = Answers(output);
    ASSERT_EQ(answers.size(), 1u) << reply;
    EXPECT_EQ(answers[0].text, "550 5.7.1 Access denied") << reply;
  }
}

TEST(Output, EchoesLinesAsTheyAre) {
  const std::vector<std::string> lines = {
      "", ".", "..", "a|b|c", "x\ry", "tab\t \x01\xff", std::string(1997, 'x')};
  for (const std::string& line : lines) {
    Output output;
    output.DataLine(kId, kV06, line, Section::kBody);
    const auto answers = Answers(output);
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].text, line);
  }
}

struct SplitCase {
  std::string name;
  ProtocolVersion version;
  Section section;
  std::string line;
  std::vector<std::string> want;
};

const std::string kFull06(1997, 'x');
const std::string kFull07(65485, 'x');

TEST(Output, SplitsLinesThatSmtpdCouldNotTake) {
  const std::vector<SplitCase> cases = {
      {"0.7 takes 65,485", kProtocol07, Section::kBody, kFull07, {kFull07}},
      {"0.7, one more", kProtocol07, Section::kBody, kFull07 + "y", {kFull07, "y"}},
      {"a later one too", 9, Section::kBody, kFull07 + "y", {kFull07, "y"}},
      {"0.6, one more", kV06, Section::kBody, kFull06 + "y", {kFull06, "y"}},
      {"0.5, one more", 5, Section::kBody, kFull06 + "y", {kFull06, "y"}},
      {"a dot first is escaped", kV06, Section::kBody, kFull06 + ".y", {kFull06, "..y"}},
      {"a dot alone is no end", kV06, Section::kBody, kFull06 + ".", {kFull06, ".."}},
      {"the line's own escape stays",
       kV06,
       Section::kBody,
       ".." + kFull06,
       {".." + std::string(1995, 'x'), "xx"}},
      {"dots only",
       kV06,
       Section::kBody,
       std::string(4000, '.'),
       {std::string(1997, '.'), std::string(1997, '.'), std::string(4000 - 1997 - 1996 + 1, '.')}},
      {"before a space",
       kV06,
       Section::kBody,
       std::string(1500, 'x') + " " + std::string(900, 'y'),
       {std::string(1500, 'x'), " " + std::string(900, 'y')}},
      {"before a space at the limit", kV06, Section::kBody, kFull06 + " y", {kFull06, " y"}},
      {"not before an early space",
       kV06,
       Section::kBody,
       "x " + kFull06,
       {"x " + std::string(1995, 'x'), "xx"}},
      {"a header field folds at a tab",
       kV06,
       Section::kHeader,
       "X: " + std::string(1500, 'x') + "\t" + std::string(900, 'y'),
       {"X: " + std::string(1500, 'x'), "\t" + std::string(900, 'y')}},
      {"a header field without space stays one field",
       kV06,
       Section::kHeader,
       kFull06 + ".y",
       {kFull06, " .y"}},
  };
  for (const SplitCase& c : cases) {
    Output output;
    output.DataLine(kId, c.version, c.line, c.section);
    std::vector<std::string> got;
    for (const Answer& answer : Answers(output)) got.push_back(answer.text);
    EXPECT_EQ(got, c.want) << c.name;
  }
}

// Undone as a message's reader would, a split line is what it was.
TEST(Output, LosesNothingInSplitting) {
  for (std::size_t length = 1990; length < 8100; length += 7) {
    std::string line;
    for (std::size_t i = 0; i < length; ++i) line += i % 131 == 5 ? ' ' : i % 3 == 0 ? '.' : 'x';
    Output output;
    output.DataLine(kId, kV06, line, Section::kBody);
    std::string joined;
    for (const Answer& answer : Answers(output)) {
      const bool first = joined.empty();
      EXPECT_LE(answer.text.size() + kPrefixOctets + 1, kMaxLineOctetsBefore07);
      joined += !first && answer.text.starts_with('.') ? answer.text.substr(1) : answer.text;
    }
    EXPECT_EQ(joined, line);
  }
}

TEST(Output, CleansHeaderLines) {
  Output output;
  output.HeaderLine(kId, kV06, "A: b\nBcc: x\x80");
  output.HeaderLine(kId, kV06, "");
  const auto answers = Answers(output);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].text, "A: b?Bcc: x?");
}

TEST(Output, DropsWhatIsSent) {
  Output output;
  output.Proceed(kId);
  const std::string all(output.queued());
  for (std::size_t sent = 1; sent <= all.size(); ++sent) {
    output.Drop(1);
    EXPECT_EQ(output.queued(), std::string_view(all).substr(sent));
  }
  output.Proceed(kId);
  EXPECT_EQ(output.queued(), all);
}

}  // namespace
}  // namespace helovet
