// Files that are damaged, foreign, unreachable or somebody else's (docs/rules.md §13.1).
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/store/awaited_store.h"
#include "core/store/lmdb_place.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/directory_test.h"

namespace helovet::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class LmdbDamageTest : public DirectoryTest {
 protected:
  AwaitedStore Open(int mebibytes = 8) {
    return {loop_, MakeLmdbStore(ConfigOfStore(directory(), mebibytes))};
  }
  std::string WhyNot(const std::string& path) {
    Config config = ConfigOfStore(path);
    AwaitedStore store(loop_, MakeLmdbStore(config));
    return store.Error((*store).Put("a", "one", hours(1), Overwrite::kAlways));
  }
  Loop& loop() { return loop_; }

 private:
  Loop loop_;
};

struct DamageCase {
  std::string name;
  std::function<void(const std::string& file)> damage;
};

void Overwrite4096(const std::string& file, std::streamoff at, char octet) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(at);
  stream << std::string(4096, octet);
}

const std::vector<DamageCase>& Damages() {
  static const std::vector<DamageCase> cases = {
      {"empty", [](const std::string& file) { fs::resize_file(file, 0); }},
      {"one octet", [](const std::string& file) { fs::resize_file(file, 1); }},
      {"half a page", [](const std::string& file) { fs::resize_file(file, 2048); }},
      {"the meta pages alone", [](const std::string& file) { fs::resize_file(file, 8192); }},
      {"without its end", [](const std::string& file) { fs::resize_file(file, 65536); }},
      {"half", [](const std::string& file) { fs::resize_file(file, fs::file_size(file) / 2); }},
      {"one octet less",
       [](const std::string& file) { fs::resize_file(file, fs::file_size(file) - 1); }},
      {"longer", [](const std::string& file) { fs::resize_file(file, 20 * 1024 * 1024); }},
      {"another program's",
       [](const std::string& file) {
         std::ofstream(file, std::ios::binary) << std::string(9000, 'x');
       }},
      {"zeros in the first meta page", [](const std::string& file) { Overwrite4096(file, 0, 0); }},
      {"letters in the first meta page",
       [](const std::string& file) { Overwrite4096(file, 0, 'x'); }},
      {"zeros in both meta pages",
       [](const std::string& file) {
         Overwrite4096(file, 0, 0);
         Overwrite4096(file, 4096, 0);
       }},
      {"a page size of nobody",
       [](const std::string& file) {
         for (const std::streamoff page : {0, 4096}) {
           std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
           stream.seekp(page + 16 + 24);  // mm_dbs[FREE_DBI].md_pad
           stream << std::string(4, '\x7f');
         }
       }},
      {"another version",
       [](const std::string& file) {
         for (const std::streamoff page : {0, 4096}) {
           std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
           stream.seekp(page + 16 + 4);  // mm_version
           stream << '\x02';
         }
       }},
      {"zeros in the records",
       [](const std::string& file) {
         for (std::streamoff page = 2; page < 100; ++page) Overwrite4096(file, page * 4096, 0);
       }},
      {"without its end's words",
       [](const std::string& file) { Overwrite4096(file, 8 * 1024 * 1024, 0); }},
      {"removed", [](const std::string& file) { fs::remove(file); }},
      {"its lock file removed", [](const std::string& file) { fs::remove(file + "-lock"); }},
      {"its lock file empty", [](const std::string& file) { fs::resize_file(file + "-lock", 0); }},
      {"its lock file another program's",
       [](const std::string& file) {
         std::ofstream(file + "-lock", std::ios::binary) << std::string(200000, 'x');
       }},
  };
  return cases;
}

// A process that died of a signal (SIGBUS, SIGSEGV, SIGABRT) is what must not be.
void ExpectSurvives(const std::string& name, const std::function<void()>& body) {
  SCOPED_TRACE(name);
  ExpectEndsWell(Fork(body));
}

TEST_F(LmdbDamageTest, AUserThatComesAfterDamageFindsAnEmptyStore) {
  for (const DamageCase& test : Damages()) {
    ExpectSurvives(test.name, [&] { Open().Put("old", "one"); });
    const std::string file = FactsFile(directory());
    ASSERT_NE(file, "") << test.name;
    test.damage(file);
    ExpectSurvives(test.name, [&] {
      AwaitedStore store = Open();
      EXPECT_TRUE(store.Put("new", "two"));
      EXPECT_EQ(store.Value("new"), "two");
      EXPECT_TRUE(store.Acquire("lease", 1));
      EXPECT_EQ(Open().Value("new"), "two") << "others find it there, too";
    });
    EXPECT_EQ(NamesIn(directory(), "facts-").size(), 2U) << test.name;
    for (const std::string& name : NamesIn(directory())) fs::remove(Path(name));
  }
}

TEST_F(LmdbDamageTest, AUserThatHasItOpenGoesOnWithAnEmptyStore) {
  for (const DamageCase& test : Damages()) {
    // What was read or mapped before stays readable where only the contents changed.
    if (test.name.starts_with("zeros in") || test.name.starts_with("letters in")) continue;
    if (test.name == "a page size of nobody" || test.name == "another version") continue;
    ExpectSurvives(test.name, [&] {
      AwaitedStore store = Open();
      for (int i = 0; i < 1000; ++i) store.Put(std::to_string(i), std::string(500, 'v'));
      test.damage(FactsFile(directory()));
      store.Find("500");
      EXPECT_TRUE(store.Put("new", "two"));
      EXPECT_EQ(store.Value("new"), "two");
    });
    for (const std::string& name : NamesIn(directory())) fs::remove(Path(name));
  }
}

TEST_F(LmdbDamageTest, TwoUsersMeetAgainAfterDamage) {
  AwaitedStore one = Open();
  AwaitedStore other = Open();
  one.Put("a", "one");
  EXPECT_EQ(other.Value("a"), "one");
  fs::resize_file(FactsFile(directory()), 4096);
  EXPECT_TRUE(other.Put("b", "two"));
  EXPECT_EQ(one.Value("b"), "two");
  EXPECT_EQ(one.Value("a"), "nothing");
}

TEST_F(LmdbDamageTest, FilesOfFormerBootsGoAndOthersStay) {
  const std::string boot = "facts-00000000-1111-2222-3333-444444444444.1";
  for (const std::string& name :
       {boot, boot + "-lock", "." + boot + "abc", std::string("other"), std::string("facts")}) {
    Write(name, "x");
  }
  Open().Put("a", "one");
  EXPECT_EQ(NamesIn(directory(), "facts-").size(), 2U);
  EXPECT_EQ(NamesIn(directory(), ".").size(), 0U);
  EXPECT_TRUE(fs::exists(Path("other")));
  EXPECT_TRUE(fs::exists(Path("facts")));
}

TEST_F(LmdbDamageTest, ALargerSizeBeginsAnew) {
  Open(1).Put("a", "one");
  EXPECT_EQ(Open(1).Value("a"), "one");
  AwaitedStore larger = Open(2);
  EXPECT_EQ(larger.Value("a"), "nothing");
  larger.Put("b", "two");
  EXPECT_EQ(Open(1).Value("b"), "two") << "a smaller one uses what is there";
}

TEST_F(LmdbDamageTest, FilesAreForTheirOwnerAndGroup) {
  const mode_t former = umask(0);
  Open().Put("a", "one");
  Open().Count({{.counter = 0}});
  umask(former);
  for (const std::string& name : NamesIn(directory())) {
    EXPECT_EQ(fs::status(Path(name)).permissions(), fs::perms(0640)) << name;
  }
}

// What root makes by the command must not lock out the mail server.
TEST_F(LmdbDamageTest, FilesBelongToTheDirectorysOwner) {
  if (geteuid() != 0) GTEST_SKIP() << "only root gives files away";
  constexpr uid_t kSomebody = 12345;
  ASSERT_EQ(chown(directory().c_str(), kSomebody, kSomebody), 0);
  Open().Put("a", "one");
  Open().Count({{.counter = 0}});
  EXPECT_EQ(NamesIn(directory()).size(), 3U);
  for (const std::string& name : NamesIn(directory())) {
    struct stat status {};
    ASSERT_EQ(stat(Path(name).c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, kSomebody) << name;
    EXPECT_EQ(status.st_gid, kSomebody) << name;
  }
}

TEST_F(LmdbDamageTest, DirectoriesThatCannotBeUsedSayWhy) {
  const std::string missing = Path("missing");
  EXPECT_EQ(WhyNot(missing), "store: " + missing + ": No such file or directory");
  const std::string file = Write("file", "x");
  EXPECT_EQ(WhyNot(file), "store: " + file + ": Not a directory");
  fs::create_directory(Path("open"));
  fs::permissions(Path("open"), fs::perms(0777));
  EXPECT_EQ(WhyNot(Path("open")), "store: " + Path("open") + ": everybody can write there");
  fs::permissions(Path("open"), fs::perms(01777));
  EXPECT_EQ(WhyNot(Path("open")), "");
  EXPECT_EQ(WhyNot("/proc/self"), "store: /proc/self: No such file or directory");
  EXPECT_EQ(WhyNot(Path("new\nline")),
            "store: " + Path("new") + "\\x0aline: No such file or directory");
}

TEST_F(LmdbDamageTest, ADirectoryWithoutPermissionIsAnError) {
  ExpectEndsWell(Fork([&] {
    if (geteuid() == 0) {
      ASSERT_EQ(seteuid(12345), 0);
    }
    std::error_code ignored;  // Nobody else may change what is not theirs to enter anyway.
    fs::permissions(directory(), fs::perms(0500), ignored);
    EXPECT_THAT(WhyNot(directory()), HasSubstr("Permission denied"));
  }));
}

// Only the default directory may be missing without a word.
TEST_F(LmdbDamageTest, OnlyTheDefaultDirectoryIsNotSetUp) {
  const std::string fallback = Config().store.directory;
  for (const std::string& path : {Path("missing"), fallback}) {
    if (fs::exists(path)) continue;  // This host has helovet.
    const std::unique_ptr<Store> store = MakeLmdbStore(ConfigOfStore(path));
    const auto fact = Await(loop(), store->Find("a"));
    ASSERT_FALSE(fact);
    EXPECT_EQ(fact.error().not_set_up, path == fallback) << path;
    const auto counted = Await(loop(), store->Count({{.counter = 0}}));
    ASSERT_FALSE(counted);
    EXPECT_EQ(counted.error().not_set_up, path == fallback) << path;
  }
}

TEST_F(LmdbDamageTest, LinksAndPipesAreNotFollowed) {
  Open().Put("a", "one");
  const std::string file = FactsFile(directory());
  const std::string target = Write("target", "untouched");
  for (const std::string& path : {file, file + "-lock"}) {
    fs::rename(path, path + ".aside");
    fs::create_symlink(target, path);
    EXPECT_THAT(WhyNot(directory()), StartsWith("store: ")) << path;
    fs::remove(path);
    ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
    EXPECT_THAT(WhyNot(directory()), StartsWith("store: ")) << path;
    fs::remove(path);
    fs::rename(path + ".aside", path);
    EXPECT_EQ(Open().Value("a"), "one") << path;
  }
  EXPECT_EQ(fs::file_size(target), 9U);
}

// In a directory for all, somebody may have laid a file for us.
TEST_F(LmdbDamageTest, FilesOfOthersAreNotUsedWhereAllMayMakeThem) {
  if (geteuid() != 0) GTEST_SKIP() << "only root gives files away";
  fs::permissions(directory(), fs::perms(01777));
  Open().Put("a", "one");
  const std::string file = FactsFile(directory());
  ASSERT_EQ(chown(file.c_str(), 12345, 12345), 0);
  EXPECT_EQ(WhyNot(directory()), "store: " + file + ": Operation not permitted");
}

// A signal, which ends whoever does not expect it (setrlimit(2): RLIMIT_FSIZE).
TEST_F(LmdbDamageTest, ALimitOnTheSizeOfFilesIsAnErrorAndNoSignal) {
  ExpectEndsWell(Fork([&] {
    ASSERT_NE(signal(SIGXFSZ, SIG_DFL), SIG_ERR);
    const rlimit limit = {.rlim_cur = 10000, .rlim_max = 10000};
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
    EXPECT_THAT(WhyNot(directory()), HasSubstr("File too large"));
    AwaitedStore store = Open();
    EXPECT_THAT(store.Error((*store).Count({{.counter = 0}})), HasSubstr("File too large"));
  }));
}

}  // namespace
}  // namespace helovet::testing
