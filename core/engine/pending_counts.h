// Counts on their way to the store.
#ifndef HELOVET_CORE_ENGINE_PENDING_COUNTS_H_
#define HELOVET_CORE_ENGINE_PENDING_COUNTS_H_

#include <optional>

#include "loop/task.h"
#include "statistics/counters.h"
#include "store/store.h"

namespace helovet {

// Nobody waits for them. One operation of the store is under way at a time, and what is counted
// meanwhile goes with the next, so that a slow store costs no more memory than there are counters.
class PendingCounts {
 public:
  // `store` must outlive this.
  explicit PendingCounts(Store& store) : store_(store) {}
  PendingCounts(const PendingCounts&) = delete;
  PendingCounts& operator=(const PendingCounts&) = delete;

  void Add(const CounterIncrements& increments);

  // All has been handed over, and the store has answered.
  [[nodiscard]] bool empty() const { return !under_way_; }

 private:
  struct Ended {};
  Task<Ended> Run();

  Store& store_;
  CounterIncrements waiting_;  // Each counter once.
  bool under_way_ = false;
  std::optional<Task<Ended>> running_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_ENGINE_PENDING_COUNTS_H_
