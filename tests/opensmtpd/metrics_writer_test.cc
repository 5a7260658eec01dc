#include "metrics_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <unistd.h>

namespace helovet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::chrono::seconds kInterval{15};

// A directory of the test's own, a clock and a log.
class MetricsWriterTest : public ::testing::Test {
 protected:
  MetricsWriterTest() { std::filesystem::create_directory(directory_); }
  ~MetricsWriterTest() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string Read() const {
    std::ifstream file(path_);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  void Pass(std::chrono::seconds time) {
    now_ += time;
    loop_.Turn(now_);
  }

  const std::filesystem::path directory_ =
      std::filesystem::path(::testing::TempDir()) /
      ("helovet-metrics-" + std::to_string(getpid()) + "-" +
       ::testing::UnitTest::GetInstance()->current_test_info()->name());
  const std::string path_ = directory_ / "helovet.prom";
  Loop::TimePoint now_{};
  Loop loop_{[this] { return now_; }};
  std::vector<std::string> logged_;
  Log log_{[this](std::string_view line) { logged_.emplace_back(line); }, [this] { return now_; }};
  Metrics metrics_;
};

TEST_F(MetricsWriterTest, WritesAtOnceAndInEveryInterval) {
  const MetricsWriter writer(loop_, {.file = path_, .interval = kInterval}, metrics_, log_);
  const std::string first = Read();
  EXPECT_THAT(first, HasSubstr("# TYPE helovet_"));
  for (int written = 1; written <= 3; ++written) {
    metrics_.CountComplaints(std::vector<FileError>(1));
    Pass(kInterval - std::chrono::seconds(1));
    EXPECT_NE(Read(), metrics_.ToPrometheus());
    Pass(std::chrono::seconds(1));
    EXPECT_EQ(Read(), metrics_.ToPrometheus());
  }
  EXPECT_THAT(logged_, IsEmpty());
}

TEST_F(MetricsWriterTest, ComplainsOnceUntilItHasWrittenAgain) {
  const std::string file = directory_ / "none" / "helovet.prom";
  const MetricsWriter writer(loop_, {.file = file, .interval = kInterval}, metrics_, log_);
  for (int i = 0; i < 3; ++i) Pass(kInterval);
  EXPECT_THAT(logged_, ElementsAre(HasSubstr(file)));
  std::filesystem::create_directory(directory_ / "none");
  Pass(kInterval);
  EXPECT_TRUE(std::filesystem::exists(file));
  std::filesystem::remove_all(directory_ / "none");
  Pass(kInterval);
  EXPECT_EQ(logged_.size(), 2u);
}

TEST_F(MetricsWriterTest, DoesNothingWithoutAFile) {
  MetricsWriter writer(loop_, {.file = "", .interval = kInterval}, metrics_, log_);
  writer.Write();
  EXPECT_TRUE(std::filesystem::is_empty(directory_));
  EXPECT_THAT(logged_, IsEmpty());
}

}  // namespace
}  // namespace helovet
