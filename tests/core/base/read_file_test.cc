#include "base/read_file.h"

#include <cerrno>
#include <fstream>
#include <string>

#include <sys/stat.h>

#include "gtest/gtest.h"

namespace helovet {
namespace {

std::string WriteFile(const std::string& name, const std::string& octets) {
  std::string path = testing::TempDir() + name;
  std::ofstream(path, std::ios::binary) << octets;
  return path;
}

TEST(ReadFileTest, GivesEveryOctet) {
  std::string octets("a\0b\r\n", 5);
  octets.append(40000, '\xff');  // More than one read(2).
  const std::string path = WriteFile("octets", octets);
  EXPECT_EQ(ReadFile(path, octets.size()), octets);
  EXPECT_EQ(ReadFile(WriteFile("empty", ""), 0), "");
}

TEST(ReadFileTest, SaysWhyNot) {
  struct Case {
    std::string path;
    int error;
    std::string words;
  };
  const std::string fifo = testing::TempDir() + "fifo";
  ASSERT_TRUE(mkfifo(fifo.c_str(), 0600) == 0 || errno == EEXIST);
  const Case cases[] = {
      {testing::TempDir() + "missing", ENOENT, "cannot be read: No such file or directory"},
      {std::string("a\0b", 3), ENOENT, "cannot be read: No such file or directory"},
      {testing::TempDir(), EISDIR, "is a directory"},
      {fifo, EINVAL, "is not a file"},
      {WriteFile("long", "12345"), EFBIG, "is larger than 4 octets"},
      {"/dev/zero", EFBIG, "is larger than 4 octets"},
  };
  for (const Case& c : cases) {
    const auto got = ReadFile(c.path, 4);
    ASSERT_FALSE(got) << c.path;
    EXPECT_EQ(got.error(), c.error) << c.path;
    EXPECT_EQ(WhyUnreadable(got.error(), 4), c.words) << c.path;
  }
}

}  // namespace
}  // namespace helovet
