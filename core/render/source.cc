#include "render/source.h"

#include <algorithm>

namespace helovet {

std::string_view SourceOf(const CheckResult& check) {
  const auto rule = std::ranges::find_if(ResultRules(), [&](const ResultRule& each) {
    return each.check == check.check && each.result == check.result && each.reason == check.reason;
  });
  return rule == ResultRules().end() ? SourceOf(check.check, check.reason) : rule->source;
}

std::string_view SourceOfDecision(const Verdict& verdict) {
  const auto [id, reason] = verdict.decided_by;
  const CheckResult* const check = verdict.Find(id);
  return check != nullptr && check->reason == reason ? SourceOf(*check) : SourceOf(id, reason);
}

}  // namespace helovet
