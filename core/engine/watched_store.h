// A store whose failures are heard of, whoever uses it.
#ifndef HELOVET_CORE_ENGINE_WATCHED_STORE_H_
#define HELOVET_CORE_ENGINE_WATCHED_STORE_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loop/task.h"
#include "store/store.h"

namespace helovet {

// `store`, of whose every error `on_error` is told before the one who asked. Destroying this ends
// both.
class WatchedStore final : public Store {
 public:
  using OnError = std::function<void(const StoreError&)>;

  // `store` is not null.
  WatchedStore(std::unique_ptr<Store> store, OnError on_error)
      : store_(std::move(store)), on_error_(std::move(on_error)) {}

  Task<StoreErrorOr<std::optional<StoredFact>>> Find(std::string key) override {
    return Watch(store_->Find(std::move(key)));
  }
  Task<StoreErrorOr<bool>> Put(std::string key, std::string value,
                               std::chrono::milliseconds lifetime, Overwrite overwrite) override {
    return Watch(store_->Put(std::move(key), std::move(value), lifetime, overwrite));
  }
  Task<StoreErrorOr<std::optional<Lease>>> Acquire(std::string key, std::size_t limit,
                                                   std::chrono::milliseconds lifetime) override {
    return Watch(store_->Acquire(std::move(key), limit, lifetime));
  }
  Task<StoreErrorOr<bool>> Release(Lease lease) override {
    return Watch(store_->Release(std::move(lease)));
  }
  Task<StoreErrorOr<std::vector<StoredFact>>> List(std::string prefix) override {
    return Watch(store_->List(std::move(prefix)));
  }
  Task<StoreErrorOr<std::size_t>> Flush(std::string prefix) override {
    return Watch(store_->Flush(std::move(prefix)));
  }
  Task<StoreErrorOr<bool>> Count(CounterIncrements increments) override {
    return Watch(store_->Count(std::move(increments)));
  }
  Task<StoreErrorOr<CounterTotals>> Totals(Month month) override {
    return Watch(store_->Totals(month));
  }

 private:
  template <typename T>
  Task<StoreErrorOr<T>> Watch(Task<StoreErrorOr<T>> operation) {
    StoreErrorOr<T> outcome = co_await operation;
    if (!outcome) on_error_(outcome.error());
    co_return outcome;
  }

  const std::unique_ptr<Store> store_;
  const OnError on_error_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_ENGINE_WATCHED_STORE_H_
