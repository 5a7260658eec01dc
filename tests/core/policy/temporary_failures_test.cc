// docs/rules.md §10: a temporary failure never leads to a rejection.
#include <algorithm>
#include <cstddef>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "policy/policy.h"

namespace helovet {
namespace {

constexpr unsigned kSeed = 8601;
constexpr int kRounds = 50'000;

CheckResult ResultOf(CheckId check, Result result, Reason reason) {
  return {.check = check, .result = result, .reason = reason};
}

class RandomSessions {
 public:
  // One result for each check that runs, as the rules have it.
  std::vector<CheckResult> Checks() {
    std::vector<CheckResult> checks;
    for (int i = 0; i < static_cast<int>(CheckId::kExempt); ++i) {
      const auto check = static_cast<CheckId>(i);
      std::vector<const ResultRule*> rules;
      for (const ResultRule& rule : ResultRules()) {
        if (rule.check == check) rules.push_back(&rule);
      }
      const ResultRule& rule = *rules[Below(rules.size())];
      const bool may_not_run = check >= CheckId::kDna && check != CheckId::kLocalList;
      if (may_not_run && Below(3) == 0) continue;
      if (check >= CheckId::kDmp) continue;  // They come in series.
      checks.push_back(ResultOf(check, rule.result, rule.reason));
    }
    // Most of what lets a client in needs these, which chance alone seldom gives.
    if (Below(2) == 0) checks[0] = ResultOf(CheckId::kHelo, Result::kPass, Reason::kFqdn);
    if (Below(3) == 0) checks[1] = ResultOf(CheckId::kCsa, Result::kPass, Reason::kAuthorized);
    if (checks[0].reason != Reason::kFqdn) TakeName(checks);
    return checks;
  }

  // One result for each check of the series that runs.
  std::vector<CheckResult> Series(SeriesOf series, const Config& config) {
    std::vector<CheckResult> checks;
    for (const CheckId check : ChecksOf(series, config)) {
      CheckResult result = AnyResult(check);
      const bool of_helo = series == SeriesOf::kName || (check == CheckId::kDmp && Below(4) == 0);
      result.identity = of_helo ? Identity::kHelo : Identity::kMailFrom;
      checks.push_back(result);
      if (EndsSeries(series, result)) break;
    }
    return checks;
  }
  CheckResult AnyResult(CheckId check) {
    std::vector<const ResultRule*> rules;
    for (const ResultRule& rule : ResultRules()) {
      if (rule.check == check && rule.result != Result::kSkipped) rules.push_back(&rule);
    }
    const ResultRule& rule = *rules[Below(rules.size())];
    // Failures for now are one of many results, and what this is about.
    if (Below(4) == 0) return ResultOf(check, Result::kTemperror, Reason::kDns);
    return ResultOf(check, rule.result, rule.reason);
  }

  Config Settings() {
    Config config;
    config.senders.checks = {CheckId::kDmp, CheckId::kDrip, CheckId::kRmx, CheckId::kSpf};
    std::ranges::shuffle(config.senders.checks, random_);
    config.senders.checks.resize(Below(5));
    config.senders.checks.push_back(CheckId::kCbv);
    if (Below(3) == 0) config.csa.dialect = Config::CsaDialect::kDsar00;
    config.custom.high = static_cast<Action>(Below(4));
    config.custom.unknown = static_cast<Action>(Below(4));
    config.custom.low = static_cast<Action>(Below(4));
    for (std::size_t count = Below(4); count > 0; --count) {
      const ResultRule& rule = ResultRules()[Below(ResultRules().size())];
      const auto action = static_cast<OverrideAction>(Below(4));
      // A configuration has neither.
      if (rule.result == Result::kSkipped) continue;
      if (rule.result == Result::kTemperror && action == OverrideAction::kReject) continue;
      const bool again =
          std::any_of(config.overrides.begin(), config.overrides.end(), [&](const Override& each) {
            return each.check == rule.check && each.result == rule.result;
          });
      if (!again) config.overrides.push_back({rule.check, rule.result, action});
    }
    return config;
  }

  std::size_t Below(std::size_t count) { return random_() % count; }

 private:
  // docs/rules.md §3: without a name, nothing is asked about one.
  static void TakeName(std::vector<CheckResult>& checks) {
    for (CheckResult& check : checks) {
      if (check.check == CheckId::kCsa || check.check == CheckId::kForward ||
          check.check == CheckId::kReverseMatch || check.check == CheckId::kWellKnown ||
          check.check == CheckId::kDna || check.check == CheckId::kVbr ||
          check.check == CheckId::kNameList) {
        check = ResultOf(check.check, Result::kNone, Reason::kNoName);
      }
    }
  }

  std::minstd_rand random_{kSeed};
};

// A later try at which everything has passed that failed for now.
std::vector<CheckResult> LaterTry(std::vector<CheckResult> checks) {
  for (CheckResult& check : checks) {
    if (check.result != Result::kTemperror) continue;
    check.result = Result::kPass;
    if (check.check == CheckId::kCsa) check.reason = Reason::kAuthorized;
  }
  return checks;
}

std::vector<CheckResult> WithoutSkipped(std::vector<CheckResult> checks, const Config& config) {
  if (SkipsAddressLists(checks, ProveName(checks, false, config), config)) {
    std::erase_if(checks,
                  [](const CheckResult& each) { return each.check == CheckId::kAddressList; });
  }
  return checks;
}

// The same of a series: it ends where it would have ended.
std::vector<CheckResult> LaterSeries(SeriesOf series, const std::vector<CheckResult>& checks) {
  std::vector<CheckResult> later = LaterTry(checks);
  const auto end = std::ranges::find_if(
      later, [series](const CheckResult& result) { return EndsSeries(series, result); });
  if (end != later.end()) later.erase(end + 1, later.end());
  return later;
}

// A message: what was found about the name, about the sender, and by calling back.
struct Message {
  std::vector<CheckResult> base;
  std::vector<CheckResult> name;
  std::vector<CheckResult> sender;
  std::optional<CheckResult> callback;
};

std::vector<CheckResult> Joined(const std::vector<CheckResult>& a,
                                const std::vector<CheckResult>& b) {
  std::vector<CheckResult> joined = a;
  joined.insert(joined.end(), b.begin(), b.end());
  return joined;
}

struct MessageJudgement {
  Judgement judgement;
  std::vector<CheckResult> checks;
};

MessageJudgement JudgeMessage(const Message& message, const Config& config, Profile profile) {
  const std::vector<CheckResult> of_name = Joined(message.base, message.name);
  const NameProof proof = ProveName(of_name, false, config);
  CheckSet in_doubt = ChecksInDoubt(SeriesOf::kName, message.name, config);
  in_doubt.Remove(CheckId::kDmp);
  in_doubt = in_doubt | ChecksInDoubt(SeriesOf::kSender, message.sender, config);
  std::vector<CheckResult> checks = of_name;
  std::erase_if(checks, [](const CheckResult& each) { return each.check == CheckId::kDmp; });
  checks = Joined(checks, message.sender);
  if (SkipsAddressLists(checks, proof, config)) {
    std::erase_if(checks,
                  [](const CheckResult& each) { return each.check == CheckId::kAddressList; });
  }
  Judgement judgement = Judge(checks, proof, config, profile, in_doubt);
  const bool called = message.callback && judgement.trust == Trust::kUnknown &&
                      judgement.action < Action::kDefer && !SenderIsDesignated(checks);
  if (called) {
    checks.push_back(*message.callback);
    judgement = Judge(checks, proof, config, profile, in_doubt);
  }
  return {judgement, checks};
}

std::string Text(const std::vector<CheckResult>& checks, const Config& config) {
  std::string text = config.csa.dialect == Config::CsaDialect::kDsar00 ? "dsar-00 " : "csa-02 ";
  for (const CheckResult& check : checks) {
    text.append(ToString(check.check)).append("=").append(ToString(check.result)).append("/");
    text.append(ToString(check.reason)).append(" ");
  }
  for (const Override& each : config.overrides) {
    text.append("| ").append(ToString(each.check)).append(".").append(ToString(each.result));
    text.append("=").append(ToString(each.action)).append(" ");
  }
  return text;
}

// Whatever is rejected would have been turned away with any other answer, too.
TEST(TemporaryFailures, NeverLeadToARejection) {
  RandomSessions sessions;
  int deferred = 0;
  for (int round = 0; round < kRounds; ++round) {
    const Config config = sessions.Settings();
    const std::vector<CheckResult> checks = WithoutSkipped(sessions.Checks(), config);
    const auto profile = static_cast<Profile>(sessions.Below(4));
    const Judgement now = Judge(checks, ProveName(checks, false, config), config, profile);
    if (now.action == Action::kDefer) ++deferred;
    if (now.action != Action::kReject) continue;

    const std::vector<CheckResult> later = WithoutSkipped(LaterTry(checks), config);
    const Judgement then = Judge(later, ProveName(later, false, config), config, profile);
    ASSERT_GE(then.action, Action::kDefer)
        << ToString(then.action) << " " << ToString(profile) << " " << Text(checks, config);
  }
  EXPECT_GT(deferred, kRounds / 100) << "the sessions are too much alike";
}

// docs/rules.md §10, §11.1: the same of messages, with series that a pass would have ended and a
// callback that nobody would have made.
TEST(TemporaryFailures, OfDesignatedSendersNeverLeadToARejection) {
  RandomSessions sessions;
  int deferred = 0;
  for (int round = 0; round < kRounds; ++round) {
    const Config config = sessions.Settings();
    Message message = {.base = sessions.Checks(), .name = {}, .sender = {}, .callback = {}};
    message.name = sessions.Series(SeriesOf::kName, config);
    message.sender = sessions.Series(SeriesOf::kSender, config);
    if (sessions.Below(2) == 0) message.callback = sessions.AnyResult(CheckId::kCbv);
    const auto profile = static_cast<Profile>(sessions.Below(4));
    const MessageJudgement now = JudgeMessage(message, config, profile);
    if (now.judgement.action == Action::kDefer) ++deferred;
    if (now.judgement.action != Action::kReject) continue;

    const Message later = {.base = LaterTry(message.base),
                           .name = LaterSeries(SeriesOf::kName, message.name),
                           .sender = LaterSeries(SeriesOf::kSender, message.sender),
                           .callback = message.callback};
    const MessageJudgement then = JudgeMessage(later, config, profile);
    ASSERT_GE(then.judgement.action, Action::kDefer)
        << ToString(then.judgement.action) << " " << ToString(profile) << " "
        << Text(now.checks, config) << " then " << Text(then.checks, config);
  }
  EXPECT_GT(deferred, kRounds / 100) << "the sessions are too much alike";
}

struct Case {
  std::string id;
  std::string source;
  std::vector<CheckResult> checks;
  std::vector<Override> overrides;
  Action want;
};

std::vector<Case> Cases() {
  const CheckResult helo = ResultOf(CheckId::kHelo, Result::kPass, Reason::kFqdn);
  const CheckResult failing = ResultOf(CheckId::kCsa, Result::kTemperror, Reason::kDns);
  const CheckResult listed = ResultOf(CheckId::kAddressList, Result::kFail, Reason::kListed);
  const CheckResult vouched = ResultOf(CheckId::kVbr, Result::kPass, Reason::kVouched);
  const CheckResult elsewhere = ResultOf(CheckId::kCsa, Result::kNeutral, Reason::kTargetIgnored);
  return {
      {"a list that might have been skipped",
       "docs/rules.md §10: a name that csa authorises skips the lists of addresses",
       {helo, failing, vouched, listed},
       {},
       Action::kDefer},
      {"a list that nothing could have skipped",
       "docs/rules.md §10: nobody accredits the name",
       {helo, failing, listed},
       {},
       Action::kReject},
      {"a denial that nothing could change",
       "docs/rules.md §10",
       {helo, failing, vouched, ResultOf(CheckId::kLocalList, Result::kFail, Reason::kListed)},
       {},
       Action::kReject},
      {"an override of what iprev might have raised",
       "docs/rules.md §4.4: weight 3 passes when iprev confirms the name",
       {helo, elsewhere, ResultOf(CheckId::kIprev, Result::kTemperror, Reason::kDns)},
       {{CheckId::kCsa, Result::kNeutral, OverrideAction::kReject}},
       Action::kDefer},
      {"an override of what nothing could raise",
       "docs/rules.md §4.4",
       {helo, elsewhere, ResultOf(CheckId::kIprev, Result::kPermerror, Reason::kNoPtr)},
       {{CheckId::kCsa, Result::kNeutral, OverrideAction::kReject}},
       Action::kReject},
  };
}

TEST(TemporaryFailures, DeferWhatALaterTryCouldLetIn) {
  for (const Case& given : Cases()) {
    Config config;
    config.overrides = given.overrides;
    const Judgement got =
        Judge(given.checks, ProveName(given.checks, false, config), config, Profile::kStandard);
    EXPECT_EQ(ToString(got.action), ToString(given.want)) << given.id << ": " << given.source;
  }
}

}  // namespace
}  // namespace helovet
