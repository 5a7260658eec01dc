// Each setting shows its field as TOML that its reader takes back.
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "config/to_toml.h"
#include "config/toml.h"
#include "gtest/gtest.h"
#include "helovet/config.h"

namespace helovet {
namespace {

TEST(SettingsShowTest, DefaultsAreThoseOfTheManual) {
  for (const Setting& setting : Settings()) {
    EXPECT_EQ(setting.show(Config()), setting.default_value) << setting.key;
  }
}

// Sets `setting` alone, whatever it needs.
Config Set(const Setting& setting, std::string_view toml) {
  const auto entries = ParseToml("value = " + std::string(toml), "");
  EXPECT_TRUE(entries) << setting.key << " = " << toml;
  Config config;
  if (!entries) return config;
  const ValueErrorOr<void> stored = setting.set(config, entries->front().value);
  EXPECT_TRUE(stored) << setting.key << " = " << toml;
  return config;
}

TEST(SettingsShowTest, ExamplesComeBack) {
  int examples = 0;
  for (const Setting& setting : Settings()) {
    if (setting.example.empty()) continue;
    ++examples;
    const Config config = Set(setting, setting.example);
    EXPECT_NE(setting.show(config), setting.default_value) << setting.key;
    EXPECT_TRUE(Set(setting, setting.show(config)) == config)
        << setting.key << ": " << setting.show(config);
  }
  EXPECT_GT(examples, 5);
}

TEST(SettingsShowTest, ShowsValuesAsPeopleWriteThem) {
  struct Case {
    std::string_view key;
    std::string_view toml;
    std::string_view shown;
  };
  constexpr Case kCases[] = {
      {"deadline", "\"60s\"", "\"1m\""},
      {"our_names", "['MX.Example.', \"b\"]", "[\"mx.example\", \"b\"]"},
      {"our_names", "[]", "[]"},
      {"exempt.networks", "['::1/128', '10.0.0.0/8', '192.0.2.7/32']",
       "[\"::1\", \"10.0.0.0/8\", \"192.0.2.7\"]"},
      {"dns.servers", "['192.0.2.1', '[2001:db8::1]:5353']",
       "[\"192.0.2.1:53\", \"[2001:db8::1]:5353\"]"},
      {"overrides", "{ csa = { none = 'tag', fail = 'defer' } }",
       "{ csa.fail = \"defer\", csa.none = \"tag\" }"},
      {"dna.trusted", "['a.example', { name = 'b', advisory = true }, { name = 'c', weight = 1 }]",
       "[\"a.example\", { name = \"b\", advisory = true }, \"c\"]"},
      {"lists.address", "[{ zone = 'l', codes = { '127.0.0-1.*' = 'A', '127.0.0.2' = 'e' } }]",
       "[{ zone = \"l\", codes = { \"127.0.0.2\" = \"E\", \"127.0.0-1.*\" = \"A\" } }]"},
      {"store.directory", "'/a\\\"b'", "\"/a\\\\\\\"b\""},
      {"lists.allow", "[\"/a\\tb\\u007f\"]", "[\"/a\\u0009b\\u007f\"]"},
      {"lists.allow", "[\"/\xc3\xa4\xe2\x82\xac\xf0\x9f\x93\xa7\"]",
       "[\"/\\u00e4\\u20ac\\U0001f4e7\"]"},
      {"redis.server", "'REDIS.example.:6379'", "\"redis.example:6379\""},
  };
  for (const Case& test : kCases) {
    for (const Setting& setting : Settings()) {
      if (setting.key != test.key) continue;
      const Config config = Set(setting, test.toml);
      EXPECT_EQ(setting.show(config), test.shown);
      EXPECT_TRUE(Set(setting, setting.show(config)) == config) << test.shown;
    }
  }
}

// A host's own name is the host's to choose.
TEST(SettingsShowTest, ReplacesWhatIsNoUtf8) {
  for (const std::string_view octets :
       {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"}) {
    const std::string shown = ToToml("a" + std::string(octets));
    EXPECT_TRUE(shown.starts_with("\"a\\ufffd")) << shown;
    EXPECT_TRUE(ParseToml("value = " + shown, "")) << shown;
  }
}

}  // namespace
}  // namespace helovet
