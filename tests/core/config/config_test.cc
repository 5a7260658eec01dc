// What settings become: every setting, every form of a value.
#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "gtest/gtest.h"
#include "helovet/config.h"

namespace helovet {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

IpAddress Address(std::string_view text) { return IpAddress::Parse(text).value(); }
IpNetwork Network(std::string_view text) { return IpNetwork::Parse(text).value(); }

struct Case {
  std::string name;
  std::string toml;
  std::function<void(Config&)> change;  // From the defaults to what is wanted.
};

void PrintTo(const Case& test, std::ostream* out) { *out << test.toml; }

class AcceptedTest : public testing::TestWithParam<Case> {};

TEST_P(AcceptedTest, GivesTheWantedConfig) {
  Config wanted;
  GetParam().change(wanted);
  const FileErrorOr<Config> got = ParseConfig(GetParam().toml, "test.toml");
  ASSERT_TRUE(got) << "got " << got.error().ToString() << ", want no error";
  EXPECT_TRUE(*got == wanted) << "another Config than wanted from: " << GetParam().toml;
}

Case Redis(std::string name, const std::string& server, const std::string& wanted) {
  return {std::move(name), "store.kind = \"redis\"\nredis.server = \"" + server + "\"",
          [wanted](Config& c) {
            c.store.kind = Config::StoreKind::kRedis;
            c.redis.server = wanted;
          }};
}

const Case kCases[] = {
    {"empty", "", [](Config&) {}},
    {"comment", "# \xc3\xa4\r\n\r\n", [](Config&) {}},
    {"byte_order_mark", "\xef\xbb\xbfheader = false", [](Config& c) { c.header = false; }},
    {"empty_table", "[dns]\n", [](Config&) {}},
    {"observe", R"(profile = "observe")", [](Config&) {}},
    {"standard", R"(profile = "standard")", [](Config& c) { c.profile = Profile::kStandard; }},
    {"strict", R"(profile = "strict")", [](Config& c) { c.profile = Profile::kStrict; }},
    {"custom", R"(profile = "custom")", [](Config& c) { c.profile = Profile::kCustom; }},
    {"custom_actions", "profile = \"custom\"\ncustom.low = \"defer\"\ncustom.unknown = \"accept\"",
     [](Config& c) {
       c.profile = Profile::kCustom;
       c.custom.low = Action::kDefer;
       c.custom.unknown = Action::kAccept;
     }},
    {"custom_severest",
     "profile = \"custom\"\n[custom]\nunknown = \"reject\"\nhigh = \"reject\"\n"
     "skip_address_blocklists = false",
     [](Config& c) {
       c.profile = Profile::kCustom;
       c.custom.unknown = Action::kReject;
       c.custom.high = Action::kReject;
       c.custom.skip_address_blocklists = false;
     }},
    {"custom_table_without_keys", "[custom]\n[alternate]\n", [](Config&) {}},
    {"alternate", R"(alternate.domains = ["Example.NET.", ".example.org"])",
     [](Config& c) {
       c.alternate.domains = {"example.net", ".example.org"};
     }},
    {"alternate_custom",
     "[alternate]\ndomains = [\"a.example\"]\nprofile = \"custom\"\n[custom]\nlow = \"tag\"",
     [](Config& c) {
       c.alternate.domains = {"a.example"};
       c.alternate.profile = Profile::kCustom;
       c.custom.low = Action::kTag;
     }},
    {"authserv_id", R"(authserv_id = "mx.Example.net")",
     [](Config& c) { c.authserv_id = "mx.Example.net"; }},
    {"authserv_id_empty", R"(authserv_id = "")", [](Config&) {}},
    {"url", R"(explain_url = "https://postmaster.example.net/why?x=1&y=%20#a")",
     [](Config& c) { c.explain_url = "https://postmaster.example.net/why?x=1&y=%20#a"; }},
    {"url_http", R"(explain_url = "http://[2001:db8::1]:8080/")",
     [](Config& c) { c.explain_url = "http://[2001:db8::1]:8080/"; }},
    {"url_longest", "explain_url = \"https://" + std::string(192, 'a') + "\"",
     [](Config& c) { c.explain_url = "https://" + std::string(192, 'a'); }},
    {"header", "header = false", [](Config& c) { c.header = false; }},
    {"deadline_ms", "deadline = \"5500ms\"", [](Config& c) { c.deadline = milliseconds(5500); }},
    {"deadline_least", "deadline = \"100ms\"\ndns.query_timeout = \"50ms\"",
     [](Config& c) {
       c.deadline = milliseconds(100);
       c.dns.query_timeout = milliseconds(50);
       c.cbv.timeout = milliseconds(100);
       c.redis.timeout = milliseconds(100);
     }},
    {"default_timeouts_give_way", "deadline = \"400ms\"",
     [](Config& c) {
       c.deadline = milliseconds(400);
       c.dns.query_timeout = milliseconds(400);
       c.cbv.timeout = milliseconds(400);
       c.redis.timeout = milliseconds(400);
     }},
    {"deadline_most", "deadline = \"1m\"", [](Config& c) { c.deadline = minutes(1); }},
    {"deadline_equals_timeout", "deadline = \"2s\"",
     [](Config& c) {
       c.deadline = seconds(2);
       c.cbv.timeout = seconds(2);
     }},
    {"timeout_before_deadline", "dns.query_timeout = \"10s\"\ndeadline = \"10s\"",
     [](Config& c) {
       c.deadline = seconds(10);
       c.dns.query_timeout = seconds(10);
     }},
    {"names_normalised", R"(our_names = ["MX.Example.Net.", "mail", "_dmarc-host.example"])",
     [](Config& c) {
       c.our_names = {"mx.example.net", "mail", "_dmarc-host.example"};
     }},
    {"longest_name",
     "our_names = [\"" + std::string(63, 'a') + "." + std::string(63, 'b') + "." +
         std::string(63, 'c') + "." + std::string(61, 'd') + ".\"]",
     [](Config& c) {
       c.our_names =
           std::vector<std::string>{std::string(63, 'a') + "." + std::string(63, 'b') + "." +
                                    std::string(63, 'c') + "." + std::string(61, 'd')};
     }},
    {"no_names", "our_names = []", [](Config& c) { c.our_names = std::vector<std::string>(); }},
    {"no_addresses", "our_addresses = []",
     [](Config& c) { c.our_addresses = std::vector<IpAddress>(); }},
    {"addresses", R"(our_addresses = ["192.0.2.1", "2001:DB8::1", "::ffff:192.0.2.2"])",
     [](Config& c) {
       c.our_addresses = {Address("192.0.2.1"), Address("2001:db8::1"), Address("192.0.2.2")};
     }},
    {"exempt", "[exempt]\nnetworks = [\n  \"10.0.0.0/8\",  # inside\n  \"2001:db8::/32\",\n]",
     [](Config& c) {
       c.exempt.networks = {Network("10.0.0.0/8"), Network("2001:db8::/32")};
     }},
    {"exempt_none", "[exempt]\nnetworks = []", [](Config& c) { c.exempt.networks.clear(); }},
    {"underscore", "[helo]\nallow_underscore = true",
     [](Config& c) { c.helo.allow_underscore = true; }},
    {"explicit", "[csa]\nexplicit_search = false",
     [](Config& c) { c.csa.explicit_search = false; }},
    {"dialect", R"(csa.dialect = "dsar-00")",
     [](Config& c) { c.csa.dialect = Config::CsaDialect::kDsar00; }},
    {"dialect_of_default", "csa = { dialect = \"csa-02\", reverse = true }",
     [](Config& c) { c.csa.reverse = true; }},
    {"reverse", "csa.reverse = true", [](Config& c) { c.csa.reverse = true; }},
    {"inline_table", "csa = { reverse = true }", [](Config& c) { c.csa.reverse = true; }},
    {"well_known", R"(well_known.domains = ["Example.NET.", "example.com"])",
     [](Config& c) {
       c.well_known.domains = {"example.net", "example.com"};
     }},
    {"required_weight", "[dna]\ntrusted = [\"a.example\", \"b.example\"]\nrequired_weight = 2",
     [](Config& c) {
       c.dna.trusted = {{.name = "a.example"}, {.name = "b.example"}};
       c.dna.required_weight = 2;
     }},
    {"certifiers", R"(vbr.certifiers = ["Certify.Example.", "b.example"])",
     [](Config& c) {
       c.vbr.certifiers = {"certify.example", "b.example"};
     }},
    {"mail_types", "vbr = { certifiers = [\"a.example\"], types = [\"Transaction\", \"list\"] }",
     [](Config& c) {
       c.vbr.certifiers = {"a.example"};
       c.vbr.types = {"transaction", "list"};
     }},
    {"allow",
     R"(lists.allow = ["192.0.2.0/24", "Mail.Example.org", "@.example.com", "/etc/allow"])",
     [](Config& c) {
       c.lists.allow = {"192.0.2.0/24", "Mail.Example.org", "@.example.com", "/etc/allow"};
     }},
    {"deny", R"(lists.deny = ["2001:db8::7", ".example.com", "@example.org"])",
     [](Config& c) {
       c.lists.deny = {"2001:db8::7", ".example.com", "@example.org"};
     }},
    {"name_and_suffix_in_both", "lists.allow = [\"a.example\"]\nlists.deny = [\".a.example\"]",
     [](Config& c) {
       c.lists.allow = {"a.example"};
       c.lists.deny = {".a.example"};
     }},
    {"sender_checks_in_their_order", R"(senders.checks = ["spf", "rmx", "drip", "dmp", "cbv"])",
     [](Config& c) {
       c.senders.checks = {CheckId::kSpf, CheckId::kRmx, CheckId::kDrip, CheckId::kDmp,
                           CheckId::kCbv};
     }},
    {"no_sender_checks", "senders.checks = []", [](Config& c) { c.senders.checks.clear(); }},
    {"callbacks_alone", R"(senders.checks = ["cbv"])",
     [](Config& c) { c.senders.checks = {CheckId::kCbv}; }},
    {"no_sender_checks_and_no_store", "senders.checks = []\nstore.kind = \"none\"",
     [](Config& c) {
       c.senders.checks.clear();
       c.store.kind = Config::StoreKind::kNone;
     }},
    {"dmp",
     "senders.checks = [\"dmp\"]\n[dmp]\ndomains = [\"Example.NET.\"]\nrefuse_allow_all = true",
     [](Config& c) {
       c.senders.checks = {CheckId::kDmp};
       c.dmp.domains = {"example.net"};
       c.dmp.refuse_allow_all = true;
     }},
    {"spf", "spf.explanation = false", [](Config& c) { c.spf.explanation = false; }},
    {"callbacks",
     R"(
senders.checks = ["cbv"]
deadline = "20s"
[cbv]
helo_name = "Probe.Example.net."
port = 65535
timeout = "20s"
hosts = 10
noop = true
catch_all = true
allow_networks = ["192.168.0.0/16", "::1"]
concurrent = 1000
concurrent_per_domain = 1000
per_domain = 100000
per_domain_interval = "24h"
address_success = "30d"
address_failure = "1s"
domain_success = "720h"
domain_failure = "90m"
)",
     [](Config& c) {
       c.senders.checks = {CheckId::kCbv};
       c.deadline = seconds(20);
       c.cbv.helo_name = "probe.example.net";
       c.cbv.port = 65535;
       c.cbv.timeout = seconds(20);
       c.cbv.hosts = 10;
       c.cbv.noop = true;
       c.cbv.catch_all = true;
       c.cbv.allow_networks = {Network("192.168.0.0/16"), Network("::1")};
       c.cbv.concurrent = 1000;
       c.cbv.concurrent_per_domain = 1000;
       c.cbv.per_domain = 100000;
       c.cbv.per_domain_interval = hours(24);
       c.cbv.address_success = hours(24 * 30);
       c.cbv.address_failure = seconds(1);
       c.cbv.domain_success = hours(24 * 30);
       c.cbv.domain_failure = minutes(90);
     }},
    {"default_of_callbacks_gives_way", "senders.checks = [\"cbv\"]\ncbv.concurrent = 1",
     [](Config& c) {
       c.senders.checks = {CheckId::kCbv};
       c.cbv.concurrent = 1;
       c.cbv.concurrent_per_domain = 1;
     }},
    {"store_in_files", "[store]\nkind = \"lmdb\"\ndirectory = \"/srv/helovet//\"\nsize = 4096",
     [](Config& c) {
       c.store.directory = "/srv/helovet";
       c.store.size = 4096;
     }},
    {"store_in_the_root", "store.directory = \"/\"", [](Config& c) { c.store.directory = "/"; }},
    {"store_of_none", "store.kind = \"none\"",
     [](Config& c) { c.store.kind = Config::StoreKind::kNone; }},
    {"store_in_redis",
     R"(
store.kind = "redis"
[redis]
server = "Redis.Example.net.:6380"
user = "helovet"
password_file = "/etc/helovet/password"
tls = true
ca_file = "/etc/helovet/ca.pem"
prefix = "{mx}:hv-1._"
timeout = "5s"
)",
     [](Config& c) {
       c.store.kind = Config::StoreKind::kRedis;
       c.redis.server = "redis.example.net:6380";
       c.redis.user = "helovet";
       c.redis.password_file = "/etc/helovet/password";
       c.redis.tls = true;
       c.redis.ca_file = "/etc/helovet/ca.pem";
       c.redis.prefix = "{mx}:hv-1._";
       c.redis.timeout = seconds(5);
     }},
    Redis("redis_address", "192.0.2.7:1", "192.0.2.7:1"),
    Redis("redis_address6", "[2001:DB8:0::7]:65535", "[2001:db8::7]:65535"),
    Redis("redis_mapped_address", "[::ffff:192.0.2.7]:6379", "192.0.2.7:6379"),
    Redis("redis_name", "localhost:6379", "localhost:6379"),
    Redis("redis_socket", "/run/Redis/redis.sock", "/run/Redis/redis.sock"),
    Redis("redis_longest_path", "/" + std::string(106, 'a'), "/" + std::string(106, 'a')),
    {"reject_at", R"(opensmtpd.reject_at = "rcpt-to")",
     [](Config& c) { c.opensmtpd.reject_at = Config::RejectAt::kRcptTo; }},
    {"junk", "profile = \"standard\"\nopensmtpd.junk = true",
     [](Config& c) {
       c.profile = Profile::kStandard;
       c.opensmtpd.junk = true;
     }},
    {"no_junk", "opensmtpd.junk = false", [](Config&) {}},
    {"confinement_off", R"(opensmtpd.confinement = "off")",
     [](Config& c) { c.opensmtpd.confinement = Config::Confinement::kOff; }},
    {"confinement_on", R"(opensmtpd.confinement = "on")", [](Config&) {}},
    {"confinement_required",
     "opensmtpd = { confinement = \"required\", user = \"_smtpd\", chroot = \"/var/empty\" }",
     [](Config& c) {
       c.opensmtpd.confinement = Config::Confinement::kRequired;
       c.opensmtpd.user = "_smtpd";
       c.opensmtpd.chroot = "/var/empty";
     }},
    {"root_as_it_is", "opensmtpd = { user = \"\", chroot = \"\" }",
     [](Config& c) {
       c.opensmtpd.user = "";
       c.opensmtpd.chroot = "";
     }},
    {"metrics_file", R"(metrics.file = "/run/helovet.prom")",
     [](Config& c) { c.metrics.file = "/run/helovet.prom"; }},
    {"metrics_least", "[metrics]\nfile = \"/m\"\ninterval = \"1s\"",
     [](Config& c) {
       c.metrics.file = "/m";
       c.metrics.interval = seconds(1);
     }},
    {"metrics_most", "[metrics]\ninterval = \"60m\"\nfile = \"/m\"",
     [](Config& c) {
       c.metrics.file = "/m";
       c.metrics.interval = minutes(60);
     }},
    {"servers", R"(dns.servers = ["127.0.0.1", "192.0.2.1:5353", "[2001:db8::1]:5353", "::1"])",
     [](Config& c) {
       c.dns.servers = {{Address("127.0.0.1"), 53},
                        {Address("192.0.2.1"), 5353},
                        {Address("2001:db8::1"), 5353},
                        {Address("::1"), 53}};
     }},
    {"trusted_none", "[dns]\ntrusted = []", [](Config& c) { c.dns.trusted.clear(); }},
    {"timeout", "[dns]\nquery_timeout = \"1s\"",
     [](Config& c) { c.dns.query_timeout = seconds(1); }},
    {"quoted_keys", "[\"dns\"]\n'query_timeout' = '1s'",
     [](Config& c) { c.dns.query_timeout = seconds(1); }},
};

INSTANTIATE_TEST_SUITE_P(Config, AcceptedTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(DefaultsTest, AreThoseOfTheSpecification) {
  const Config config;
  EXPECT_EQ(config.profile, Profile::kObserve);           // docs/rules.md §10.
  EXPECT_EQ(config.deadline, seconds(5));                 // docs/rules.md §8.
  EXPECT_EQ(config.dns.query_timeout, seconds(2));        // docs/rules.md §8.
  EXPECT_EQ(config.dns.trusted, config.exempt.networks);  // docs/rules.md §1, §8:
  ASSERT_EQ(config.exempt.networks.size(), 2U);           // loopback.
  EXPECT_EQ(config.exempt.networks[0].ToString(), "127.0.0.0/8");
  EXPECT_TRUE(config.exempt.networks[1].Contains(Address("::1")));
  EXPECT_FALSE(config.exempt.networks[1].Contains(Address("::2")));
  EXPECT_TRUE(config.csa.explicit_search);                       // docs/rules.md §4.5.
  EXPECT_FALSE(config.csa.reverse);                              // docs/rules.md §4.6.
  EXPECT_EQ(config.senders.checks, std::vector{CheckId::kSpf});  // docs/rules.md §11.1.
  EXPECT_EQ(config.cbv.address_success, hours(24));              // docs/rules.md §12.6.
  EXPECT_EQ(config.cbv.address_failure, hours(2));
  EXPECT_EQ(config.cbv.domain_success, hours(24 * 7));
  EXPECT_EQ(config.cbv.domain_failure, hours(3));
  EXPECT_FALSE(config.helo.allow_underscore);
  EXPECT_TRUE(config.header);
}

// The file in which a setting has `value`, and what it needs before it.
std::string FileWith(const Setting& setting, std::string_view value) {
  return std::string(setting.need.toml) + "\n" + std::string(setting.key) + " = " +
         std::string(value);
}

// The default that a manual promises, written out, must change nothing.
TEST(DefaultsTest, StandInTheTableOfSettings) {
  for (const Setting& setting : Settings()) {
    EXPECT_NE(setting.default_value.empty(), setting.default_words.empty()) << setting.key;
    if (setting.default_value.empty()) continue;
    const std::string toml = FileWith(setting, setting.default_value);
    const FileErrorOr<Config> wanted = ParseConfig(setting.need.toml, "need");
    const FileErrorOr<Config> config = ParseConfig(toml, "default");
    ASSERT_TRUE(wanted && config) << toml << ": " << config.error().ToString();
    EXPECT_TRUE(*config == *wanted) << toml << " is not the default of Config";
  }
}

TEST(DefaultsTest, AreTheHostsWhereNoValueSaysThem) {
  EXPECT_EQ(Config().our_names, std::nullopt);      // docs/rules.md §3.
  EXPECT_EQ(Config().our_addresses, std::nullopt);  // docs/rules.md §3.
}

TEST(SettingsTest, ExamplesCanBeUsed) {
  for (const Setting& setting : Settings()) {
    if (setting.example.empty()) continue;
    const std::string toml = FileWith(setting, setting.example);
    const FileErrorOr<Config> config = ParseConfig(toml, "example");
    ASSERT_TRUE(config) << toml << ": " << config.error().ToString();
    EXPECT_FALSE(*config == Config()) << toml << " sets nothing";
  }
}

// Guards the tests above: a setter that ignores its value would pass them.
TEST(SettingsTest, EachHasACaseThatChangesIt) {
  for (const Setting& setting : Settings()) {
    if (!setting.example.empty()) continue;  // That has to change it.
    const std::string table(setting.key.substr(0, setting.key.rfind('.')));
    const std::string word(setting.key.substr(setting.key.rfind('.') + 1));
    const bool found = std::any_of(std::begin(kCases), std::end(kCases), [&](const Case& test) {
      Config wanted;
      test.change(wanted);
      return test.toml.find(table) != std::string::npos &&
             test.toml.find(word + " = ") != std::string::npos && !(wanted == Config());
    });
    EXPECT_TRUE(found) << "no case changes " << setting.key;
  }
}

// In the largest unit that fits, as ReadDuration takes it.
TEST(DurationTest, HasTheLargestUnit) {
  struct Words {
    milliseconds duration;
    std::string_view wanted;
  };
  const Words kWords[] = {
      {milliseconds(1), "1ms"}, {milliseconds(1500), "1500ms"},
      {seconds(59), "59s"},     {seconds(61), "61s"},
      {minutes(1), "1m"},       {minutes(90), "90m"},
      {hours(1), "1h"},         {hours(23), "23h"},
      {hours(24), "1d"},        {hours(36), "36h"},
      {hours(24 * 30), "30d"},
  };
  for (const Words& test : kWords) {
    EXPECT_EQ(DurationToString(test.duration), test.wanted) << test.duration.count() << " ms";
  }
}

TEST(ProfileTest, HasNames) {
  EXPECT_EQ(ToString(Profile::kObserve), "observe");
  EXPECT_EQ(ToString(Profile::kStandard), "standard");
  EXPECT_EQ(ToString(Profile::kStrict), "strict");
  EXPECT_EQ(ToString(Profile::kCustom), "custom");
}

}  // namespace
}  // namespace helovet
