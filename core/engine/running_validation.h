// One validation from its first question to its verdict.
#ifndef HELOVET_CORE_ENGINE_RUNNING_VALIDATION_H_
#define HELOVET_CORE_ENGINE_RUNNING_VALIDATION_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "checks/csa.h"
#include "checks/helo.h"
#include "checks/hnaa.h"
#include "dns/session_dns.h"
#include "helovet/config.h"
#include "helovet/engine.h"
#include "helovet/local_lists.h"
#include "helovet/loop.h"
#include "loop/task.h"

namespace helovet {

// What is common to all: a verdict is announced from the loop, once.
class AnnouncedValidation : public Validation {
 public:
  [[nodiscard]] const Verdict* verdict() const override { return verdict_ ? &*verdict_ : nullptr; }

 protected:
  AnnouncedValidation(Loop& loop, absl::AnyInvocable<void(const Verdict&)> done);

  // Keeps `verdict` and lets the loop announce it. The host may destroy this when it is told.
  void Conclude(Verdict verdict);
  // Called from the loop, before the announcement: what is still open is not needed any more.
  virtual void Withdraw() {}

 private:
  Loop& loop_;
  absl::AnyInvocable<void(const Verdict&)> done_;
  std::optional<Verdict> verdict_;
  Loop::Handle announce_;
};

// All checks of a session. `dns`, `config` and `lists` must outlive it.
class RunningValidation final : public AnnouncedValidation {
 public:
  RunningValidation(Loop& loop, Dns& dns, const Config& config, const LocalLists& lists,
                    Session session, absl::AnyInvocable<void(const Verdict&)> done);

 private:
  struct Ended {};

  // The verdict on a session that needs no question, if this is one.
  [[nodiscard]] std::optional<Verdict> VerdictAtOnce() const;
  // Lets every first question leave: those that the configuration always asks before those that a
  // client's or a domain's choice of records can multiply.
  void PrefetchAll();
  void StartAll();
  Task<Ended> RunCsa();
  Task<Ended> RunIprev();
  Task<Ended> Run(Task<CheckResult> check);
  Task<Ended> RunAddressLists(Task<CheckResult> check);

  void OnCheckEnded();
  void OnNameSettled();
  void Finish();
  void Withdraw() override;

  const Config& config_;
  const LocalLists& lists_;
  Session session_;
  HeloFinding helo_;
  std::optional<SessionDns> dns_;
  std::optional<CsaFinding> csa_;
  bool iprev_confirms_helo_ = false;
  NameProof proof_ = NameProof::kNotProven;
  std::vector<CheckResult> checks_;   // Those that have ended, in the order of CheckId.
  std::size_t pending_ = 0;           // Checks under way, that of lists of addresses not counted.
  bool lists_pending_ = false;        // The lists of addresses are still to answer.
  bool name_settled_ = false;         // All other checks have ended.
  std::vector<Task<Ended>> running_;  // After dns_: tasks that still wait there end first.
};

// What MAIL FROM adds to a verdict that is there.
class MailFromValidation final : public AnnouncedValidation {
 public:
  MailFromValidation(Loop& loop, const Config& config, const LocalLists& lists, Verdict verdict,
                     std::string mail_from, absl::AnyInvocable<void(const Verdict&)> done);
};

}  // namespace helovet

#endif  // HELOVET_CORE_ENGINE_RUNNING_VALIDATION_H_
