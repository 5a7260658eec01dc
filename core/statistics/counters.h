// Which counter stands for what, and how much a step of a session adds to them.
#ifndef HELOVET_CORE_STATISTICS_COUNTERS_H_
#define HELOVET_CORE_STATISTICS_COUNTERS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "helovet/callback.h"
#include "helovet/statistics.h"
#include "helovet/verdict.h"

namespace helovet {

struct CounterIncrement {
  std::size_t counter = 0;  // Its place in CounterNames.
  std::uint64_t by = 1;
  friend bool operator==(const CounterIncrement&, const CounterIncrement&) = default;
};
using CounterIncrements = std::vector<CounterIncrement>;

// The place of `name`, which must be a counter's.
[[nodiscard]] std::size_t CounterPlace(std::string_view name);

// What the checks of the HELO name found: a session and the results of its checks, those that
// depend on MAIL FROM left out.
[[nodiscard]] CounterIncrements CountsOfSession(const Verdict& verdict);
// What MAIL FROM added: a message, its trust and action, the results that depend on it.
[[nodiscard]] CounterIncrements CountsOfMessage(const Verdict& verdict);
// What came of considering a callback at RCPT: a call, and a skip or its tally. `verdict` has cbv,
// or is exempt.
[[nodiscard]] CounterIncrements CountsOfCallback(const Verdict& verdict,
                                                 const CallbackTally& tally);

}  // namespace helovet

#endif  // HELOVET_CORE_STATISTICS_COUNTERS_H_
