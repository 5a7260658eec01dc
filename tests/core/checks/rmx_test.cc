#include "checks/rmx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "checks/rmx_record.h"
#include "core/checks/run_check.h"
#include "testing/scripted_dns.h"

namespace helovet {
namespace {

using testing::Address;
using testing::AliasChain;
using ::testing::ElementsAre;
using testing::RunTask;
using testing::ScriptedDns;
using testing::ScriptLine;
using testing::Text;
using testing::Texts;
using ::testing::UnorderedElementsAre;

const std::string kRecord = "_rmx.example.com TXT";
const std::string kPtr = "1.2.0.192.in-addr.arpa PTR";
const std::string kFull = "some.user._rmx.example.com TXT";

const std::string kGranted = "pass/designated";
const std::string kDenied = "fail/denied";
const std::string kNotInRmx = "fail/not-designated";
const std::string kBadData = "permerror/malformed";
const std::string kTempFail = "temperror/dns";

struct RmxCase {
  std::string id = {};
  std::string source = {};
  std::string record = {};
  std::string wanted = {};
  std::vector<ScriptLine> more = {};
  std::string client = "192.0.2.1";
  std::optional<std::string> mail_from = "some.user@example.com";
};
void PrintTo(const RmxCase& each, std::ostream* out) { *out << each.id; }

CheckResult RunRmx(const RmxCase& wanted, ScriptedDns::Order order = ScriptedDns::Order::kAsAsked) {
  Loop loop;
  ScriptedDns dns(loop, wanted.more + std::vector<ScriptLine>{{kRecord, wanted.record}}, order);
  SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
  const IpAddress client = Address(wanted.client);
  const SenderIdentity sender = IdentifySender(wanted.mail_from);
  return RunTask(loop, CheckRmx(sender, client, session_dns));
}

// RMX-04 §7: the results by their names there.
std::vector<RmxCase> ResultCases() {
  const std::string source = "RMX-04 §7";
  return {
      {"granted", source, "ipv4:192.0.2.1", kGranted},
      {"denied", source, "!ipv4:192.0.2.1", kDenied},
      {"not_in_rmx", source, "ipv4:192.0.2.2", kNotInRmx},
      {"not_in_a_record_without_entries", "RMX-04 §4.1", "\"\"", kNotInRmx},
      {"no_rmx", source, "nxdomain", "none/no-record"},
      {"no_rmx_but_other_types", source, "nodata", "none/no-record"},
      {"temp_fail", source, "servfail", kTempFail},
      {"temp_fail_by_silence", source, "silence", kTempFail},
      {"bad_data", source, "v=spf1 -all", kBadData},
      {"no_sender", "docs/rules.md §11.4", "", "none/no-sender", {}, "192.0.2.1", ""},
      {"no_sender_yet", "docs/rules.md §11.4", "", "none/no-sender", {}, "192.0.2.1", std::nullopt},
      {"alias_chain", "docs/rules.md §8", "CNAME a.test", "permerror/alias-chain",
       AliasChain("a.test", "TXT", 8, "ipv4:192.0.2.1")},
  };
}

std::vector<RmxCase> StructureCases() {
  const std::string source = "RMX-04 §4.1";
  return {
      {"first_match_denies", source, "!ipv4:192.0.2.1 ipv4:192.0.2.0/24", kDenied},
      {"first_match_grants", source, "ipv4:192.0.2.0/24 !ipv4:192.0.2.1", kGranted},
      {"negation_without_match", source, "!ipv4:192.0.2.2 ipv4:192.0.2.0/24", kGranted},
      {"only_negations", source, "!ipv4:192.0.2.2", kNotInRmx},
      {"white_space", source, "\"  ipv4:192.0.2.9\t  ipv4:192.0.2.1 \"", kGranted},
      {"tag_in_capitals", source, "IPv4:192.0.2.1", kGranted},
      {"tag_as_number", "RMX-04 §4.1, §6.1", "2:2001:db8::1 01:192.0.2.1", kGranted},
      {"records_are_one", source, "ipv4:192.0.2.2 | ipv4:192.0.2.1", kGranted},
      {"records_in_the_order_of_octets", "docs/rules.md §11.4",
       "ipv4:192.0.2.0/24 | !ipv4:192.0.2.1", kDenied},
      {"unknown_tag", "RMX-04 §6.1.1", "spf:x ipv4:192.0.2.1", kBadData},
      {"unknown_tag_behind_a_match", source, "ipv4:192.0.2.1 spf:x", kGranted},
      {"unknown_number", "RMX-04 §6.1.1", "8: ipv4:192.0.2.1", kBadData},
      {"number_nought", "RMX-04 §6.1.1", "0:", kBadData},
      {"no_tag", source, ":192.0.2.1", kBadData},
      {"no_colon", source, "ipv4", kBadData},
      {"blank_behind_the_negation", source, "! ipv4:192.0.2.1", kBadData},
      {"twice_negated", source, "!!ipv4:192.0.2.1", kBadData},
      {"octets", source, "\x01\xff:", kBadData},
  };
}

std::vector<RmxCase> RangeCases() {
  const std::string source = "RMX-04 §4.3";
  const std::string v6 = "2001:db8::1";
  return {
      {"unused", "RMX-04 §4.2", "unused:", kDenied},
      {"unused_behind_a_match", "RMX-04 §4.1", "ipv4:192.0.2.1 unused:", kGranted},
      {"unused_with_data", "RMX-04 §4.2", "unused:x", kBadData},
      {"unused_negated", "RMX-04 §6.1.5", "!unused:", kBadData},
      {"network", source, "ipv4:192.0.2.0/31", kGranted},
      {"network_beside", source, "ipv4:192.0.2.2/31", kNotInRmx},
      {"network_of_everything", source, "ipv4:0.0.0.0/0", kGranted},
      {"bits_beyond_the_mask", "RMX-04 §6.1.3", "ipv4:192.0.2.77/24", kGranted},
      {"other_family", source, "ipv6:::/0", kNotInRmx},
      {"other_family_of_ipv6", source, "ipv4:0.0.0.0/0", kNotInRmx, {}, v6},
      {"ipv6", source, "ipv6:2001:db8::1", kGranted, {}, v6},
      {"ipv6_network", source, "ipv6:2001:db8::/33", kGranted, {}, v6},
      {"ipv6_network_beside", source, "ipv6:2001:db8:8000::/33", kNotInRmx, {}, v6},
      {"ipv4_mapped", "docs/rules.md §1", "ipv6:::ffff:192.0.2.0/120", kGranted},
      {"ipv4_mapped_beside", "docs/rules.md §1", "ipv6:::ffff:192.0.3.0/120", kNotInRmx},
      {"ipv4_mapped_client",
       "docs/rules.md §1",
       "ipv4:192.0.2.1",
       kGranted,
       {},
       "::ffff:192.0.2.1"},
      {"mask_too_long", source, "ipv4:192.0.2.0/33", kBadData},
      {"ipv6_mask_too_long", source, "ipv6:2001:db8::/129", kBadData},
      {"mask_missing", source, "ipv4:192.0.2.0/", kBadData},
      {"mask_no_number", source, "ipv4:192.0.2.0/-1", kBadData},
      {"no_address", source, "ipv4:", kBadData},
      {"ipv6_as_ipv4", source, "ipv4:2001:db8::1", kBadData},
      {"ipv4_as_ipv6", source, "ipv6:192.0.2.1", kBadData},
  };
}

std::vector<RmxCase> HostCases() {
  const std::string source = "RMX-04 §4.4";
  const std::vector<ScriptLine> a = {{"a.test A", "192.0.2.1 | 192.0.2.2"}};
  const std::vector<ScriptLine> other = {{"a.test A", "192.0.2.2"}};
  return {
      {"host", source, "host:a.test", kGranted, a},
      {"host_negated", source, "!host:a.test ipv4:0.0.0.0/0", kDenied, a},
      {"host_without_match", source, "host:a.test", kNotInRmx, other},
      {"host_that_does_not_exist", source, "host:a.test", kNotInRmx, {{"a.test A", "nxdomain"}}},
      {"host_of_ipv6",
       source,
       "host:a.test",
       kGranted,
       {{"a.test AAAA", "2001:db8::1"}},
       "2001:db8::1"},
      {"host_without_name", source, "host:", kBadData},
      {"host_that_is_no_name", source, "host:a..test", kBadData},
      {"host_alias_chain", "docs/rules.md §11.4", "host:a.test", "permerror/alias-chain",
       AliasChain("a.test", "A", 9, "192.0.2.1")},
  };
}

std::vector<RmxCase> AplCases() {
  const std::string source = "RMX-04 §4.5; docs/rules.md §11.4";
  const auto at = [](const std::string& list) {
    return std::vector<ScriptLine>{{"a.test APL", list}};
  };
  return {
      {"apl", source, "apl:a.test", kGranted, at("1:198.51.100.0/24 1:192.0.2.0/24")},
      {"apl_without_match", source, "apl:a.test", kNotInRmx, at("1:198.51.100.0/24")},
      {"apl_item_negated", source, "apl:a.test", kNotInRmx, at("!1:192.0.2.1/32 1:192.0.2.0/24")},
      {"apl_item_negated_behind", source, "apl:a.test", kGranted,
       at("1:192.0.2.0/24 !1:192.0.2.1/32")},
      {"apl_negated", source, "!apl:a.test ipv4:0.0.0.0/0", kDenied, at("1:192.0.2.0/24")},
      {"apl_item_and_entry_negated", source, "!apl:a.test ipv4:0.0.0.0/0", kGranted,
       at("!1:192.0.2.0/24")},
      {"apl_of_ipv6", source, "apl:a.test", kGranted, at("1:0.0.0.0/0 2:2001:db8::/32"),
       "2001:db8::1"},
      {"apl_of_another_family", source, "apl:a.test", kNotInRmx, at("2:::/0 3:/0")},
      {"apl_lists_of_several_records", source, "apl:a.test", kGranted,
       at("!1:192.0.2.0/24 | 1:192.0.2.1/32")},
      {"apl_empty", source, "apl:a.test", kNotInRmx, at("nodata")},
      {"apl_fails", source, "apl:a.test", kTempFail, at("servfail")},
      {"apl_without_name", source, "apl:", kBadData},
  };
}

std::vector<RmxCase> DomainCases() {
  const std::string source = "RMX-04 §4.6";
  const std::vector<ScriptLine> confirmed = {{kPtr, "mx.provider.test"},
                                             {"mx.provider.test A", "192.0.2.1"}};
  return {
      {"domain", source, "domain:provider.test", kGranted, confirmed},
      {"domain_itself", source, "domain:mx.provider.test", kGranted, confirmed},
      {"domain_negated", source, "!domain:provider.test ipv4:0.0.0.0/0", kDenied, confirmed},
      {"another_domain", source, "domain:vider.test", kNotInRmx, {{kPtr, "mx.provider.test"}}},
      {"domain_of_the_sender",
       source,
       "domain:",
       kGranted,
       {{kPtr, "mx.example.com"}, {"mx.example.com A", "192.0.2.1"}}},
      {"domain_not_confirmed",
       source,
       "domain:provider.test",
       kNotInRmx,
       {{kPtr, "mx.provider.test"}, {"mx.provider.test A", "192.0.2.2"}}},
      {"one_name_of_several",
       source,
       "domain:provider.test",
       kGranted,
       {{kPtr, "a.provider.test | b.test | b.provider.test"},
        {"a.provider.test A", "servfail"},
        {"b.provider.test A", "192.0.2.1"}}},
      {"confirmation_fails",
       source,
       "domain:provider.test",
       kTempFail,
       {{kPtr, "mx.provider.test"}, {"mx.provider.test A", "timeout"}}},
      {"no_name_of_the_client", source, "domain:provider.test", kNotInRmx, {{kPtr, "nxdomain"}}},
      {"names_of_the_client_fail", source, "domain:provider.test", kTempFail, {{kPtr, "servfail"}}},
  };
}

std::vector<RmxCase> MxCases() {
  const std::string source = "RMX-04 §4.8";
  const std::string mx = "example.com MX";
  return {
      {"mx",
       source,
       "MX:",
       kGranted,
       {{mx, "10 a.test | 20 b.test"}, {"a.test A", "192.0.2.9"}, {"b.test A", "192.0.2.1"}}},
      {"mx_without_match", source, "mx:", kNotInRmx, {{mx, "10 a.test"}, {"a.test A", "nodata"}}},
      {"mx_negated",
       source,
       "!mx: ipv4:0.0.0.0/0",
       kDenied,
       {{mx, "10 a.test"}, {"a.test A", "192.0.2.1"}}},
      {"mx_of_nobody", source, "mx:", kNotInRmx, {{mx, "nodata"}}},
      {"mx_null", "RFC 7505 §3", "mx:", kNotInRmx, {{mx, "0 ."}}},
      {"mx_fails", source, "mx:", kTempFail, {{mx, "servfail"}}},
      {"mx_address_fails",
       source,
       "mx:",
       kTempFail,
       {{mx, "10 a.test | 10 b.test"}, {"a.test A", "servfail"}, {"b.test A", "192.0.2.9"}}},
      {"mx_address_beside_a_failure",
       source,
       "mx:",
       kGranted,
       {{mx, "10 a.test | 10 b.test"}, {"a.test A", "servfail"}, {"b.test A", "192.0.2.1"}}},
      {"mx_with_data", source, "mx:example.com", kBadData},
  };
}

std::vector<RmxCase> FullAddressCases() {
  const std::string source = "RMX-04 §3.2, §4.7";
  const auto at = [](const std::string& record) {
    return std::vector<ScriptLine>{{kFull, record}};
  };
  return {
      {"full", source, "full:", kGranted, at("ipv4:192.0.2.1")},
      {"full_denies", source, "full: ipv4:0.0.0.0/0", kDenied, at("unused:")},
      {"full_says_nothing", source, "full: ipv4:192.0.2.1", kGranted, at("ipv4:192.0.2.2")},
      {"full_is_absent", source, "full: ipv4:192.0.2.1", kGranted, at("nxdomain")},
      {"nothing_says_anything", source, "full:", kNotInRmx, at("nxdomain")},
      {"full_is_malformed", source, "full: ipv4:192.0.2.1", kBadData, at("x")},
      {"full_fails", source, "full: ipv4:192.0.2.1", kTempFail, at("servfail")},
      {"full_behind_a_match", source, "ipv4:192.0.2.1 full:", kGranted},
      {"full_within_full", source, "full:", kBadData, at("full:")},
      {"full_negated", source, "!full:", kBadData},
      {"full_with_data", source, "full:x", kBadData},
      {"domain_of_the_full_address", "RMX-04 §4.6", "full:", kGranted,
       at("domain:") +
           std::vector<ScriptLine>{{kPtr, "mx.example.com"}, {"mx.example.com A", "192.0.2.1"}}},
      {"case_of_the_local_part", "docs/rules.md §11.4", "full:", kGranted, at("ipv4:192.0.2.1"),
       "192.0.2.1", "Some.User@example.com"},
      {"quoted_local_part", "docs/rules.md §11.4", "full:", kGranted, at("ipv4:192.0.2.1"),
       "192.0.2.1", "\"some.us\\er\"@example.com"},
      {"special_characters",
       "docs/rules.md §11.4",
       "full:",
       kGranted,
       {{"a+b\\064c._rmx.example.com TXT", "ipv4:192.0.2.1"}},
       "192.0.2.1",
       "\"a+b@c\"@example.com"},
      {"local_part_that_is_no_name",
       "docs/rules.md §11.4",
       "full:",
       kNotInRmx,
       {},
       "192.0.2.1",
       "\"a..b\"@example.com"},
      {"local_part_that_is_too_long",
       "docs/rules.md §11.4",
       "full:",
       kNotInRmx,
       {},
       "192.0.2.1",
       std::string(64, 'x') + "@example.com"},
  };
}

// What could not be found out never becomes a failure, nor a pass.
std::vector<RmxCase> OpenCases() {
  const std::string source = "docs/rules.md §11.4";
  const std::vector<ScriptLine> fails = {{"a.test A", "servfail"}};
  const std::vector<ScriptLine> chain = AliasChain("a.test", "A", 9, "192.0.2.1");
  return {
      {"open_before_nothing", source, "host:a.test", kTempFail, fails},
      {"open_before_the_same", source, "host:a.test ipv4:192.0.2.1", kGranted, fails},
      {"open_before_a_denial", source, "host:a.test !ipv4:192.0.2.1", kTempFail, fails},
      {"open_before_unused", source, "host:a.test unused:", kTempFail, fails},
      {"open_before_malformed", source, "host:a.test x", kTempFail, fails},
      {"open_denial_before_a_grant", source, "!host:a.test ipv4:192.0.2.1", kTempFail, fails},
      {"open_denial_before_a_denial", source, "!host:a.test unused:", kDenied, fails},
      {"open_denial_before_nothing", source, "!host:a.test", kTempFail, fails},
      {"open_both_ways", source, "host:a.test !host:b.test ipv4:192.0.2.1", kTempFail,
       fails + std::vector<ScriptLine>{{"b.test A", "timeout"}}},
      {"open_twice", source, "!host:a.test host:a.test ipv4:192.0.2.1", kTempFail, fails},
      {"alias_chain_before_a_failure", source, "host:a.test host:b.test", kTempFail,
       chain + std::vector<ScriptLine>{{"b.test A", "timeout"}}},
      {"alias_chain_before_a_denial", source, "host:a.test unused:", "permerror/alias-chain",
       chain},
      {"alias_chain_before_a_grant", source, "host:a.test ipv4:192.0.2.1", kGranted, chain},
  };
}

std::vector<RmxCase> AllCases() {
  std::vector<RmxCase> all = ResultCases();
  for (const std::vector<RmxCase>& more :
       {StructureCases(), RangeCases(), HostCases(), AplCases(), DomainCases(), MxCases(),
        FullAddressCases(), OpenCases()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

class RmxTest : public ::testing::TestWithParam<RmxCase> {};

TEST_P(RmxTest, IsRuled) {
  const CheckResult result = RunRmx(GetParam());
  EXPECT_EQ(result.check, CheckId::kRmx);
  EXPECT_EQ(result.identity, Identity::kMailFrom);
  EXPECT_EQ(Text(result), GetParam().wanted) << GetParam().source;
  EXPECT_FALSE(SourceOf(result.check, result.reason).empty()) << Text(result);
}

// docs/rules.md §2: the order of answers shows nowhere.
TEST_P(RmxTest, OrderChangesNothing) {
  const CheckResult plain = RunRmx(GetParam());
  const CheckResult turned = RunRmx(GetParam(), ScriptedDns::Order::kReversed);
  EXPECT_EQ(Text(turned), Text(plain));
  EXPECT_EQ(Texts(turned.evidence), Texts(plain.evidence));
}

INSTANTIATE_TEST_SUITE_P(Cases, RmxTest, ::testing::ValuesIn(AllCases()),
                         [](const auto& each) { return each.param.id; });

TEST(RmxQueriesTest, AsksTogetherWhatComesBeforeAMatch) {
  Loop loop;
  ScriptedDns dns(loop, {{kRecord,
                          "host:a.test apl:b.test domain:c.test mx: ipv4:192.0.2.1 "
                          "host:never.test"},
                         {"a.test A", "nxdomain"},
                         {"b.test APL", "nxdomain"},
                         {kPtr, "nxdomain"},
                         {"example.com MX", "nxdomain"}});
  SessionDns session_dns(loop, dns, loop.Now() + testing::kShortDeadline);
  const SenderIdentity sender = IdentifySender("some.user@example.com");
  PrefetchRmx(sender, session_dns);
  EXPECT_THAT(dns.FirstWave(), UnorderedElementsAre(kRecord));
  const IpAddress client = Address("192.0.2.1");
  EXPECT_EQ(Text(RunTask(loop, CheckRmx(sender, client, session_dns))), kGranted);
  EXPECT_THAT(dns.asked(), ElementsAre(kRecord, "a.test A", "b.test APL", kPtr, "example.com MX"));
}

TEST(RmxEvidenceTest, ShowsEachAnswerOnce) {
  const CheckResult result =
      RunRmx({.record = "host:a.test !host:A.test mx: mx: ipv4:192.0.2.1",
              .more = {{"a.test A", "192.0.2.9"}, {"example.com MX", "10 a.test"}}});
  EXPECT_EQ(Text(result), kGranted);
  EXPECT_THAT(Texts(result.evidence),
              ElementsAre("_rmx.example.com TXT ok "
                          "\"host:a.test !host:A.test mx: mx: ipv4:192.0.2.1\"",
                          "a.test A ok 192.0.2.9", "example.com MX ok 10 a.test"));
}

std::string Repeated(const std::string& entry, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += entry + " ";
  return text;
}

TEST(RmxLimitsTest, TooManyEntriesCannotBeUsed) {
  const std::string most = Repeated("ipv4:192.0.2.9", kMaxRmxEntries - 1);
  EXPECT_EQ(Text(RunRmx({.record = most + "ipv4:192.0.2.1"})), kGranted);
  EXPECT_EQ(Text(RunRmx({.record = most + "ipv4:192.0.2.9 ipv4:192.0.2.1"})), kBadData);
}

// docs/rules.md §8: what is not asked any more is a temporary failure.
TEST(RmxLimitsTest, QuestionsAreBounded) {
  std::string record;
  std::vector<ScriptLine> script;
  for (std::size_t i = 0; i < kMaxQueries; ++i) {
    const std::string host = "h" + std::to_string(i) + ".test";
    record += "host:" + host + " ";
    script.push_back({host + " A", "nxdomain"});
  }
  EXPECT_EQ(Text(RunRmx({.record = record, .more = script})), kTempFail);
  EXPECT_EQ(Text(RunRmx({.record = record + "!ipv4:192.0.2.1", .more = script})), kTempFail);
}

// As many entries for the full address as there can be, each of which would lead through as many
// more, take no more time than one.
TEST(RmxLimitsTest, TheFullAddressIsTakenOnce) {
  const std::string hosts = Repeated("host:h.test", kMaxRmxEntries);
  const auto time_of = [&hosts](std::size_t times) {
    const RmxCase wanted = {.record = Repeated("full:", times),
                            .more = {{kFull, hosts}, {"h.test A", "nxdomain"}}};
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(Text(RunRmx(wanted)), kNotInRmx);
    return std::chrono::steady_clock::now() - start;
  };
  EXPECT_LT(time_of(kMaxRmxEntries), 20 * time_of(1) + std::chrono::milliseconds(20));
}

TEST(RmxLongNameTest, CannotBeAsked) {
  const std::string label(60, 'x');
  const std::string name = label + "." + label + "." + label + "." + label + ".example";
  EXPECT_EQ(Text(RunRmx({.record = "", .mail_from = "user@" + name})), "permerror/name-too-long");
}

}  // namespace
}  // namespace helovet
