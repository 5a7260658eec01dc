#include "policy/policy.h"

#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace helovet {

void PrintTo(const Decision& decision, std::ostream* out) {
  *out << ToString(decision.check) << "/" << ToString(decision.reason);
}

namespace {

std::string Text(const Decision& decision) {
  return std::string(ToString(decision.check)) + "/" + std::string(ToString(decision.reason));
}

// "csa=pass/authorized": the rule that says so must exist.
CheckResult ParseResult(const std::string& text) {
  for (const ResultRule& rule : ResultRules()) {
    const std::string known = std::string(ToString(rule.check)) + "=" +
                              std::string(ToString(rule.result)) + "/" +
                              std::string(ToString(rule.reason));
    if (known == text) return {.check = rule.check, .result = rule.result, .reason = rule.reason};
  }
  ADD_FAILURE() << "no such result: " << text;
  return {.check = CheckId::kExempt};
}

// A name that is authorised and proven and that nobody knows. Results given in words take the
// place of these.
std::vector<CheckResult> ResultsOf(const std::string& text) {
  std::vector<CheckResult> checks;
  std::istringstream words(
      "helo=pass/fqdn csa=pass/authorized forward=pass/matched "
      "iprev=permerror/no-ptr reverse-match=neutral/not-matched "
      "well-known=none/not-listed local-list=none/not-listed " +
      text);
  for (std::string word; words >> word;) {
    CheckResult result = ParseResult(word);
    std::erase_if(checks, [&](const CheckResult& each) { return each.check == result.check; });
    checks.push_back(std::move(result));
  }
  return checks;
}

struct Case {
  std::string name;
  std::string source;
  std::string results;
  bool iprev_confirms_helo;
  Trust trust;
  std::string decided_by;
  NameProof proof;
  Action standard;
  Action strict;
};

using enum NameProof;

const std::vector<Case>& Cases() {
  static const auto* const cases = new std::vector<Case>{
      // --- high
      {"accredited_by_dna", "CSV-02 §1: both questions answered with yes", "dna=pass/recommended",
       false, Trust::kHigh, "dna/recommended", kProven, Action::kAccept, Action::kAccept},
      {"accredited_by_vbr", "docs/rules.md §10", "vbr=pass/vouched dna=none/unknown", false,
       Trust::kHigh, "vbr/vouched", kProven, Action::kAccept, Action::kAccept},
      {"accredited_by_local_list", "CSV-02 §5.2", "local-list=pass/listed", false, Trust::kHigh,
       "local-list/listed", kProven, Action::kAccept, Action::kAccept},
      {"accredited_by_name_list", "docs/rules.md §10", "name-list=pass/listed", false, Trust::kHigh,
       "name-list/listed", kProven, Action::kAccept, Action::kAccept},
      {"accredited_by_address_list", "docs/rules.md §10", "address-list=pass/listed", false,
       Trust::kHigh, "address-list/listed", kProven, Action::kAccept, Action::kAccept},
      {"proven_elsewhere_and_accredited", "CSA-02 §5, weight 3",
       "csa=pass/authenticated-elsewhere forward=neutral/not-matched iprev=pass/confirmed "
       "dna=pass/recommended",
       true, Trust::kHigh, "dna/recommended", kProven, Action::kAccept, Action::kAccept},
      // --- low
      {"not_authorized", "CSA-02 §4: weight 1", "csa=fail/not-authorized dna=pass/recommended",
       false, Trust::kLow, "csa/not-authorized", kProven, Action::kReject, Action::kReject},
      {"explicit_domain", "CSA-02 §5: Explicit",
       "csa=fail/explicit-required forward=neutral/not-matched", false, Trust::kLow,
       "csa/explicit-required", kNotProven, Action::kReject, Action::kReject},
      {"helo_fail_comes_first", "docs/rules.md §10",
       "helo=fail/forged-self csa=none/no-name forward=none/no-name "
       "address-list=fail/listed",
       false, Trust::kLow, "helo/forged-self", kNotProven, Action::kReject, Action::kReject},
      {"denied_locally", "docs/rules.md §7.1", "local-list=fail/listed dna=pass/recommended", false,
       Trust::kLow, "local-list/listed", kProven, Action::kReject, Action::kReject},
      {"not_recommended", "DNA-02 §5", "dna=fail/not-recommended vbr=pass/vouched", false,
       Trust::kLow, "dna/not-recommended", kProven, Action::kReject, Action::kReject},
      {"on_a_list_of_names", "docs/rules.md §7.2", "name-list=fail/listed dna=pass/recommended",
       false, Trust::kLow, "name-list/listed", kProven, Action::kReject, Action::kReject},
      {"on_a_list_of_addresses", "docs/rules.md §7.2", "address-list=fail/listed", false,
       Trust::kLow, "address-list/listed", kProven, Action::kReject, Action::kReject},
      {"not_designated_by_dmp", "docs/rules.md §10: before dna",
       "dmp=fail/denied dna=fail/not-recommended spf=fail/not-designated", false, Trust::kLow,
       "dmp/denied", kProven, Action::kReject, Action::kReject},
      {"not_designated_by_drip", "docs/rules.md §10: dmp, drip, spf-helo, spf",
       "drip=fail/parent-participates spf-helo=fail/not-designated", false, Trust::kLow,
       "drip/parent-participates", kProven, Action::kReject, Action::kReject},
      {"not_designated_by_spf", "docs/rules.md §10", "spf=fail/not-designated dna=pass/recommended",
       false, Trust::kLow, "spf/not-designated", kProven, Action::kReject, Action::kReject},
      // --- unknown
      {"rmx_and_cbv_change_no_trust", "docs/rules.md §10",
       "rmx=fail/not-designated cbv=fail/refused-rcpt", false, Trust::kUnknown,
       "local-list/not-listed", kProven, Action::kTag, Action::kReject},
      {"softfail_is_no_failure", "docs/rules.md §10: fail alone",
       "spf=softfail/probably-not-designated dmp=policy/allows-all", false, Trust::kUnknown,
       "local-list/not-listed", kProven, Action::kTag, Action::kReject},
      {"designated_by_drip_proves_the_name", "docs/rules.md §5",
       "csa=none/no-record forward=neutral/not-matched drip=pass/designated", false,
       Trust::kUnknown, "csa/no-record", kProven, Action::kTag, Action::kReject},
      {"designated_by_spf_helo_proves_the_name", "docs/rules.md §5",
       "csa=none/no-record forward=neutral/not-matched spf-helo=pass/designated", false,
       Trust::kUnknown, "csa/no-record", kProven, Action::kTag, Action::kReject},
      {"designation_of_the_name_for_now_open", "docs/rules.md §5: undetermined",
       "csa=none/no-record forward=neutral/not-matched dmp=temperror/dns", false, Trust::kUnknown,
       "csa/no-record", kUndetermined, Action::kTag, Action::kReject},
      {"authorized_unknown_to_all", "CSV-02 §1: authorised, not accredited", "", false,
       Trust::kUnknown, "local-list/not-listed", kProven, Action::kTag, Action::kReject},
      {"authorized_unknown_to_accreditors", "CSV-02 §1", "dna=none/unknown", false, Trust::kUnknown,
       "dna/unknown", kProven, Action::kTag, Action::kReject},
      {"accredited_without_record", "docs/rules.md §10: high needs csa pass",
       "csa=none/no-record dna=pass/recommended", false, Trust::kUnknown, "csa/no-record", kProven,
       Action::kTag, Action::kReject},
      {"helo_neutral", "docs/rules.md §3",
       "helo=neutral/special-use csa=none/no-name forward=none/no-name", false, Trust::kUnknown,
       "helo/special-use", kNotProven, Action::kTag, Action::kReject},
      {"literal", "docs/rules.md §3: a literal has no name to ask about",
       "helo=pass/literal-match csa=none/no-name forward=none/no-name iprev=pass/confirmed", false,
       Trust::kUnknown, "csa/no-name", kNotProven, Action::kTag, Action::kReject},
      {"record_errors", "docs/rules.md §10: everything else",
       "csa=permerror/conflicting-records dna=pass/recommended", false, Trust::kUnknown,
       "csa/conflicting-records", kProven, Action::kTag, Action::kReject},
      {"iprev_fail_alone", "docs/rules.md §10 does not list iprev under low",
       "csa=none/no-record forward=neutral/not-matched iprev=fail/not-confirmed", false,
       Trust::kUnknown, "csa/no-record", kNotProven, Action::kTag, Action::kReject},
      {"reverse_alone_authenticates_nobody", "CSV-02 B.2: another name confirmed",
       "csa=none/no-record forward=neutral/not-matched iprev=pass/confirmed", false,
       Trust::kUnknown, "csa/no-record", kNotProven, Action::kTag, Action::kReject},
      {"well_known_needs_reverse_match", "docs/rules.md §5",
       "csa=none/no-record forward=neutral/not-matched well-known=pass/listed", false,
       Trust::kUnknown, "csa/no-record", kNotProven, Action::kTag, Action::kReject},
      {"well_known_with_reverse_match", "docs/rules.md §5",
       "csa=none/no-record forward=neutral/not-matched well-known=pass/listed "
       "reverse-match=pass/matched",
       false, Trust::kUnknown, "csa/no-record", kProven, Action::kTag, Action::kReject},
      // --- for now
      {"csa_temperror_is_not_no", "docs/rules.md §10: temporary failures never reject",
       "csa=temperror/dns forward=neutral/not-matched", false, Trust::kUnknown, "csa/dns",
       kUndetermined, Action::kTag, Action::kDefer},
      {"dna_temperror_is_not_no", "docs/rules.md §10", "dna=temperror/dns", false, Trust::kUnknown,
       "dna/dns", kProven, Action::kTag, Action::kDefer},
      {"another_certifier_could_still_vouch", "docs/rules.md §10",
       "dna=none/unknown vbr=temperror/dns", false, Trust::kUnknown, "vbr/dns", kProven,
       Action::kTag, Action::kDefer},
      {"a_list_without_answer", "docs/rules.md §10", "address-list=temperror/list-error", false,
       Trust::kUnknown, "address-list/list-error", kProven, Action::kTag, Action::kDefer},
      {"temporary_and_beside_the_point", "docs/rules.md §10: no answer of dna's helps without csa",
       "csa=none/no-record dna=temperror/dns", false, Trust::kUnknown, "csa/no-record", kProven,
       Action::kTag, Action::kReject},
      {"weight_3_waits_for_iprev", "docs/rules.md §4.4: iprev may still raise it",
       "csa=neutral/target-ignored forward=neutral/not-matched iprev=temperror/dns", false,
       Trust::kUnknown, "csa/target-ignored", kUndetermined, Action::kTag, Action::kDefer},
      {"weight_3_waits_for_the_name_itself",
       "docs/rules.md §4.4: iprev passed by another name, the HELO name's addresses failed",
       "csa=neutral/target-ignored forward=temperror/dns iprev=pass/confirmed", false,
       Trust::kUnknown, "csa/target-ignored", kUndetermined, Action::kTag, Action::kDefer},
      {"weight_3_that_iprev_refutes",
       "docs/rules.md §4.4: another answer about the addresses would not help",
       "csa=neutral/target-ignored forward=temperror/dns iprev=fail/not-confirmed", false,
       Trust::kUnknown, "csa/target-ignored", kUndetermined, Action::kTag, Action::kReject},
      {"authorized_literal", "docs/rules.md §4.6: there is no name that could be vouched for",
       "helo=pass/literal-match forward=none/no-name", false, Trust::kUnknown,
       "local-list/not-listed", kProven, Action::kTag, Action::kReject},
  };
  return *cases;
}

Judgement JudgeAs(const std::vector<CheckResult>& checks, bool iprev_confirms_helo,
                  const Config& config, Profile profile) {
  return Judge(checks, ProveName(checks, iprev_confirms_helo, config), config, profile);
}

class JudgeTest : public testing::TestWithParam<Case> {};

TEST_P(JudgeTest, TrustAndActions) {
  const Case& given = GetParam();
  SCOPED_TRACE(given.source);
  const Config config;
  const std::vector<CheckResult> checks = ResultsOf(given.results);
  EXPECT_EQ(ProveName(checks, given.iprev_confirms_helo, config), given.proof);

  const auto under = [&](Profile profile) {
    return JudgeAs(checks, given.iprev_confirms_helo, config, profile);
  };
  const Judgement standard = under(Profile::kStandard);
  EXPECT_EQ(standard.trust, given.trust);
  EXPECT_EQ(Text(standard.decided_by), given.decided_by);
  EXPECT_EQ(ToString(standard.action), ToString(given.standard));
  EXPECT_EQ(standard.skip_address_blocklists, given.trust == Trust::kHigh);

  const Judgement strict = under(Profile::kStrict);
  EXPECT_EQ(strict.trust, given.trust);
  EXPECT_EQ(ToString(strict.action), ToString(given.strict));

  const Judgement observe = under(Profile::kObserve);
  EXPECT_EQ(observe.trust, given.trust);
  EXPECT_EQ(ToString(observe.action), "tag");
  EXPECT_FALSE(observe.skip_address_blocklists) << "the profile observe changes nothing";
  EXPECT_EQ(ToString(observe.shadow.standard), ToString(given.standard));
  EXPECT_EQ(ToString(observe.shadow.strict), ToString(given.strict));
}

INSTANTIATE_TEST_SUITE_P(Verdicts, JudgeTest, testing::ValuesIn(Cases()),
                         [](const auto& param) { return param.param.name; });

// With every check that asks the DNS failing for now, nobody is rejected for it.
TEST(JudgeProperty, TemporaryFailuresNeverReject) {
  const std::vector<CheckResult> checks = ResultsOf(
      "csa=temperror/dns forward=temperror/dns iprev=temperror/dns reverse-match=temperror/dns "
      "dna=temperror/dns vbr=temperror/dns address-list=temperror/dns name-list=temperror/dns "
      "local-list=temperror/dns");
  Config config;
  config.custom.unknown = Action::kReject;
  for (const Profile profile :
       {Profile::kObserve, Profile::kStandard, Profile::kStrict, Profile::kCustom}) {
    const Judgement got = JudgeAs(checks, false, config, profile);
    EXPECT_EQ(ToString(got.trust), "unknown") << ToString(profile);
    EXPECT_NE(ToString(got.action), "reject") << ToString(profile);
  }
}

struct OverrideCase {
  std::string name;
  std::string source;
  std::string results;
  std::vector<Override> overrides;
  Profile profile;
  Action action;
  std::string decided_by;
  Trust trust;
};

class OverrideTest : public testing::TestWithParam<OverrideCase> {};

TEST_P(OverrideTest, ChangesTheActionAndNotTheTrust) {
  const OverrideCase& given = GetParam();
  SCOPED_TRACE(given.source);
  Config config;
  config.overrides = given.overrides;
  const Judgement got = JudgeAs(ResultsOf(given.results), false, config, given.profile);
  EXPECT_EQ(ToString(got.action), ToString(given.action));
  EXPECT_EQ(Text(got.decided_by), given.decided_by);
  EXPECT_EQ(ToString(got.trust), ToString(given.trust));
}

using enum OverrideAction;
INSTANTIATE_TEST_SUITE_P(
    Rules, OverrideTest,
    testing::Values(OverrideCase{"ignored_failure",
                                 "docs/rules.md §10: as if the check had not run",
                                 "csa=fail/address-mismatch",
                                 {{CheckId::kCsa, Result::kFail, kIgnore}},
                                 Profile::kStandard,
                                 Action::kTag,
                                 "csa/address-mismatch",
                                 Trust::kLow},
                    OverrideCase{"ignored_beside_another_failure",
                                 "docs/rules.md §10: what is left decides",
                                 "csa=fail/address-mismatch address-list=fail/listed",
                                 {{CheckId::kCsa, Result::kFail, kIgnore}},
                                 Profile::kStandard,
                                 Action::kReject,
                                 "address-list/listed",
                                 Trust::kLow},
                    OverrideCase{"ignored_pass",
                                 "docs/rules.md §10: an ignored pass earns nothing",
                                 "dna=pass/recommended",
                                 {{CheckId::kDna, Result::kPass, kIgnore}},
                                 Profile::kStandard,
                                 Action::kTag,
                                 "dna/recommended",
                                 Trust::kHigh},
                    OverrideCase{"another_result_is_not_ignored",
                                 "docs/rules.md §10",
                                 "csa=fail/address-mismatch",
                                 {{CheckId::kCsa, Result::kNone, kIgnore}},
                                 Profile::kStandard,
                                 Action::kReject,
                                 "csa/address-mismatch",
                                 Trust::kLow},
                    OverrideCase{"rejects_beyond_the_profile",
                                 "docs/rules.md §10: the most severe",
                                 "csa=none/no-record",
                                 {{CheckId::kCsa, Result::kNone, kReject}},
                                 Profile::kObserve,
                                 Action::kReject,
                                 "csa/no-record",
                                 Trust::kUnknown},
                    OverrideCase{"tag_is_milder_than_the_profile",
                                 "docs/rules.md §10: the most severe",
                                 "csa=fail/address-mismatch",
                                 {{CheckId::kCsa, Result::kFail, kTag}},
                                 Profile::kStandard,
                                 Action::kReject,
                                 "csa/address-mismatch",
                                 Trust::kLow},
                    OverrideCase{"the_most_severe_of_several",
                                 "docs/rules.md §10",
                                 "csa=none/no-record iprev=fail/not-confirmed",
                                 {{CheckId::kCsa, Result::kNone, kDefer},
                                  {CheckId::kIprev, Result::kFail, kReject}},
                                 Profile::kStandard,
                                 Action::kReject,
                                 "iprev/not-confirmed",
                                 Trust::kUnknown},
                    OverrideCase{"defers_what_failed_for_now",
                                 "docs/rules.md §10: defer is a choice",
                                 "csa=temperror/dns forward=neutral/not-matched",
                                 {{CheckId::kCsa, Result::kTemperror, kDefer}},
                                 Profile::kStandard,
                                 Action::kDefer,
                                 "csa/dns",
                                 Trust::kUnknown},
                    OverrideCase{"tags_what_the_profile_accepts",
                                 "docs/rules.md §10",
                                 "dna=pass/recommended iprev=permerror/no-ptr",
                                 {{CheckId::kIprev, Result::kPermerror, kTag}},
                                 Profile::kStandard,
                                 Action::kTag,
                                 "iprev/no-ptr",
                                 Trust::kHigh},
                    OverrideCase{"a_check_that_did_not_run",
                                 "docs/rules.md §10",
                                 "",
                                 {{CheckId::kDna, Result::kFail, kReject}},
                                 Profile::kStandard,
                                 Action::kTag,
                                 "local-list/not-listed",
                                 Trust::kUnknown}),
    [](const auto& param) { return param.param.name; });

TEST(CustomProfile, MapsTrustAsItIsTold) {
  Config config;
  config.custom = {.low = Action::kDefer,
                   .unknown = Action::kAccept,
                   .high = Action::kAccept,
                   .skip_address_blocklists = false};
  const auto judge = [&](const std::string& results) {
    return JudgeAs(ResultsOf(results), false, config, Profile::kCustom);
  };
  EXPECT_EQ(ToString(judge("csa=fail/not-authorized").action), "defer");
  EXPECT_EQ(ToString(judge("").action), "accept");
  EXPECT_EQ(ToString(judge("dna=pass/recommended").action), "accept");
  EXPECT_FALSE(judge("dna=pass/recommended").skip_address_blocklists);
  config.custom.skip_address_blocklists = true;
  EXPECT_TRUE(judge("dna=pass/recommended").skip_address_blocklists);
}

struct DsarCase {
  std::string name;
  std::string results;
  Trust trust;
  std::string decided_by;
  NameProof proof;
};

class DsarTest : public testing::TestWithParam<DsarCase> {};

// DSAR-00 §4.1: "treat the current SMTP session ... as if no domain name had been asserted".
TEST_P(DsarTest, WithoutBothProofsTheNameIsNone) {
  Config config;
  config.csa.dialect = Config::CsaDialect::kDsar00;
  const std::vector<CheckResult> checks = ResultsOf(GetParam().results);
  EXPECT_EQ(ProveName(checks, false, config), GetParam().proof);
  const Judgement got = JudgeAs(checks, false, config, Profile::kStandard);
  EXPECT_EQ(ToString(got.trust), ToString(GetParam().trust));
  EXPECT_EQ(Text(got.decided_by), GetParam().decided_by);
}

INSTANTIATE_TEST_SUITE_P(
    Dialect, DsarTest,
    testing::Values(
        DsarCase{"both_hold", "dna=pass/recommended", Trust::kHigh, "dna/recommended", kProven},
        DsarCase{"both_hold_and_not_recommended", "dna=fail/not-recommended", Trust::kLow,
                 "dna/not-recommended", kProven},
        DsarCase{"prohibited_is_unknown", "csa=fail/prohibited", Trust::kUnknown, "csa/prohibited",
                 kProven},
        DsarCase{"a_record_proves_no_host", "forward=neutral/not-matched", Trust::kUnknown,
                 "forward/not-matched", kNotProven},
        DsarCase{"failures_of_the_name_do_not_count",
                 "csa=none/no-record dna=fail/not-recommended name-list=fail/listed",
                 Trust::kUnknown, "csa/no-record", kProven},
        DsarCase{"no_name_is_no_offence",
                 "helo=fail/localhost csa=none/no-name forward=none/no-name", Trust::kUnknown,
                 "helo/localhost", kNotProven},
        DsarCase{"the_address_still_counts", "csa=fail/prohibited address-list=fail/listed",
                 Trust::kLow, "address-list/listed", kProven},
        DsarCase{"designated_senders_of_the_name_do_not_count",
                 "csa=none/no-record drip=fail/not-designated spf-helo=fail/not-designated "
                 "dmp=fail/denied spf=fail/not-designated",
                 Trust::kUnknown, "csa/no-record", kProven},
        DsarCase{"so_does_a_denial", "csa=none/no-record local-list=fail/listed", Trust::kLow,
                 "local-list/listed", kProven}),
    [](const auto& param) { return param.param.name; });

// docs/rules.md §5, §4.7: what speaks of MAIL FROM neither proves the name nor falls with it.
TEST(ResultsOfTheSender, AreNotThoseOfTheName) {
  Config config;
  std::vector<CheckResult> checks = ResultsOf(
      "csa=none/no-record forward=neutral/not-matched dmp=pass/designated spf=pass/designated");
  for (CheckResult& check : checks) check.identity = Identity::kMailFrom;
  EXPECT_EQ(ProveName(checks, false, config), kNotProven);

  config.csa.dialect = Config::CsaDialect::kDsar00;
  checks = ResultsOf("csa=none/no-record spf=fail/not-designated");
  checks.back().identity = Identity::kMailFrom;
  EXPECT_EQ(Text(JudgeAs(checks, false, config, Profile::kStandard).decided_by),
            "spf/not-designated");
}

TEST(SkipsAddressLists, OnlyForNamesThatOthersThanTheListsAccredit) {
  const Config config;
  const auto skips = [&](const std::string& results) {
    const std::vector<CheckResult> checks = ResultsOf(results);
    return SkipsAddressLists(checks, ProveName(checks, false, config), config);
  };
  EXPECT_TRUE(skips("dna=pass/recommended"));
  EXPECT_TRUE(skips("vbr=pass/vouched"));
  EXPECT_TRUE(skips("local-list=pass/listed"));
  EXPECT_TRUE(skips("name-list=pass/listed"));
  EXPECT_FALSE(skips("address-list=pass/listed"));
  EXPECT_FALSE(skips(""));
  EXPECT_FALSE(skips("csa=none/no-record dna=pass/recommended"));
}

TEST(ProfileForTest, RecipientsOfAlternateDomains) {
  Config config;
  config.profile = Profile::kObserve;
  config.alternate = {.domains = {"csv.example.org", ".strict.example"},
                      .profile = Profile::kStrict};
  for (const auto& [domain, want] : std::vector<std::pair<std::optional<std::string>, Profile>>{
           {std::nullopt, Profile::kObserve},
           {"csv.example.org", Profile::kStrict},
           {"example.org", Profile::kObserve},
           {"a.csv.example.org", Profile::kObserve},
           {"a.strict.example", Profile::kStrict},
           {"strict.example", Profile::kObserve}}) {
    EXPECT_EQ(ToString(ProfileFor(config, domain)), ToString(want)) << domain.value_or("(none)");
  }
}

struct ExemptCase {
  std::string client;
  std::vector<std::string> networks;
  bool authenticated;
  std::optional<Reason> want;
};

TEST(ExemptionTest, NetworksAndAuthenticatedSessions) {
  const std::vector<ExemptCase> cases = {
      {"127.0.0.1", {"127.0.0.0/8", "::1"}, false, Reason::kNetwork},
      {"::1", {"127.0.0.0/8", "::1"}, false, Reason::kNetwork},
      {"::ffff:127.0.0.9", {"127.0.0.0/8"}, false, Reason::kNetwork},
      {"192.168.1.1", {"127.0.0.0/8", "::1"}, false, std::nullopt},
      {"192.0.2.1", {}, true, Reason::kAuthenticatedSession},
      {"192.0.2.1", {}, false, std::nullopt},
      {"127.0.0.1", {}, false, std::nullopt},
  };
  for (const ExemptCase& given : cases) {
    Config config;
    config.exempt.networks.clear();
    for (const std::string& network : given.networks) {
      config.exempt.networks.push_back(*IpNetwork::Parse(network));
    }
    const Session session = {.client = *IpAddress::Parse(given.client),
                             .helo = "mail.example.com",
                             .authenticated = given.authenticated};
    EXPECT_EQ(Exemption(session, config), given.want) << given.client;
  }
}

TEST(ExemptionTest, DefaultIsLoopbackOnly) {
  const Config config;
  for (const auto& [client, exempt] :
       std::vector<std::pair<std::string, bool>>{{"127.0.0.1", true},
                                                 {"127.255.255.255", true},
                                                 {"::1", true},
                                                 {"10.0.0.1", false},
                                                 {"192.168.0.1", false},
                                                 {"fe80::1", false},
                                                 {"2001:db8::1", false}}) {
    const Session session = {.client = *IpAddress::Parse(client), .helo = ""};
    EXPECT_EQ(Exemption(session, config).has_value(), exempt) << client;
  }
}

}  // namespace
}  // namespace helovet
