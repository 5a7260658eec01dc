// The checks of designated senders, one after the other (docs/rules.md §11.1).
#ifndef HELOVET_CORE_ENGINE_SENDER_SERIES_H_
#define HELOVET_CORE_ENGINE_SENDER_SERIES_H_

#include <optional>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "checks/helo.h"
#include "checks/sender_identity.h"
#include "checks/spf.h"
#include "dns/session_dns.h"
#include "helovet/config.h"
#include "helovet/loop.h"
#include "helovet/result.h"
#include "helovet/session.h"
#include "helovet/verdict.h"
#include "loop/task.h"
#include "policy/series.h"

namespace helovet {

// What a series came to.
struct SeriesFinding {
  std::vector<CheckResult> checks;  // Those that have run, in the order in which they were heeded.
  std::vector<Exchange> exchanges;
  // Until when the same series would come to the same, as SessionDns has it.
  Loop::TimePoint holds_until = Loop::TimePoint::min();
};

// One series under way, that of the HELO name or that of MAIL FROM, with questions and limits of
// its own. `dns`, `config`, `session` and `helo` must outlive it. Destroying it withdraws what is
// open; not from inside `done`.
class SenderSeries {
 public:
  // Whether there is anything to ask; a series that has nothing need not be made. False for
  // kNullSender.
  [[nodiscard]] static bool Asks(SeriesOf series, const Config& config);

  // Lets the first questions of all its checks leave.
  SenderSeries(Loop& loop, Dns& dns, const Config& config, SeriesOf series, const Session& session,
               const HeloFinding& helo, Loop::TimePoint deadline, Trail trail);
  SenderSeries(const SenderSeries&) = delete;
  SenderSeries& operator=(const SenderSeries&) = delete;

  // To be called once. `done` is called once, possibly from inside this call, when a check has
  // decided or all have run; by then every question that was open is withdrawn.
  void Start(absl::AnyInvocable<void()> done);

  [[nodiscard]] SeriesFinding Take() { return std::move(finding_); }

 private:
  struct Ended {};

  void Prefetch(CheckId check);
  Task<CheckResult> Check(CheckId check, const SpfContext& spf_context);
  Task<Ended> Run();

  const Config& config_;
  const SeriesOf series_;
  const Session& session_;
  const HeloFinding& helo_;
  const SenderIdentity sender_;  // kNotSent for the series of the HELO name.
  const ChecksOfSeries checks_;
  SeriesFinding finding_;
  absl::AnyInvocable<void()> done_;
  SessionDns dns_;
  std::optional<Task<Ended>> running_;  // After dns_: what still waits there ends first.
};

}  // namespace helovet

#endif  // HELOVET_CORE_ENGINE_SENDER_SERIES_H_
