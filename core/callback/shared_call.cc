#include "callback/shared_call.h"

#include <algorithm>
#include <utility>

#include "base/printable.h"
#include "smtp/options.h"

namespace helovet {
namespace {

using std::chrono::milliseconds;

// One line about the store, as evidence.
Evidence StoreEvidence(std::string owner, std::string outcome, std::string text,
                       milliseconds left = milliseconds(0)) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left).count();
  Evidence evidence;
  evidence.owner = std::move(owner);
  evidence.type = "STORE";
  evidence.outcome = std::move(outcome);
  evidence.ttl = static_cast<std::uint32_t>(seconds);
  evidence.text = std::move(text);
  return evidence;
}

}  // namespace

// Waits until Wake, or not at all if that came first.
struct SharedCall::Parking {
  explicit Parking(SharedCall& parked) : call(parked) {}
  SharedCall& call;
  [[nodiscard]] bool await_ready() const noexcept { return call.woken_; }
  void await_suspend(std::coroutine_handle<> waiter) noexcept { call.parked_ = waiter; }
  void await_resume() noexcept { call.woken_ = false; }
};

SharedCall::SharedCall(const CallSurroundings& surroundings, SenderIdentity sender,
                       std::function<void()> ended)
    : around_(surroundings),
      sender_(std::move(sender)),
      keys_(sender_),
      on_end_(std::move(ended)),
      begun_(surroundings.loop.Now()),
      run_(Run()) {}

SharedCall::~SharedCall() {
  for (Waiter* const waiter : std::exchange(waiters_, {})) waiter->Orphan();
  for (const Lease& lease : leases_) {
    Task<StoreErrorOr<bool>> release = around_.store.Release(lease);
    release.Start();
  }
}

void SharedCall::Remove(Waiter& waiter) {
  std::erase(waiters_, &waiter);
  // Posted: whoever leaves may be anywhere, and somebody else may come before.
  if (waiters_.empty() && !ended_) {
    unwanted_ = around_.loop.Post([this] { GiveUpIfUnwanted(); });
  }
}

CallbackFinding SharedCall::TakeFinding() {
  CallbackFinding finding = *finding_;
  finding_->tally = CallbackTally();
  finding_->exchanges.clear();
  return finding;
}

Task<SharedCall::Ended> SharedCall::Run() {
  bool goes_on = co_await LookUp();
  if (goes_on) goes_on = co_await Join();
  if (goes_on) goes_on = co_await AcquireBudgets();
  if (goes_on) goes_on = co_await MakeCall();
  if (goes_on) co_await Remember();
  closed_ = !finding_;
  co_await ReleaseAll();
  closed_ = true;
  ended_ = true;
  for (Waiter* const waiter : std::exchange(waiters_, {})) waiter->Take(TakeFinding());
  on_end_();
  co_return Ended();
}

Task<bool> SharedCall::LookUp() {
  if (keys_.mailbox_fits) {
    const StoreErrorOr<std::optional<StoredFact>> fact = co_await around_.store.Find(keys_.address);
    if (!fact) {
      ConcludeNoStore(fact.error());
      co_return false;
    }
    if (const auto known = *fact ? ReadAddressFact((*fact)->value) : std::nullopt) {
      ConcludeFromStore(*known, **fact);
      co_return false;
    }
  }
  const StoreErrorOr<std::optional<StoredFact>> fact = co_await around_.store.Find(keys_.domain);
  if (!fact) {
    ConcludeNoStore(fact.error());
    co_return false;
  }
  if (const auto known = *fact ? ReadDomainFact((*fact)->value) : std::nullopt) {
    ConcludeFromStore(*known, **fact);
    co_return false;
  }
  if (*fact) praise_ = ReadDomainPraise((*fact)->value);
  co_return !waiters_.empty();
}

Task<bool> SharedCall::Join() {
  if (!keys_.mailbox_fits) co_return true;
  milliseconds pause = kFirstPollPause;
  while (true) {
    const Grant grant = co_await Acquire(keys_.call, 1, Until::kReleased);
    if (grant == Grant::kNoStore) {
      ConcludeNoStore(*store_failed_);
      co_return false;
    }
    // Whoever had the lease before has told the outcome first.
    const bool usable = co_await FindOutcome();
    if (!usable || finding_ || waiters_.empty()) co_return false;
    if (grant == Grant::kGranted) co_return true;
    pause_ = around_.loop.CallAt(around_.loop.Now() + pause, [this] { Wake(); });
    co_await Parking(*this);
    if (waiters_.empty()) co_return false;
    pause = std::min(2 * pause, kLongestPollPause);
  }
}

Task<bool> SharedCall::FindOutcome() {
  const StoreErrorOr<std::optional<StoredFact>> fact = co_await around_.store.Find(keys_.outcome);
  if (!fact) {
    ConcludeNoStore(fact.error());
    co_return false;
  }
  if (!*fact) co_return true;
  // What was told before this began is not of a call that was under way.
  const milliseconds age = kOutcomeLifetime - (*fact)->left;
  if (around_.loop.Now() - age < begun_) co_return true;
  if (const auto known = ReadOutcome((*fact)->value)) ConcludeFromStore(*known, **fact);
  co_return true;
}

Task<bool> SharedCall::AcquireBudgets() {
  const Config::Cbv& cbv = around_.config.cbv;
  bool granted = co_await AcquireBudget(std::string(kCallsKey), cbv.concurrent, Until::kReleased);
  if (granted) {
    granted =
        co_await AcquireBudget(keys_.domain_calls, cbv.concurrent_per_domain, Until::kReleased);
  }
  // The rate comes last, so that it counts calls and not refusals.
  if (granted) {
    granted = co_await AcquireBudget(keys_.domain_rate, cbv.per_domain, Until::kInterval);
  }
  if (!granted) ConcludeRefused();
  co_return granted && !waiters_.empty();
}

Task<SharedCall::Grant> SharedCall::Acquire(std::string key, std::size_t limit, Until until) {
  const Config::Cbv& cbv = around_.config.cbv;
  const milliseconds lifetime =
      until == Until::kInterval ? cbv.per_domain_interval : cbv.timeout + kLeaseMargin;
  StoreErrorOr<std::optional<Lease>> lease =
      co_await around_.store.Acquire(std::move(key), limit, lifetime);
  if (!lease) {
    store_failed_ = lease.error();
    co_return Grant::kNoStore;
  }
  if (!*lease) co_return Grant::kRefused;
  if (until == Until::kReleased) leases_.push_back(*std::move(*lease));
  co_return Grant::kGranted;
}

Task<bool> SharedCall::AcquireBudget(std::string key, int limit, Until until) {
  const Grant grant = co_await Acquire(key, static_cast<std::size_t>(limit), until);
  if (grant == Grant::kRefused) {
    const milliseconds interval = around_.config.cbv.per_domain_interval;
    std::string text = "no more than " + std::to_string(limit);
    text +=
        until == Until::kReleased ? " at once" : " in " + std::to_string(interval.count()) + " ms";
    refusals_.push_back(StoreEvidence(std::move(key), "over-budget", std::move(text)));
  }
  co_return grant == Grant::kGranted;
}

// The server of many names is called no more often than that of one.
Task<bool> SharedCall::AdmitHost(IpAddress address) {
  const Config::Cbv& cbv = around_.config.cbv;
  bool granted =
      co_await AcquireBudget(HostCallsKey(address), cbv.concurrent_per_domain, Until::kReleased);
  if (granted) {
    granted = co_await AcquireBudget(HostRateKey(address), cbv.per_domain, Until::kInterval);
  }
  co_return granted;
}

Task<bool> SharedCall::MakeCall() {
  const Loop::TimePoint now = around_.loop.Now();
  const Loop::TimePoint latest = LatestDeadline();
  const milliseconds timeout = around_.config.cbv.timeout;
  call_deadline_ = std::min(
      now + timeout, latest - std::min<Loop::Clock::duration>(kSettleTime, (latest - now) / 10));
  if (call_deadline_ <= now) {
    Conclude(Result::kTemperror, Reason::kTimeout, {});
    co_return false;
  }
  options_ = OptionsOfCall();
  dns_.emplace(around_.loop, around_.dns, call_deadline_);
  call_.emplace(RunCall());
  call_->Start();
  co_await Parking(*this);
  if (!outcome_) co_return false;

  if (outcome_->result == Result::kSkipped) {
    ConcludeRefused();
  } else {
    Conclude(outcome_->result, outcome_->reason, outcome_->evidence);
  }
  finding_->tally = outcome_->tally;
  finding_->exchanges = dns_->TakeExchanges();
  co_return true;
}

Task<SharedCall::Ended> SharedCall::RunCall() {
  outcome_ = co_await around_.call(around_.loop, *dns_, sender_.mailbox, *sender_.domain, options_,
                                   call_deadline_);
  Wake();
  co_return Ended();
}

CallOptions SharedCall::OptionsOfCall() {
  CallOptions options = CallOptionsFrom(around_.config);
  if (praise_ == DomainPraise::kNoCatchAll) options.catch_all = false;
  options.admit = [this](IpAddress address) { return AdmitHost(address); };
  return options;
}

Task<SharedCall::Ended> SharedCall::Remember() {
  const CallOutcome& outcome = *outcome_;
  if (outcome.result == Result::kSkipped) co_return Ended();
  const Config::Cbv& cbv = around_.config.cbv;
  if (keys_.mailbox_fits) {
    if (std::optional<FactToPut> fact = AddressFactOf(outcome)) {
      const milliseconds lifetime = fact->success ? cbv.address_success : cbv.address_failure;
      co_await Put(keys_.address, *std::move(fact), lifetime);
    }
  }
  if (std::optional<FactToPut> fact = DomainFactOf(outcome, options_, praise_)) {
    const milliseconds lifetime = fact->success ? cbv.domain_success : cbv.domain_failure;
    co_await Put(keys_.domain, *std::move(fact), lifetime);
  }
  // For those who wait for the lease, and so before it is released.
  if (keys_.mailbox_fits) {
    FactToPut told{OutcomeValue(outcome), true};
    co_await Put(keys_.outcome, std::move(told), kOutcomeLifetime);
  }
  co_return Ended();
}

// What cannot be remembered is found out anew.
Task<SharedCall::Ended> SharedCall::Put(std::string key, FactToPut fact, milliseconds lifetime) {
  if (lifetime.count() <= 0) co_return Ended();
  const Overwrite overwrite = fact.success ? Overwrite::kAlways : Overwrite::kNothingAlive;
  const StoreErrorOr<bool> written =
      co_await around_.store.Put(std::move(key), std::move(fact.value), lifetime, overwrite);
  static_cast<void>(written);
  co_return Ended();
}

// A lease that cannot be released ends by itself. Until it is, the destructor knows it.
Task<SharedCall::Ended> SharedCall::ReleaseAll() {
  while (!leases_.empty()) {
    const StoreErrorOr<bool> released = co_await around_.store.Release(leases_.back());
    static_cast<void>(released);
    leases_.pop_back();
  }
  co_return Ended();
}

Loop::TimePoint SharedCall::LatestDeadline() const {
  Loop::TimePoint latest = Loop::TimePoint::min();
  for (const Waiter* const waiter : waiters_) latest = std::max(latest, waiter->deadline());
  return latest;
}

void SharedCall::Conclude(Result result, Reason reason, std::vector<Evidence> evidence) {
  finding_.emplace();
  finding_->result.result = result;
  finding_->result.reason = reason;
  finding_->result.evidence = std::move(evidence);
  finding_->result.identity = Identity::kMailFrom;
}

void SharedCall::ConcludeFromStore(const KnownResult& known, const StoredFact& fact) {
  Conclude(known.result, known.reason,
           {StoreEvidence(fact.key, "ok", Printable(fact.value), fact.left)});
  finding_->result.remembered = true;
}

void SharedCall::ConcludeNoStore(const StoreError& error) {
  Conclude(Result::kSkipped, Reason::kNoStore, {StoreEvidence("store", "error", error.message)});
}

void SharedCall::ConcludeRefused() {
  if (store_failed_) {
    ConcludeNoStore(*store_failed_);
  } else {
    Conclude(Result::kSkipped, Reason::kOverBudget, refusals_);
  }
}

void SharedCall::Wake() {
  woken_ = true;
  if (parked_) std::exchange(parked_, nullptr).resume();
}

void SharedCall::GiveUpIfUnwanted() {
  // Steps in the store end soon, and then see for themselves.
  if (!waiters_.empty() || !parked_) return;
  pause_.Cancel();
  call_.reset();
  Wake();
}

}  // namespace helovet
