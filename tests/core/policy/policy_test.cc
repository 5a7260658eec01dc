#include "policy/policy.h"

#include <ostream>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace helovet {

void PrintTo(const Decision& decision, std::ostream* out) {
  *out << ToString(decision.check) << "/" << ToString(decision.reason);
}

namespace {

using enum Result;
using enum Reason;

struct Outcome {
  Result result;
  Reason reason;
};

struct Case {
  std::string name;
  std::string source;
  Outcome helo;
  Outcome csa;
  Outcome forward;
  Outcome iprev;
  bool iprev_confirms_helo;
  Outcome local_trust;
  Trust trust;
  Decision decided_by;
  bool authenticated;
  Action standard;
  Action strict;
};

constexpr Outcome kFqdnPass = {kPass, kFqdn};
constexpr Outcome kNoHeloName = {kNone, kNoName};
constexpr Outcome kForwardNo = {kNeutral, kNotMatched};
constexpr Outcome kForwardYes = {kPass, kMatched};
constexpr Outcome kIprevNone = {kPermerror, kNoPtr};
constexpr Outcome kIprevYes = {kPass, kConfirmed};
constexpr Outcome kUntrusted = {kNone, kNotListed};
constexpr Outcome kTrusted = {kPass, kListed};
constexpr Decision kByLocalTrust = {CheckId::kLocalTrust, kListed};

const std::vector<Case>& Cases() {
  static const auto* const cases = new std::vector<Case>{
      {"authorized_and_vouched_for",
       "CSV-02 §1: both questions answered with yes",
       kFqdnPass,
       {kPass, kAuthorized},
       kForwardYes,
       kIprevYes,
       true,
       kTrusted,
       Trust::kHigh,
       kByLocalTrust,
       true,
       Action::kAccept,
       Action::kAccept},
      {"authorized_unknown_to_all",
       "CSV-02 §1: authorised, not accredited",
       kFqdnPass,
       {kPass, kAuthorized},
       kForwardYes,
       kIprevNone,
       false,
       kUntrusted,
       Trust::kUnknown,
       {CheckId::kLocalTrust, kNotListed},
       true,
       Action::kTag,
       Action::kReject},
      {"proven_elsewhere_and_vouched_for",
       "CSA-02 §5, weight 3",
       kFqdnPass,
       {kPass, kAuthenticatedElsewhere},
       kForwardNo,
       kIprevYes,
       true,
       kTrusted,
       Trust::kHigh,
       kByLocalTrust,
       true,
       Action::kAccept,
       Action::kAccept},
      {"vouched_for_without_record",
       "docs/rules.md §7: high needs csa pass",
       kFqdnPass,
       {kNone, kNoRecord},
       kForwardYes,
       kIprevYes,
       true,
       kTrusted,
       Trust::kUnknown,
       {CheckId::kCsa, kNoRecord},
       true,
       Action::kTag,
       Action::kReject},
      {"not_authorized",
       "CSA-02 §4: weight 1",
       kFqdnPass,
       {kFail, kNotAuthorized},
       kForwardYes,
       kIprevYes,
       true,
       kTrusted,
       Trust::kLow,
       {CheckId::kCsa, kNotAuthorized},
       true,
       Action::kReject,
       Action::kReject},
      {"explicit_domain",
       "CSA-02 §5: Explicit",
       kFqdnPass,
       {kFail, kExplicitRequired},
       kForwardNo,
       kIprevNone,
       false,
       kUntrusted,
       Trust::kLow,
       {CheckId::kCsa, kExplicitRequired},
       false,
       Action::kReject,
       Action::kReject},
      {"helo_fail_comes_first",
       "docs/rules.md §7: helo fail is low",
       {kFail, kForgedSelf},
       kNoHeloName,
       kNoHeloName,
       kIprevNone,
       false,
       kNoHeloName,
       Trust::kLow,
       {CheckId::kHelo, kForgedSelf},
       false,
       Action::kReject,
       Action::kReject},
      {"helo_neutral",
       "docs/rules.md §3: special-use names are neutral",
       {kNeutral, kSpecialUse},
       kNoHeloName,
       kNoHeloName,
       kIprevNone,
       false,
       kNoHeloName,
       Trust::kUnknown,
       {CheckId::kHelo, kSpecialUse},
       false,
       Action::kTag,
       Action::kReject},
      {"literal",
       "docs/rules.md §3: a literal has no name to ask about",
       {kPass, kLiteralMatch},
       kNoHeloName,
       kNoHeloName,
       kIprevYes,
       false,
       kNoHeloName,
       Trust::kUnknown,
       {CheckId::kCsa, kNoName},
       false,
       Action::kTag,
       Action::kReject},
      {"csa_temperror_is_not_no",
       "docs/rules.md §7: temporary failures never reject",
       kFqdnPass,
       {kTemperror, kDns},
       kForwardNo,
       kIprevNone,
       false,
       kUntrusted,
       Trust::kUnknown,
       {CheckId::kCsa, kDns},
       false,
       Action::kTag,
       Action::kDefer},
      {"weight_3_waits_for_iprev",
       "docs/rules.md §4.4: iprev may still raise it",
       kFqdnPass,
       {kNeutral, kTargetIgnored},
       kForwardNo,
       {kTemperror, kDns},
       false,
       kTrusted,
       Trust::kUnknown,
       {CheckId::kCsa, kTargetIgnored},
       false,
       Action::kTag,
       Action::kDefer},
      {"weight_3_waits_for_the_name_itself",
       "docs/rules.md §4.4: iprev passed by another name, the HELO name's addresses failed",
       kFqdnPass,
       {kNeutral, kTargetIgnored},
       {kTemperror, kDns},
       kIprevYes,
       false,
       kTrusted,
       Trust::kUnknown,
       {CheckId::kCsa, kTargetIgnored},
       false,
       Action::kTag,
       Action::kDefer},
      {"weight_3_that_iprev_refutes",
       "docs/rules.md §4.4: another answer about the addresses would not help",
       kFqdnPass,
       {kNeutral, kTargetIgnored},
       {kTemperror, kDns},
       {kFail, kNotConfirmed},
       false,
       kTrusted,
       Trust::kUnknown,
       {CheckId::kCsa, kTargetIgnored},
       false,
       Action::kTag,
       Action::kReject},
      {"authorized_literal",
       "docs/rules.md §4.6: there is no name that could be vouched for",
       {kPass, kLiteralMatch},
       {kPass, kAuthorized},
       kNoHeloName,
       kIprevNone,
       false,
       kNoHeloName,
       Trust::kUnknown,
       {CheckId::kLocalTrust, kNoName},
       true,
       Action::kTag,
       Action::kReject},
      {"weight_3_unproven",
       "docs/rules.md §4.4",
       kFqdnPass,
       {kNeutral, kTargetIgnored},
       kForwardNo,
       {kFail, kNotConfirmed},
       false,
       kTrusted,
       Trust::kUnknown,
       {CheckId::kCsa, kTargetIgnored},
       false,
       Action::kTag,
       Action::kReject},
      {"record_errors_are_unknown",
       "docs/rules.md §7: everything else",
       kFqdnPass,
       {kPermerror, kConflictingRecords},
       kForwardNo,
       kIprevNone,
       false,
       kTrusted,
       Trust::kUnknown,
       {CheckId::kCsa, kConflictingRecords},
       false,
       Action::kTag,
       Action::kReject},
      {"iprev_fail_alone_is_unknown",
       "docs/rules.md §7 does not list iprev under low",
       kFqdnPass,
       {kNone, kNoRecord},
       kForwardNo,
       {kFail, kNotConfirmed},
       false,
       kUntrusted,
       Trust::kUnknown,
       {CheckId::kCsa, kNoRecord},
       false,
       Action::kTag,
       Action::kReject},
      {"reverse_alone_authenticates_nobody",
       "CSV-02 B.2: another name confirmed",
       kFqdnPass,
       {kNone, kNoRecord},
       kForwardNo,
       kIprevYes,
       false,
       kUntrusted,
       Trust::kUnknown,
       {CheckId::kCsa, kNoRecord},
       false,
       Action::kTag,
       Action::kReject},
  };
  return *cases;
}

std::vector<CheckResult> ResultsOf(const Case& given) {
  return {{CheckId::kHelo, given.helo.result, given.helo.reason},
          {CheckId::kCsa, given.csa.result, given.csa.reason},
          {CheckId::kForward, given.forward.result, given.forward.reason},
          {CheckId::kIprev, given.iprev.result, given.iprev.reason},
          {CheckId::kLocalTrust, given.local_trust.result, given.local_trust.reason}};
}

class JudgeTest : public testing::TestWithParam<Case> {
 protected:
  [[nodiscard]] Judgement JudgeUnder(Profile profile) const {
    checks_ = ResultsOf(GetParam());
    return Judge({.checks = checks_, .iprev_confirms_helo = GetParam().iprev_confirms_helo},
                 profile);
  }

 private:
  mutable std::vector<CheckResult> checks_;
};

TEST_P(JudgeTest, TrustAndActions) {
  SCOPED_TRACE(GetParam().source);
  const Judgement standard = JudgeUnder(Profile::kStandard);
  EXPECT_EQ(standard.trust, GetParam().trust);
  EXPECT_EQ(standard.decided_by, GetParam().decided_by);
  EXPECT_EQ(standard.authenticated, GetParam().authenticated);
  EXPECT_EQ(ToString(standard.action), ToString(GetParam().standard));

  const Judgement strict = JudgeUnder(Profile::kStrict);
  EXPECT_EQ(strict.trust, GetParam().trust);
  EXPECT_EQ(ToString(strict.action), ToString(GetParam().strict));

  const Judgement observe = JudgeUnder(Profile::kObserve);
  EXPECT_EQ(observe.trust, GetParam().trust);
  EXPECT_EQ(ToString(observe.action), "tag");
}

INSTANTIATE_TEST_SUITE_P(Verdicts, JudgeTest, testing::ValuesIn(Cases()),
                         [](const auto& param) { return param.param.name; });

// Whatever else the checks say, a temporary failure of csa or iprev never leads to a rejection that
// the same session without the failure would not have had.
TEST(JudgeProperty, TemporaryFailureNeverRejectsUnderStandard) {
  for (const Case& base : Cases()) {
    if (base.helo.result != kPass) continue;  // The name alone decides, without any query.
    Case broken = base;
    broken.csa = {kTemperror, kDns};
    broken.forward = {kTemperror, kDns};
    broken.iprev = {kTemperror, kDns};
    broken.iprev_confirms_helo = false;
    const std::vector<CheckResult> checks = ResultsOf(broken);
    for (const Profile profile : {Profile::kObserve, Profile::kStandard, Profile::kStrict}) {
      const Judgement got = Judge({.checks = checks, .iprev_confirms_helo = false}, profile);
      EXPECT_NE(ToString(got.action), "reject") << base.name << " under " << ToString(profile);
    }
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
      {"127.0.0.1", {"127.0.0.0/8", "::1"}, false, kNetwork},
      {"::1", {"127.0.0.0/8", "::1"}, false, kNetwork},
      {"::ffff:127.0.0.9", {"127.0.0.0/8"}, false, kNetwork},
      {"192.168.1.1", {"127.0.0.0/8", "::1"}, false, std::nullopt},
      {"192.0.2.1", {}, true, kAuthenticatedSession},
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
                             .mail_from = std::nullopt,
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
