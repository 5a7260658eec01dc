// A Store in memory whose clock, speed and failures the test decides.
#ifndef HELOVET_TESTS_TESTING_MEMORY_STORE_H_
#define HELOVET_TESTS_TESTING_MEMORY_STORE_H_

#include <algorithm>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "helovet/loop.h"
#include "helovet/statistics.h"
#include "loop/task.h"
#include "store/store.h"

namespace helovet::testing {

class MemoryStore final : public Store {
 public:
  // What a failing operation has done.
  enum class Failure : std::uint8_t { kNothingDone, kDone };

  explicit MemoryStore(Loop& loop) : loop_(loop) {}

  // Lets time pass, for the store alone.
  void Advance(std::chrono::milliseconds time) { ahead_ += time; }
  void set_month(Month month) { month_ = month; }
  // How long each operation takes from now on; 0: none, so that it ends within the call.
  void set_delay(std::chrono::milliseconds delay) { delay_ = delay; }
  // The `number`th operation from now on fails, 1 being the next.
  void FailOperation(std::size_t number, Failure failure = Failure::kNothingDone) {
    failing_ = started_ + number;
    failure_ = failure;
  }
  // All do from the `number`th on.
  void FailFrom(std::size_t number) { failing_from_ = started_ + number; }

  // Every operation begun: "find KEY", "put KEY", "acquire KEY", "release KEY", "list KEY", ...
  [[nodiscard]] const std::vector<std::string>& log() const { return log_; }
  std::vector<std::string> TakeLog() { return std::exchange(log_, {}); }
  // What lives: "KEY = VALUE".
  [[nodiscard]] std::vector<std::string> facts() const {
    std::vector<std::string> texts;
    for (const auto& [key, fact] : facts_) {
      if (fact.end > Now()) texts.push_back(key + " = " + fact.value);
    }
    return texts;
  }
  // The keys of the leases that live, each as often as there are, those that bound a rate included.
  [[nodiscard]] std::vector<std::string> leases() const {
    std::vector<std::string> keys;
    for (const auto& [id, lease] : leases_) {
      if (lease.end > Now()) keys.push_back(lease.key);
    }
    std::sort(keys.begin(), keys.end());
    return keys;
  }
  [[nodiscard]] std::optional<std::chrono::milliseconds> LeftOf(const std::string& key) const {
    const auto fact = facts_.find(key);
    if (fact == facts_.end() || fact->second.end <= Now()) return std::nullopt;
    return std::chrono::ceil<std::chrono::milliseconds>(fact->second.end - Now());
  }
  // At once, past delay and failures.
  void Set(const std::string& key, std::string value, std::chrono::milliseconds lifetime) {
    facts_[key] = {std::move(value), Now() + lifetime};
  }
  std::string SetLease(const std::string& key, std::chrono::milliseconds lifetime) {
    const std::string id = std::to_string(++last_lease_);
    leases_[id] = {key, Now() + lifetime};
    return id;
  }
  void DropLease(const std::string& id) { leases_.erase(id); }

  Task<StoreErrorOr<std::optional<StoredFact>>> Find(std::string key) override {
    const Step step = Begin("find " + key);
    co_await Delay(*this);
    if (step.fails) co_return Error();
    std::optional<StoredFact> found;
    if (const auto left = LeftOf(key)) {
      found.emplace();
      found->key = key;
      found->value = facts_.at(key).value;
      found->left = *left;
    }
    co_return found;
  }

  Task<StoreErrorOr<bool>> Put(std::string key, std::string value,
                               std::chrono::milliseconds lifetime, Overwrite overwrite) override {
    const Step step = Begin("put " + key);
    co_await Delay(*this);
    if (const auto error = WhyNotStorable(key, value)) co_return tl::make_unexpected(*error);
    const bool writes = overwrite == Overwrite::kAlways || !LeftOf(key);
    if (step.acts && writes) Set(key, value, lifetime);
    if (step.fails) co_return Error();
    co_return writes;
  }

  Task<StoreErrorOr<std::optional<Lease>>> Acquire(std::string key, std::size_t limit,
                                                   std::chrono::milliseconds lifetime) override {
    const Step step = Begin("acquire " + key);
    co_await Delay(*this);
    if (const auto error = WhyNotStorable(key)) co_return tl::make_unexpected(*error);
    std::optional<Lease> lease;
    const std::vector<std::string> living = leases();
    const auto taken = std::count(living.begin(), living.end(), key);
    if (step.acts && static_cast<std::size_t>(taken) < limit) {
      lease.emplace();
      lease->key = key;
      lease->id = SetLease(key, lifetime);
    }
    if (step.fails) co_return Error();
    co_return lease;
  }

  Task<StoreErrorOr<bool>> Release(Lease lease) override {
    const Step step = Begin("release " + lease.key);
    co_await Delay(*this);
    const auto held = leases_.find(lease.id);
    const bool lived = held != leases_.end() && held->second.end > Now();
    if (step.acts) leases_.erase(lease.id);
    if (step.fails) co_return Error();
    co_return lived;
  }

  Task<StoreErrorOr<std::vector<StoredFact>>> List(std::string prefix) override {
    const Step step = Begin("list " + prefix);
    co_await Delay(*this);
    if (step.fails) co_return Error();
    std::vector<StoredFact> found;
    for (const auto& [key, fact] : facts_) {
      if (!key.starts_with(prefix) || fact.end <= Now()) continue;
      found.emplace_back();
      found.back().key = key;
      found.back().value = fact.value;
      found.back().left = *LeftOf(key);
    }
    co_return found;
  }

  Task<StoreErrorOr<std::size_t>> Flush(std::string prefix) override {
    const Step step = Begin("flush " + prefix);
    co_await Delay(*this);
    std::size_t count = 0;
    if (step.acts) {
      for (const auto& [key, fact] : facts_) {
        if (key.starts_with(prefix) && fact.end > Now()) ++count;
      }
      std::erase_if(facts_, [&prefix](const auto& fact) { return fact.first.starts_with(prefix); });
    }
    if (step.fails) co_return Error();
    co_return count;
  }

  Task<StoreErrorOr<bool>> Count(CounterIncrements increments) override {
    const Step step = Begin("count");
    co_await Delay(*this);
    if (step.acts) {
      std::vector<std::uint64_t>& values = ValuesOf(month_);
      for (const CounterIncrement& increment : increments) {
        values.at(increment.counter) += increment.by;
      }
    }
    if (step.fails) co_return Error();
    co_return true;
  }

  Task<StoreErrorOr<CounterTotals>> Totals(Month month) override {
    const Step step = Begin("totals " + month.ToString());
    co_await Delay(*this);
    if (step.fails) co_return Error();
    CounterTotals totals;
    totals.values = ValuesOf(month);
    co_return totals;
  }

 private:
  struct Fact {
    std::string value;
    Loop::TimePoint end;
  };
  struct Held {
    std::string key;
    Loop::TimePoint end;
  };
  struct Step {
    bool fails;
    bool acts;
  };
  struct Delay {
    explicit Delay(MemoryStore& delayed) : store(delayed) {}
    MemoryStore& store;
    Loop::Handle timer;
    [[nodiscard]] bool await_ready() const { return store.delay_.count() == 0; }
    void await_suspend(std::coroutine_handle<> waiter) {
      timer = store.loop_.CallAt(store.loop_.Now() + store.delay_, [waiter] { waiter.resume(); });
    }
    void await_resume() const {}
  };

  [[nodiscard]] Loop::TimePoint Now() const { return loop_.Now() + ahead_; }
  static tl::unexpected<StoreError> Error() {
    StoreError error;
    error.message = "store: made to fail";
    return tl::make_unexpected(error);
  }
  Step Begin(std::string what) {
    ++started_;
    log_.push_back(std::move(what));
    const bool fails = started_ == failing_ || started_ >= failing_from_;
    return {fails, !fails || (started_ == failing_ && failure_ == Failure::kDone)};
  }
  std::vector<std::uint64_t>& ValuesOf(Month month) {
    std::vector<std::uint64_t>& values = counters_[month];
    values.resize(CounterNames().size());
    return values;
  }

  Loop& loop_;
  std::chrono::milliseconds ahead_{0};
  std::chrono::milliseconds delay_{0};
  Month month_;
  std::size_t started_ = 0;
  std::size_t failing_ = 0;
  std::size_t failing_from_ = SIZE_MAX;
  Failure failure_ = Failure::kNothingDone;
  std::vector<std::string> log_;
  std::map<std::string, Fact> facts_;
  std::map<std::string, Held> leases_;  // By id.
  std::uint64_t last_lease_ = 0;
  std::map<Month, std::vector<std::uint64_t>> counters_;
};

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_TESTING_MEMORY_STORE_H_
