#include "checks/spf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/checks/run_spf.h"

namespace helovet {
namespace {

using testing::AliasChain;
using testing::RecordOf;
using testing::RunSpf;
using testing::ScriptedDns;
using testing::ScriptLine;
using testing::SpfCase;
using testing::SpfRun;
using testing::Text;
using testing::Texts;

class SpfTest : public ::testing::TestWithParam<SpfCase> {};

TEST_P(SpfTest, Judges) {
  const SpfCase& c = GetParam();
  const SpfRun run = RunSpf(c);
  EXPECT_EQ(Text(run.result), c.wanted) << c.source;
  EXPECT_EQ(run.result.authority, "");
  // The order of replies leaves no trace (docs/rules.md §2).
  const SpfRun reversed = RunSpf(c, ScriptedDns::Order::kReversed);
  EXPECT_EQ(Text(reversed.result), c.wanted) << c.source;
  EXPECT_EQ(Texts(reversed.result.evidence), Texts(run.result.evidence)) << c.source;
}

std::string IdOf(const ::testing::TestParamInfo<SpfCase>& each) { return each.param.id; }

std::vector<SpfCase> RecordCases() {
  const std::string txt = "example.com TXT";
  std::vector<SpfCase> cases = {
      {"pass", "RFC 7208 §2.6.3", RecordOf("v=spf1 +all"), "pass/designated"},
      {"fail", "RFC 7208 §2.6.4", RecordOf("v=spf1 -all"), "fail/not-designated"},
      {"softfail", "RFC 7208 §2.6.5", RecordOf("v=spf1 ~all"), "softfail/probably-not-designated"},
      {"neutral", "RFC 7208 §2.6.2", RecordOf("v=spf1 ?all"), "neutral/no-assertion"},
      {"default_result", "RFC 7208 §4.7", RecordOf("v=spf1"), "neutral/no-assertion"},
      {"the_first_that_matches", "RFC 7208 §4.6.2", RecordOf("v=spf1 ip4:192.0.2.9 ~all -all"),
       "softfail/probably-not-designated"},
      {"no_record", "RFC 7208 §4.5", RecordOf("hello | v=spf10 -all | v=spf1-all"),
       "none/no-record"},
      {"nodata", "RFC 7208 §4.5", RecordOf("nodata"), "none/no-record"},
      {"nxdomain", "RFC 7208 §4.3", RecordOf("nxdomain"), "none/no-record"},
      {"beside_other_texts", "RFC 7208 §4.5", RecordOf("\"\xff\" | v=spf1 -all | v=spf10"),
       "fail/not-designated"},
      {"two_records", "RFC 7208 §4.5", RecordOf("v=spf1 +all | V=SPF1 -all"),
       "permerror/multiple-records"},
      {"two_equal_records", "RFC 7208 §4.5", RecordOf("v=spf1 +all | v=spf1 +all"),
       "permerror/multiple-records"},
      {"syntax_error_after_a_match", "RFC 7208 §4.6", RecordOf("v=spf1 ip4:192.0.2.1 -all moo"),
       "permerror/malformed"},
      {"octets_beyond_ascii", "RFC 7208 §3.1", RecordOf("v=spf1 \xc3\xa4ll -all"),
       "permerror/malformed"},
      {"unknown_modifier", "RFC 7208 §6", RecordOf("v=spf1 default=pass moo=%{d} -all"),
       "fail/not-designated"},
      {"ptr_needs_no_record_of_its_own", "RFC 7208 §5.6", RecordOf("v=spf1 ip6:2001:db8::/32 -all"),
       "pass/designated", "2001:db8::1"},
      {"mapped_client", "RFC 7208 §5", RecordOf("v=spf1 ip6:::/0 ip4:192.0.2.1 -all"),
       "pass/designated", "::ffff:192.0.2.1"},
      {"through_an_alias",
       "RFC 1034 §3.6.2",
       {{txt, "CNAME spf.example.net"}, {"spf.example.net TXT", "v=spf1 -all"}},
       "fail/not-designated"},
      {"alias_chain", "docs/rules.md §8", AliasChain("example.com", "TXT", 9, "v=spf1 -all"),
       "permerror/alias-chain"},
  };
  for (const std::string failure : {"servfail", "refused", "malformed", "timeout", "silence"}) {
    cases.push_back({failure, "RFC 7208 §4.4", RecordOf(failure), "temperror/dns"});
  }
  return cases;
}
INSTANTIATE_TEST_SUITE_P(Records, SpfTest, ::testing::ValuesIn(RecordCases()), IdOf);

std::vector<SpfCase> AddressCases() {
  const ScriptLine a = {"example.com TXT", "v=spf1 a -all"};
  const ScriptLine exists = {"example.com TXT", "v=spf1 exists:%{ir}.list.example.net -all"};
  return {
      {"a", "RFC 7208 §5.3", {a, {"example.com A", "192.0.2.9 | 192.0.2.1"}}, "pass/designated"},
      {"a_of_another", "RFC 7208 §5.3", {a, {"example.com A", "192.0.2.9"}}, "fail/not-designated"},
      {"a_for_ipv6",
       "RFC 7208 §5",
       {a, {"example.com AAAA", "2001:db8::1"}},
       "pass/designated",
       "2001:db8::1"},
      {"a_with_a_mapped_address",
       "RFC 7208 §5",
       {{"example.com TXT", "v=spf1 a//0 -all"}, {"example.com AAAA", "::ffff:192.0.2.1"}},
       "fail/not-designated",
       "2001:db8::1"},
      {"a_with_prefix",
       "RFC 7208 §5.3",
       {{"example.com TXT", "v=spf1 a/24//64 -all"}, {"example.com A", "192.0.2.200"}},
       "pass/designated"},
      {"a_with_prefix_for_ipv6",
       "RFC 7208 §5.3",
       {{"example.com TXT", "v=spf1 a/24//64 -all"}, {"example.com AAAA", "2001:db8::beef"}},
       "pass/designated",
       "2001:db8::1"},
      {"a_with_a_prefix_of_the_other_family",
       "RFC 7208 §5.3",
       {{"example.com TXT", "v=spf1 a//0 -all"}, {"example.com A", "192.0.2.2"}},
       "fail/not-designated"},
      {"a_nothing_is_in_no_network",
       "RFC 7208 §5.3",
       {{"example.com TXT", "v=spf1 a/0 -all"}, {"example.com A", "nxdomain"}},
       "fail/not-designated"},
      {"a_of_what_cannot_be_asked", "docs/rules.md §11.5", RecordOf("v=spf1 a:x..example.com -all"),
       "fail/not-designated"},
      {"a_failed", "RFC 7208 §5", {a, {"example.com A", "servfail"}}, "temperror/dns"},
      {"a_alias_chain", "docs/rules.md §8",
       AliasChain("example.com", "A", 9, "192.0.2.1") + std::vector<ScriptLine>{a},
       "permerror/alias-chain"},
      {"exists",
       "RFC 7208 §5.7",
       {exists, {"1.2.0.192.list.example.net A", "127.0.0.2"}},
       "pass/designated"},
      {"exists_not",
       "RFC 7208 §5.7",
       {exists, {"1.2.0.192.list.example.net A", "nxdomain"}},
       "fail/not-designated"},
      {"exists_asks_for_ipv4_always",
       "RFC 7208 §5.7",
       {{"example.com TXT", "v=spf1 exists:%{l}.%{v}.example.net -all"},
        {"user.ip6.example.net A", "127.0.0.2"}},
       "pass/designated",
       "2001:db8::1"},
      {"exists_failed",
       "RFC 7208 §5",
       {exists, {"1.2.0.192.list.example.net A", "silence"}},
       "temperror/dns"},
  };
}
INSTANTIATE_TEST_SUITE_P(Addresses, SpfTest, ::testing::ValuesIn(AddressCases()), IdOf);

std::vector<SpfCase> MxCases() {
  const ScriptLine mx = {"example.com TXT", "v=spf1 mx -all"};
  std::string ten = "1 m1.test";
  std::vector<ScriptLine> ten_hosts = {mx, {"m1.test A", "192.0.2.101"}};
  for (int i = 2; i <= 10; ++i) {
    const std::string host = "m" + std::to_string(i) + ".test";
    ten += " | " + std::to_string(i) + " " + host;
    ten_hosts.push_back({host + " A", i == 10 ? "192.0.2.1" : "nodata"});
  }
  const ScriptLine two = {"example.com MX", "20 b.test | 10 a.test"};
  return {
      {"mx",
       "RFC 7208 §5.4",
       {mx, two, {"a.test A", "192.0.2.9"}, {"b.test A", "192.0.2.1"}},
       "pass/designated"},
      {"mx_for_ipv6",
       "RFC 7208 §5.4",
       {mx, two, {"a.test AAAA", "nodata"}, {"b.test AAAA", "2001:db8::1"}},
       "pass/designated",
       "2001:db8::1"},
      {"mx_with_prefix",
       "RFC 7208 §5.4",
       {{"example.com TXT", "v=spf1 mx:example.net/24 -all"},
        {"example.net MX", "10 a.test"},
        {"a.test A", "192.0.2.9"}},
       "pass/designated"},
      {"mx_of_others",
       "RFC 7208 §5.4",
       {mx, two, {"a.test A", "192.0.2.9"}, {"b.test A", "nxdomain"}},
       "fail/not-designated"},
      // RFC 7208 §5.4: "the implicit MX" of RFC 5321 §5.1 is none.
      {"mx_none", "RFC 7208 §5.4", {mx, {"example.com MX", "nodata"}}, "fail/not-designated"},
      {"mx_null", "RFC 7505 §3", {mx, {"example.com MX", "0 ."}}, "fail/not-designated"},
      {"mx_failed", "RFC 7208 §5", {mx, {"example.com MX", "servfail"}}, "temperror/dns"},
      {"mx_host_failed",
       "RFC 7208 §5",
       {mx, two, {"a.test A", "servfail"}, {"b.test A", "192.0.2.9"}},
       "temperror/dns"},
      {"mx_host_failed_beside_a_match",
       "docs/rules.md §11.5",
       {mx, two, {"a.test A", "servfail"}, {"b.test A", "192.0.2.1"}},
       "pass/designated"},
      // Hosts without addresses are no void lookups: the term's own question has found them.
      {"mx_ten", "RFC 7208 §4.6.4", ten_hosts + std::vector<ScriptLine>{{"example.com MX", ten}},
       "pass/designated"},
      {"mx_eleven",
       "RFC 7208 §4.6.4",
       {mx, {"example.com MX", ten + " | 11 m1.test"}},
       "permerror/too-many-lookups"},
  };
}
INSTANTIATE_TEST_SUITE_P(Exchanges, SpfTest, ::testing::ValuesIn(MxCases()), IdOf);

std::vector<SpfCase> PtrCases() {
  const ScriptLine ptr = {"example.com TXT", "v=spf1 ptr -all"};
  const std::string reverse = "1.2.0.192.in-addr.arpa PTR";
  std::string eleven = "z.example.com";
  std::vector<ScriptLine> eleven_names = {ptr};
  for (int i = 10; i < 20; ++i) {
    const std::string host = "h" + std::to_string(i) + ".test";
    eleven += " | " + host;
    eleven_names.push_back({host + " A", "192.0.2.1"});
  }
  return {
      {"ptr",
       "RFC 7208 §5.5",
       {ptr,
        {reverse, "b.test | a.example.com"},
        {"b.test A", "192.0.2.1"},
        {"a.example.com A", "192.0.2.1"}},
       "pass/designated"},
      {"ptr_itself",
       "RFC 7208 §5.5",
       {ptr, {reverse, "Example.COM"}, {"example.com A", "192.0.2.1"}},
       "pass/designated"},
      {"ptr_for_ipv6",
       "RFC 7208 §5.5",
       {ptr,
        {"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR",
         "a.example.com"},
        {"a.example.com AAAA", "2001:db8::1"}},
       "pass/designated",
       "2001:db8::1"},
      {"ptr_not_confirmed",
       "RFC 7208 §5.5",
       {ptr, {reverse, "a.example.com"}, {"a.example.com A", "192.0.2.9"}},
       "fail/not-designated"},
      {"ptr_of_another_domain",
       "RFC 7208 §5.5",
       {ptr, {reverse, "a.notexample.com"}, {"a.notexample.com A", "192.0.2.1"}},
       "fail/not-designated"},
      {"ptr_with_a_dot_in_a_label",
       "RFC 1035 §5.1",
       {ptr, {reverse, "a\\.example.com"}, {"a\\.example.com A", "192.0.2.1"}},
       "fail/not-designated"},
      {"ptr_failed", "RFC 7208 §5.5", {ptr, {reverse, "servfail"}}, "fail/not-designated"},
      {"ptr_name_failed",
       "RFC 7208 §5.5",
       {ptr,
        {reverse, "a.example.com | b.example.com"},
        {"a.example.com A", "silence"},
        {"b.example.com A", "192.0.2.1"}},
       "pass/designated"},
      // In canonical order of names the eleventh.
      {"ptr_first_ten", "RFC 7208 §4.6.4",
       std::vector<ScriptLine>{{"example.com TXT", "v=spf1 ptr:z.test -all"},
                               {reverse, eleven + " | z.test"}} +
           std::vector<ScriptLine>(eleven_names.begin() + 1, eleven_names.end()) +
           std::vector<ScriptLine>{{"z.example.com A", "192.0.2.1"}},
       "fail/not-designated"},
      {"p_in_a_name",
       "RFC 7208 §7.3",
       {{"example.com TXT", "v=spf1 exists:%{p}.example.net -all"},
        {reverse, "z.test | a.example.com | example.com.test"},
        {"z.test A", "192.0.2.1"},
        {"example.com.test A", "192.0.2.1"},
        {"a.example.com A", "192.0.2.1"},
        {"a.example.com.example.net A", "127.0.0.2"}},
       "pass/designated"},
      {"p_unknown",
       "RFC 7208 §7.3",
       {{"example.com TXT", "v=spf1 exists:%{p}.example.net -all"},
        {reverse, "nxdomain"},
        {"unknown.example.net A", "127.0.0.2"}},
       "pass/designated"},
  };
}
INSTANTIATE_TEST_SUITE_P(Pointers, SpfTest, ::testing::ValuesIn(PtrCases()), IdOf);

std::vector<SpfCase> IncludeCases() {
  const ScriptLine include = {"example.com TXT", "v=spf1 include:i.test ~all"};
  const auto table = [&](const std::string& id, const std::string& reply,
                         const std::string& wanted) {
    return SpfCase{"include_" + id, "RFC 7208 §5.2", {include, {"i.test TXT", reply}}, wanted};
  };
  const std::string no_match = "softfail/probably-not-designated";
  const ScriptLine redirect = {"example.com TXT", "v=spf1 ip4:192.0.2.9 redirect=r.test"};
  return {
      table("pass", "v=spf1 +all", "pass/designated"),
      table("fail", "v=spf1 -all", no_match),
      table("softfail", "v=spf1 ~all", no_match),
      table("neutral", "v=spf1 ?all", no_match),
      table("temperror", "servfail", "temperror/dns"),
      table("permerror", "v=spf1 moo", "permerror/malformed"),
      table("multiple", "v=spf1 | v=spf1", "permerror/multiple-records"),
      table("none", "nodata", "permerror/missing-include"),
      table("nxdomain", "nxdomain", "permerror/missing-include"),
      {"include_qualifier",
       "RFC 7208 §5.2",
       {{"example.com TXT", "v=spf1 -include:i.test +all"}, {"i.test TXT", "v=spf1 +all"}},
       "fail/not-designated"},
      {"include_of_what_cannot_be_asked", "RFC 7208 §5.2, §4.3",
       RecordOf("v=spf1 include:a..test ~all"), "permerror/missing-include"},
      {"include_of_a_single_label", "RFC 7208 §5.2, §4.3", RecordOf("v=spf1 include:%{d1} ~all"),
       "permerror/missing-include"},
      {"include_has_its_own_domain",
       "RFC 7208 §5.2",
       {include,
        {"i.test TXT", "v=spf1 a exists:%{d}.%{o}.test -all"},
        {"i.test A", "nodata"},
        {"i.test.example.com.test A", "127.0.0.2"}},
       "pass/designated"},
      {"redirect",
       "RFC 7208 §6.1",
       {redirect, {"r.test TXT", "v=spf1 -all"}},
       "fail/not-designated"},
      {"redirect_has_its_own_domain",
       "RFC 7208 §6.1",
       {redirect, {"r.test TXT", "v=spf1 a -all"}, {"r.test A", "192.0.2.1"}},
       "pass/designated"},
      {"redirect_missing",
       "RFC 7208 §6.1",
       {redirect, {"r.test TXT", "nxdomain"}},
       "permerror/missing-include"},
      {"redirect_malformed", "RFC 7208 §6.1", RecordOf("v=spf1 redirect=a..test"),
       "permerror/missing-include"},
      {"redirect_failed", "RFC 7208 §6.1", {redirect, {"r.test TXT", "silence"}}, "temperror/dns"},
      {"redirect_beside_all", "RFC 7208 §5.1, §6.1", RecordOf("v=spf1 redirect=r.test ?all"),
       "neutral/no-assertion"},
      {"redirect_in_an_include",
       "RFC 7208 §6.1",
       {include, {"i.test TXT", "v=spf1 redirect=r.test"}, {"r.test TXT", "v=spf1 +all"}},
       "pass/designated"},
      {"redirect_missing_in_an_include",
       "RFC 7208 §5.2, §6.1",
       {include, {"i.test TXT", "v=spf1 redirect=r.test"}, {"r.test TXT", "nodata"}},
       "permerror/missing-include"},
  };
}
INSTANTIATE_TEST_SUITE_P(Includes, SpfTest, ::testing::ValuesIn(IncludeCases()), IdOf);

std::vector<SpfCase> LimitCases() {
  const ScriptLine a = {"example.com A", "192.0.2.9"};
  const std::string five = " a a a a a";
  const ScriptLine ten = {"example.com TXT", "v=spf1" + five + five + " ?all"};
  const ScriptLine eleven = {"example.com TXT", "v=spf1" + five + five + " a ?all"};
  const auto voids = [](const std::string& terms, std::vector<ScriptLine> more = {}) {
    return std::vector<ScriptLine>{{"example.com TXT", "v=spf1 " + terms + " ?all"},
                                   {"1.test A", "nxdomain"},
                                   {"2.test A", "nodata"},
                                   {"3.test A", "nxdomain"}} +
           more;
  };
  const std::string source = "RFC 7208 §4.6.4";
  return {
      {"ten_terms", source, {ten, a}, "neutral/no-assertion"},
      {"eleven_terms", source, {eleven, a}, "permerror/too-many-lookups"},
      {"eleven_terms_after_a_match",
       source,
       {eleven, {"example.com A", "192.0.2.1"}},
       "pass/designated"},
      {"others_do_not_count",
       source,
       {{"example.com TXT", "v=spf1" + five + " ip4:192.0.2.8 ip6:::1 moo=cow" + five + " ?all"},
        a},
       "neutral/no-assertion"},
      {"terms_of_includes_count",
       source,
       {{"example.com TXT", "v=spf1" + five + " include:i.test a ?all"},
        {"i.test TXT", "v=spf1 a:x.test a:x.test a:x.test a:x.test"},
        {"x.test A", "192.0.2.9"},
        a},
       "permerror/too-many-lookups"},
      {"redirect_counts",
       source,
       {{"example.com TXT", "v=spf1" + five + five + " redirect=r.test"}, a},
       "permerror/too-many-lookups"},
      {"redirect_to_itself", source, RecordOf("v=spf1 redirect=example.com"),
       "permerror/too-many-lookups"},
      {"includes_in_a_circle",
       source,
       {{"example.com TXT", "v=spf1 include:i.test"}, {"i.test TXT", "v=spf1 include:example.com"}},
       "permerror/too-many-lookups"},
      {"two_voids", source, voids("a:1.test a:2.test"), "neutral/no-assertion"},
      {"three_voids", source, voids("a:1.test a:2.test exists:3.test"),
       "permerror/too-many-void-lookups"},
      {"the_same_void_three_times", source, voids("a:1.test a:1.test a:1.test"),
       "permerror/too-many-void-lookups"},
      {"three_voids_with_mx", source,
       voids("a:1.test a:2.test mx:4.test", {{"4.test MX", "nodata"}}),
       "permerror/too-many-void-lookups"},
      {"three_voids_with_ptr", source,
       voids("a:1.test a:2.test ptr", {{"1.2.0.192.in-addr.arpa PTR", "nxdomain"}}),
       "permerror/too-many-void-lookups"},
      {"voids_of_an_include", source,
       voids("a:1.test include:i.test", {{"i.test TXT", "v=spf1 a:2.test a:3.test"}}),
       "permerror/too-many-void-lookups"},
      {"names_of_ptr_are_no_voids", source,
       voids("a:1.test a:2.test ptr", {{"1.2.0.192.in-addr.arpa PTR", "3.test"}}),
       "neutral/no-assertion"},
      {"a_failure_is_no_void", source,
       voids("a:1.test a:2.test a:4.test", {{"4.test A", "servfail"}}), "temperror/dns"},
  };
}
INSTANTIATE_TEST_SUITE_P(Limits, SpfTest, ::testing::ValuesIn(LimitCases()), IdOf);

std::vector<SpfCase> SenderCases() {
  const std::vector<ScriptLine> of_helo = {
      {"mail.example.com TXT", "v=spf1 exists:%{l}.%{o}.test -all"},
      {"postmaster.mail.example.com.test A", "127.0.0.2"}};
  const std::vector<ScriptLine> of_domain = {
      {"example.com TXT", "v=spf1 exists:%{l}.%{h}.test -all"}};
  return {
      {"null_sender", "RFC 7208 §2.4", of_helo, "pass/designated", "192.0.2.1", ""},
      {"null_sender_without_a_name",
       "RFC 7208 §2.4, §4.3",
       {},
       "none/no-sender",
       "192.0.2.1",
       "",
       "[192.0.2.1]"},
      {"null_sender_of_a_single_label",
       "RFC 7208 §4.3",
       {},
       "none/no-sender",
       "192.0.2.1",
       "",
       "localhost"},
      {"no_sender_yet", "docs/rules.md §11.5", {}, "none/no-sender", "192.0.2.1", std::nullopt},
      {"no_domain", "RFC 7208 §4.3", {}, "none/no-sender", "192.0.2.1", "user@[192.0.2.1]"},
      {"no_local_part",
       "RFC 7208 §4.3",
       {{"example.com TXT", "v=spf1 exists:%{s}.test -all"},
        {"postmaster@example.com.test A", "127.0.0.2"}},
       "pass/designated",
       "192.0.2.1",
       "@example.com"},
      {"no_local_part_behind_a_route", "RFC 7208 §4.3", RecordOf("v=spf1 -all"),
       "fail/not-designated", "192.0.2.1", "@example.net:@example.com"},
      {"a_route_alone",
       "RFC 7208 §4.3",
       {},
       "none/no-sender",
       "192.0.2.1",
       "@example.net,@example.com"},
      {"no_local_part_before_a_literal",
       "RFC 7208 §4.3",
       {},
       "none/no-sender",
       "192.0.2.1",
       "@[192.0.2.1]"},
      {"a_single_label", "RFC 7208 §4.3", {}, "none/no-sender", "192.0.2.1", "user@localhost"},
      {"the_local_part", "RFC 7208 §7.2",
       of_domain + std::vector<ScriptLine>{{"u.ser.mail.example.com.test A", "127.0.0.2"}},
       "pass/designated", "192.0.2.1", "u.ser@example.com"},
      {"whatever_the_helo_name", "RFC 7208 §7.2",
       of_domain + std::vector<ScriptLine>{{"user.no\\032name.test A", "127.0.0.2"}},
       "pass/designated", "192.0.2.1", "user@example.com", "no name"},
  };
}
INSTANTIATE_TEST_SUITE_P(Senders, SpfTest, ::testing::ValuesIn(SenderCases()), IdOf);

}  // namespace
}  // namespace helovet
