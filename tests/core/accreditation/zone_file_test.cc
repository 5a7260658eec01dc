// The file of a zone appears whole or not at all (docs/accrediting.md, "Making the zone").
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "helovet/accreditation.h"
#include "testing/directory_test.h"

namespace helovet::testing {
namespace {

class ZoneFileTest : public DirectoryTest {
 protected:
  // What is wrong, without the directory; empty: nothing.
  [[nodiscard]] std::string Save(const std::string& name, std::uint32_t serial = 7) const {
    const auto list = AccreditationList::Read(Write("list", "a.example A\n"), "judge.example", {});
    const auto zone =
        ParseAccreditationZone({.name = "judge.example", .servers = {"ns.example.net"}});
    const auto saved = SaveAccreditationZone(Path(name), *list, *zone, serial);
    return saved ? "" : saved.error().ToString().substr(directory().string().size() + 1);
  }
  [[nodiscard]] std::string Read(const std::string& name) const {
    std::ifstream file(Path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // Names in the directory, beside the list.
  [[nodiscard]] std::string Names() const {
    std::string names;
    for (const auto& entry : std::filesystem::directory_iterator(directory())) {
      if (entry.path().filename() != "list") names += entry.path().filename().string() + ' ';
    }
    return names;
  }
};

TEST_F(ZoneFileTest, ReplacesWhatWasThere) {
  EXPECT_EQ(Save("zone", 7), "");
  EXPECT_EQ(SerialOfZoneFile(Path("zone")), 7U);
  EXPECT_TRUE(Read("zone").ends_with("\na.example TXT \"MARID,1,A\"\n")) << Read("zone");
  EXPECT_EQ(Save("zone", 4294967295), "");
  EXPECT_EQ(SerialOfZoneFile(Path("zone")), 4294967295U);
  EXPECT_EQ(Names(), "zone ");
}

TEST_F(ZoneFileTest, KeepsTheMode) {
  ASSERT_EQ(chmod(Write("zone", "").c_str(), 0640), 0);
  EXPECT_EQ(Save("zone"), "");
  struct stat status {};
  ASSERT_EQ(stat(Path("zone").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0640U);
}

TEST_F(ZoneFileTest, ASymbolicLinkStays) {
  Write("real", "old");
  std::filesystem::create_symlink("real", Path("zone"));
  EXPECT_EQ(Save("zone"), "");
  EXPECT_TRUE(std::filesystem::is_symlink(Path("zone")));
  EXPECT_EQ(SerialOfZoneFile(Path("real")), 7U);
}

TEST_F(ZoneFileTest, WhatCannotBeWrittenLeavesNothing) {
  Write("zone", "old");
  std::filesystem::create_directory(Path("directory"));
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(Save("absent/zone"), "absent/zone: cannot be written: No such file or directory");
  EXPECT_EQ(Save("directory"), "directory: cannot be written: Is a directory");
  EXPECT_EQ(Save("pipe"), "pipe: cannot be written: Not a regular file");

  // As a full disk would, but for the text.
  rlimit former{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &former), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small = {.rlim_cur = 100, .rlim_max = former.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string told = Save("zone");
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &former), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(told, "zone: cannot be written: File too large");

  EXPECT_EQ(Read("zone"), "old");
  for (const std::string name : {"zone", "directory", "pipe"}) {
    EXPECT_NE(Names().find(name + ' '), std::string::npos) << Names();
  }
  EXPECT_EQ(Names().size(), std::string("zone directory pipe ").size()) << Names();
}

TEST_F(ZoneFileTest, SerialsOfFilesThatHaveNone) {
  EXPECT_EQ(SerialOfZoneFile(Path("absent")), std::nullopt);
  for (const std::string text : {"", "\n", "x", "$ORIGIN a.example.\n@ NS ns\n", "@ SOA ns\n"}) {
    EXPECT_EQ(SerialOfZoneFile(Write("zone", text)), std::nullopt) << text;
  }
  // Another program's, cut off within the next record.
  EXPECT_EQ(SerialOfZoneFile(Write("zone",
                                   "a.example. 1h IN SOA ns hostmaster (\n 2026112203 ; x\n"
                                   " 1h 1h 1w 1h )\n@ TXT \"" +
                                       std::string(100000, 'x'))),
            2026112203U);
}

}  // namespace
}  // namespace helovet::testing
