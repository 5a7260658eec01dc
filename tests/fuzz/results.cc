#include "results.h"

#include <algorithm>
#include <functional>

#include "checks/answers.h"
#include "checks/spf/evaluation.h"
#include "fuzz.h"

namespace helovet::fuzz {
namespace {

void HoldResult(const CheckResult& check) {
  Hold(!SourceOf(check.check, check.reason).empty(), "a reason is one of docs/results.md");
  Hold(std::ranges::any_of(ResultRules(),
                           [&check](const ResultRule& rule) {
                             return rule.check == check.check && rule.result == check.result &&
                                    rule.reason == check.reason;
                           }),
       "a result is one of docs/results.md");
  Hold(check.explanation.size() <= spf::kMaxExplanationOctets, "an explanation is bounded");
  for (const Opinion& each : check.opinions) {
    Hold(each.text.size() <= kMaxReportOctets, "what an opinion rests on is bounded");
  }
}

}  // namespace

void HoldResults(std::span<const CheckResult> checks) {
  for (const CheckResult& check : checks) HoldResult(check);
  Hold(std::ranges::adjacent_find(checks, std::ranges::greater_equal(), &CheckResult::check) ==
           checks.end(),
       "each check is there once, in order");
}

}  // namespace helovet::fuzz
