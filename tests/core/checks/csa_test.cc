#include "checks/csa.h"

#include <gtest/gtest.h>

#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "core/checks/run_csa.h"
#include "testing/scripted_dns.h"

namespace helovet {
namespace {

using testing::AliasChain;
using testing::CsaRun;
using testing::kParent;
using testing::kSrv;
using testing::RunCsa;
using testing::ScriptedDns;
using testing::ScriptLine;
using testing::Text;
using testing::Texts;

struct CsaCase {
  std::string id;
  std::string source;
  std::vector<ScriptLine> script;
  std::string wanted;
  bool wanted_elsewhere = false;
  std::string helo = "mail.example.com";
  std::string client = "192.0.2.1";
};
void PrintTo(const CsaCase& each, std::ostream* out) { *out << each.id; }

std::vector<CsaCase> RecordCases() {
  return {
      {"weight_0",
       "docs/rules.md §4.4; CSA-02 §5",
       {{kSrv, "1 0 0 mail.example.com"}},
       "fail/not-authorized"},
      {"weight_1",
       "docs/rules.md §4.4; CSA-02 §4",
       {{kSrv, "1 1 0 mail.example.com"}},
       "fail/not-authorized"},
      {"weight_0_and_1",
       "docs/rules.md §4.4",
       {{kSrv, "1 0 0 mail.example.com | 1 1 0 mail.example.com"}},
       "fail/not-authorized"},
      {"weight_3",
       "docs/rules.md §4.4",
       {{kSrv, "1 3 0 mail.example.com"}},
       "neutral/target-ignored",
       true},
      {"reserved_weight_4", "docs/rules.md §4.3", {{kSrv, "1 4 0 ."}}, "permerror/reserved-weight"},
      {"reserved_bit_beside_2",
       "docs/rules.md §4.3",
       {{kSrv, "1 6 0 ."}},
       "permerror/reserved-weight"},
      {"reserved_bit_beside_3",
       "docs/rules.md §4.3",
       {{kSrv, "1 7 0 ."}},
       "permerror/reserved-weight"},
      {"highest_reserved_bit",
       "docs/rules.md §4.3",
       {{kSrv, "1 32770 0 ."}},
       "permerror/reserved-weight"},
      {"reserved_before_conflict",
       "docs/rules.md §4.3",
       {{kSrv, "1 1 0 . | 1 2 0 mail.example.com | 1 3 0 . | 1 8 0 ."}},
       "permerror/reserved-weight"},
      {"conflict_1_2",
       "docs/rules.md §4.3",
       {{kSrv, "1 2 0 mail.example.com | 1 1 0 mail.example.com"}},
       "permerror/conflicting-records"},
      {"conflict_0_3",
       "docs/rules.md §4.3",
       {{kSrv, "1 0 0 . | 1 3 0 ."}},
       "permerror/conflicting-records"},
      {"other_version_does_not_conflict",
       "docs/rules.md §4.2",
       {{kSrv, "2 1 0 . | 1 3 0 ."}},
       "neutral/target-ignored",
       true},
      {"other_version_is_not_reserved",
       "docs/rules.md §4.2",
       {{kSrv, "0 16 0 . | 1 1 0 ."}},
       "fail/not-authorized"},
      {"reserved_port_bits_are_ignored",
       "docs/rules.md §4.3",
       {{kSrv, "1 1 65535 mail.example.com"}},
       "fail/not-authorized"},
  };
}

std::vector<CsaCase> TargetCases() {
  const std::string five =
      "1 2 0 e.test | 1 2 0 c.test | 1 2 0 a.test | 1 2 0 d.test | 1 2 0 b.test";
  return {
      {"match",
       "docs/rules.md §4.4",
       {{kSrv, "1 2 0 mail.example.com"}, {"mail.example.com A", "192.0.2.9 | 192.0.2.1"}},
       "pass/authorized"},
      {.id = "match_v6",
       .source = "docs/rules.md §4.4",
       .script = {{kSrv, "1 2 0 mail.example.com"}, {"mail.example.com AAAA", "2001:db8::1"}},
       .wanted = "pass/authorized",
       .client = "2001:db8::1"},
      {.id = "mapped_client_is_v4",
       .source = "docs/rules.md §1",
       .script = {{kSrv, "1 2 0 mail.example.com"}, {"mail.example.com A", "192.0.2.1"}},
       .wanted = "pass/authorized",
       .client = "::ffff:192.0.2.1"},
      {"mismatch",
       "docs/rules.md §4.4",
       {{kSrv, "1 2 0 mail.example.com"}, {"mail.example.com A", "192.0.2.2"}},
       "fail/address-mismatch"},
      {"no_data",
       "docs/rules.md §4.4",
       {{kSrv, "1 2 0 mail.example.com"}, {"mail.example.com A", "nodata"}},
       "fail/no-address"},
      {"no_such_target",
       "docs/rules.md §4.4",
       {{kSrv, "1 2 0 mail.example.com"}, {"mail.example.com A", "nxdomain"}},
       "fail/no-address"},
      {.id = "mapped_record_is_no_v6_address",
       .source = "docs/rules.md §1, §4.4",
       .script = {{kSrv, "1 2 0 mail.example.com"}, {"mail.example.com AAAA", "::ffff:192.0.2.1"}},
       .wanted = "fail/no-address",
       .client = "2001:db8::1"},
      {"root_target", "docs/rules.md §4.4", {{kSrv, "1 2 0 ."}}, "fail/no-address"},
      {"root_beside_a_match",
       "docs/rules.md §4.4",
       {{kSrv, "1 2 0 . | 1 2 0 a.test"}, {"a.test A", "192.0.2.1"}},
       "pass/authorized"},
      {"union_of_targets",
       "docs/rules.md §4.4",
       {{kSrv, "1 2 0 b.test | 1 2 0 a.test"},
        {"a.test A", "192.0.2.8"},
        {"b.test A", "192.0.2.1"}},
       "pass/authorized"},
      {"one_target_has_addresses",
       "docs/rules.md §4.4",
       {{kSrv, "1 2 0 a.test | 1 2 0 b.test"}, {"a.test A", "nxdomain"}, {"b.test A", "192.0.2.8"}},
       "fail/address-mismatch"},
      {"duplicated_targets",
       "docs/rules.md §4.4",
       {{kSrv, "1 2 0 a.test | 1 2 1 A.TEST | 1 2 2 a.test | 1 2 3 a.test | 1 2 4 a.test"},
        {"a.test A", "192.0.2.8"}},
       "fail/address-mismatch"},
      {"four_targets",
       "docs/rules.md §4.4",
       {{kSrv, "1 2 0 a.test | 1 2 0 b.test | 1 2 0 c.test | 1 2 0 d.test | 1 2 0 ."},
        {"a.test A", "nxdomain"},
        {"b.test A", "nxdomain"},
        {"c.test A", "nxdomain"},
        {"d.test A", "nxdomain"}},
       "fail/no-address"},
      {"five_targets_match_in_first_four",
       "docs/rules.md §4.4",
       {{kSrv, five},
        {"a.test A", "nxdomain"},
        {"b.test A", "nxdomain"},
        {"c.test A", "nxdomain"},
        {"d.test A", "192.0.2.1"}},
       "pass/authorized"},
      {"five_targets_none_match",
       "docs/rules.md §4.4",
       {{kSrv, five},
        {"a.test A", "192.0.2.8"},
        {"b.test A", "nxdomain"},
        {"c.test A", "nxdomain"},
        {"d.test A", "nxdomain"}},
       "permerror/too-many-targets"},
      {"five_targets_one_fails",
       "docs/rules.md §4.4",
       {{kSrv, five},
        {"a.test A", "192.0.2.8"},
        {"b.test A", "servfail"},
        {"c.test A", "nxdomain"},
        {"d.test A", "nxdomain"}},
       "temperror/dns"},
      {"match_before_failure",
       "docs/rules.md §4.4",
       {{kSrv, "1 2 0 a.test | 1 2 0 b.test"}, {"a.test A", "servfail"}, {"b.test A", "192.0.2.1"}},
       "pass/authorized"},
      {"failure_before_mismatch",
       "docs/rules.md §4.4",
       {{kSrv, "1 2 0 a.test | 1 2 0 b.test"}, {"a.test A", "192.0.2.8"}, {"b.test A", "timeout"}},
       "temperror/dns"},
      {"alias_target",
       "docs/rules.md §4.4",
       {{kSrv, "1 2 0 a.test"}, {"a.test A", "CNAME b.test"}, {"b.test A", "192.0.2.1"}},
       "pass/authorized"},
      {"weights_2_and_3_match",
       "docs/rules.md §4.4",
       {{kSrv, "1 3 0 x.test | 1 2 0 a.test"}, {"a.test A", "192.0.2.1"}},
       "pass/authorized"},
      {"weights_2_and_3_mismatch",
       "docs/rules.md §4.4",
       {{kSrv, "1 2 0 a.test | 1 3 0 x.test"}, {"a.test A", "192.0.2.2"}},
       "neutral/target-ignored",
       true},
      {"weights_2_and_3_failure",
       "docs/rules.md §4.4",
       {{kSrv, "1 2 0 a.test | 1 3 0 x.test"}, {"a.test A", "refused"}},
       "temperror/dns",
       true},
      {"weights_2_and_3_five_targets",
       "docs/rules.md §4.4",
       {{kSrv, five + " | 1 3 0 x.test"},
        {"a.test A", "192.0.2.8"},
        {"b.test A", "nxdomain"},
        {"c.test A", "nxdomain"},
        {"d.test A", "nxdomain"}},
       "neutral/target-ignored",
       true},
  };
}

std::vector<CsaCase> SearchCases() {
  const std::string deep = "_client._smtp.h.g.f.e.d.c.b.a.test SRV";
  const std::vector<std::string> parents = {
      "_client._smtp.a.test SRV", "_client._smtp.b.a.test SRV", "_client._smtp.c.b.a.test SRV",
      "_client._smtp.d.c.b.a.test SRV", "_client._smtp.e.d.c.b.a.test SRV"};
  std::vector<ScriptLine> nothing = {{deep, "nxdomain"}};
  for (const std::string& parent : parents) nothing.push_back({parent, "nxdomain"});
  std::vector<ScriptLine> sixth_level = nothing;
  sixth_level.back().reply = "1 2 1 x.test";
  std::vector<ScriptLine> explicit_and_failures = nothing;
  for (ScriptLine& line : explicit_and_failures) line.reply = "servfail";
  explicit_and_failures[0].reply = "nodata";
  explicit_and_failures[3].reply = "1 1 3 x.test";
  std::vector<ScriptLine> failure = nothing;
  failure[4].reply = "servfail";
  return {
      {"nothing",
       "docs/rules.md §4.5",
       {{kSrv, "nxdomain"}, {kParent, "nxdomain"}},
       "none/no-record"},
      {"nothing_nodata",
       "docs/rules.md §4.5",
       {{kSrv, "nodata"}, {kParent, "nodata"}},
       "none/no-record"},
      {"explicit_after_nxdomain",
       "docs/rules.md §4.5; CSA-02 §7",
       {{kSrv, "nxdomain"}, {kParent, "1 2 1 mail.example.com"}},
       "fail/explicit-required"},
      {"explicit_after_nodata",
       "docs/rules.md §4.5; CSA-02 §7",
       {{kSrv, "nodata"}, {kParent, "1 2 1 mail.example.com"}},
       "fail/explicit-required"},
      {"explicit_after_other_version",
       "docs/rules.md §4.2",
       {{kSrv, "2 2 0 mail.example.com"}, {kParent, "1 2 1 mail.example.com"}},
       "fail/explicit-required"},
      {"explicit_of_other_version",
       "docs/rules.md §4.2",
       {{kSrv, "nxdomain"}, {kParent, "2 2 1 mail.example.com"}},
       "none/no-record"},
      {"parent_without_explicit",
       "docs/rules.md §4.5",
       {{kSrv, "nxdomain"}, {kParent, "1 1 2 mail.example.com"}},
       "none/no-record"},
      {"explicit_on_one_of_several",
       "docs/rules.md §4.5",
       {{kSrv, "nxdomain"}, {kParent, "1 2 0 a.test | 1 1 5 b.test"}},
       "fail/explicit-required"},
      {"explicit_beside_reserved_weight",
       "docs/rules.md §4.5",
       {{kSrv, "nxdomain"}, {kParent, "1 8 1 a.test"}},
       "fail/explicit-required"},
      {"parent_failure",
       "docs/rules.md §4.5",
       {{kSrv, "nxdomain"}, {kParent, "servfail"}},
       "temperror/dns"},
      {.id = "second_level_name_has_no_parent",
       .source = "docs/rules.md §4.5; CSA-02 §7",
       .script = {{kParent, "nxdomain"}},
       .wanted = "none/no-record",
       .helo = "example.com"},
      {.id = "parents_down_to_the_sixth",
       .source = "docs/rules.md §4.5; CSA-02 §6",
       .script = nothing,
       .wanted = "none/no-record",
       .helo = "h.g.f.e.d.c.b.a.test"},
      {.id = "explicit_at_the_sixth",
       .source = "docs/rules.md §4.5; CSA-02 §6",
       .script = sixth_level,
       .wanted = "fail/explicit-required",
       .helo = "h.g.f.e.d.c.b.a.test"},
      {.id = "explicit_before_failures",
       .source = "docs/rules.md §4.5",
       .script = explicit_and_failures,
       .wanted = "fail/explicit-required",
       .helo = "h.g.f.e.d.c.b.a.test"},
      {.id = "failure_before_nothing",
       .source = "docs/rules.md §4.5",
       .script = failure,
       .wanted = "temperror/dns",
       .helo = "h.g.f.e.d.c.b.a.test"},
  };
}

std::vector<CsaCase> FailureCases() {
  std::vector<CsaCase> cases;
  for (const std::string failure : {"timeout", "servfail", "refused", "notimp", "formerr",
                                    "malformed", "unreachable", "silence"}) {
    cases.push_back({"srv_" + failure, "docs/rules.md §4.1", {{kSrv, failure}}, "temperror/dns"});
    cases.push_back({"target_" + failure,
                     "docs/rules.md §4.4",
                     {{kSrv, "1 2 0 a.test"}, {"a.test A", failure}},
                     "temperror/dns"});
    cases.push_back({"parent_" + failure,
                     "docs/rules.md §4.5",
                     {{kSrv, "nxdomain"}, {kParent, failure}},
                     "temperror/dns"});
  }
  return cases;
}

std::vector<CsaCase> AliasCases() {
  const std::string owner = "_client._smtp.mail.example.com";
  const std::string parent = "_client._smtp.example.com";
  const ScriptLine two_targets = {kSrv, "1 2 0 a.test | 1 2 0 b.test"};
  return {
      {"srv_eight_aliases", "docs/rules.md §8", AliasChain(owner, "SRV", 8, "1 1 0 ."),
       "fail/not-authorized"},
      {"srv_nine_aliases", "docs/rules.md §8", AliasChain(owner, "SRV", 9, "1 1 0 ."),
       "permerror/alias-chain"},
      {"target_eight_aliases", "docs/rules.md §8",
       AliasChain("a.test", "A", 8, "192.0.2.1") + std::vector<ScriptLine>{{kSrv, "1 2 0 a.test"}},
       "pass/authorized"},
      {"target_nine_aliases", "docs/rules.md §8",
       AliasChain("a.test", "A", 9, "192.0.2.1") + std::vector<ScriptLine>{{kSrv, "1 2 0 a.test"}},
       "permerror/alias-chain"},
      {"chain_beside_a_match", "docs/rules.md §4.4, §8",
       AliasChain("a.test", "A", 9, "192.0.2.1") +
           std::vector<ScriptLine>{two_targets, {"b.test A", "192.0.2.1"}},
       "pass/authorized"},
      {"chain_beside_a_mismatch", "docs/rules.md §4.4, §8",
       AliasChain("a.test", "A", 9, "192.0.2.1") +
           std::vector<ScriptLine>{two_targets, {"b.test A", "192.0.2.2"}},
       "permerror/alias-chain"},
      {"chain_beside_a_failure", "docs/rules.md §4.4, §8",
       AliasChain("a.test", "A", 9, "192.0.2.1") +
           std::vector<ScriptLine>{two_targets, {"b.test A", "servfail"}},
       "temperror/dns"},
      {"parent_chain", "docs/rules.md §4.5, §8",
       AliasChain(parent, "SRV", 9, "1 1 1 .") + std::vector<ScriptLine>{{kSrv, "nxdomain"}},
       "permerror/alias-chain"},
      {.id = "parent_chain_beside_a_failure",
       .source = "docs/rules.md §4.5, §8",
       .script = AliasChain("_client._smtp.b.example.com", "SRV", 9, "1 1 1 .") +
                 std::vector<ScriptLine>{{"_client._smtp.a.b.example.com SRV", "nxdomain"},
                                         {kParent, "servfail"}},
       .wanted = "temperror/dns",
       .helo = "a.b.example.com"},
      {"parent_eight_aliases", "docs/rules.md §4.5, §8",
       AliasChain(parent, "SRV", 8, "1 1 1 .") + std::vector<ScriptLine>{{kSrv, "nxdomain"}},
       "fail/explicit-required"},
      {"alias_loop",
       "docs/rules.md §8",
       {{kSrv, "CNAME x.test"}, {"x.test SRV", "CNAME y.test"}, {"y.test SRV", "CNAME x.test"}},
       "permerror/alias-chain"},
  };
}

std::vector<CsaCase> AdditionalCases() {
  return {
      // The target's own question is not in these scripts where it must not be asked.
      {"additional_proves",
       "docs/rules.md §4.4",
       {{kSrv, "1 2 0 a.test | + a.test A 192.0.2.8 | + a.test A 192.0.2.1"}},
       "pass/authorized"},
      {.id = "additional_proves_v6",
       .source = "docs/rules.md §4.4",
       .script = {{kSrv, "1 2 0 a.test | + a.test A 192.0.2.1 | + a.test AAAA 2001:db8::1"}},
       .wanted = "pass/authorized",
       .client = "2001:db8::1"},
      {"additional_never_condemns",
       "docs/rules.md §4.4, §9",
       {{kSrv, "1 2 0 a.test | + a.test A 192.0.2.8"}, {"a.test A", "192.0.2.1"}},
       "pass/authorized"},
      {"mismatch_needs_a_full_answer",
       "docs/rules.md §4.4, §9",
       {{kSrv, "1 2 0 a.test | + a.test A 192.0.2.8"}, {"a.test A", "192.0.2.8"}},
       "fail/address-mismatch"},
      {"additional_of_another_owner",
       "docs/rules.md §4.4",
       {{kSrv, "1 2 0 a.test | + b.test A 192.0.2.1"}, {"a.test A", "192.0.2.8"}},
       "fail/address-mismatch"},
      {"additional_of_a_weight_3_target",
       "CSA-02 §5",
       {{kSrv, "1 3 0 b.test | + b.test A 192.0.2.1"}},
       "neutral/target-ignored",
       true},
      {"additional_of_a_weight_1_target",
       "CSA-02 §4",
       {{kSrv, "1 1 0 b.test | + b.test A 192.0.2.1"}},
       "fail/not-authorized"},
      {"additional_of_the_fifth_target",
       "docs/rules.md §4.4",
       {{kSrv,
         "1 2 0 a.test | 1 2 0 b.test | 1 2 0 c.test | 1 2 0 d.test | 1 2 0 e.test"
         " | + e.test A 192.0.2.1"},
        {"a.test A", "nxdomain"},
        {"b.test A", "nxdomain"},
        {"c.test A", "nxdomain"},
        {"d.test A", "nxdomain"}},
       "permerror/too-many-targets"},
      {"additional_from_an_untrusted_server",
       "docs/rules.md §4.4",
       {{kSrv, "untrusted | 1 2 0 a.test | + a.test A 192.0.2.1"}, {"a.test A", "192.0.2.8"}},
       "fail/address-mismatch"},
  };
}

class CsaTest : public ::testing::TestWithParam<CsaCase> {};

TEST_P(CsaTest, IsRuled) {
  const CsaCase& wanted = GetParam();
  const CsaRun run = RunCsa(wanted.helo, wanted.client, wanted.script);
  EXPECT_EQ(Text(run.finding.result), wanted.wanted) << wanted.source;
  EXPECT_EQ(run.finding.authorizes_elsewhere, wanted.wanted_elsewhere) << wanted.source;
}

std::vector<CsaCase> AllCases() {
  std::vector<CsaCase> all;
  for (const auto& cases : {RecordCases(), TargetCases(), SearchCases(), FailureCases(),
                            AliasCases(), AdditionalCases()}) {
    all.insert(all.end(), cases.begin(), cases.end());
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Cases, CsaTest, ::testing::ValuesIn(AllCases()),
                         [](const auto& each) { return each.param.id; });

// `reply` with the order of its parts turned round.
std::string Reversed(const std::string& reply) {
  std::istringstream parts(reply);
  std::string reversed;
  for (std::string part; std::getline(parts, part, '|');) {
    if (!reversed.empty()) part += '|';
    reversed.insert(0, part);
  }
  return reversed;
}

// docs/rules.md §4.3: neither the order of records nor that of answers shows anywhere.
TEST_P(CsaTest, OrderChangesNothing) {
  const CsaCase& wanted = GetParam();
  std::vector<ScriptLine> script = wanted.script;
  for (ScriptLine& line : script) {
    // What a line says of its server has to stay in front.
    if (!line.reply.starts_with("untrusted")) line.reply = Reversed(line.reply);
  }
  const CsaRun plain = RunCsa(wanted.helo, wanted.client, wanted.script);
  const CsaRun turned =
      RunCsa(wanted.helo, wanted.client, script, {}, ScriptedDns::Order::kReversed);
  EXPECT_EQ(Text(turned.finding.result), Text(plain.finding.result));
  EXPECT_EQ(turned.finding.authorizes_elsewhere, plain.finding.authorizes_elsewhere);
  EXPECT_EQ(Texts(turned.finding.result.evidence), Texts(plain.finding.result.evidence));
}

}  // namespace
}  // namespace helovet
