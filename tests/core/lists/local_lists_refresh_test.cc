// Files that change (docs/rules.md §7.1).
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/lists/list_fixture.h"
#include "gtest/gtest.h"

namespace helovet::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string kNotBad =
    "deny:1:1: \"?\" is not an address, a network, a host name, \".suffix\", \"@domain\" or "
    "\"@.suffix\"\n";

class LocalListsRefreshTest : public ListTest {
 protected:
  // The file is `text` at construction, written long enough ago to be settled.
  LocalLists Lists(std::string_view text) {
    Write("deny", text);
    Settle();
    return LocalLists({}, {Path("deny")});
  }
  // Longer than file systems' clocks tick; see core/lists/list_file.cc.
  static void Settle() { std::this_thread::sleep_for(milliseconds(120)); }

  // Complaints of a look that comes in time.
  std::string Look(LocalLists& lists) {
    now_ += kListFilesInterval;
    return Text(lists.Refresh(now_));
  }
  // The names "a", "b" and "c" that are listed.
  static std::string Listed(const LocalLists& lists) {
    std::string listed;
    for (const char* name : {"a", "b", "c"}) {
      if (lists.FindName(name).listing == Listing::kDeny) listed += name;
    }
    return listed;
  }

  std::chrono::steady_clock::time_point now_{seconds(1000)};
};

TEST_F(LocalListsRefreshTest, ADirectoryFromTheStartIsToldOnce) {
  std::filesystem::create_directory(Path("deny"));
  LocalLists lists({}, {Path("deny")});
  EXPECT_EQ(Text(lists.TakeComplaints()), "deny: is a directory\n");
  EXPECT_EQ(Look(lists), "");
  EXPECT_EQ(Look(lists), "");
}

TEST_F(LocalListsRefreshTest, AChangeIsSeen) {
  LocalLists lists = Lists("a\n");
  EXPECT_EQ(Look(lists), "");
  EXPECT_EQ(Listed(lists), "a");
  const std::uint64_t changes = lists.changes();
  Write("deny", "b\nc\n");
  EXPECT_EQ(Look(lists), "");
  EXPECT_EQ(Listed(lists), "bc");
  EXPECT_NE(lists.changes(), changes);
  Write("deny", "");
  EXPECT_EQ(Look(lists), "");
  EXPECT_EQ(Listed(lists), "");
  EXPECT_TRUE(lists.empty());
}

TEST_F(LocalListsRefreshTest, LooksOnceInAnInterval) {
  LocalLists lists = Lists("a\n");
  EXPECT_EQ(Look(lists), "");
  Write("deny", "b\n");
  const std::uint64_t changes = lists.changes();
  EXPECT_EQ(Text(lists.Refresh(now_ + kListFilesInterval - milliseconds(1))), "");
  EXPECT_EQ(Listed(lists), "a");
  EXPECT_EQ(lists.changes(), changes);
  EXPECT_EQ(Text(lists.Refresh(now_ + kListFilesInterval)), "");
  EXPECT_EQ(Listed(lists), "b");
}

// Neither size nor modification time tell it.
TEST_F(LocalListsRefreshTest, AChangeOfTheSameSizeAndTimeIsSeen) {
  LocalLists lists = Lists("a\n");
  EXPECT_EQ(Look(lists), "");
  const auto time = std::filesystem::last_write_time(Path("deny"));
  Write("deny", "b\n");
  std::filesystem::last_write_time(Path("deny"), time);
  EXPECT_EQ(Look(lists), "");
  EXPECT_EQ(Listed(lists), "b");
}

TEST_F(LocalListsRefreshTest, AReplacedFileIsSeen) {
  LocalLists lists = Lists("a\n");
  EXPECT_EQ(Look(lists), "");
  ASSERT_EQ(rename(Write("new", "b\n").c_str(), Path("deny").c_str()), 0);
  EXPECT_EQ(Look(lists), "");
  EXPECT_EQ(Listed(lists), "b");
}

TEST_F(LocalListsRefreshTest, ABadFileKeepsTheFormerEntries) {
  LocalLists lists = Lists("a\n");
  EXPECT_EQ(Look(lists), "");
  Write("deny", "?\nb\n");
  EXPECT_EQ(Look(lists), kNotBad);
  EXPECT_EQ(Look(lists), "") << "it is told once";
  EXPECT_EQ(Listed(lists), "a");
  Write("deny", "?\nb\nc\n");
  EXPECT_EQ(Look(lists), kNotBad) << "the file has changed";
  Write("deny", "b\n");
  EXPECT_EQ(Look(lists), "");
  EXPECT_EQ(Listed(lists), "b");
  Write("deny", "?\n");
  EXPECT_EQ(Look(lists), kNotBad) << "it had been mended";
  EXPECT_EQ(Listed(lists), "b");
}

TEST_F(LocalListsRefreshTest, AFileThatWasNeverGoodGivesWhatItHas) {
  LocalLists lists = Lists("?\na\n");
  EXPECT_EQ(Text(lists.TakeComplaints()), kNotBad);
  EXPECT_EQ(Look(lists), "") << "it has been told";
  EXPECT_EQ(Listed(lists), "a");
  Write("deny", "?\nb\n");
  EXPECT_EQ(Look(lists), kNotBad);
  EXPECT_EQ(Listed(lists), "b");
}

TEST_F(LocalListsRefreshTest, AMissingFileKeepsTheFormerEntries) {
  const std::string missing = "deny: cannot be read: No such file or directory\n";
  LocalLists lists = Lists("a\n");
  EXPECT_EQ(Look(lists), "");
  const std::string path = Path("deny");
  ASSERT_EQ(rename(path.c_str(), Path("away").c_str()), 0);
  EXPECT_EQ(Look(lists), missing);
  EXPECT_EQ(Look(lists), "");
  EXPECT_EQ(Listed(lists), "a");
  ASSERT_EQ(rename(Path("away").c_str(), path.c_str()), 0);
  EXPECT_EQ(Look(lists), "");
  EXPECT_EQ(Listed(lists), "a");
  ASSERT_EQ(unlink(path.c_str()), 0);
  EXPECT_EQ(Look(lists), missing) << "it had been there again";
  Write("deny", "b\n");
  EXPECT_EQ(Look(lists), "");
  EXPECT_EQ(Listed(lists), "b");
}

TEST_F(LocalListsRefreshTest, AFileMayComeLater) {
  LocalLists lists({}, {Path("deny")});
  EXPECT_EQ(Text(lists.TakeComplaints()), "deny: cannot be read: No such file or directory\n");
  EXPECT_EQ(Look(lists), "") << "it has been told";
  Write("deny", "a\n");
  EXPECT_EQ(Look(lists), "");
  EXPECT_EQ(Listed(lists), "a");
}

TEST_F(LocalListsRefreshTest, AnotherKindOfFileKeepsTheFormerEntries) {
  LocalLists lists = Lists("a\n");
  const std::string path = Path("deny");
  ASSERT_EQ(unlink(path.c_str()), 0);
  ASSERT_EQ(mkdir(path.c_str(), 0700), 0);
  EXPECT_EQ(Look(lists), "deny: is a directory\n");
  EXPECT_EQ(Look(lists), "");
  ASSERT_EQ(rmdir(path.c_str()), 0);
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(Look(lists), "deny: is not a file\n");
  ASSERT_EQ(unlink(path.c_str()), 0);
  Write("deny", "b\n");
  EXPECT_EQ(Listed(lists), "a");
  EXPECT_EQ(Look(lists), "");
  EXPECT_EQ(Listed(lists), "b");
}

TEST_F(LocalListsRefreshTest, AFileThatCannotBeReadIsTriedAgain) {
  LocalLists lists = Lists("a\n");
  const std::string path = Write("deny", "b\n");
  // Root reads everything, so root is nobody for a moment.
  ASSERT_EQ(chmod(path.c_str(), 0), 0);
  std::filesystem::permissions(std::filesystem::path(path).parent_path(),
                               std::filesystem::perms::others_exec,
                               std::filesystem::perm_options::add);
  constexpr uid_t kNobody = 65534;
  const bool is_root = geteuid() == 0;
  ASSERT_EQ(is_root ? seteuid(kNobody) : 0, 0);
  const std::string first = Look(lists);
  const std::string second = Look(lists);
  ASSERT_EQ(is_root ? seteuid(0) : 0, 0);
  EXPECT_EQ(first, "deny: cannot be read: Permission denied\n");
  EXPECT_EQ(second, "");
  EXPECT_EQ(Listed(lists), "a");
  // Its identity stays as it is where root may read it now.
  ASSERT_EQ(is_root ? 0 : chmod(path.c_str(), 0600), 0);
  EXPECT_EQ(Look(lists), "");
  EXPECT_EQ(Listed(lists), "b");
}

// The writer's last octets may leave the identity as it was: in the same tick of the file system's
// clock as our reading, or, as here on every file system, in memory that is dirty already.
TEST_F(LocalListsRefreshTest, AFileReadWhileItIsWrittenIsReadAgain) {
  const std::string path = Write("deny", "a\nb\n");
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
  void* const memory = mmap(nullptr, 4, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  ASSERT_NE(memory, MAP_FAILED);
  char* const text = static_cast<char*>(memory);
  text[2] = '?';
  LocalLists lists({}, {path});
  EXPECT_EQ(lists.TakeComplaints().size(), 1U);
  text[2] = 'c';
  Settle();
  EXPECT_EQ(Look(lists), "");
  EXPECT_EQ(Listed(lists), "ac");
  munmap(memory, 4);
}

TEST_F(LocalListsRefreshTest, AFileThatGrowsIsReadToItsEnd) {
  std::string text = "a\n";
  Write("deny", text);
  LocalLists lists({}, {Path("deny")});
  for (int i = 0; i < 20; ++i) {
    text += "x" + std::to_string(i) + '\n';
    Write("deny", text);
    EXPECT_EQ(Look(lists), "");
  }
  Write("deny", text + "b\n");
  Settle();
  EXPECT_EQ(Look(lists), "");
  EXPECT_EQ(Listed(lists), "ab");
}

TEST_F(LocalListsRefreshTest, AMistakeOfAFileThatIsReadAgainIsToldOnce) {
  Write("deny", "?\n");
  LocalLists lists({}, {Path("deny")});
  EXPECT_EQ(Text(lists.TakeComplaints()), kNotBad);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Look(lists), "");
    Settle();
  }
}

TEST_F(LocalListsRefreshTest, AReadingIsUsedWholeOrNotAtAll) {
  LocalLists lists = Lists("a\n");
  EXPECT_EQ(Look(lists), "");
  const std::string path = Write("deny", "b\n");
  ASSERT_EQ(truncate(path.c_str(), static_cast<off_t>(kMaxListFileOctets) + 1), 0);
  EXPECT_EQ(Look(lists), "deny: is larger than 268435456 octets\n");
  EXPECT_EQ(Listed(lists), "a");
}

TEST_F(LocalListsRefreshTest, OtherFilesAndTheConfigurationStay) {
  const std::string one = Write("one", "a\n");
  const std::string two = Write("two", "b\n");
  LocalLists lists({}, {one, two, "c"});
  EXPECT_EQ(Listed(lists), "abc");
  Write("one", "x\n");
  EXPECT_EQ(Look(lists), "");
  EXPECT_EQ(Listed(lists), "bc");
}

}  // namespace
}  // namespace helovet::testing
