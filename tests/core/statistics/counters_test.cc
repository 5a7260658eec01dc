#include "statistics/counters.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "core/statistics/totals.h"

namespace helovet {
namespace {

using testing::Named;
using testing::NamedOf;

Verdict EmptyVerdict() {
  return {.session = {.client = *IpAddress::Parse("192.0.2.1"), .helo = "mail.example.com"}};
}

Verdict VerdictOf(std::vector<CheckResult> checks) {
  Verdict verdict = EmptyVerdict();
  verdict.trust = Trust::kLow;
  verdict.action = Action::kReject;
  verdict.decided_by = {CheckId::kCsa, Reason::kNotAuthorized};
  verdict.checks = std::move(checks);
  return verdict;
}

CheckResult ResultOf(CheckId check, Result result, Reason reason,
                     Identity identity = Identity::kHelo) {
  CheckResult made = {.check = check, .result = result, .reason = reason};
  made.identity = identity;
  return made;
}

CheckResult LocalListResult(const std::string& entry) {
  CheckResult result = ResultOf(CheckId::kLocalList, Result::kFail, Reason::kListed);
  result.opinions.push_back({.authority = "lists.deny",
                             .result = Result::kFail,
                             .reason = Reason::kListed,
                             .text = entry});
  return result;
}

TEST(CountersTest, HaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const std::string& name : CounterNames()) {
    EXPECT_TRUE(names.insert(name).second) << "twice: " << name;
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-"), name.npos) << name;
    EXPECT_EQ(CounterNames()[CounterPlace(name)], name);
  }
  // docs/rules.md §13.3: what is counted.
  for (const std::string name : {"sessions",
                                 "messages",
                                 "verdict.low.reject",
                                 "verdict.high.accept",
                                 "csa.pass.authorized",
                                 "exempt.skipped.network",
                                 "configuration.temperror.invalid",
                                 "cbv.calls",
                                 "cbv.skip.exempt",
                                 "cbv.skip.null-sender",
                                 "cbv.skip.decided",
                                 "cbv.skip.cached",
                                 "cbv.skip.over-budget",
                                 "cbv.skip.no-store",
                                 "cbv.bad-domain",
                                 "cbv.no-mx",
                                 "cbv.bad-connects",
                                 "cbv.smtp-sessions",
                                 "cbv.refused-welcome",
                                 "cbv.refused-noop",
                                 "cbv.refused-helo",
                                 "cbv.refused-mail-from",
                                 "cbv.refused-rcpt-to"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
}

TEST(CountersTest, HaveOneForEveryResultThatOccurs) {
  for (const ResultRule& rule : ResultRules()) {
    const std::string check(ToString(rule.check));
    const std::string reason(ToString(rule.reason));
    const bool skip = rule.check == CheckId::kCbv && rule.result == Result::kSkipped;
    const std::string name = skip ? "cbv.skip." + reason
                                  : check + "." + std::string(ToString(rule.result)) + "." + reason;
    EXPECT_EQ(std::ranges::count(CounterNames(), name), 1) << name;
  }
}

// docs/rules.md §13.3, and §11.1 for what belongs to which step.
TEST(CountersTest, CountASessionAndTheResultsOfItsName) {
  const Verdict verdict = VerdictOf(
      {ResultOf(CheckId::kHelo, Result::kPass, Reason::kFqdn),
       ResultOf(CheckId::kCsa, Result::kFail, Reason::kNotAuthorized),
       LocalListResult("192.0.2.0/24"), ResultOf(CheckId::kDmp, Result::kPass, Reason::kDesignated),
       ResultOf(CheckId::kRmx, Result::kNone, Reason::kNoSender),
       ResultOf(CheckId::kSpfHelo, Result::kNone, Reason::kNoRecord),
       ResultOf(CheckId::kSpf, Result::kNone, Reason::kNoRecord, Identity::kMailFrom),
       ResultOf(CheckId::kCbv, Result::kSkipped, Reason::kDecided)});
  EXPECT_EQ(NamedOf(CountsOfSession(verdict)), (Named{{"sessions", 1},
                                                      {"helo.pass.fqdn", 1},
                                                      {"csa.fail.not-authorized", 1},
                                                      {"local-list.fail.listed", 1},
                                                      {"dmp.pass.designated", 1},
                                                      {"spf-helo.none.no-record", 1}}));
  EXPECT_EQ(NamedOf(CountsOfMessage(verdict)), (Named{{"messages", 1},
                                                      {"verdict.low.reject", 1},
                                                      {"rmx.none.no-sender", 1},
                                                      {"spf.none.no-record", 1}}));
}

// By the HELO name as alternative (docs/rules.md §11.2) as well.
TEST(CountersTest, CountWithTheMessageWhatIsOfItsSender) {
  Verdict verdict = VerdictOf(
      {ResultOf(CheckId::kHelo, Result::kPass, Reason::kFqdn), LocalListResult("@example.com"),
       ResultOf(CheckId::kDmp, Result::kPass, Reason::kDesignated, Identity::kHelo)});
  verdict.session.mail_from = "user@example.com";
  EXPECT_EQ(NamedOf(CountsOfSession(verdict)), (Named{{"sessions", 1}, {"helo.pass.fqdn", 1}}));
  EXPECT_EQ(NamedOf(CountsOfMessage(verdict)), (Named{{"messages", 1},
                                                      {"verdict.low.reject", 1},
                                                      {"local-list.fail.listed", 1},
                                                      {"dmp.pass.designated", 1}}));
  verdict.session.mail_from = "";
  EXPECT_EQ(NamedOf(CountsOfMessage(verdict)),
            (Named{{"messages", 1}, {"verdict.low.reject", 1}, {"local-list.fail.listed", 1}}))
      << "for the null sender dmp is asked nothing new";
}

TEST(CountersTest, CountWhatDecidesWithoutACheck) {
  Verdict exempt = EmptyVerdict();
  exempt.decided_by = {CheckId::kExempt, Reason::kAuthenticatedSession};
  EXPECT_EQ(NamedOf(CountsOfSession(exempt)),
            (Named{{"sessions", 1}, {"exempt.skipped.authenticated-session", 1}}));
  EXPECT_EQ(NamedOf(CountsOfMessage(exempt)),
            (Named{{"messages", 1}, {"verdict.unknown.accept", 1}}));
  EXPECT_EQ(NamedOf(CountsOfCallback(exempt, {})),
            (Named{{"cbv.calls", 1}, {"cbv.skip.exempt", 1}}));
  Verdict broken = EmptyVerdict();
  broken.decided_by = {CheckId::kConfiguration, Reason::kInvalid};
  EXPECT_EQ(NamedOf(CountsOfSession(broken)),
            (Named{{"sessions", 1}, {"configuration.temperror.invalid", 1}}));
}

// docs/rules.md §12.1, §12.4, §12.6.
TEST(CountersTest, CountSkipsByTheirKinds) {
  struct Case {
    Reason reason;
    std::string counter;
  };
  for (const Case& each : {Case{Reason::kNullSender, "cbv.skip.null-sender"},
                           Case{Reason::kDecided, "cbv.skip.decided"},
                           Case{Reason::kOverBudget, "cbv.skip.over-budget"},
                           Case{Reason::kNoStore, "cbv.skip.no-store"}}) {
    const Verdict verdict = VerdictOf({ResultOf(CheckId::kCbv, Result::kSkipped, each.reason)});
    EXPECT_EQ(NamedOf(CountsOfCallback(verdict, {})), (Named{{"cbv.calls", 1}, {each.counter, 1}}));
  }
  CheckResult remembered = ResultOf(CheckId::kCbv, Result::kFail, Reason::kRefusedRcpt);
  remembered.remembered = true;
  EXPECT_EQ(NamedOf(CountsOfCallback(VerdictOf({remembered}), {})),
            (Named{{"cbv.calls", 1}, {"cbv.skip.cached", 1}, {"cbv.fail.refused-rcpt", 1}}));
}

TEST(CountersTest, CountThePartsOfACall) {
  const Verdict verdict = VerdictOf({ResultOf(CheckId::kCbv, Result::kFail, Reason::kRefusedRcpt)});
  const CallbackTally tally = {.bad_domain = 1,
                               .no_mx = 2,
                               .bad_connects = 3,
                               .smtp_sessions = 4,
                               .refused_welcome = 5,
                               .refused_noop = 6,
                               .refused_helo = 7,
                               .refused_mail_from = 8,
                               .refused_rcpt = 9};
  EXPECT_EQ(NamedOf(CountsOfCallback(verdict, tally)), (Named{{"cbv.calls", 1},
                                                              {"cbv.fail.refused-rcpt", 1},
                                                              {"cbv.bad-domain", 1},
                                                              {"cbv.no-mx", 2},
                                                              {"cbv.bad-connects", 3},
                                                              {"cbv.smtp-sessions", 4},
                                                              {"cbv.refused-welcome", 5},
                                                              {"cbv.refused-noop", 6},
                                                              {"cbv.refused-helo", 7},
                                                              {"cbv.refused-mail-from", 8},
                                                              {"cbv.refused-rcpt-to", 9}}));
}

// What looks for a rule looks among those of its check alone.
TEST(CountersTest, RulesStandByCheck) {
  EXPECT_TRUE(std::ranges::is_sorted(ResultRules(), {}, &ResultRule::check));
}

TEST(CountersTest, EveryRuleHasTheCounterOfItsName) {
  for (const ResultRule& rule : ResultRules()) {
    if (rule.check >= CheckId::kRmx) continue;  // Not of a session, or not of its checks.
    const std::string name = std::string(ToString(rule.check)) + '.' +
                             std::string(ToString(rule.result)) + '.' +
                             std::string(ToString(rule.reason));
    EXPECT_EQ(NamedOf(CountsOfSession(VerdictOf({ResultOf(rule.check, rule.result, rule.reason)}))),
              (Named{{"sessions", 1}, {name, 1}}));
  }
}

// Counting is part of every verdict: it must cost nothing that could be seen beside one.
TEST(CountersTest, CostLittle) {
  std::vector<CheckResult> checks;
  for (const ResultRule& rule : ResultRules()) {
    if (rule.check >= CheckId::kExempt) continue;
    if (!checks.empty() && checks.back().check == rule.check) checks.pop_back();
    checks.push_back(ResultOf(rule.check, rule.result, rule.reason));
  }
  const Verdict verdict = VerdictOf(std::move(checks));
  constexpr int kTimes = 20000;
  std::size_t counted = 0;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kTimes; ++i) counted += CountsOfSession(verdict).size();
  const auto took = (std::chrono::steady_clock::now() - start) / kTimes;
  EXPECT_GE(counted, 10U * kTimes);
  RecordProperty("nanoseconds", static_cast<int>(std::chrono::nanoseconds(took).count()));
  // Ten times of what it takes without sanitizers.
  EXPECT_LT(took, std::chrono::microseconds(20));
}

}  // namespace
}  // namespace helovet
