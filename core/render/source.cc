#include "render/source.h"

#include <algorithm>

namespace helovet {
namespace {

// Null: there is none.
const ResultRule* FindRule(const CheckResult& check) {
  const auto rules = std::ranges::equal_range(ResultRules(), check.check, {}, &ResultRule::check);
  const auto rule = std::ranges::find_if(rules, [&](const ResultRule& each) {
    return each.result == check.result && each.reason == check.reason;
  });
  return rule == rules.end() ? nullptr : &*rule;
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
