#include "smtp/reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <random>
#include <string>
#include <vector>

namespace helovet {
namespace {

using ::testing::ElementsAre;
using State = ReplyReader::State;

struct ReplyCase {
  std::string id = {};
  std::string source = {};
  std::string octets = {};
  State wanted = State::kComplete;
  int wanted_code = 0;
  std::size_t wanted_lines = 1;
  std::size_t wanted_left = 0;
};
void PrintTo(const ReplyCase& each, std::ostream* out) { *out << each.id; }

std::string Lines(std::size_t count, const std::string& line, const std::string& last) {
  std::string text;
  for (std::size_t i = 1; i < count; ++i) text += line;
  return text + last;
}

std::vector<ReplyCase> Cases() {
  const std::string fits = "250 " + std::string(kMaxReplyLineOctets - 4, 'x');
  return {
      {"OneLine", "RFC 5321 §4.2", "250 ok\r\n", State::kComplete, 250},
      {"CodeAlone", "RFC 5321 §4.2", "250\r\n", State::kComplete, 250},
      {"CodeAndSpace", "RFC 5321 §4.2", "250 \r\n", State::kComplete, 250},
      {"SeveralLines", "RFC 5321 §4.2.1", "250-a\r\n250-b\r\n250 c\r\n", State::kComplete, 250, 3},
      {"LastLineOfCodeAlone", "RFC 5321 §4.2", "250-a\r\n250\r\n", State::kComplete, 250, 2},
      {"LeavesWhatFollows", "", "250 ok\r\n421 x", State::kComplete, 250, 1, 5},
      {"AnyOctets", "", std::string("250 \0\xff\t\r\n", 9), State::kComplete, 250},
      {"LeastCode", "RFC 5321 §4.2.1", "200 x\r\n", State::kComplete, 200},
      {"GreatestCode", "RFC 5321 §4.2.1", "599 x\r\n", State::kComplete, 599},
      {"Unfinished", "", "250 ok\r", State::kUnfinished, 0, 0},
      {"UnfinishedLines", "", "250-ok\r\n", State::kUnfinished, 250, 1},
      {"Nothing", "", "", State::kUnfinished, 0, 0},
      {"LongestLine", "docs/rules.md §12.3", fits + "\r\n", State::kComplete, 250},
      {"LongerLine", "docs/rules.md §12.3", fits + "x\r\n", State::kMalformed, 0, 1, 2},
      {"MostLines", "docs/rules.md §12.3", Lines(kMaxReplyLines, "250-\r\n", "250 \r\n"),
       State::kComplete, 250, kMaxReplyLines},
      {"MoreLines", "docs/rules.md §12.3", Lines(kMaxReplyLines + 1, "250-\r\n", "250 \r\n"),
       State::kMalformed, 250, kMaxReplyLines, 6},
      {"MostOctets", "docs/rules.md §12.3",
       Lines(16, "250-" + std::string(1018, 'x') + "\r\n",
             "250 " + std::string(1018, 'x') + "\r\n"),
       State::kComplete, 250, 16},
      {"MoreOctets", "docs/rules.md §12.3",
       Lines(16, "250-" + std::string(1018, 'x') + "\r\n",
             "250 " + std::string(1019, 'x') + "\r\n"),
       State::kMalformed, 250, 16},
      {"BareLf", "RFC 5321 §2.3.8", "250 ok\n", State::kMalformed, 0, 1},
      {"BareCr", "RFC 5321 §2.3.8", "250 o\rk\r\n", State::kMalformed, 0, 1, 2},
      {"CrCrLf", "RFC 5321 §2.3.8", "250 ok\r\r\n", State::kMalformed, 0, 1, 1},
      {"NoCode", "RFC 5321 §4.2", "hello\r\n", State::kMalformed, 0, 1},
      {"EmptyLine", "RFC 5321 §4.2", "\r\n", State::kMalformed, 0, 0},
      {"TwoDigits", "RFC 5321 §4.2", "25\r\n", State::kMalformed, 0, 1},
      {"FourDigits", "RFC 5321 §4.2", "2500 ok\r\n", State::kMalformed, 0, 1},
      {"Letters", "RFC 5321 §4.2", "25o ok\r\n", State::kMalformed, 0, 1},
      {"SpaceInFront", "RFC 5321 §4.2", " 250 ok\r\n", State::kMalformed, 0, 1},
      {"OtherSeparator", "RFC 5321 §4.2", "250\tok\r\n", State::kMalformed, 0, 1},
      {"BelowAllCodes", "RFC 5321 §4.2.1", "199 x\r\n", State::kMalformed, 0, 1},
      {"BeyondAllCodes", "RFC 5321 §4.2.1", "600 x\r\n", State::kMalformed, 0, 1},
      {"TwoCodes", "RFC 5321 §4.2.1", "250-a\r\n251 b\r\n", State::kMalformed, 250, 2},
  };
}

class Reply : public ::testing::TestWithParam<ReplyCase> {};

TEST_P(Reply, IsRead) {
  const ReplyCase& wanted = GetParam();
  SCOPED_TRACE(wanted.source);
  ReplyReader reader;
  const std::size_t taken = reader.Read(wanted.octets);
  EXPECT_EQ(reader.state(), wanted.wanted) << reader.fault();
  EXPECT_EQ(reader.reply().code, wanted.wanted_code);
  EXPECT_EQ(reader.reply().lines.size(), wanted.wanted_lines);
  EXPECT_EQ(wanted.octets.size() - taken, wanted.wanted_left);
  EXPECT_EQ(reader.fault().empty(), wanted.wanted != State::kMalformed);
}

// However the network cuts it.
TEST_P(Reply, IsTheSameOctetByOctet) {
  ReplyReader whole;
  const std::size_t taken = whole.Read(GetParam().octets);
  ReplyReader pieces;
  std::size_t taken_in_pieces = 0;
  for (const char octet : GetParam().octets) taken_in_pieces += pieces.Read({&octet, 1});
  EXPECT_EQ(pieces.state(), whole.state());
  EXPECT_EQ(pieces.reply().lines, whole.reply().lines);
  EXPECT_EQ(taken_in_pieces, taken);
}

INSTANTIATE_TEST_SUITE_P(All, Reply, ::testing::ValuesIn(Cases()),
                         [](const ::testing::TestParamInfo<ReplyCase>& each) {
                           return each.param.id;
                         });

TEST(ReplyReader, KeepsTheLinesWithTheirCodes) {
  ReplyReader reader;
  reader.Read("550-5.1.1 no\r\n550 such user\r\n");
  EXPECT_EQ(reader.reply().severity(), 5);
  EXPECT_THAT(reader.reply().lines, ElementsAre("550-5.1.1 no", "550 such user"));
}

// Any octets end in one of the three states, and no more than the limit is kept.
TEST(ReplyReader, KeepsNoMoreThanItMay) {
  std::mt19937 random(1);
  const std::string alphabet = "25 -\r\nx";
  for (int round = 0; round < 2000; ++round) {
    ReplyReader reader;
    std::string octets;
    for (int i = 0; i < 200; ++i) octets += alphabet[random() % alphabet.size()];
    reader.Read(octets);
    std::size_t kept = 0;
    for (const std::string& line : reader.reply().lines) kept += line.size();
    ASSERT_LE(kept, kMaxReplyOctets);
    if (reader.state() == State::kComplete) {
      ASSERT_GE(reader.reply().code, 200) << octets;
    }
  }
}

}  // namespace
}  // namespace helovet
