// What an engine does with its store.
#ifndef HELOVET_CORE_ENGINE_ENGINE_STORE_H_
#define HELOVET_CORE_ENGINE_ENGINE_STORE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "callback/callback_verifier.h"
#include "dns/dns.h"
#include "engine/pending_counts.h"
#include "helovet/callback.h"
#include "helovet/config.h"
#include "helovet/engine.h"
#include "helovet/file_error.h"
#include "helovet/loop.h"
#include "helovet/verdict.h"
#include "store/store.h"

namespace helovet {

// Where an engine's answers, its store and its calls come from.
struct EngineSources {
  std::unique_ptr<Dns> dns;
  std::function<std::unique_ptr<Store>()> open_store = {};  // Empty: OpenStore.
  CallFunction call = {};                                   // Empty: Call.
  AnswerMemory memory = AnswerMemory::kNone;                // Of findings; `dns` has its own.
};

// Opens the store when it is first needed, verifies senders with it, counts in it, and keeps what
// has been wrong with it.
class EngineStore {
 public:
  using Open = std::function<std::unique_ptr<Store>()>;

  // The references must outlive it.
  EngineStore(Loop& loop, Dns& dns, const Config& config, Statistics statistics, Open open,
              CallFunction call);
  EngineStore(const EngineStore&) = delete;
  EngineStore& operator=(const EngineStore&) = delete;

  [[nodiscard]] CallbackVerifier& verifier();

  // Steps of a session, as core/statistics/counters.h has them; nothing without Statistics::kKept.
  void CountSession(const Verdict& verdict);
  void CountMessage(const Verdict& verdict);
  void CountCallback(const Verdict& verdict, const CallbackTally& tally);
  // The store has all that was counted, unless it failed.
  [[nodiscard]] bool has_counted() const { return !counts_ || counts_->empty(); }

  // Each problem once in the life of this.
  [[nodiscard]] std::vector<FileError> TakeComplaints();

 private:
  [[nodiscard]] Store* store();
  void Count(CounterIncrements increments);
  void OnError(const StoreError& error);

  Loop& loop_;
  Dns& dns_;
  const Config& config_;
  const Statistics statistics_;
  const Open open_;
  const CallFunction call_;
  bool opened_ = false;
  std::vector<std::string> told_;  // Messages of problems.
  std::vector<FileError> complaints_;
  std::unique_ptr<Store> store_;  // Before those that use it.
  std::optional<PendingCounts> counts_;
  std::optional<CallbackVerifier> verifier_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_ENGINE_ENGINE_STORE_H_
