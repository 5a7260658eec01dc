#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "gtest/gtest.h"
#include "helovet/metrics.h"
#include "testing/directory_test.h"

namespace helovet {
namespace {

namespace fs = std::filesystem;

std::string Contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class MetricsFileTest : public testing::DirectoryTest {
 protected:
  // What stands in the directory, the file itself aside.
  [[nodiscard]] int Others(std::string_view name) const {
    int others = 0;
    for (const auto& entry : fs::directory_iterator(directory())) {
      if (entry.path().filename() != name) ++others;
    }
    return others;
  }
};

TEST_F(MetricsFileTest, WritesAndReplaces) {
  const std::string path = Path("helovet.prom");
  ASSERT_TRUE(WriteMetricsFile(path, "a 1\n"));
  EXPECT_EQ(Contents(path), "a 1\n");
  const std::string large(3000000, 'x');
  ASSERT_TRUE(WriteMetricsFile(path, large));
  EXPECT_EQ(Contents(path), large);
  ASSERT_TRUE(WriteMetricsFile(path, ""));
  EXPECT_EQ(Contents(path), "");
  EXPECT_EQ(Others("helovet.prom"), 0);
}

TEST_F(MetricsFileTest, ReadableForAllWhateverTheUmask) {
  const std::string path = Path("helovet.prom");
  const mode_t umask_before = umask(0777);
  const FileErrorOr<void> written = WriteMetricsFile(path, "a 1\n");
  umask(umask_before);
  ASSERT_TRUE(written);
  EXPECT_EQ(fs::status(path).permissions(), fs::perms(0644));
}

// A reader that has the file open sees the old text to its end.
TEST_F(MetricsFileTest, ReadersSeeOldOrNew) {
  const std::string path = Path("helovet.prom");
  ASSERT_TRUE(WriteMetricsFile(path, "old\n"));
  std::ifstream reader(path);
  ASSERT_TRUE(WriteMetricsFile(path, "new\n"));
  std::string line;
  std::getline(reader, line);
  EXPECT_EQ(line, "old");
}

TEST_F(MetricsFileTest, LinksAreReplacedAndNotFollowed) {
  const std::string target = Path("target");
  std::ofstream(target) << "untouched";
  const std::string path = Path("helovet.prom");
  fs::create_symlink(target, path);
  ASSERT_TRUE(WriteMetricsFile(path, "a 1\n"));
  EXPECT_FALSE(fs::is_symlink(path));
  EXPECT_EQ(Contents(path), "a 1\n");
  EXPECT_EQ(Contents(target), "untouched");
}

TEST_F(MetricsFileTest, PipesStayAndAreNotWaitedFor) {
  const std::string path = Path("helovet.prom");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const auto start = std::chrono::steady_clock::now();
  const FileErrorOr<void> written = WriteMetricsFile(path, "a 1\n");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().ToString(), path + ": cannot be written: Not a regular file");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
  EXPECT_TRUE(fs::is_fifo(path));
}

// What a process of the same id left when it was killed, or what somebody laid there: a file, a
// link, a pipe.
TEST_F(MetricsFileTest, RemainsAreInNobodysWay) {
  const std::string path = Path("helovet.prom");
  const std::string remains = Path(".helovet.prom." + std::to_string(getpid()));
  const std::string target = Path("target");
  std::ofstream(target) << "untouched";
  std::ofstream(remains) << "half";
  ASSERT_TRUE(WriteMetricsFile(path, "a 1\n"));
  fs::create_symlink(target, remains);
  ASSERT_TRUE(WriteMetricsFile(path, "a 2\n"));
  ASSERT_EQ(mkfifo(remains.c_str(), 0600), 0);
  ASSERT_TRUE(WriteMetricsFile(path, "a 3\n"));
  EXPECT_EQ(Contents(path), "a 3\n");
  EXPECT_EQ(Contents(target), "untouched");
  EXPECT_EQ(Others("helovet.prom"), 1);  // The target.
}

TEST_F(MetricsFileTest, FailuresLeaveNothingBehind) {
  const std::string directory = Path("helovet.prom");
  fs::create_directory(directory);
  std::ofstream(directory + "/file") << "x";
  const FileErrorOr<void> into_directory = WriteMetricsFile(directory, "a 1\n");
  ASSERT_FALSE(into_directory);
  EXPECT_EQ(into_directory.error().ToString(), directory + ": cannot be written: Is a directory");
  EXPECT_EQ(Others("helovet.prom"), 0);

  const std::string nowhere = Path("missing/helovet.prom");
  const FileErrorOr<void> no_directory = WriteMetricsFile(nowhere, "a 1\n");
  ASSERT_FALSE(no_directory);
  EXPECT_EQ(no_directory.error().ToString(),
            nowhere + ": cannot be written: No such file or directory");
}

// A limit on the size of files stands in for a full disk.
TEST_F(MetricsFileTest, TextThatDoesNotFitLeavesTheFormerOne) {
  const std::string path = Path("helovet.prom");
  ASSERT_TRUE(WriteMetricsFile(path, "a 1\n"));
  EXPECT_EXIT(
      {
        // The signal would end the process instead of failing the write.
        signal(SIGXFSZ, SIG_IGN);
        rlimit limit{};
        limit.rlim_cur = limit.rlim_max = 1000;
        setrlimit(RLIMIT_FSIZE, &limit);
        const FileErrorOr<void> written = WriteMetricsFile(path, std::string(5000, 'x'));
        _exit(!written && written.error().message == "cannot be written: File too large" ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
  EXPECT_EQ(Contents(path), "a 1\n");
  EXPECT_EQ(Others("helovet.prom"), 0);
}

}  // namespace
}  // namespace helovet
