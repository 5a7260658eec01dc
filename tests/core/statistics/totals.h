// Totals as a test writes them: by the counters' names, all others 0.
#ifndef HELOVET_TESTS_CORE_STATISTICS_TOTALS_H_
#define HELOVET_TESTS_CORE_STATISTICS_TOTALS_H_

#include <cstdint>
#include <map>
#include <string>

#include "statistics/counters.h"

namespace helovet::testing {

using Named = std::map<std::string, std::uint64_t>;

inline CounterTotals Totals(const Named& named) {
  CounterTotals totals{.values = std::vector<std::uint64_t>(CounterNames().size())};
  for (const auto& [name, value] : named) totals.values[CounterPlace(name)] = value;
  return totals;
}

// Those that are not 0.
inline Named NamedOf(const CounterIncrements& increments) {
  Named named;
  for (const CounterIncrement& increment : increments) {
    named[CounterNames()[increment.counter]] += increment.by;
  }
  return named;
}

// "Re: CBV systems - was Re: SMTP Extensions", ietf-smtp, 2004-01-15.
inline Named December2003() {
  return {{"cbv.calls", 47782},
          {"cbv.skip.decided", 19000},
          {"cbv.skip.cached", 615},
          {"cbv.bad-domain", 2808},
          {"cbv.no-mx", 829},
          {"cbv.bad-connects", 6749},
          {"cbv.smtp-sessions", 20125},
          {"cbv.refused-welcome", 350},
          {"cbv.refused-noop", 1012},
          {"cbv.refused-helo", 5},
          {"cbv.refused-mail-from", 885},
          {"cbv.refused-rcpt-to", 15374}};
}

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_CORE_STATISTICS_TOTALS_H_
