// A Store without its coroutines, for tests.
#ifndef HELOVET_TESTS_CORE_STORE_AWAITED_STORE_H_
#define HELOVET_TESTS_CORE_STORE_AWAITED_STORE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "helovet/loop.h"
#include "loop/task.h"
#include "statistics/counters.h"
#include "store/store.h"

namespace helovet::testing {

using std::chrono::hours;
using std::chrono::milliseconds;

template <typename T>
Task<bool> KeepResult(Task<T> task, std::optional<T>& result) {
  result.emplace(co_await task);
  co_return true;
}

// What `task` yields; the loop turns meanwhile.
template <typename T>
T Await(Loop& loop, Task<T> task) {
  std::optional<T> result;
  Task<bool> root = KeepResult<T>(std::move(task), result);
  root.Start();
  loop.RunUntil([&root] { return root.done(); });
  return std::move(result).value();
}

// A store without its coroutines. An error fails the test and gives T's default.
class AwaitedStore {
 public:
  AwaitedStore(Loop& loop, std::unique_ptr<Store> store) : loop_(loop), store_(std::move(store)) {}

  [[nodiscard]] Store& operator*() const { return *store_; }

  std::optional<StoredFact> Find(const std::string& key) { return Get(store_->Find(key)); }
  // Its value; "nothing" where none lives.
  std::string Value(const std::string& key) {
    const std::optional<StoredFact> fact = Find(key);
    return fact ? fact->value : "nothing";
  }
  bool Put(const std::string& key, const std::string& value, milliseconds lifetime = hours(1),
           Overwrite overwrite = Overwrite::kAlways) {
    return Get(store_->Put(key, value, lifetime, overwrite));
  }
  std::optional<Lease> Acquire(const std::string& key, std::size_t limit,
                               milliseconds lifetime = hours(1)) {
    return Get(store_->Acquire(key, limit, lifetime));
  }
  bool Release(const Lease& lease) { return Get(store_->Release(lease)); }
  std::vector<std::string> Keys(const std::string& prefix) {
    std::vector<std::string> keys;
    for (const StoredFact& fact : Get(store_->List(prefix))) keys.push_back(fact.key);
    return keys;
  }
  std::vector<StoredFact> List(const std::string& prefix) { return Get(store_->List(prefix)); }
  std::size_t Flush(const std::string& prefix) { return Get(store_->Flush(prefix)); }
  bool Count(CounterIncrements increments) { return Get(store_->Count(std::move(increments))); }
  std::vector<std::uint64_t> Totals(Month month) { return Get(store_->Totals(month)).values; }

  // Why an operation fails; "" where it does not.
  template <typename T>
  std::string Error(Task<StoreErrorOr<T>> task) {
    const StoreErrorOr<T> result = Await(loop_, std::move(task));
    return result ? "" : result.error().message;
  }

 private:
  template <typename T>
  T Get(Task<StoreErrorOr<T>> task) {
    StoreErrorOr<T> result = Await(loop_, std::move(task));
    if (result) return std::move(*result);
    ADD_FAILURE() << result.error().message;
    return T();
  }

  Loop& loop_;
  std::unique_ptr<Store> store_;
};

inline bool Eventually(const std::function<bool()>& holds) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(milliseconds(5));
  }
  return true;
}

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_CORE_STORE_AWAITED_STORE_H_
