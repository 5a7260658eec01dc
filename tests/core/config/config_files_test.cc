// Files: what can be read, and what is said when it cannot.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <sys/stat.h>
#include <unistd.h>

#include "gtest/gtest.h"
#include "helovet/config.h"
#include "testing/directory_test.h"

namespace helovet {
namespace {

class ConfigFilesTest : public testing::DirectoryTest {
 protected:
  static std::string ErrorOf(const std::string& path) {
    const FileErrorOr<Config> config = LoadConfig(path);
    return config ? "no error" : config.error().ToString();
  }
};

TEST_F(ConfigFilesTest, ReadsAFile) {
  const FileErrorOr<Config> config = LoadConfig(Write("a.toml", "profile = \"strict\"\n"));
  ASSERT_TRUE(config) << config.error().ToString();
  EXPECT_EQ(config->profile, Profile::kStrict);
}

TEST_F(ConfigFilesTest, ReadsAnEmptyFileAsTheDefaults) {
  EXPECT_EQ(ErrorOf(Write("empty.toml", "")), "no error");
  EXPECT_EQ(ErrorOf("/dev/null"), "no error");
}

TEST_F(ConfigFilesTest, NamesTheFileWithThePlace) {
  const std::string path = Write("b.toml", "\n\n  headr = true\n");
  EXPECT_EQ(ErrorOf(path), path + ":3:3: unknown setting \"headr\"; did you mean header?");
}

TEST_F(ConfigFilesTest, RefusesWhatIsMissing) {
  const std::string path = Path("missing.toml");
  EXPECT_EQ(ErrorOf(path), path + ": cannot be read: No such file or directory");
  EXPECT_EQ(ErrorOf(""), ": cannot be read: No such file or directory");
  EXPECT_EQ(ErrorOf(Write("c.toml", "") + std::string("\0x", 2)),
            Path("c.toml") + "\\x00x: cannot be read: No such file or directory");
}

TEST_F(ConfigFilesTest, RefusesADirectory) { EXPECT_EQ(ErrorOf("/"), "/: is a directory"); }

TEST_F(ConfigFilesTest, DoesNotWaitForAPipe) {
  const std::string path = Path("pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(ErrorOf(path), path + ": is not a file");
}

TEST_F(ConfigFilesTest, RefusesAnUnreadableFile) {
  const std::string path = Write("secret.toml", "");
  ASSERT_EQ(chmod(path.c_str(), 0), 0);
  // Root reads everything, so root is nobody for a moment; the directory has to let nobody in.
  std::filesystem::permissions(std::filesystem::path(path).parent_path(),
                               std::filesystem::perms::others_exec,
                               std::filesystem::perm_options::add);
  constexpr uid_t kNobody = 65534;
  const bool is_root = geteuid() == 0;
  ASSERT_EQ(is_root ? seteuid(kNobody) : 0, 0);
  const std::string error = ErrorOf(path);
  ASSERT_EQ(is_root ? seteuid(0) : 0, 0);
  EXPECT_EQ(error, path + ": cannot be read: Permission denied");
}

TEST_F(ConfigFilesTest, ReadsAMebibyteAndNoMore) {
  const std::string mebibyte(std::size_t{1024} * 1024, '\n');
  EXPECT_EQ(ErrorOf(Write("full.toml", mebibyte)), "no error");
  const std::string path = Write("over.toml", mebibyte + "\n");
  EXPECT_EQ(ErrorOf(path), path + ": is larger than 1048576 octets");
  EXPECT_EQ(ErrorOf("/dev/zero"), "/dev/zero: is larger than 1048576 octets");
}

TEST_F(ConfigFilesTest, EscapesTheFileName) {
  const std::string path = Write("a\n\xc3\xa4.toml", "x = 1");
  EXPECT_EQ(ErrorOf(path), Path("a\\x0a\\xc3\\xa4.toml") + ":1:1: unknown setting \"x\"");
}

TEST(DefaultConfigTest, IsTheDefaultsWithoutAFile) {
  if (access(std::string(kDefaultConfigPath).c_str(), F_OK) == 0) {
    GTEST_SKIP() << "this host has a " << kDefaultConfigPath;
  }
  const FileErrorOr<Config> config = LoadDefaultConfig();
  ASSERT_TRUE(config) << config.error().ToString();
  EXPECT_TRUE(*config == Config());
}

TEST(FileErrorTest, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ((FileError{"f", 0, 0, "m"}).ToString(), "f: m");
  EXPECT_EQ((FileError{"f", 3, 0, "m"}).ToString(), "f:3: m");
  EXPECT_EQ((FileError{"f", 3, 4, "m"}).ToString(), "f:3:4: m");
  EXPECT_EQ((FileError{"f", 0, 4, "a\r\n\x7f\\"}).ToString(), "f: a\\x0d\\x0a\\x7f\\");
}

}  // namespace
}  // namespace helovet
