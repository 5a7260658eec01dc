// One validation from its first question to its verdict.
#ifndef HELOVET_CORE_ENGINE_RUNNING_VALIDATION_H_
#define HELOVET_CORE_ENGINE_RUNNING_VALIDATION_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "checks/csa.h"
#include "checks/helo.h"
#include "checks/hnaa.h"
#include "dns/session_dns.h"
#include "engine/announced_validation.h"
#include "engine/sender_series.h"
#include "helovet/config.h"
#include "helovet/local_lists.h"
#include "helovet/loop.h"
#include "helovet/session.h"
#include "helovet/verdict.h"
#include "loop/task.h"

namespace helovet {

// The verdict on a session that needs no question: one that is exempt, allowed by its address, or
// denied as VerdictOfDenial has it. Empty for any other.
[[nodiscard]] std::optional<Verdict> VerdictAtOnce(const Session& session, const HeloFinding& helo,
                                                   const Config& config, const LocalLists& lists);

// All checks of a session and, where it has MAIL FROM, of its first message: its verdict is that
// which MAIL FROM by itself would have led to after that on the name. The references must outlive
// it.
class RunningValidation final : public AnnouncedValidation {
 public:
  // `counts_session`: false where it has been counted before.
  RunningValidation(const ValidationContext& context, Session session, bool counts_session,
                    Loop::TimePoint deadline, Done done);

 private:
  struct Ended {};

  [[nodiscard]] std::unique_ptr<SenderSeries> MakeSeries(SeriesOf series,
                                                         Loop::TimePoint deadline) const;
  // Lets every first question leave: those that the configuration always asks before those that a
  // client's or a domain's choice of records can multiply.
  void PrefetchAll();
  // Begins the checks of the name.
  void StartAll();
  Task<Ended> RunCsa();
  Task<Ended> RunIprev();
  Task<Ended> Run(Task<CheckResult> check);
  Task<Ended> RunAddressLists(Task<CheckResult> check);

  void OnCheckEnded();
  void OnNameSettled();
  // Ends the validation if nothing is open that it needs. What has ended may be heard of once more.
  void FinishIfComplete();
  [[nodiscard]] Verdict VerdictOnName();
  // Keeps the verdict on the name for when its client comes again.
  void Keep(const Verdict& on_name) const;
  void BeforeAnnouncement(const Verdict& verdict) override;

  const ValidationContext context_;
  const Config& config_;
  const LocalLists& lists_;
  const bool counts_session_;
  Session session_;
  HeloFinding helo_;
  std::optional<SessionDns> dns_;
  std::unique_ptr<CsaFinding> csa_;  // Null: not found yet, or DSAR has its place.
  bool iprev_confirms_helo_ = false;
  NameProof proof_ = NameProof::kNotProven;
  std::vector<CheckResult> checks_;         // Those that have ended, in the order of CheckId.
  std::vector<Exchange> series_exchanges_;  // Of the series of the name.
  // Until when memory would have the answers of that series come to the same.
  Loop::TimePoint series_holds_until_ = Loop::TimePoint::max();
  // Checks of the name under way, its series as one; that of lists of addresses not counted.
  std::size_t pending_ = 0;
  bool lists_pending_ = false;                   // The lists of addresses are still to answer.
  bool sender_pending_ = false;                  // The series of MAIL FROM is under way.
  bool name_settled_ = false;                    // All other checks have ended.
  std::unique_ptr<SenderSeries> name_series_;    // Null: it has nothing to ask.
  std::unique_ptr<SenderSeries> sender_series_;  // Likewise, or there is no sender.
  std::vector<Task<Ended>> running_;  // After dns_: tasks that still wait there end first.
};

}  // namespace helovet

#endif  // HELOVET_CORE_ENGINE_RUNNING_VALIDATION_H_
