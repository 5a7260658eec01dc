#include "log.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace helovet {
namespace {

struct Fixture {
  std::vector<std::string> lines;
  Loop::TimePoint now{};
  Log log{[this](std::string_view line) { lines.emplace_back(line); }, [this] { return now; }};
};

TEST(Log, EscapesWhatItComplainsOf) {
  Fixture f;
  f.log.Complain("unknown kind of line", "a\x1b[2J\xff\\");
  EXPECT_EQ(f.lines,
            (std::vector<std::string>{"helovet: unknown kind of line: a\\x1b[2J\\xff\\\\\n"}));
}

TEST(Log, ComplainsOnlySoOften) {
  Fixture f;
  for (int i = 0; i < 1000; ++i) f.log.Complain("bad", "x");
  EXPECT_EQ(f.lines.size(), static_cast<std::size_t>(kMaxComplaints));
  f.lines.clear();
  f.now += kComplaintPeriod;
  f.log.Complain("bad", "y");
  EXPECT_EQ(f.lines, (std::vector<std::string>{"helovet: 990 more complaints were not written\n",
                                               "helovet: bad: y\n"}));
}

TEST(Log, BoundsEveryLine) {
  Fixture f;
  f.log.Write(std::string(100000, 'x'));
  f.log.Complain("bad", std::string(100000, '\0'));
  for (const std::string& line : f.lines) {
    EXPECT_LE(line.size(), kMaxLogOctets);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
  }
}

}  // namespace
}  // namespace helovet
