// The tables of a month as they are on a day of it.
#ifndef HELOVET_CORE_STATISTICS_TABLE_H_
#define HELOVET_CORE_STATISTICS_TABLE_H_

#include <chrono>
#include <string>

#include "helovet/statistics.h"

namespace helovet {

// As RenderStatistics. `today` ends the days of its own month, as in CBV's table of a month that
// was not over: "day 1 to 14".
[[nodiscard]] std::string RenderStatisticsOn(std::chrono::year_month_day today, const Month& month,
                                             const CounterTotals& totals);

}  // namespace helovet

#endif  // HELOVET_CORE_STATISTICS_TABLE_H_
