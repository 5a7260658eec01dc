// The series of checks of designated senders (docs/rules.md §11.1).
#ifndef HELOVET_CORE_POLICY_SERIES_H_
#define HELOVET_CORE_POLICY_SERIES_H_

#include <cstdint>
#include <span>

#include "absl/container/inlined_vector.h"
#include "helovet/config.h"
#include "helovet/result.h"

namespace helovet {

// Whom a series is about. A null sender has none of its own: what was found about the HELO name
// counts for it.
enum class SeriesOf : std::uint8_t { kName, kSender, kNullSender };

// The checks of the series in the order in which they are heeded. kName: dmp, drip and spf-helo;
// kSender: dmp, rmx and spf; kNullSender: dmp, drip, rmx and spf.
using ChecksOfSeries = absl::InlinedVector<CheckId, 8>;
[[nodiscard]] ChecksOfSeries ChecksOf(SeriesOf series, const Config& config);

// What comes after `result` in the series does not run.
[[nodiscard]] bool EndsSeries(SeriesOf series, const CheckResult& result);

// A set of checks.
class CheckSet {
 public:
  constexpr void Add(CheckId check) { bits_ |= Bit(check); }
  constexpr void Remove(CheckId check) { bits_ &= ~Bit(check); }
  [[nodiscard]] constexpr bool Has(CheckId check) const { return (bits_ & Bit(check)) != 0; }
  [[nodiscard]] friend constexpr CheckSet operator|(CheckSet a, CheckSet b) {
    a.bits_ |= b.bits_;
    return a;
  }

 private:
  static constexpr std::uint32_t Bit(CheckId check) {
    return std::uint32_t{1} << static_cast<unsigned>(check);
  }

  std::uint32_t bits_ = 0;
};

// The checks of a series that have run only because one before them failed for now: had that one
// passed, it would have ended the series. `checks`: what the series found.
[[nodiscard]] CheckSet ChecksInDoubt(SeriesOf series, std::span<const CheckResult> checks,
                                     const Config& config);

// Whether a check has passed for the domain of MAIL FROM: nothing is left to ask about the sender.
[[nodiscard]] bool SenderIsDesignated(std::span<const CheckResult> checks);

}  // namespace helovet

#endif  // HELOVET_CORE_POLICY_SERIES_H_
