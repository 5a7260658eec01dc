// What a recipient adds to the verdict on a message (docs/rules.md §12.1).
#ifndef HELOVET_CORE_ENGINE_RECIPIENT_VALIDATION_H_
#define HELOVET_CORE_ENGINE_RECIPIENT_VALIDATION_H_

#include <memory>

#include "callback/callback_verifier.h"
#include "checks/sender_identity.h"
#include "engine/announced_validation.h"
#include "engine/engine_store.h"
#include "helovet/config.h"
#include "helovet/loop.h"
#include "helovet/verdict.h"

namespace helovet {

// One recipient. `store` and `config` must outlive it.
class RecipientValidation final : public AnnouncedValidation {
 public:
  // `verdict` is that of ForRecipient. `considers`: whether a callback comes into question, as
  // ConsidersCallback said before it.
  RecipientValidation(Loop& loop, EngineStore& store, const Config& config, Verdict verdict,
                      bool considers, Loop::TimePoint deadline, Done done);

 private:
  // Ends with `result` as that of cbv. `counts`: the store hears of it.
  void Finish(CheckResult result, bool counts);
  void OnFinding(CallbackFinding finding);
  void BeforeAnnouncement(const Verdict& verdict) override;

  EngineStore& store_;
  const Config& config_;
  Verdict reached_;
  bool counts_ = false;
  CallbackTally tally_;
  std::unique_ptr<CallbackVerifier::Request> request_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_ENGINE_RECIPIENT_VALIDATION_H_
