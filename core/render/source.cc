#include "render/source.h"

#include <algorithm>

namespace helovet {
namespace {

auto FindRule(const CheckResult& check) {
  return std::ranges::find_if(ResultRules(), [&](const ResultRule& each) {
    return each.check == check.check && each.result == check.result && each.reason == check.reason;
  });
}

}  // namespace

std::string_view SourceOf(const CheckResult& check) {
  const auto rule = FindRule(check);
  return rule == ResultRules().end() ? SourceOf(check.check, check.reason) : rule->source;
}

bool IsTold(const CheckResult& check) {
  return check.result != Result::kSkipped || FindRule(check) != ResultRules().end();
}

std::string_view SourceOfDecision(const Verdict& verdict) {
  const auto [id, reason] = verdict.decided_by;
  const CheckResult* const check = verdict.Find(id);
  return check != nullptr && check->reason == reason ? SourceOf(*check) : SourceOf(id, reason);
}

}  // namespace helovet
