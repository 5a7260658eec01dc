#include "policy/series.h"

#include <algorithm>
#include <optional>

namespace helovet {
namespace {

// What the configured `check` is in the series; empty: it has no part in it.
std::optional<CheckId> AsPartOf(SeriesOf series, CheckId check) {
  switch (check) {
    case CheckId::kDmp:
      return check;
    case CheckId::kDrip:
      return series == SeriesOf::kSender ? std::nullopt : std::optional(check);
    case CheckId::kRmx:
      return series == SeriesOf::kName ? std::nullopt : std::optional(check);
    case CheckId::kSpf:
      return series == SeriesOf::kName ? CheckId::kSpfHelo : check;
    default:
      return std::nullopt;
  }
}

}  // namespace

ChecksOfSeries ChecksOf(SeriesOf series, const Config& config) {
  ChecksOfSeries checks;
  for (const CheckId configured : config.senders.checks) {
    if (const std::optional<CheckId> check = AsPartOf(series, configured)) checks.push_back(*check);
  }
  return checks;
}

bool EndsSeries(SeriesOf series, const CheckResult& result) {
  if (result.result == Result::kFail) {
    // It refuses nobody, so it must hide nobody's failure.
    if (result.check == CheckId::kRmx) return false;
    // At MAIL FROM it gives way, and what it had kept from running would be missing.
    return series != SeriesOf::kName || result.check != CheckId::kDmp;
  }
  if (result.result != Result::kPass) return false;
  return series != SeriesOf::kSender || result.identity == Identity::kMailFrom;
}

CheckSet ChecksInDoubt(SeriesOf series, std::span<const CheckResult> checks, const Config& config) {
  CheckSet in_doubt;
  bool may_have_ended = false;
  for (const CheckId check : ChecksOf(series, config)) {
    if (may_have_ended) in_doubt.Add(check);
    const auto found = std::ranges::find(checks, check, &CheckResult::check);
    if (found == checks.end() || found->result != Result::kTemperror) continue;
    const CheckResult later = {
        .check = check, .result = Result::kPass, .identity = found->identity};
    may_have_ended = may_have_ended || EndsSeries(series, later);
  }
  return in_doubt;
}

bool SenderIsDesignated(std::span<const CheckResult> checks) {
  return std::ranges::any_of(checks, [](const CheckResult& each) {
    const bool designates =
        each.check == CheckId::kDmp || each.check == CheckId::kRmx || each.check == CheckId::kSpf;
    return designates && each.result == Result::kPass && each.identity == Identity::kMailFrom;
  });
}

}  // namespace helovet
