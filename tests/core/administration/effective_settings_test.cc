// What `helovet config show` shows is what holds: read back, it is the same configuration.
#include "helovet/effective_settings.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "config/reading.h"
#include "config/settings.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/directory_test.h"

namespace helovet {
namespace {

using ::testing::HasSubstr;

class EffectiveSettingsTest : public testing::DirectoryTest {
 protected:
  EffectiveSettings Load(std::string_view toml) const {
    FileErrorOr<EffectiveSettings> effective = LoadEffectiveSettings(Write("f.toml", toml));
    EXPECT_TRUE(effective) << effective.error().ToString() << " in\n" << toml;
    return effective ? *effective : EffectiveSettings();
  }
  static const EffectiveSetting& Find(const EffectiveSettings& effective, std::string_view key) {
    const auto found = std::ranges::find(effective.settings, key, &EffectiveSetting::key);
    EXPECT_NE(found, effective.settings.end()) << key;
    return *found;
  }
  void ExpectRoundTrip(const std::string& toml) const {
    const FileErrorOr<Config> of_file = ParseConfig(toml, "f");
    ASSERT_TRUE(of_file) << of_file.error().ToString() << " in\n" << toml;
    const EffectiveSettings effective = Load(toml);
    const auto expect_same = [&](const Config& wanted, SettingChoice choice) {
      const std::string shown = RenderEffectiveSettings(effective, choice);
      const FileErrorOr<Config> got = ParseConfig(shown, "shown");
      ASSERT_TRUE(got) << got.error().ToString() << " in\n" << shown << "of\n" << toml;
      EXPECT_TRUE(*got == wanted) << shown << "of\n" << toml;
    };
    expect_same(effective.config, SettingChoice::kAll);
    expect_same(*of_file, SettingChoice::kOfFile);
  }
};

TEST_F(EffectiveSettingsTest, HasEverySettingInTheOrderOfTheManual) {
  const EffectiveSettings effective = Load("");
  ASSERT_EQ(effective.settings.size(), Settings().size());
  for (std::size_t i = 0; i < Settings().size(); ++i) {
    EXPECT_EQ(effective.settings[i].key, Settings()[i].key);
    EXPECT_NE(effective.settings[i].value, "") << effective.settings[i].key;
  }
}

TEST_F(EffectiveSettingsTest, SaysWhereEachComesFrom) {
  const EffectiveSettings effective =
      Load("profile = \"strict\"\n\n[dns]\nservers = [\"192.0.2.53\"]\ntrusted = []\n");
  EXPECT_EQ(Find(effective, "profile").origin, SettingOrigin::kFile);
  EXPECT_EQ(Find(effective, "profile").line, 1);
  EXPECT_EQ(Find(effective, "dns.servers").origin, SettingOrigin::kFile);
  EXPECT_EQ(Find(effective, "dns.servers").line, 4);
  EXPECT_EQ(Find(effective, "dns.trusted").line, 5);
  EXPECT_EQ(Find(effective, "header").origin, SettingOrigin::kDefault);
  EXPECT_EQ(Find(effective, "our_addresses").origin, SettingOrigin::kHost);
  const std::string shown = RenderEffectiveSettings(effective, SettingChoice::kAll);
  EXPECT_THAT(shown, HasSubstr("profile = \"strict\"  # " + Path("f.toml") + ":1\n"));
  EXPECT_THAT(shown, HasSubstr("\nheader = true  # default\n"));
  EXPECT_THAT(shown, HasSubstr("  # this host, of its interfaces\n"));
  EXPECT_EQ(RenderEffectiveSettings(effective, SettingChoice::kOfFile),
            "profile = \"strict\"  # " + Path("f.toml") + ":1\n\n[dns]\n" +
                "servers = [\"192.0.2.53:53\"]  # " + Path("f.toml") + ":4\n" + "trusted = []  # " +
                Path("f.toml") + ":5\n");
}

TEST_F(EffectiveSettingsTest, TakesWhatTheFileLeavesOpenFromTheHost) {
  const FileErrorOr<EffectiveSettings> effective =
      LoadEffectiveSettings(Write("f.toml", ""), "mx.example.net");
  ASSERT_TRUE(effective);
  EXPECT_EQ(Find(*effective, "authserv_id").value, "\"mx.example.net\"");
  EXPECT_EQ(Find(*effective, "authserv_id").origin, SettingOrigin::kHost);
  EXPECT_THAT(Find(*effective, "our_names").value, HasSubstr("\"mx.example.net\""));
  EXPECT_EQ(Find(*effective, "dns.servers").remark, "of /etc/resolv.conf");
  EXPECT_FALSE(effective->config.dns.servers.empty());
}

// What would have no effect is an error in a file, and so stands in a comment.
TEST_F(EffectiveSettingsTest, SaysWhatMayNotBeWritten) {
  const EffectiveSettings effective =
      Load("deadline = \"1s\"\n[dna]\ntrusted = [{ name = \"a\", advisory = true }]\n");
  EXPECT_EQ(Find(effective, "custom.low").obstacle, "has no effect without the profile \"custom\"");
  EXPECT_THAT(Find(effective, "dna.required_weight").obstacle, HasSubstr("can never be reached"));
  EXPECT_EQ(Find(effective, "dns.query_timeout").value, "\"1s\"");
  EXPECT_EQ(Find(effective, "dns.query_timeout").remark, "shortened to the deadline");
  EXPECT_THAT(RenderEffectiveSettings(effective, SettingChoice::kAll),
              HasSubstr("\n[custom]\n#low = \"reject\"  # default; has no effect without"));
}

// A name of the host that is no token (RFC 8601 §2.2) is shown and hides no other obstacle.
TEST_F(EffectiveSettingsTest, ShowsAServersNameThatNoFileTakes) {
  const FileErrorOr<EffectiveSettings> effective =
      LoadEffectiveSettings(Write("f.toml", ""), "a b\n");
  ASSERT_TRUE(effective);
  EXPECT_EQ(Find(*effective, "authserv_id").value, "\"a b\\u000a\"");
  EXPECT_THAT(Find(*effective, "authserv_id").obstacle, HasSubstr("is not a token"));
  EXPECT_NE(Find(*effective, "custom.low").obstacle, "");
  EXPECT_TRUE(ParseConfig(RenderEffectiveSettings(*effective, SettingChoice::kAll), "shown"));
}

TEST_F(EffectiveSettingsTest, NeverReadsAPassword) {
  const std::string path = Write("password", "hunter2\n");
  const EffectiveSettings effective =
      Load("[store]\nkind = \"redis\"\n[redis]\npassword_file = \"" + path + "\"\n");
  for (const SettingChoice choice : {SettingChoice::kAll, SettingChoice::kOfFile}) {
    EXPECT_THAT(RenderEffectiveSettings(effective, choice), HasSubstr(path));
    EXPECT_EQ(RenderEffectiveSettings(effective, choice).find("hunter2"), std::string::npos);
    EXPECT_EQ(RenderEffectiveSettingsJson(effective, choice).find("hunter2"), std::string::npos);
  }
}

TEST_F(EffectiveSettingsTest, TellsTheFirstMistake) {
  const auto effective = LoadEffectiveSettings(Write("f.toml", "a = 1\nb = 2\n"));
  ASSERT_FALSE(effective);
  EXPECT_EQ(effective.error().ToString(), Path("f.toml") + ":1:1: unknown setting \"a\"");
}

// --- all comes back

// Values of settings whose type, default and example do not show what they can be.
const std::map<std::string_view, std::vector<std::string_view>> kMore = {
    {"profile", {"\"standard\"", "\"strict\"", "\"custom\""}},
    {"alternate.profile", {"\"standard\"", "\"custom\""}},
    {"custom.low", {"\"reject\"", "\"defer\"", "\"tag\""}},
    {"custom.unknown", {"\"reject\"", "\"defer\"", "\"accept\""}},
    {"custom.high", {"\"tag\"", "\"accept\""}},
    {"authserv_id", {"\"mx.example\"", "\"a+b\""}},
    {"explain_url", {"\"https://example.org/?a=b\""}},
    {"alternate.domains", {"[\"example.net\", \".example.org\"]"}},
    {"csa.dialect", {"\"dsar-00\""}},
    {"exempt.networks", {"[]", "[\"2001:db8::/32\", \"::ffff:192.0.2.0/120\"]"}},
    {"dna.trusted", {"[{ name = \"a\", weight = 7 }, { name = \"b\", advisory = true }]"}},
    {"vbr.certifiers", {"[\"certify.example\"]"}},
    {"well_known.domains", {"[\"A.Example.\"]"}},
    {"senders.checks", {"[\"cbv\"]", "[\"spf\", \"dmp\", \"rmx\", \"drip\", \"cbv\"]", "[]"}},
    {"store.kind", {"\"none\"", "\"redis\""}},
    {"store.directory", {"\"/\"", "\"/a b/\\u00e4\\t\""}},
    {"redis.server", {"\"/run/redis.sock\"", "\"Redis.example:1\""}},
    {"redis.user", {"\"u\""}},
    {"redis.password_file", {"\"/etc/helovet/p\""}},
    {"redis.ca_file", {"\"/etc/ca.pem\""}},
    {"cbv.helo_name", {"\"out.example\""}},
    {"opensmtpd.reject_at", {"\"rcpt-to\""}},
    {"opensmtpd.confinement", {"\"off\"", "\"required\""}},
    {"opensmtpd.user", {"\"_smtpd\"", "\"\""}},
    {"opensmtpd.chroot", {"\"/var/empty\"", "\"\""}},
    {"dns.servers", {"[\"192.0.2.1\", \"[::1]:5353\"]"}},
};

std::vector<std::string_view> ValuesOf(const Setting& setting) {
  std::vector<std::string_view> values;
  for (const std::string_view each : {setting.default_value, setting.example}) {
    if (!each.empty()) values.push_back(each);
  }
  if (setting.type == "true or false") values.insert(values.end(), {"true", "false"});
  if (setting.type == "duration") values.insert(values.end(), {"\"1s\"", "\"2500ms\"", "\"1h\""});
  if (setting.type == "number") values.insert(values.end(), {"1", "2", "9"});
  if (const auto more = kMore.find(setting.key); more != kMore.end()) {
    values.insert(values.end(), more->second.begin(), more->second.end());
  }
  return values;
}

// A text of some of the settings, without those lines that the parser refuses.
std::string RandomToml(std::mt19937& random) {
  std::vector<std::string> lines;
  const auto one_in = 1 + random() % 5;
  for (const Setting& setting : Settings()) {
    if (random() % one_in != 0) continue;
    const std::vector<std::string_view> values = ValuesOf(setting);
    lines.push_back(std::string(setting.key) + " = " +
                    std::string(values[random() % values.size()]) + '\n');
  }
  std::ranges::shuffle(lines, random);
  for (;;) {
    std::string text;
    for (const std::string& line : lines) text += line;
    const ConfigReading reading = ReadConfig(text, "random");
    if (reading.mistakes.empty()) return text;
    lines.erase(lines.begin() + reading.mistakes.front().line - 1);
  }
}

TEST_F(EffectiveSettingsTest, RandomConfigurationsComeBack) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same ones in every run.
  std::map<std::string_view, int> written;
  for (int i = 0; i < 150 && !HasFailure(); ++i) {
    const std::string toml = RandomToml(random);
    for (const SettingPlace& place : ReadConfig(toml, "").places) ++written[place.key];
    ExpectRoundTrip(toml);
  }
  for (const Setting& setting : Settings()) EXPECT_GT(written[setting.key], 0) << setting.key;
}

// The texts in `page` from a line that is `begin` to one that begins with `end`.
std::vector<std::string> Blocks(const std::string& page, const std::string& begin,
                                const std::string& end) {
  std::vector<std::string> blocks;
  for (std::size_t at = 0; (at = page.find('\n' + begin + '\n', at)) != std::string::npos;) {
    at += begin.size() + 2;
    blocks.push_back(page.substr(at, page.find('\n' + end, at) + 1 - at));
  }
  return blocks;
}

std::string Read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_F(EffectiveSettingsTest, ExamplesOfTheDocumentsComeBack) {
  const std::filesystem::path docs = HELOVET_SOURCE_DIR "/docs";
  std::vector<std::string> examples =
      Blocks(Read(docs / "man/helovet.toml.5"), ".Bd -literal -offset indent", ".Ed");
  for (const auto& entry : std::filesystem::directory_iterator(docs)) {
    if (entry.path().extension() != ".md") continue;
    for (std::string& each : Blocks(Read(entry.path()), "```toml", "```")) {
      examples.push_back(std::move(each));
    }
  }
  examples.push_back(Read(HELOVET_SOURCE_DIR "/core/config/helovet.toml"));
  EXPECT_GT(examples.size(), 5u);
  for (const std::string& example : examples) ExpectRoundTrip(example);
}

}  // namespace
}  // namespace helovet
