// One call and what stands around it in the store, for all requests of one process that want it.
#ifndef HELOVET_CORE_CALLBACK_SHARED_CALL_H_
#define HELOVET_CORE_CALLBACK_SHARED_CALL_H_

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "callback/callback_verifier.h"
#include "callback/facts.h"
#include "checks/sender_identity.h"
#include "dns/dns.h"
#include "dns/session_dns.h"
#include "helovet/config.h"
#include "helovet/ip_address.h"
#include "helovet/loop.h"
#include "loop/task.h"
#include "smtp/call.h"
#include "store/store.h"

namespace helovet {

// How long what came of a call is told to those who waited for it in other processes: longer than
// their longest pause.
inline constexpr std::chrono::milliseconds kOutcomeLifetime{2000};
inline constexpr std::chrono::milliseconds kFirstPollPause{10};
inline constexpr std::chrono::milliseconds kLongestPollPause{200};
// How much longer than a call its leases live, which end by themselves if its process is killed.
inline constexpr std::chrono::milliseconds kLeaseMargin{1000};
// A call ends this much before the deadline, or a tenth of the time left where that is less, so
// that what it found is remembered, and its leases are released, before the result is needed.
inline constexpr std::chrono::milliseconds kSettleTime{100};

struct CallSurroundings {
  Loop& loop;
  Dns& dns;
  const Config& config;
  Store& store;
  CallFunction call;
};

// Looks into the store, waits for the call of another process or makes one within the bounds, and
// remembers what came of it (docs/rules.md §12.4 to §12.6). Goes on as long as anybody waits; then
// the call is given up and its leases are released. Not thread-safe.
class SharedCall {
 public:
  // Somebody who waits. Whoever is no longer there must have been removed.
  class Waiter {
   public:
    virtual ~Waiter() = default;
    [[nodiscard]] virtual Loop::TimePoint deadline() const = 0;
    // The call has ended, and has forgotten the waiter. Must not call anything of the user.
    virtual void Take(CallbackFinding finding) = 0;
    // The call is destroyed, and there will be no finding.
    virtual void Orphan() = 0;
  };

  // `ended` is called once, from within: it must not destroy this. `sender` is a kMailbox.
  // `surroundings` must outlive this.
  SharedCall(const CallSurroundings& surroundings, SenderIdentity sender,
             std::function<void()> ended);
  // Gives up at once what is under way; leases are released as far as the store needs no time.
  ~SharedCall();
  SharedCall(const SharedCall&) = delete;
  SharedCall& operator=(const SharedCall&) = delete;

  // Once, after the first waiter has been added.
  void Start() { run_.Start(); }
  // Only while `joinable`.
  void Add(Waiter& waiter) { waiters_.push_back(&waiter); }
  void Remove(Waiter& waiter);

  // Whoever joins now has a finding of it.
  [[nodiscard]] bool joinable() const { return !closed_; }
  [[nodiscard]] bool ended() const { return ended_; }
  // What is known before all is written down, for a waiter whose deadline has come.
  [[nodiscard]] bool has_finding() const { return finding_.has_value(); }
  // The tally and the questions are in the first only: it was one call.
  [[nodiscard]] CallbackFinding TakeFinding();

 private:
  struct Ended {};
  enum class Grant : std::uint8_t { kGranted, kRefused, kNoStore };
  struct Parking;

  Task<Ended> Run();
  // The steps in their order. False: it ends here, with a finding or with nobody who waits.
  Task<bool> LookUp();
  Task<bool> Join();
  Task<bool> AcquireBudgets();
  Task<bool> MakeCall();
  Task<Ended> Remember();
  Task<Ended> ReleaseAll();

  // A fresh outcome of another process, if there is one. False: the store cannot be used.
  Task<bool> FindOutcome();
  // A rate is a lease that is never released.
  enum class Until : std::uint8_t { kReleased, kInterval };
  Task<Grant> Acquire(std::string key, std::size_t limit, Until until);
  // The same, and a refusal is kept for the evidence.
  Task<bool> AcquireBudget(std::string key, int limit, Until until);
  Task<bool> AdmitHost(IpAddress address);
  Task<Ended> RunCall();
  Task<Ended> Put(std::string key, FactToPut fact, std::chrono::milliseconds lifetime);

  [[nodiscard]] CallOptions OptionsOfCall();
  [[nodiscard]] Loop::TimePoint LatestDeadline() const;
  void Conclude(Result result, Reason reason, std::vector<Evidence> evidence);
  void ConcludeFromStore(const KnownResult& known, const StoredFact& fact);
  void ConcludeNoStore(const StoreError& error);
  void ConcludeRefused();
  // Goes on behind `co_await Parking`.
  void Wake();
  void GiveUpIfUnwanted();

  const CallSurroundings& around_;
  SenderIdentity sender_;
  CallbackKeys keys_;
  std::function<void()> on_end_;
  Loop::TimePoint begun_;
  std::vector<Waiter*> waiters_;
  std::optional<CallbackFinding> finding_;
  bool closed_ = false;
  bool ended_ = false;

  DomainPraise praise_ = DomainPraise::kNone;
  std::vector<Lease> leases_;
  std::vector<Evidence> refusals_;          // Of budgets.
  std::optional<StoreError> store_failed_;  // While budgets were asked.

  // Of the call. The session's questions outlive the task that asks them.
  CallOptions options_;
  Loop::TimePoint call_deadline_;
  std::optional<SessionDns> dns_;
  std::optional<CallOutcome> outcome_;
  Loop::Handle pause_;
  Loop::Handle unwanted_;
  std::coroutine_handle<> parked_;
  bool woken_ = false;
  Task<Ended> run_;
  std::optional<Task<Ended>> call_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_CALLBACK_SHARED_CALL_H_
