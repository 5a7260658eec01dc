// What is refused, and what the administrator reads then.
#include <ostream>
#include <string>
#include <string_view>

#include "core/config/refused_test.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "helovet/config.h"

namespace helovet {
namespace {

using Case = testing::RefusedCase;

class RefusedTest : public ::testing::TestWithParam<Case> {};

TEST_P(RefusedTest, SaysWhereAndWhy) { testing::ExpectRefused(GetParam()); }

constexpr std::string_view kServers = R"("ADDRESS", "IPV4:PORT" or "[IPV6]:PORT")";
constexpr std::string_view kNetwork = "an address or a network without bits beyond its prefix";

Case Server(std::string name, const std::string& value) {
  return {std::move(name), "dns.servers = [\"" + value + "\"]",
          "1:16: dns.servers: \"" + value + "\" is not " + std::string(kServers)};
}
Case Network(std::string name, const std::string& value) {
  return {std::move(name), "exempt.networks = [\"" + value + "\"]",
          "1:20: exempt.networks: \"" + value + "\" is not " + std::string(kNetwork)};
}
Case Name(std::string name, const std::string& value) {
  return {std::move(name), "our_names = [\"" + value + "\"]",
          "1:14: our_names: \"" + value + "\" is not a host name"};
}
Case Pattern(std::string name, const std::string& value) {
  return {std::move(name), "alternate.domains = [\"" + value + "\"]",
          "1:22: alternate.domains: \"" + value + "\" is not a host name or a \".suffix\""};
}
Case Url(std::string name, const std::string& value) {
  return {std::move(name), "explain_url = '" + value + "'",
          "1:15: explain_url: \"" + value + "\" is not an http or https URL in plain ASCII"};
}
Case AuthservId(std::string name, const std::string& value) {
  return {std::move(name), "authserv_id = '" + value + "'",
          "1:15: authserv_id: \"" + value + "\" is not a token as RFC 8601 wants it"};
}
Case Duration(std::string name, const std::string& value) {
  return {std::move(name), "deadline = \"" + value + "\"",
          "1:12: deadline: \"" + value +
              "\" is not a whole number with ms, s, m, h or d, such as \"5s\""};
}

Case Redis(std::string name, const std::string& value) {
  const std::string shown = value.size() > 100 ? value.substr(0, 100) + "..." : value;
  return {std::move(name), "redis.server = \"" + value + "\"",
          "1:16: redis.server: \"" + shown +
              "\" is not \"HOST:PORT\", \"[IPV6]:PORT\" or a socket's path"};
}
Case Prefix(std::string name, const std::string& value) {
  return {std::move(name), "redis.prefix = \"" + value + "\"",
          "1:16: redis.prefix: \"" + value + "\" is not 1 to 64 letters, digits and any of -._:{}"};
}

const Case kUnknown[] = {
    {"near_miss", "profil = \"x\"", "1:1: unknown setting \"profil\"; did you mean profile?"},
    {"swapped", "\n  haeder = true", "2:3: unknown setting \"haeder\"; did you mean header?"},
    {"no_idea", "colour = 1", "1:1: unknown setting \"colour\""},
    {"short_word", "a = 1", "1:1: unknown setting \"a\""},
    {"table", "[dsn]\nservers = []", "1:2: unknown setting \"dsn\"; did you mean dns?"},
    {"table_nearer_than_a_setting", "sender.checks = []",
     "1:1: unknown setting \"sender\"; did you mean senders?"},
    {"empty_table", "[nothing]", "1:2: unknown setting \"nothing\""},
    {"misplaced", "query_timeout = \"1s\"",
     "1:1: unknown setting \"query_timeout\"; did you mean dns.query_timeout?"},
    {"in_table", "[dns]\n\nserver = []",
     "3:1: unknown setting \"dns.server\"; did you mean dns.servers?"},
    {"wrong_table", "[dns]\nreverse = true",
     "2:1: unknown setting \"dns.reverse\"; did you mean csa.reverse?"},
    {"upper_case", "Profile = \"strict\"",
     "1:1: unknown setting \"Profile\"; did you mean profile?"},
    {"part_of_a_name", "redis.password = \"x\"",
     "1:7: unknown setting \"redis.password\"; did you mean redis.password_file?"},
    {"end_of_a_name", "dns.timeout = \"1s\"",
     "1:5: unknown setting \"dns.timeout\"; did you mean dns.query_timeout?"},
    {"part_of_two_names", "redis.file = \"x\"",
     "1:7: unknown setting \"redis.file\"; did you mean metrics.file?"},
    {"quoted_dot", "\"dns.servers\" = []", "1:1: unknown setting \"dns.servers\""},
    {"empty_key", "\"\" = 1", "1:1: unknown setting \"\""},
    {"not_ascii", "\"h\xc3\xa9lo\" = 1",
     "1:1: unknown setting \"h\\xc3\\xa9lo\"; did you mean helo?"},
    {"control", "\"a\\nb\\u001b\" = 1", "1:1: unknown setting \"a\\x0ab\\x1b\""},
    {"long", std::string(5000, 'k') + " = 1",
     "1:1: unknown setting \"" + std::string(100, 'k') + "...\""},
    {"first_of_two", "zzz = 1\naaa = 2", "1:1: unknown setting \"zzz\""},
    {"first_of_two_kinds", "profile = 1\naaa = 2",
     "1:11: profile: must be \"observe\", \"standard\", \"strict\" or \"custom\""},
};
INSTANTIATE_TEST_SUITE_P(Unknown, RefusedTest, ::testing::ValuesIn(kUnknown),
                         [](const auto& test) { return test.param.name; });

const Case kTypes[] = {
    {"number_for_text", "authserv_id = 5", "1:15: authserv_id: must be a name in quotes"},
    {"list_for_text", "explain_url = []", "1:15: explain_url: must be a URL in quotes"},
    {"table_for_text", "[profile]\na = 1",
     "1:1: profile: must be \"observe\", \"standard\", \"strict\" or \"custom\""},
    {"text_for_boolean", "header = \"yes\"", "1:10: header: must be true or false"},
    {"number_for_boolean", "header = 1", "1:10: header: must be true or false"},
    {"float_for_boolean", "header = 1.5", "1:10: header: must be true or false"},
    {"number_for_duration", "deadline = 5",
     "1:12: deadline: must be a whole number with ms, s, m, h or d, such as \"5s\""},
    {"time_for_duration", "deadline = 00:00:05",
     "1:12: deadline: must be a whole number with ms, s, m, h or d, such as \"5s\""},
    {"text_for_list", "our_names = \"mx\"", "1:13: our_names: must be a list in brackets"},
    {"number_in_list", "our_names = [\n  \"mx\",\n  5]",
     "3:3: our_names: must be a host name in quotes"},
    {"list_in_list", "our_names = [[\"mx\"]]", "1:14: our_names: must be a host name in quotes"},
    {"text_for_table", "dns = \"127.0.0.1\"", "1:7: dns: must be a table of settings"},
    {"list_of_tables", "[[dns]]\nservers = []", "1:1: dns: must be a table of settings"},
};
INSTANTIATE_TEST_SUITE_P(Types, RefusedTest, ::testing::ValuesIn(kTypes),
                         [](const auto& test) { return test.param.name; });

const Case kValues[] = {
    {"profile", "profile = \"Strict\"",
     "1:11: profile: \"Strict\" is not \"observe\", \"standard\", \"strict\" or \"custom\"; did "
     "you mean strict?"},
    {"sender_check", "senders.checks = [\"SPF\"]",
     "1:19: senders.checks: \"SPF\" is not \"dmp\", \"drip\", \"rmx\", \"spf\" or \"cbv\"; did you "
     "mean spf?"},
    {"store_kind_misspelt", "store.kind = \"reddis\"",
     "1:14: store.kind: \"reddis\" is not \"none\", \"lmdb\" or \"redis\"; did you mean redis?"},
    Duration("no_unit", "5"),
    Duration("space", "5 s"),
    Duration("unit_alone", "s"),
    Duration("other_unit", "5w"),
    Duration("fraction", "1.5s"),
    Duration("negative", "-5s"),
    Duration("plus", "+5s"),
    Duration("empty_duration", ""),
    Duration("huge", "99999999999999999999s"),
    Duration("upper_case_unit", "5S"),
    Duration("ten_digits", "1000000000d"),
    {"deadline_short", "deadline = \"99ms\"",
     "1:12: deadline: \"99ms\" is not between 100ms and 1m"},
    {"deadline_long", "deadline = \"61s\"", "1:12: deadline: \"61s\" is not between 100ms and 1m"},
    {"deadline_zero", "deadline = \"0s\"", "1:12: deadline: \"0s\" is not between 100ms and 1m"},
    {"deadline_days", "deadline = \"999999999d\"",
     "1:12: deadline: \"999999999d\" is not between 100ms and 1m"},
    {"deadline_very_long", "deadline = \"999999999m\"",
     "1:12: deadline: \"999999999m\" is not between 100ms and 1m"},
    {"timeout_short", "dns.query_timeout = \"49ms\"",
     "1:21: dns.query_timeout: \"49ms\" is not between 50ms and 1m"},
    {"timeout_over_default_deadline", "[dns]\nquery_timeout = \"6s\"",
     "2:17: dns.query_timeout: \"6s\" is longer than the deadline, which is 5s"},
    {"timeout_over_deadline", "deadline = \"500ms\"\n[dns]\nquery_timeout = \"1s\"",
     "3:17: dns.query_timeout: \"1s\" is longer than the deadline, which is 500ms"},
    {"authserv_id_long", "authserv_id = \"" + std::string(254, 'a') + "\"",
     "1:15: authserv_id: is longer than 253 octets"},
    AuthservId("authserv_id_space", "mx example"),
    AuthservId("authserv_id_semicolon", "mx;x"),
    AuthservId("authserv_id_slash", "mx/1"),
    AuthservId("authserv_id_quote", "mx\"x"),
    {"authserv_id_not_ascii", "authserv_id = 'm\xc3\xa4x'",
     "1:15: authserv_id: \"m\\xc3\\xa4x\" is not a token as RFC 8601 wants it"},
    {"url_long", "explain_url = \"https://" + std::string(193, 'a') + "\"",
     "1:15: explain_url: is longer than 200 octets"},
    Url("url_scheme", "ftp://example.net/"),
    Url("url_scheme_case", "HTTPS://example.net/"),
    Url("url_bare", "https://"),
    Url("url_no_host", "https:///path"),
    Url("url_relative", "example.net/why"),
    Url("url_space", "https://example.net/a b"),
    Url("url_quote", "https://example.net/\"a"),
    Url("url_backslash", "https://example.net/\\a"),
    {"url_control", "explain_url = \"https://example.net/\\r\\nX\"",
     "1:15: explain_url: \"https://example.net/\\x0d\\x0aX\" is not an http or https URL in plain "
     "ASCII"},
    {"url_not_ascii", "explain_url = \"https://example.net/\xc3\xa4\"",
     "1:15: explain_url: \"https://example.net/\\xc3\\xa4\" is not an http or https URL in plain "
     "ASCII"},
    Name("name_empty", ""),
    Name("name_root", "."),
    Name("name_leading_dot", ".example.net"),
    Name("name_two_dots", "mx..example"),
    Name("name_two_trailing_dots", "mx.example.."),
    Name("name_space", "mx example"),
    Name("name_hyphen_first", "-mx.example"),
    Name("name_hyphen_last", "mx-.example"),
    Name("name_inner_underscore", "m_x.example"),
    Name("name_underscore_alone", "_.example"),
    Name("name_address", "192.0.2.1"),
    Name("name_address6", "2001:db8::1"),
    Name("name_literal", "[192.0.2.1]"),
    Name("name_wildcard", "*.example"),
    Name("name_of_numbers", "192.0.2.256"),
    Name("name_label_of_64", std::string(64, 'a')),
    {"name_not_ascii", "our_names = [\"m\xc3\xa4il.example\"]",
     "1:14: our_names: \"m\\xc3\\xa4il.example\" is not a host name"},
    {"name_of_254",
     "our_names = [\"" + std::string(63, 'a') + "." + std::string(63, 'b') + "." +
         std::string(63, 'c') + "." + std::string(62, 'd') + "\"]",
     "1:14: our_names: \"" + std::string(63, 'a') + "." + std::string(36, 'b') +
         "...\" is not a host name"},
    Pattern("pattern_dot", "."),
    Pattern("pattern_two_dots", "..example"),
    Pattern("pattern_address", ".192.0.2.1"),
    Pattern("pattern_wildcard", "*.example.com"),
    {"address", "our_addresses = [\"192.0.2.1\", \"192.0.2\"]",
     "1:31: our_addresses: \"192.0.2\" is not an IPv4 or IPv6 address"},
    {"address_network", "our_addresses = [\"192.0.2.0/24\"]",
     "1:18: our_addresses: \"192.0.2.0/24\" is not an IPv4 or IPv6 address"},
    Network("network_bits", "10.0.0.1/8"),
    Network("network_prefix", "10.0.0.0/33"),
    Network("network_prefix6", "2001:db8::/129"),
    Network("network_slash", "10.0.0.0/"),
    Network("network_name", "localhost"),
    Network("network_empty", ""),
    {"trusted", "dns.trusted = [\"10.0.0.1/8\"]",
     "1:16: dns.trusted: \"10.0.0.1/8\" is not " + std::string(kNetwork)},
    {"mail_type", "vbr.types = [\"a b\"]",
     "1:14: vbr.types: \"a b\" is not a type of mail, a word of letters"},
    {"mail_type_empty", "vbr.types = [\"\"]",
     "1:14: vbr.types: \"\" is not a type of mail, a word of letters"},
    {"mail_type_all", "vbr.types = [\"a\", \"ALL\"]",
     "1:19: vbr.types: \"all\" needs no mention: it counts in any case"},
    {"certifier_twice", "vbr.certifiers = [\"a.example\", \"A.example.\"]",
     "1:32: vbr.certifiers: \"a.example\" is there twice"},
    {"list_entry", "lists.allow = [\"a.example\", \"192.0.2.1/24\"]",
     "1:29: lists.allow: \"192.0.2.1/24\" has no prefix length of its kind of address, or has bits "
     "beyond it"},
    {"list_entry_relative_path", "lists.deny = [\"etc/deny\"]",
     "1:15: lists.deny: \"etc/deny\" is not an address, a network, a host name, \".suffix\", "
     "\"@domain\" or \"@.suffix\""},
    {"list_entry_empty", "lists.deny = [\"\"]",
     "1:15: lists.deny: \"\" is not an address, a network, a host name, \".suffix\", \"@domain\" "
     "or "
     "\"@.suffix\""},
    {"list_of_a_directory", "lists.deny = [\"/etc/\"]",
     "1:15: lists.deny: \"/etc/\" is not the absolute path of a file"},
    {"list_path_with_nul", "lists.deny = [\"/etc/a\\u0000\"]",
     "1:15: lists.deny: \"/etc/a\\x00\" is not the absolute path of a file"},
    {"list_of_numbers", "lists.deny = [5]",
     "1:15: lists.deny: must be an entry or a file's path in quotes"},
    {"metrics_relative", "metrics.file = \"helovet.prom\"",
     "1:16: metrics.file: \"helovet.prom\" is not the absolute path of a file"},
    {"metrics_often", "metrics = { file = \"/m\", interval = \"999ms\" }",
     "1:37: metrics.interval: \"999ms\" is not between 1s and 1h"},
    {"metrics_seldom", "metrics = { file = \"/m\", interval = \"61m\" }",
     "1:37: metrics.interval: \"61m\" is not between 1s and 1h"},
    {"action", "custom.low = \"refuse\"",
     "1:14: custom.low: \"refuse\" is not \"accept\", \"tag\", \"defer\" or \"reject\""},
    {"dialect", "csa.dialect = \"csa\"",
     "1:15: csa.dialect: \"csa\" is not \"csa-02\" or \"dsar-00\""},
    {"check_of_no_sender", "senders.checks = [\"iprev\"]",
     "1:19: senders.checks: \"iprev\" is not \"dmp\", \"drip\", \"rmx\", \"spf\" or \"cbv\""},
    {"check_of_helo", "senders.checks = [\"spf-helo\"]",
     "1:19: senders.checks: \"spf-helo\" is not \"dmp\", \"drip\", \"rmx\", \"spf\" or "
     "\"cbv\""},
    {"check_twice", "senders.checks = [\"spf\", \"dmp\", \"spf\"]",
     "1:33: senders.checks: \"spf\" is there twice"},
    {"callback_twice", "senders.checks = [\"cbv\", \"cbv\"]",
     "1:26: senders.checks: \"cbv\" is there twice"},
    {"check_after_the_callback", "senders.checks = [\"cbv\", \"spf\"]",
     "1:26: senders.checks: \"spf\" stands after \"cbv\", the last"},
    {"check_of_a_number", "senders.checks = [1]",
     "1:19: senders.checks: must be \"dmp\", \"drip\", \"rmx\", \"spf\" or \"cbv\""},
    {"checks_text", "senders.checks = \"spf\"", "1:18: senders.checks: must be a list in brackets"},
    {"dmp_domain_twice", "dmp.domains = [\"a.example\", \"A.example\"]",
     "1:29: dmp.domains: \"a.example\" is there twice"},
    {"callback_name", "cbv.helo_name = \"[192.0.2.1]\"",
     "1:17: cbv.helo_name: \"[192.0.2.1]\" is not a host name"},
    {"callback_name_number", "cbv.helo_name = 1",
     "1:17: cbv.helo_name: must be a host name in quotes"},
    {"port_zero", "cbv.port = 0", "1:12: cbv.port: 0 is not between 1 and 65535"},
    {"port_big", "cbv.port = 65536", "1:12: cbv.port: 65536 is not between 1 and 65535"},
    {"callback_short", "cbv.timeout = \"49ms\"",
     "1:15: cbv.timeout: \"49ms\" is not between 50ms and 1m"},
    {"hosts_none", "cbv.hosts = 0", "1:13: cbv.hosts: 0 is not between 1 and 10"},
    {"hosts_many", "cbv.hosts = 11", "1:13: cbv.hosts: 11 is not between 1 and 10"},
    {"concurrent_none", "cbv.concurrent = 0", "1:18: cbv.concurrent: 0 is not between 1 and 1000"},
    {"concurrent_many", "cbv.concurrent = 1001",
     "1:18: cbv.concurrent: 1001 is not between 1 and 1000"},
    {"concurrent_per_domain_none", "cbv.concurrent_per_domain = 0",
     "1:29: cbv.concurrent_per_domain: 0 is not between 1 and 1000"},
    {"per_domain_none", "cbv.per_domain = 0",
     "1:18: cbv.per_domain: 0 is not between 1 and 100000"},
    {"interval_short", "cbv.per_domain_interval = \"999ms\"",
     "1:27: cbv.per_domain_interval: \"999ms\" is not between 1s and 1d"},
    {"interval_long", "cbv.per_domain_interval = \"25h\"",
     "1:27: cbv.per_domain_interval: \"25h\" is not between 1s and 1d"},
    {"remembered_not_at_all", "cbv.address_failure = \"0s\"",
     "1:23: cbv.address_failure: \"0s\" is not between 1s and 30d"},
    {"remembered_long", "cbv.domain_success = \"31d\"",
     "1:22: cbv.domain_success: \"31d\" is not between 1s and 30d"},
    {"store_kind", "store.kind = \"files\"",
     "1:14: store.kind: \"files\" is not \"none\", \"lmdb\" or \"redis\""},
    {"store_relative", "store.directory = \"var/lib\"",
     "1:19: store.directory: \"var/lib\" is not the absolute path of a directory"},
    {"store_nowhere", "store.directory = \"\"",
     "1:19: store.directory: \"\" is not the absolute path of a directory"},
    {"store_with_nul", "store.directory = \"/a\\u0000\"",
     "1:19: store.directory: \"/a\\x00\" is not the absolute path of a directory"},
    {"store_small", "store.size = 0", "1:14: store.size: 0 is not between 1 and 4096"},
    {"store_big", "store.size = 4097", "1:14: store.size: 4097 is not between 1 and 4096"},
    {"redis_user_blank", "redis.user = \"a b\"",
     "1:14: redis.user: \"a b\" is not a user's name in printable ASCII"},
    {"redis_user_long", "redis.user = \"" + std::string(129, 'a') + "\"",
     "1:14: redis.user: \"" + std::string(100, 'a') +
         "...\" is not a user's name in printable ASCII"},
    {"redis_password_in_it", "redis.password_file = \"secret\"",
     "1:23: redis.password_file: must be the absolute path of a file in quotes"},
    Prefix("redis_prefix_empty", ""),
    Prefix("redis_prefix_pattern", "helo*"),
    Prefix("redis_prefix_brackets", "[h]"),
    Prefix("redis_prefix_blank", "a b"),
    Prefix("redis_prefix_of_65", std::string(65, 'a')),
    {"redis_prefix_line_break", "redis.prefix = \"a\\r\\nSET\"",
     "1:16: redis.prefix: \"a\\x0d\\x0aSET\" is not 1 to 64 letters, digits and any of -._:{}"},
    {"redis_short", "redis.timeout = \"49ms\"",
     "1:17: redis.timeout: \"49ms\" is not between 50ms and 1m"},
    Redis("redis_empty", ""),
    Redis("redis_no_port", "redis.example"),
    Redis("redis_address_alone", "192.0.2.1"),
    Redis("redis_address6_alone", "2001:db8::1"),
    Redis("redis_address6_bare", "2001:db8::1::6379"),
    Redis("redis_brackets_alone", "[2001:db8::1]"),
    Redis("redis_port_empty", "redis.example:"),
    Redis("redis_port_zero", "redis.example:0"),
    Redis("redis_port_big", "redis.example:65536"),
    Redis("redis_port_word", "redis.example:redis"),
    Redis("redis_two_ports", "redis.example:1:2"),
    Redis("redis_no_host", ":6379"),
    Redis("redis_url", "redis://redis.example:6379"),
    Redis("redis_relative_path", "run/redis.sock"),
    Redis("redis_directory", "/run/"),
    Redis("redis_long_path", "/" + std::string(107, 'a')),
    {"reject_at", "opensmtpd.reject_at = \"data\"",
     "1:23: opensmtpd.reject_at: \"data\" is not \"mail-from\" or \"rcpt-to\""},
    {"confinement", "opensmtpd.confinement = \"yes\"",
     "1:25: opensmtpd.confinement: \"yes\" is not \"off\", \"on\" or \"required\""},
    {"confined_user", "opensmtpd.user = \"a b\"",
     "1:18: opensmtpd.user: \"a b\" is not a user's name in printable ASCII"},
    {"confined_root", "opensmtpd.chroot = \"empty\"",
     "1:20: opensmtpd.chroot: \"empty\" is not the absolute path of a file"},
    {"weight_zero", "dna.required_weight = 0",
     "1:23: dna.required_weight: 0 is not between 1 and 1000"},
    {"weight_big", "dna.required_weight = 1001",
     "1:23: dna.required_weight: 1001 is not between 1 and 1000"},
    {"weight_negative", "dna.required_weight = -9223372036854775808",
     "1:23: dna.required_weight: -9223372036854775808 is not between 1 and 1000"},
    {"weight_fraction", "dna.required_weight = 1.5",
     "1:23: dna.required_weight: must be a whole number from 1 to 1000"},
    {"weight_text", "dna.required_weight = \"1\"",
     "1:23: dna.required_weight: must be a whole number from 1 to 1000"},
    Server("server_name", "ns.example.net"),
    Server("server_port_zero", "192.0.2.1:0"),
    Server("server_port_big", "192.0.2.1:65536"),
    Server("server_brackets", "[2001:db8::1]"),
};
INSTANTIATE_TEST_SUITE_P(Values, RefusedTest, ::testing::ValuesIn(kValues),
                         [](const auto& test) { return test.param.name; });

const Case kSyntax[] = {
    {"duplicate_key", "header = true\nheader = false",
     "2:10: key-value pair: cannot redefine existing boolean 'header'"},
    {"duplicate_table", "[dns]\ntrusted = []\n[dns]\nservers = []",
     "3:1: table header: cannot redefine existing table 'dns'"},
    {"open_string", "profile = \"observe\n", "1:19: "},
    {"no_value", "profile =\n", "1:10: "},
    {"no_equals", "profile \"observe\"", "1:9: "},
    {"no_key", "= 3", "1:1: "},
    {"open_list", "our_names = [\n", "1:15: array: encountered end-of-file"},
    {"bad_escape", "profile = \"\\q\"", "1:13: "},
    {"not_utf8", "header = true\n# \xff\n", "2:3: not UTF-8"},
    {"not_utf8_overlong", "profile = \"\xc0\xaf\"", "1:12: not UTF-8"},
    {"utf8_cut_short", "# \xe2\x82", "1:3: not UTF-8"},
    {"utf8_surrogate", "# \xed\xa0\x80", "1:3: not UTF-8"},
    {"utf8_too_high", "# \xf4\x90\x80\x80", "1:3: not UTF-8"},
    {"utf8_late", "\n# " + std::string(70, 'a') + "\xc3\xa4\xff", "2:74: not UTF-8"},
    {"utf8_bare", "header = \xc3\xa4", "1:10: only texts and comments may go beyond ASCII"},
    {"triple_quotes", "a = \"\"\"\nb\"\"\"", "1:5: no setting takes a text in triple quotes"},
    {"triple_apostrophes", "a = [\n'''b''']", "2:1: no setting takes a text in triple quotes"},
    {"utf16", std::string("\xff\xfeh\0e\0", 6), "1:1: not UTF-8"},
    {"nul", std::string("header\0 = true", 14), "1:7: "},
    {"quote_in_word", "a = 1978-06-27b\"\xc9\xa7\"", "1:16: a quote in the middle of a word"},
    // What the parser would read as part of the number, characters beyond ASCII among it.
    {"quote_in_number", "a = 0x[\"\xc3\xa4\"]", "1:8: a quote in the middle of a word"},
    {"quote_in_item", "a = [1,\n 7=\"\xc3\xa4\"]", "2:4: a quote in the middle of a word"},
    {"quote_behind_date", "a = 1979-05-27 {'\xc3\xa4'", "1:17: a quote in the middle of a word"},
    {"quote_in_second_number", "a={b=-1.\"\xc3\xa4\"}", "1:9: a quote in the middle of a word"},
    {"number_as_key", "a = [{7.\"\xc3\xa4\" = 1, 8='x'}]\n9=\"\xc3\xa4\"\n[7.'\xc3\xa4']\n",
     "1:1: unknown setting \"a\""},
    {"two_texts", "profile = \"a\"'b'", "1:14: a quote in the middle of a word"},
    {"deep_lists", std::string(100000, '['), "1:"},
    {"deep_key", "[a" + std::string(500000, '.') + "]", "1:18: a key of more than 16 parts"},
    {"deep_key_after_strings",
     "x = \"'\" # \"\n" + std::string("y = '\"'\n\"a.b\"") +
         [] {
           std::string key;
           for (int i = 0; i < 300000; ++i) key += ".a";
           return key + " = 1";
         }(),
     "3:36: a key of more than 16 parts"},
};

class SyntaxTest : public ::testing::TestWithParam<Case> {};

// The words are the library's; the place and the form are ours.
TEST_P(SyntaxTest, SaysWhere) {
  const FileErrorOr<Config> got = ParseConfig(GetParam().toml, "f");
  ASSERT_FALSE(got) << "got no error, want " << GetParam().error;
  const std::string text = got.error().ToString();
  EXPECT_THAT(text, ::testing::StartsWith("f:" + GetParam().error));
  EXPECT_THAT(text, ::testing::Each(::testing::AllOf(::testing::Ge(' '), ::testing::Le('~'))));
  EXPECT_LE(text.size(), 1000U);
}

INSTANTIATE_TEST_SUITE_P(Syntax, SyntaxTest, ::testing::ValuesIn(kSyntax),
                         [](const auto& test) { return test.param.name; });

// Dots in a text or in a comment are no key.
TEST(KeyPartsTest, CountNothingElse) {
  const std::string dots(100, '.');
  EXPECT_TRUE(ParseConfig("# " + dots + "\nheader = true", "f"));
  for (const std::string quote : {"\"", "'"}) {
    std::string toml = "profile = ";
    toml.append(quote).append(dots).append(quote);
    const FileErrorOr<Config> text = ParseConfig(toml, "f");
    ASSERT_FALSE(text);
    EXPECT_THAT(text.error().message, ::testing::StartsWith("profile: "));
  }
}

}  // namespace
}  // namespace helovet
