#include "batch_tally.h"

#include <algorithm>
#include <functional>
#include <tuple>

#include "helovet/engine.h"

namespace helovet::cli {
namespace {

std::shared_ptr<const Config> AsObserve(const Config& config) {
  auto observing = std::make_shared<Config>(config);
  observing->profile = Profile::kObserve;
  return observing;
}

}  // namespace

void Frequencies::Add(const std::string& text, std::uint64_t count) {
  counts_[text] += count;
  if (counts_.size() > kMaxTexts) ForgetTheRarest();
}

std::vector<std::pair<std::string, std::uint64_t>> Frequencies::Most(std::size_t limit) const {
  std::vector<std::pair<std::string, std::uint64_t>> all(counts_.begin(), counts_.end());
  const std::size_t wanted = std::min(limit, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(wanted), all.end(),
                    [](const auto& a, const auto& b) {
                      return std::tie(b.second, a.first) < std::tie(a.second, b.first);
                    });
  all.resize(wanted);
  return all;
}

// Half of them, so that it is seldom done.
void Frequencies::ForgetTheRarest() {
  std::vector<std::pair<std::string, std::uint64_t>> kept = Most(kMaxTexts / 2);
  counts_ = std::unordered_map<std::string, std::uint64_t>(kept.begin(), kept.end());
}

Tally::Tally(const std::shared_ptr<const Config>& config)
    : profile(config->profile),
      refusing(profile == Profile::kObserve ? Profile::kStandard : profile),
      as_observe_(AsObserve(*config)) {
  for (const Profile each : {Profile::kObserve, Profile::kStandard, Profile::kStrict}) {
    columns.push_back(Column{.profile = each});
  }
  if (profile == Profile::kCustom) columns.push_back(Column{.profile = profile});
}

void Tally::Add(const Verdict& verdict, std::uint64_t count) {
  sessions += count;
  ++distinct;
  if (verdict.decided_by.check == CheckId::kExempt) exempt += count;
  for (Column& column : columns) {
    column.actions[static_cast<std::size_t>(ActionUnder(column.profile, verdict))] += count;
  }
  trust[static_cast<std::size_t>(verdict.trust)] += count;
  for (const CheckResult& check : verdict.checks) results[{check.check, check.result}] += count;
  if (std::ranges::find(verdict.checks, Result::kTemperror, &CheckResult::result) !=
      verdict.checks.end()) {
    undetermined += count;
  }
  deciders[{verdict.decided_by.check, verdict.decided_by.reason}] += count;
  if (ActionUnder(refusing, verdict) < Action::kDefer) return;
  names.Add(verdict.session.helo, count);
  addresses.Add(verdict.session.client.ToString(), count);
}

Action Tally::ActionUnder(Profile of, const Verdict& verdict) const {
  if (of == profile) return verdict.action;
  if (of == Profile::kStandard) return verdict.shadow.standard;
  if (of == Profile::kStrict) return verdict.shadow.strict;
  // Overrides refuse under observe, too (docs/rules.md §10), so that it has to be asked.
  return ForRecipient(verdict, /*recipient=*/{}, *as_observe_).action;
}

}  // namespace helovet::cli
