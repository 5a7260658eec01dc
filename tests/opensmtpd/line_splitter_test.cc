#include "line_splitter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace helovet {
namespace {

std::vector<std::string> Feed(LineSplitter& splitter, std::string_view octets) {
  std::vector<std::string> lines;
  splitter.Feed(octets, [&](std::string_view line) { lines.emplace_back(line); });
  return lines;
}

TEST(LineSplitter, GivesTheSameLinesHoweverTheyArrive) {
  const std::string text = "one\n\ntwo\r\nthree|four\nunfinished";
  const std::vector<std::string> want = {"one", "", "two\r", "three|four"};
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    LineSplitter splitter;
    std::vector<std::string> got;
    for (std::size_t at = 0; at < text.size(); at += piece) {
      for (std::string& line : Feed(splitter, std::string_view(text).substr(at, piece))) {
        got.push_back(std::move(line));
      }
    }
    EXPECT_EQ(got, want) << "in pieces of " << piece;
  }
}

TEST(LineSplitter, CutsLinesBeyondTheLimit) {
  LineSplitter splitter;
  const std::string piece(50000, 'x');
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(Feed(splitter, piece).empty());
  EXPECT_EQ(splitter.kept(), kMaxInputLineOctets);
  EXPECT_EQ(Feed(splitter, "end\nnext\n"),
            (std::vector<std::string>{std::string(kMaxInputLineOctets, 'x'), "next"}));
  EXPECT_EQ(splitter.kept(), 0u);

  const std::string whole(kMaxInputLineOctets + 5, 'y');
  EXPECT_EQ(Feed(splitter, whole + "\nnext\n"),
            (std::vector<std::string>{std::string(kMaxInputLineOctets, 'y'), "next"}));
}

}  // namespace
}  // namespace helovet
