// An engine whose verdicts the test gives, when it likes.
#ifndef HELOVET_TESTS_OPENSMTPD_SCRIPTED_VALIDATIONS_H_
#define HELOVET_TESTS_OPENSMTPD_SCRIPTED_VALIDATIONS_H_

#include <cstddef>
#include <map>
#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "helovet/engine.h"

namespace helovet::testing {

class ScriptedValidations {
 public:
  using Done = absl::AnyInvocable<void(const Verdict&)>;

  std::unique_ptr<Validation> Validate(Session session, Done done) {
    ++started_;
    return std::make_unique<Entry>(*this, std::move(session), std::move(done));
  }

  // How many were started, and how many of them wait for a verdict.
  [[nodiscard]] std::size_t started() const { return started_; }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  // The session of the oldest that waits.
  [[nodiscard]] const Session& oldest() const { return waiting_.begin()->second->session; }

  // Gives the oldest that waits its verdict.
  void FinishOldest(Action action) { Finish(waiting_.begin()->second, action); }
  // The same for the one that has waited for the shortest time.
  void FinishNewest(Action action) { Finish(waiting_.rbegin()->second, action); }

 private:
  struct Entry final : Validation {
    Entry(ScriptedValidations& owner, Session session_in, Done done_in)
        : owner_(owner), session(std::move(session_in)), done(std::move(done_in)) {
      number = owner_.started_;
      owner_.waiting_.emplace(number, this);
    }
    ~Entry() override { owner_.waiting_.erase(number); }
    [[nodiscard]] const Verdict* verdict() const override { return nullptr; }

    ScriptedValidations& owner_;
    Session session;
    Done done;
    std::size_t number = 0;
  };

  void Finish(Entry* entry, Action action) {
    Verdict verdict{.session = entry->session,
                    .trust = action == Action::kReject ? Trust::kLow : Trust::kUnknown,
                    .action = action,
                    .decided_by = {CheckId::kCsa, Reason::kAddressMismatch}};
    verdict.checks.push_back({CheckId::kCsa, Result::kFail, Reason::kAddressMismatch});
    waiting_.erase(entry->number);
    // `done` may destroy the validation, itself included.
    Done done = std::move(entry->done);
    done(verdict);
  }

  std::size_t started_ = 0;
  std::map<std::size_t, Entry*> waiting_;
};

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_OPENSMTPD_SCRIPTED_VALIDATIONS_H_
