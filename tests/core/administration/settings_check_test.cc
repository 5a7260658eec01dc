// What is told of a file of settings beside what its parser refuses.
#include "helovet/settings_check.h"

#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/directory_test.h"

namespace helovet {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SettingsCheckTest : public testing::DirectoryTest {
 protected:
  // The mistakes of a file with `toml`, each "LINE:COLUMN: MESSAGE", or as it is in another file.
  std::vector<std::string> MistakesOf(const std::string& toml) {
    path_ = Write("helovet.toml", toml);
    check_ = CheckSettings(path_);
    std::vector<std::string> texts;
    for (const FileError& each : check_.mistakes) {
      std::string text = each.ToString();
      if (each.file == path_) text.erase(0, path_.size() + (each.line == 0 ? 2 : 1));
      texts.push_back(text);
    }
    return texts;
  }
  std::string path_;
  SettingsCheck check_;
};

TEST_F(SettingsCheckTest, FindsNothingInAFileThatIsRight) {
  const std::string store = Path("");
  EXPECT_THAT(MistakesOf("profile = \"strict\"\nstore.directory = \"" + store + "\"\n"), IsEmpty());
  EXPECT_EQ(check_.settings, 2u);
  EXPECT_THAT(RenderSettingsCheck(check_), ::testing::StartsWith(path_ + ": fine, 2 settings\n"));
}

TEST_F(SettingsCheckTest, TellsAllUnknownKeysAndWrongValues) {
  EXPECT_THAT(MistakesOf("profil = \"strict\"\n"
                         "deadline = \"1w\"\n"
                         "[senders]\nchecks = [\"SPF\"]\n"
                         "[redis]\npassword = \"x\"\n"
                         "[dns]\nserver = []\n"),
              ElementsAre("1:1: unknown setting \"profil\"; did you mean profile?",
                          HasSubstr("2:12: deadline: \"1w\" is not a whole number"),
                          "4:11: senders.checks: \"SPF\" is not \"dmp\", \"drip\", \"rmx\", "
                          "\"spf\" or \"cbv\"; did you mean spf?",
                          "6:1: unknown setting \"redis.password\"; did you mean "
                          "redis.password_file?",
                          "8:1: unknown setting \"dns.server\"; did you mean dns.servers?"));
}

TEST_F(SettingsCheckTest, TellsAllContradictions) {
  EXPECT_THAT(MistakesOf("[csa]\ndialect = \"dsar-00\"\nreverse = true\n"
                         "[metrics]\ninterval = \"15s\"\n"
                         "[dns]\nquery_timeout = \"6s\"\n"),
              ElementsAre("3:1: csa.reverse: has no effect with the dialect \"dsar-00\"",
                          "5:1: metrics.interval: has no effect without metrics.file",
                          HasSubstr("7:17: dns.query_timeout: \"6s\" is longer than")));
}

TEST_F(SettingsCheckTest, TellsAnOverriddenCheckThatDoesNotRunOnce) {
  EXPECT_THAT(MistakesOf("overrides = { dmp = { none = \"tag\", fail = \"reject\" } }"),
              ElementsAre("1:15: overrides: dmp has no effect without \"dmp\" in senders.checks"));
}

TEST_F(SettingsCheckTest, EndsWithASyntaxError) {
  EXPECT_THAT(MistakesOf("profil = 1\ndeadline = = 5\ncolour = 2\n"),
              ElementsAre(::testing::StartsWith("2:")));
}

TEST_F(SettingsCheckTest, TellsWhatCannotBeRead) {
  const SettingsCheck check = CheckSettings(Path("missing.toml"));
  EXPECT_EQ(RenderSettingsCheck(check),
            Path("missing.toml") + ": cannot be read: No such file or directory\n");
}

TEST_F(SettingsCheckTest, TellsTheLinesOfListFiles) {
  const std::string deny = Write("deny", "192.0.2.1\nbad entry\nmail.example\n@@\n");
  EXPECT_THAT(MistakesOf("lists.deny = [\"" + deny + "\", \"" + Path("gone") + "\"]"),
              ElementsAre(HasSubstr(deny + ":2:"), HasSubstr(deny + ":4:"),
                          Path("gone") + ": cannot be read: No such file or directory"));
}

TEST_F(SettingsCheckTest, TellsADirectoryOfTheStoreThatIsMissing) {
  EXPECT_THAT(
      MistakesOf("store.directory = \"" + Path("gone") + "\""),
      ElementsAre("1:19: store.directory: " + Path("gone") + ": No such file or directory"));
}

TEST_F(SettingsCheckTest, TellsADirectoryOfTheStoreThatEverybodyWrites) {
  const std::string open = Path("open");
  ASSERT_EQ(mkdir(open.c_str(), 0700), 0);
  ASSERT_EQ(chmod(open.c_str(), 0777), 0);
  EXPECT_THAT(MistakesOf("store.directory = \"" + open + "\""),
              ElementsAre("1:19: store.directory: " + open + ": everybody can write there"));
}

// While the default directory is missing nothing is kept, unless callbacks need it.
TEST_F(SettingsCheckTest, TellsOfTheDefaultDirectoryWhatHostsTell) {
  if (access("/var/lib/helovet", F_OK) == 0) GTEST_SKIP() << "this host has a store";
  EXPECT_THAT(MistakesOf(""), IsEmpty());
  EXPECT_THAT(check_.remarks, Contains(HasSubstr("/var/lib/helovet does not exist")));
  EXPECT_THAT(MistakesOf("senders.checks = [\"cbv\"]"),
              ElementsAre("store.directory: /var/lib/helovet: No such file or directory"));
}

TEST_F(SettingsCheckTest, TellsWhatIsWrongWithFilesForRedis) {
  const std::string redis = "[store]\nkind = \"redis\"\n[redis]\n";
  EXPECT_THAT(MistakesOf(redis + "password_file = \"" + Path("gone") + "\""),
              ElementsAre("4:17: redis.password_file: " + Path("gone") +
                          " cannot be read: No such file or directory"));
  const std::string empty = Write("empty", "\nsecret\n");
  EXPECT_THAT(
      MistakesOf(redis + "password_file = \"" + empty + "\""),
      ElementsAre("4:17: redis.password_file: " + empty + " has no password in its first line"));
  EXPECT_THAT(MistakesOf(redis + "tls = true\nca_file = \"" + empty + "\""),
              ElementsAre(HasSubstr("5:11: redis.ca_file: " + empty)));
}

// Of a FIFO that nobody writes to, and of what never ends.
TEST_F(SettingsCheckTest, WaitsForNoFileForRedis) {
  const std::string fifo = Path("fifo");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  for (const std::string& path : {fifo, std::string("/dev/zero"), Path("gone"), Path("")}) {
    for (const std::string key : {"ca_file", "password_file"}) {
      EXPECT_THAT(MistakesOf("store.kind = \"redis\"\nredis.tls = true\nredis." + key + " = \"" +
                             (path.ends_with('/') ? path.substr(0, path.size() - 1) : path) + '"'),
                  ElementsAre(HasSubstr("redis." + key + ": /")))
          << path;
    }
  }
}

TEST_F(SettingsCheckTest, NeverTellsAPassword) {
  const std::string password = Write("password", "hunter2\n");
  EXPECT_THAT(
      MistakesOf("[store]\nkind = \"redis\"\n[redis]\npassword_file = \"" + password + "\"\n"),
      IsEmpty());
  EXPECT_EQ(RenderSettingsCheck(check_).find("hunter2"), std::string::npos);
  EXPECT_EQ(RenderSettingsCheckJson(check_).find("hunter2"), std::string::npos);
}

// Where it stands instead of its file's path, and in a server's URL.
TEST_F(SettingsCheckTest, NeverTellsAPasswordThatStandsElsewhere) {
  EXPECT_THAT(
      MistakesOf("redis.password_file = \"hunter2\""),
      ElementsAre("1:23: redis.password_file: must be the absolute path of a file in quotes"));
  EXPECT_THAT(MistakesOf("redis.server = \"redis://:hunter2@h:6379\""),
              ElementsAre(HasSubstr("1:16: redis.server: must be \"HOST:PORT\"")));
}

TEST_F(SettingsCheckTest, TellsADirectoryOfMetricsThatIsMissing) {
  EXPECT_THAT(MistakesOf("metrics.file = \"" + Path("gone/a.prom") + "\""),
              ElementsAre("1:16: metrics.file: " + Path("gone") + ": No such file or directory"));
}

TEST_F(SettingsCheckTest, EscapesTheFilesWords) {
  EXPECT_THAT(MistakesOf("\"a\\nb\" = 1"), ElementsAre("1:1: unknown setting \"a\\x0ab\""));
  EXPECT_THAT(RenderSettingsCheckJson(check_),
              HasSubstr(R"("message":"unknown setting \"a\\x0ab\"")"));
}

}  // namespace
}  // namespace helovet
