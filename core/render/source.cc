#include "render/source.h"

#include <algorithm>
#include <span>

namespace helovet {
namespace {

// Null: there is none.
const ResultRule* FindRule(const CheckResult& check) {
  const std::span<const ResultRule> rules = ResultRules();  // By check.
  auto rule = std::ranges::lower_bound(rules, check.check, {}, &ResultRule::check);
  for (; rule != rules.end() && rule->check == check.check; ++rule) {
    if (rule->result == check.result && rule->reason == check.reason) return &*rule;
  }
  return nullptr;
}

}  // namespace

std::string_view SourceOf(const CheckResult& check) {
  const ResultRule* const rule = FindRule(check);
  return rule == nullptr ? SourceOf(check.check, check.reason) : rule->source;
}

bool IsTold(const CheckResult& check) {
  return check.result != Result::kSkipped || FindRule(check) != nullptr;
}

std::string_view SourceOfDecision(const Verdict& verdict) {
  const auto [id, reason] = verdict.decided_by;
  const CheckResult* const check = verdict.Find(id);
  return check != nullptr && check->reason == reason ? SourceOf(*check) : SourceOf(id, reason);
}

}  // namespace helovet
