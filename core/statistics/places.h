// The places of the counters in CounterNames, for what writes and reads them by meaning.
#ifndef HELOVET_CORE_STATISTICS_PLACES_H_
#define HELOVET_CORE_STATISTICS_PLACES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "helovet/callback.h"
#include "helovet/result.h"
#include "helovet/verdict.h"

namespace helovet::places {

inline constexpr std::size_t kTrusts = static_cast<std::size_t>(Trust::kHigh) + 1;
inline constexpr std::size_t kActions = static_cast<std::size_t>(Action::kReject) + 1;

// Why no callback was made (docs/rules.md §12.1, §12.4, §12.6), in the order of the tables.
enum class Skip : std::uint8_t { kExempt, kNullSender, kDecided, kCached, kOverBudget, kNoStore };
inline constexpr auto kSkipTokens = std::to_array<std::string_view>(
    {"exempt", "null-sender", "decided", "cached", "over-budget", "no-store"});

// The parts of callbacks, in the order of CBV's table.
struct Part {
  std::string_view token;
  std::uint32_t CallbackTally::*tally;
};
inline constexpr auto kParts = std::to_array<Part>({
    {"bad-domain", &CallbackTally::bad_domain},
    {"no-mx", &CallbackTally::no_mx},
    {"bad-connects", &CallbackTally::bad_connects},
    {"smtp-sessions", &CallbackTally::smtp_sessions},
    {"refused-welcome", &CallbackTally::refused_welcome},
    {"refused-noop", &CallbackTally::refused_noop},
    {"refused-helo", &CallbackTally::refused_helo},
    {"refused-mail-from", &CallbackTally::refused_mail_from},
    {"refused-rcpt-to", &CallbackTally::refused_rcpt},
});

inline constexpr std::size_t kSessions = 0;
inline constexpr std::size_t kMessages = 1;
inline constexpr std::size_t kVerdicts = 2;
inline constexpr std::size_t kCallbacks = kVerdicts + kTrusts * kActions;
inline constexpr std::size_t kSkips = kCallbacks + 1;
inline constexpr std::size_t kCallbackParts = kSkips + kSkipTokens.size();
inline constexpr std::size_t kResults = kCallbackParts + kParts.size();

constexpr std::size_t OfVerdict(Trust trust, Action action) {
  return kVerdicts + static_cast<std::size_t>(trust) * kActions + static_cast<std::size_t>(action);
}
constexpr std::size_t OfSkip(Skip skip) { return kSkips + static_cast<std::size_t>(skip); }

// The rules of ResultRules that have a counter of their own, from the place kResults on: all but
// the skips of cbv, which are counted by their kinds.
[[nodiscard]] std::span<const ResultRule> CountedResults();

}  // namespace helovet::places

#endif  // HELOVET_CORE_STATISTICS_PLACES_H_
