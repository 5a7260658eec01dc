#include "statistics/counters.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <iterator>
#include <numeric>
#include <optional>
#include <string>

#include "statistics/places.h"

namespace helovet {
namespace {

// More than any step adds: a verdict has one result a check.
constexpr std::size_t kMostIncrements = 24;

bool IsSkipOfCallback(const ResultRule& rule) {
  return rule.check == CheckId::kCbv && rule.result == Result::kSkipped;
}

std::vector<std::string> MakeNames() {
  std::vector<std::string> names = {"sessions", "messages"};
  for (std::size_t trust = 0; trust < places::kTrusts; ++trust) {
    for (std::size_t action = 0; action < places::kActions; ++action) {
      names.push_back("verdict." + std::string(ToString(static_cast<Trust>(trust))) + '.' +
                      std::string(ToString(static_cast<Action>(action))));
    }
  }
  names.emplace_back("cbv.calls");
  for (const std::string_view kind : places::kSkipTokens) {
    names.push_back("cbv.skip." + std::string(kind));
  }
  for (const places::Part& part : places::kParts) names.push_back("cbv." + std::string(part.token));
  for (const ResultRule& rule : places::CountedResults()) {
    names.push_back(std::string(ToString(rule.check)) + '.' + std::string(ToString(rule.result)) +
                    '.' + std::string(ToString(rule.reason)));
  }
  return names;
}

constexpr std::size_t kChecks = static_cast<std::size_t>(CheckId::kConfiguration) + 1;

// The rules of places::CountedResults. They stand by check, in the order of CheckId.
class Counted {
 public:
  Counted() {
    rules_.reserve(ResultRules().size());
    std::ranges::remove_copy_if(ResultRules(), std::back_inserter(rules_), IsSkipOfCallback);
    for (const ResultRule& rule : rules_) ++ends_[static_cast<std::size_t>(rule.check)];
    std::partial_sum(ends_.begin(), ends_.end(), ends_.begin());
  }

  [[nodiscard]] std::span<const ResultRule> rules() const { return rules_; }
  // The place of a result among the counters; empty: it has none.
  [[nodiscard]] std::optional<std::size_t> PlaceOf(CheckId check, Result result,
                                                   Reason reason) const {
    const auto index = static_cast<std::size_t>(check);
    for (std::size_t i = index == 0 ? 0 : ends_[index - 1]; i < ends_[index]; ++i) {
      if (rules_[i].reason == reason && rules_[i].result == result) return places::kResults + i;
    }
    return std::nullopt;
  }

 private:
  std::vector<ResultRule> rules_;
  std::array<std::size_t, kChecks> ends_{};  // Where the rules of each check end.
};

const Counted& CountedOnce() {
  static const Counted counted;
  return counted;
}

void CountResult(CheckId check, Result result, Reason reason, CounterIncrements& counts) {
  if (const auto place = CountedOnce().PlaceOf(check, result, reason)) counts.push_back({*place});
}

// The entry of a local list for a sender's domain begins with "@" (docs/rules.md §7.1).
bool IsAboutSender(const Opinion& opinion) { return opinion.text.starts_with('@'); }

bool DependsOnMailFrom(const CheckResult& check, const Session& session) {
  switch (check.check) {
    case CheckId::kRmx:
    case CheckId::kSpf:
      return true;
    case CheckId::kDmp:
      // The HELO name can be what a sender is designated by; for the null sender nothing was asked.
      return session.mail_from && !session.mail_from->empty();
    case CheckId::kLocalList:
      return std::ranges::any_of(check.opinions, IsAboutSender);
    default:
      return false;
  }
}

void CountResults(const Verdict& verdict, bool of_mail_from, CounterIncrements& counts) {
  for (const CheckResult& check : verdict.checks) {
    if (check.check == CheckId::kCbv || DependsOnMailFrom(check, verdict.session) != of_mail_from)
      continue;
    CountResult(check.check, check.result, check.reason, counts);
  }
}

std::optional<places::Skip> SkipOf(const CheckResult& cbv) {
  using places::Skip;
  if (cbv.remembered) return Skip::kCached;
  if (cbv.result != Result::kSkipped) return std::nullopt;
  switch (cbv.reason) {
    case Reason::kNullSender:
      return Skip::kNullSender;
    case Reason::kDecided:
      return Skip::kDecided;
    case Reason::kOverBudget:
      return Skip::kOverBudget;
    case Reason::kNoStore:
      return Skip::kNoStore;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::span<const ResultRule> places::CountedResults() { return CountedOnce().rules(); }

std::span<const std::string> CounterNames() {
  static const std::vector<std::string> names = MakeNames();
  return names;
}

std::size_t CounterPlace(std::string_view name) {
  const std::span<const std::string> names = CounterNames();
  const auto found = std::ranges::find(names, name);
  assert(found != names.end());
  return static_cast<std::size_t>(found - names.begin());
}

CounterIncrements CountsOfSession(const Verdict& verdict) {
  CounterIncrements counts;
  counts.reserve(kMostIncrements);
  counts.push_back({places::kSessions});
  // An exemption and an unusable configuration decide without a check of their own.
  const Decision& decided_by = verdict.decided_by;
  if (decided_by.check == CheckId::kExempt) {
    CountResult(CheckId::kExempt, Result::kSkipped, decided_by.reason, counts);
  } else if (decided_by.check == CheckId::kConfiguration) {
    CountResult(CheckId::kConfiguration, Result::kTemperror, decided_by.reason, counts);
  }
  CountResults(verdict, /*of_mail_from=*/false, counts);
  return counts;
}

CounterIncrements CountsOfMessage(const Verdict& verdict) {
  CounterIncrements counts;
  counts.reserve(kMostIncrements);
  counts.push_back({places::kMessages});
  counts.push_back({places::OfVerdict(verdict.trust, verdict.action)});
  CountResults(verdict, /*of_mail_from=*/true, counts);
  return counts;
}

CounterIncrements CountsOfCallback(const Verdict& verdict, const CallbackTally& tally) {
  CounterIncrements counts;
  counts.reserve(kMostIncrements);
  counts.push_back({places::kCallbacks});
  if (verdict.decided_by.check == CheckId::kExempt) {
    counts.push_back({places::OfSkip(places::Skip::kExempt)});
  } else if (const auto cbv = std::ranges::find(verdict.checks, CheckId::kCbv, &CheckResult::check);
             cbv != verdict.checks.end()) {  // Verdict::Find has no skipped ones.
    if (const auto skip = SkipOf(*cbv)) counts.push_back({places::OfSkip(*skip)});
    CountResult(cbv->check, cbv->result, cbv->reason, counts);
  }
  for (std::size_t i = 0; i < places::kParts.size(); ++i) {
    const std::uint64_t by = tally.*places::kParts[i].tally;
    if (by > 0) counts.push_back({places::kCallbackParts + i, by});
  }
  return counts;
}

}  // namespace helovet
