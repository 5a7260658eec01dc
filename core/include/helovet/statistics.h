// Counters of a month, for `helovet stats` (docs/rules.md §13.3).
#ifndef HELOVET_STATISTICS_H_
#define HELOVET_STATISTICS_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace helovet {

// A month of UTC.
struct Month {
  int year = 1970;
  unsigned month = 1;  // 1 to 12.

  [[nodiscard]] static Month Now();
  // "2026-11"; empty for anything else.
  [[nodiscard]] static std::optional<Month> Parse(std::string_view text);
  [[nodiscard]] std::string ToString() const;
  friend auto operator<=>(const Month&, const Month&) = default;
};

// The counters there are, by their places: "sessions", "cbv.calls", "csa.pass.authorized", ... A
// closed set; a name never changes its meaning once released.
[[nodiscard]] std::span<const std::string> CounterNames();

struct CounterTotals {
  std::vector<std::uint64_t> values;  // By the places of CounterNames.
};

// CBV's own table, and after it one for every other check: "wcsap calls", "skips" by kind, ...
[[nodiscard]] std::string RenderStatistics(const Month& month, const CounterTotals& totals);
// One JSON object, ended by "\n".
[[nodiscard]] std::string RenderStatisticsJson(const Month& month, const CounterTotals& totals);
// Prometheus's text format 0.0.4.
[[nodiscard]] std::string RenderStatisticsPrometheus(const Month& month,
                                                     const CounterTotals& totals);

}  // namespace helovet

#endif  // HELOVET_STATISTICS_H_
