// Tables with mistakes, and settings that are wrong together.
#include <ostream>
#include <string>
#include <string_view>

#include "config/settings.h"
#include "core/config/refused_test.h"
#include "gtest/gtest.h"
#include "helovet/config.h"

namespace helovet {
namespace {

using Case = testing::RefusedCase;

class RefusedTogetherTest : public ::testing::TestWithParam<Case> {};

TEST_P(RefusedTogetherTest, SaysWhereAndWhy) { testing::ExpectRefused(GetParam()); }

const Case kOverrides[] = {
    {"no_table", "overrides = \"tag\"", "1:13: overrides: must be a table of checks"},
    {"list", "overrides = []", "1:13: overrides: must be a table of checks"},
    {"unknown_check", "[overrides]\ncsq.none = \"tag\"",
     "2:1: overrides: unknown check \"csq\"; did you mean csa?"},
    {"check_of_no_kin", "[overrides]\nweather.none = \"tag\"",
     "2:1: overrides: unknown check \"weather\""},
    {"near_check", "[overrides]\nreverse_match.none = \"tag\"",
     "2:1: overrides: unknown check \"reverse_match\"; did you mean reverse-match?"},
    {"upper_case", "[overrides]\nCSA.none = \"tag\"",
     "2:1: overrides: unknown check \"CSA\"; did you mean csa?"},
    {"dotted_check", "overrides = { \"csa.none\" = \"tag\" }",
     "1:15: overrides: unknown check \"csa.none\""},
    {"exempt", "[overrides]\nexempt.skipped = \"tag\"",
     "2:1: overrides: \"exempt\" is no check that has results"},
    {"configuration", "[overrides]\nconfiguration.temperror = \"tag\"",
     "2:1: overrides: \"configuration\" is no check that has results"},
    {"check_alone", "[overrides]\ncsa = \"tag\"",
     "2:7: overrides: csa must be a table of its results"},
    {"near_result", "[overrides]\ncsa.nones = \"tag\"",
     "2:5: overrides: csa never has the result \"nones\"; did you mean none?"},
    {"result_it_never_has", "[overrides]\ncsa.softfail = \"tag\"",
     "2:5: overrides: csa never has the result \"softfail\""},
    {"result_of_another", "[overrides]\nwell-known.fail = \"tag\"",
     "2:12: overrides: well-known never has the result \"fail\""},
    {"action", "[overrides]\ncsa.none = \"accept\"",
     "2:12: overrides: csa.none: \"accept\" is not \"ignore\", \"tag\", \"defer\" or \"reject\""},
    {"number", "[overrides]\ncsa.none = 1",
     "2:12: overrides: csa.none: must be \"ignore\", \"tag\", \"defer\" or \"reject\""},
    {"reject_temperror", "[overrides]\ndna.temperror = \"reject\"",
     "2:17: overrides: dna.temperror: a temporary failure is never rejected"},
    {"of_accreditors_that_nobody_trusts", "[overrides]\ndna.fail = \"tag\"",
     "2:1: overrides: dna has no effect without dna.trusted"},
    {"of_certifiers_that_nobody_named", "[overrides.vbr]\nnone = \"tag\"",
     "1:12: overrides: vbr has no effect without vbr.certifiers"},
    {"of_lists_that_nobody_asks", "[overrides]\naddress-list.fail = \"tag\"",
     "2:1: overrides: address-list has no effect without lists.address"},
    {"of_lists_of_names", "[overrides]\nname-list.fail = \"tag\"",
     "2:1: overrides: name-list has no effect without lists.name"},
    {"of_dmp", "[overrides]\ndmp.fail = \"tag\"",
     "2:1: overrides: dmp has no effect without \"dmp\" in senders.checks"},
    {"of_drip", "[overrides]\ndrip.fail = \"tag\"",
     "2:1: overrides: drip has no effect without \"drip\" in senders.checks"},
    {"of_rmx", "[overrides]\nrmx.fail = \"tag\"",
     "2:1: overrides: rmx has no effect without \"rmx\" in senders.checks"},
    {"of_spf", "senders.checks = [\"dmp\"]\n[overrides]\nspf.fail = \"tag\"",
     "3:1: overrides: spf has no effect without \"spf\" in senders.checks"},
    {"of_spf_helo", "senders.checks = []\n[overrides]\nspf-helo.fail = \"tag\"",
     "3:1: overrides: spf-helo has no effect without \"spf\" in senders.checks"},
    {"of_callbacks", "[overrides]\ncbv.fail = \"tag\"",
     "2:1: overrides: cbv has no effect without \"cbv\" in senders.checks"},
    {"of_what_did_not_run", "senders.checks = [\"cbv\"]\n[overrides]\ncbv.skipped = \"tag\"",
     "3:5: overrides: cbv never has the result \"skipped\""},
    {"first_of_two", "[overrides]\nzzz.none = \"tag\"\naaa.none = \"tag\"",
     "2:1: overrides: unknown check \"zzz\""},
    {"first_of_two_results", "[overrides]\niprev.temperror = \"reject\"\ncsa.none = 1",
     "2:19: overrides: iprev.temperror: a temporary failure is never rejected"},
    {"first_of_two_settings", "[overrides]\niprev.zzz = \"tag\"\n[metrics]\nfile = 1",
     "2:7: overrides: iprev never has the result \"zzz\""},
    {"twice", "[overrides]\ncsa.none = \"tag\"\ncsa.none = \"defer\"",
     "3:12: key-value pair: cannot redefine existing string 'csa.none'"},
};
INSTANTIATE_TEST_SUITE_P(Overrides, RefusedTogetherTest, ::testing::ValuesIn(kOverrides),
                         [](const auto& test) { return test.param.name; });

const Case kAccreditors[] = {
    {"number", "dna.trusted = [5]",
     "1:16: dna.trusted: must be a name in quotes or a table such as { name = \"...\" }"},
    {"text_for_list", "dna.trusted = \"a.example\"",
     "1:15: dna.trusted: must be a list in brackets"},
    {"no_name", "dna.trusted = [\"a b\"]", "1:16: dna.trusted: \"a b\" is not a host name"},
    {"address", "dna.trusted = [\"192.0.2.1\"]",
     "1:16: dna.trusted: \"192.0.2.1\" is not a host name"},
    {"no_name_in_table", "dna.trusted = [{ name = \"a..b\" }]",
     "1:25: dna.trusted: name: \"a..b\" is not a host name"},
    {"lacks_name", "dna.trusted = [\"a.example\", { weight = 2 }]",
     "1:29: dna.trusted: lacks a name"},
    {"unknown_key", "[[dna.trusted]]\nname = \"a.example\"\nwieght = 2",
     "3:1: dna.trusted: unknown key \"wieght\"; did you mean weight?"},
    {"weight_zero", "[[dna.trusted]]\nname = \"a.example\"\nweight = 0",
     "3:10: dna.trusted: weight: 0 is not between 1 and 100"},
    {"weight_101", "[[dna.trusted]]\nname = \"a.example\"\nweight = 101",
     "3:10: dna.trusted: weight: 101 is not between 1 and 100"},
    {"weight_text", "[[dna.trusted]]\nweight = \"2\"\nname = \"a.example\"",
     "2:10: dna.trusted: weight: must be a whole number from 1 to 100"},
    {"advisory_number", "[[dna.trusted]]\nname = \"a.example\"\nadvisory = 1",
     "3:12: dna.trusted: advisory: must be true or false"},
    {"always_ask_text", "[[dna.trusted]]\nname = \"a.example\"\nalways_ask = \"yes\"",
     "3:14: dna.trusted: always_ask: must be true or false"},
    {"weight_of_advisory", "[[dna.trusted]]\nname = \"a.example\"\nweight = 2\nadvisory = true",
     "4:12: dna.trusted: weight and advisory contradict each other: what is advisory counts for "
     "nothing"},
    {"twice", "dna.trusted = [\"a.example\", { name = \"A.Example.\" }]",
     "1:29: dna.trusted: \"a.example\" is there twice"},
    {"first_of_two", "[[dna.trusted]]\nweight = 0\nadvisory = 1\nname = \"a b\"",
     "2:10: dna.trusted: weight: 0 is not between 1 and 100"},
    {"weight_out_of_reach",
     "[dna]\nrequired_weight = 4\ntrusted = [\"a.example\", { name = \"b.example\", weight = 2 }, "
     "{ name = \"c.example\", advisory = true }]",
     "2:19: dna.required_weight: 4 can never be reached: the weights of dna.trusted add up to 3"},
    {"weight_of_advisory_alone",
     "[dna]\nrequired_weight = 1\ntrusted = [{ name = \"c.example\", advisory = true }]",
     "2:19: dna.required_weight: 1 can never be reached: the weights of dna.trusted add up to 0"},
};
INSTANTIATE_TEST_SUITE_P(Accreditors, RefusedTogetherTest, ::testing::ValuesIn(kAccreditors),
                         [](const auto& test) { return test.param.name; });

// A list of addresses with `codes`, which begin at 1:56.
Case Codes(std::string name, const std::string& codes, const std::string& error) {
  return {std::move(name),
          "lists.address = [{ zone = \"dnsbl.example.net\", codes = " + codes + " }]", error};
}
constexpr std::string_view kOctets = "is not four octets, each a number, * or a range such as 4-7";

const Case kDnsLists[] = {
    {"no_table", "lists.name = [\"a.example\"]",
     "1:15: lists.name: must be a table of zone and codes"},
    {"one_table", "[lists.name]\nzone = \"a.example\"",
     "1:1: lists.name: must be a list in brackets"},
    {"lacks_zone", "lists.name = [{ codes = { \"127.0.0.2\" = \"D\" } }]",
     "1:15: lists.name: lacks a zone"},
    {"lacks_codes", "lists.name = [{ zone = \"a.example\" }]", "1:15: lists.name: lacks codes"},
    {"unknown_key", "[[lists.name]]\nzone = \"a.example\"\ncode = { \"127.0.0.2\" = \"D\" }",
     "1:1: lists.name: lacks codes"},
    {"unknown_third_key",
     "[[lists.name]]\nzone = \"a.example\"\ncodes = { \"127.0.0.2\" = \"D\" }\nzones = 1",
     "4:1: lists.name: unknown key \"zones\"; did you mean zone?"},
    {"zone", "lists.name = [{ zone = \"a b\", codes = { \"127.0.0.2\" = \"D\" } }]",
     "1:24: lists.name: zone: \"a b\" is not a host name"},
    {"zone_twice",
     "[[lists.name]]\nzone = \"a.example\"\ncodes = { \"127.0.0.2\" = \"D\" }\n"
     "[[lists.name]]\nzone = \"A.Example\"\ncodes = { \"127.0.0.3\" = \"D\" }",
     "4:1: lists.name: \"a.example\" is there twice"},
    {"zone_without_room",
     "lists.address = [{ zone = \"" + std::string(63, 'a') + "." + std::string(63, 'b') + "." +
         std::string(62, 'c') + "\", codes = { \"127.0.0.2\" = \"D\" } }]",
     "1:18: lists.address: zone: is longer than 189 octets, which leaves no room for an address"},
    Codes(
        "codes_text", "\"D\"",
        "1:56: lists.address: codes must be a table of ratings, such as { \"127.0.0.2\" = \"D\" }"),
    Codes(
        "codes_empty", "{}",
        "1:56: lists.address: codes must be a table of ratings, such as { \"127.0.0.2\" = \"D\" }"),
    Codes("unquoted", "{ 127.0.0.2 = \"D\" }",
          "1:58: lists.address: a code must stand in quotes, as in \"127.0.0.2\" = \"D\""),
    Codes("three_octets", "{ \"127.0.0\" = \"D\" }",
          "1:58: lists.address: \"127.0.0\" " + std::string(kOctets)),
    Codes("range_backwards", "{ \"127.0.0.7-4\" = \"D\" }",
          "1:58: lists.address: \"127.0.0.7-4\" " + std::string(kOctets)),
    Codes("other_first_octet", "{ \"10.0.0.2\" = \"D\" }",
          "1:58: lists.address: \"10.0.0.2\" does not begin with 127"),
    Codes("any_first_octet", "{ \"*.0.0.2\" = \"D\" }",
          "1:58: lists.address: \"*.0.0.2\" does not begin with 127"),
    Codes("error_code", "{ \"127.255.255.254\" = \"D\" }",
          "1:58: lists.address: \"127.255.255.254\" never rates: codes in 127.255.255.0/24 are "
          "errors "
          "of the list"),
    Codes(
        "error_codes", "{ \"127.255.255.*\" = \"D\" }",
        "1:58: lists.address: \"127.255.255.*\" never rates: codes in 127.255.255.0/24 are errors "
        "of the list"),
    Codes("rating", "{ \"127.0.0.2\" = \"F\" }",
          "1:72: lists.address: \"F\" is not a rating from \"A\" to \"E\""),
    Codes("rating_number", "{ \"127.0.0.2\" = 4 }",
          "1:72: lists.address: \"127.0.0.2\" must have a rating from \"A\" to \"E\""),
    Codes("first_of_two", "{ \"127.0.0.9\" = \"F\", \"127.0.0.2\" = \"F\" }",
          "1:72: lists.address: \"F\" is not a rating from \"A\" to \"E\""),
    Codes(
        "codes_twice", "{ \"127.0.0.2\" = \"D\", \"127.0.0.2-2\" = \"E\" }",
        "1:77: lists.address: \"127.0.0.2-2\" and \"127.0.0.2\" have codes in common and differ in "
        "their rating"),
    Codes(
        "codes_meet", "{ \"127.0.0.4-6\" = \"E\", \"127.0.0.2-4\" = \"D\" }",
        "1:79: lists.address: \"127.0.0.2-4\" and \"127.0.0.4-6\" have codes in common and differ "
        "in their rating"),
    Codes("codes_cross", "{ \"127.0.*.3\" = \"E\", \"127.0.3.*\" = \"D\" }",
          "1:77: lists.address: \"127.0.3.*\" and \"127.0.*.3\" have codes in common and differ in "
          "their rating"),
};
INSTANTIATE_TEST_SUITE_P(DnsLists, RefusedTogetherTest, ::testing::ValuesIn(kDnsLists),
                         [](const auto& test) { return test.param.name; });

const Case kContradictions[] = {
    {"custom_under_observe", "[custom]\nlow = \"reject\"",
     "2:1: custom.low: has no effect without the profile \"custom\""},
    {"custom_under_strict", "profile = \"strict\"\n[custom]\nskip_address_blocklists = true",
     "3:1: custom.skip_address_blocklists: has no effect without the profile \"custom\""},
    {"low_milder", "profile = \"custom\"\n[custom]\nlow = \"tag\"\nunknown = \"defer\"",
     "3:7: custom.low: \"tag\" is milder than custom.unknown, which is \"defer\""},
    {"low_milder_than_default", "profile = \"custom\"\n[custom]\nlow = \"accept\"",
     "3:7: custom.low: \"accept\" is milder than custom.unknown, which is \"tag\""},
    {"unknown_milder", "profile = \"custom\"\n[custom]\nhigh = \"tag\"\nunknown = \"accept\"",
     "4:11: custom.unknown: \"accept\" is milder than custom.high, which is \"tag\""},
    {"high_more_severe_than_default", "profile = \"custom\"\ncustom.high = \"defer\"",
     "2:15: custom.high: \"defer\" is more severe than custom.unknown, which is \"tag\""},
    {"alternate_for_nobody", "alternate.profile = \"strict\"",
     "1:11: alternate.profile: has no effect without alternate.domains"},
    {"alternate_for_an_empty_list", "[alternate]\nprofile = \"strict\"\ndomains = []",
     "2:1: alternate.profile: has no effect without alternate.domains"},
    {"reverse_in_dsar", "csa.dialect = \"dsar-00\"\ncsa.reverse = false",
     "2:5: csa.reverse: has no effect with the dialect \"dsar-00\""},
    {"explicit_in_dsar", "[csa]\nexplicit_search = true\ndialect = \"dsar-00\"",
     "2:1: csa.explicit_search: has no effect with the dialect \"dsar-00\""},
    {"weight_of_nobody", "dna.required_weight = 1",
     "1:5: dna.required_weight: has no effect without dna.trusted"},
    {"types_of_nobody", "vbr.types = [\"transaction\"]",
     "1:5: vbr.types: has no effect without vbr.certifiers"},
    {"interval_of_nothing", "metrics.interval = \"15s\"",
     "1:9: metrics.interval: has no effect without metrics.file"},
    {"interval_of_no_file", "metrics = { interval = \"15s\", file = \"\" }",
     "1:13: metrics.interval: has no effect without metrics.file"},
    {"dmp_without_dmp", "dmp.domains = [\"a.example\"]",
     "1:5: dmp.domains: has no effect without \"dmp\" in senders.checks"},
    {"explanation_without_spf", "senders.checks = [\"dmp\"]\nspf.explanation = true",
     "2:5: spf.explanation: has no effect without \"spf\" in senders.checks"},
    {"callback_without_callbacks", "senders.checks = [\"spf\"]\ncbv.port = 25",
     "2:5: cbv.port: has no effect without \"cbv\" in senders.checks"},
    {"callback_over_default_deadline", "senders.checks = [\"cbv\"]\n[cbv]\ntimeout = \"6s\"",
     "3:11: cbv.timeout: \"6s\" is longer than the deadline, which is 5s"},
    {"callback_over_deadline",
     "senders.checks = [\"cbv\"]\ncbv.timeout = \"5s\"\ndeadline = \"4s\"",
     "2:15: cbv.timeout: \"5s\" is longer than the deadline, which is 4s"},
    {"callbacks_without_store", "senders.checks = [\"spf\", \"cbv\"]\nstore.kind = \"none\"",
     "1:26: senders.checks: \"cbv\" cannot run with store.kind = \"none\": nothing would bound its "
     "callbacks"},
    {"more_to_a_domain_than_at_all",
     "senders.checks = [\"cbv\"]\ncbv.concurrent_per_domain = 5\ncbv.concurrent = 4",
     "2:29: cbv.concurrent_per_domain: 5 is more than cbv.concurrent, which is 4"},
    {"more_to_a_domain_than_the_default",
     "senders.checks = [\"cbv\"]\ncbv.concurrent_per_domain = 21",
     "2:29: cbv.concurrent_per_domain: 21 is more than cbv.concurrent, which is 20"},
    {"directory_of_redis", "store = { kind = \"redis\", directory = \"/var/lib/helovet\" }",
     "1:27: store.directory: has no effect without store.kind = \"lmdb\""},
    {"redis_without_redis", "redis.server = \"127.0.0.1:6379\"",
     "1:7: redis.server: has no effect without store.kind = \"redis\""},
    {"redis_over_deadline",
     "deadline = \"400ms\"\nstore.kind = \"redis\"\nredis.timeout = \"500ms\"",
     "3:17: redis.timeout: \"500ms\" is longer than the deadline, which is 400ms"},
    {"user_without_password", "store.kind = \"redis\"\nredis.user = \"helovet\"",
     "2:7: redis.user: has no effect without redis.password_file"},
    {"certificates_without_tls", "store.kind = \"redis\"\nredis.ca_file = \"/etc/ca.pem\"",
     "2:7: redis.ca_file: has no effect without redis.tls"},
    {"tls_over_a_socket",
     "store.kind = \"redis\"\nredis = { tls = true, server = \"/run/redis.sock\" }",
     "2:17: redis.tls: a server at a socket's path has no certificate"},
    {"allowed_and_denied",
     "lists.allow = [\"192.0.2.1\"]\nlists.deny = [\"a.example\", \"192.0.2.1/32\"]",
     "2:28: lists.deny: \"192.0.2.1/32\" is both allowed and denied"},
    {"denied_and_allowed", "lists.deny = [\"A.Example.\"]\nlists.allow = [\"a.example\"]",
     "2:16: lists.allow: \"A.Example.\" is both allowed and denied"},
    {"file_in_both", "lists.deny = [\"/etc/list\"]\nlists.allow = [\"/etc/list\"]",
     "2:16: lists.allow: \"/etc/list\" is both allowed and denied"},
    {"user_without_confinement", "opensmtpd.confinement = \"off\"\nopensmtpd.user = \"_smtpd\"",
     "2:11: opensmtpd.user: has no effect with opensmtpd.confinement = \"off\""},
    {"junk_under_observe", "opensmtpd.junk = true",
     "1:18: opensmtpd.junk: the profile \"observe\" tags every message, so all of them would be "
     "junk"},
    {"junk_under_alternate_observe",
     "profile = \"standard\"\nalternate = { domains = [\"a.example\"], profile = \"observe\" }\n"
     "opensmtpd.junk = true",
     "3:18: opensmtpd.junk: the profile \"observe\" tags every message, so all of them would be "
     "junk"},
    {"first_of_two", "[metrics]\ninterval = \"15s\"\n[dna]\nrequired_weight = 1",
     "2:1: metrics.interval: has no effect without metrics.file"},
    // What was meant is known when all is right.
    {"mistake_before_contradiction", "[dna]\nrequired_weight = 1\ntrused = [\"a.example\"]",
     "3:1: unknown setting \"dna.trused\"; did you mean dna.trusted?"},
    {"nine_questions",
     "[vbr]\ncertifiers = [\"a.example\", \"b.example\", \"c.example\"]\n"
     "[dna]\ntrusted = [\"x.example\", { name = \"d.example\", always_ask = true },\n"
     "  { name = \"e.example\", always_ask = true },\n  { name = \"f.example\", always_ask = true "
     "}]\n"
     "[lists]\nname = [{ zone = \"g.example\", codes = { \"127.0.0.2\" = \"D\" } }]\n"
     "address = [{ zone = \"g.example\", codes = { \"127.0.0.2\" = \"D\" } },\n"
     "  { zone = \"h.example\", codes = { \"127.0.0.2\" = \"D\" } }]",
     "10:3: lists.address: accreditors that are always asked, certifiers and DNS lists are more "
     "than "
     "8 together"},
};
INSTANTIATE_TEST_SUITE_P(Contradictions, RefusedTogetherTest, ::testing::ValuesIn(kContradictions),
                         [](const auto& test) { return test.param.name; });

TEST(ContradictionsTest, EightQuestionsAreNotTooMany) {
  const FileErrorOr<Config> config = ParseConfig(
      "vbr.certifiers = [\"a.example\", \"b.example\", \"c.example\", \"d.example\", "
      "\"e.example\", "
      "\"f.example\", \"g.example\"]\n"
      "dna.trusted = [\"x.example\", { name = \"h.example\", always_ask = true }]",
      "f");
  EXPECT_TRUE(config) << config.error().ToString();
}

// Every setting that needs another says so.
TEST(ContradictionsTest, EverySettingIsRefusedWithoutWhatItNeeds) {
  for (const Setting& setting : Settings()) {
    if (setting.need.words.empty()) continue;
    std::string toml = std::string(setting.key) + " = " + std::string(setting.default_value);
    // All others need something that the defaults lack.
    if (setting.key.starts_with("csa.")) toml += "\ncsa.dialect = \"dsar-00\"";
    if (setting.key.starts_with("spf.")) toml += "\nsenders.checks = []";
    if (setting.key.starts_with("opensmtpd.")) toml += "\nopensmtpd.confinement = \"off\"";
    if (setting.key.starts_with("store.")) toml += "\nstore.kind = \"none\"";
    const FileErrorOr<Config> config = ParseConfig(toml, "f");
    ASSERT_FALSE(config) << toml;
    const std::size_t column = setting.key.rfind('.') + 2;
    EXPECT_EQ(config.error().ToString(), "f:1:" + std::to_string(column) + ": " +
                                             std::string(setting.key) + ": has no effect " +
                                             std::string(setting.need.words));
  }
}

}  // namespace
}  // namespace helovet
