// Counts on their way to the store.
#ifndef HELOVET_CORE_ENGINE_PENDING_COUNTS_H_
#define HELOVET_CORE_ENGINE_PENDING_COUNTS_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "helovet/loop.h"
#include "loop/task.h"
#include "statistics/counters.h"
#include "store/store.h"

namespace helovet {

// How long a store that failed is let alone, so that one that nobody has set up costs a session
// nothing. Ours, as Redis has it (docs/rules.md §13.2).
inline constexpr std::chrono::seconds kCountPause{1};

// Nobody waits for them. One operation of the store is under way at a time, and what is counted
// meanwhile goes with the next, so that a slow store costs no more memory than there are counters.
// What a failed operation was to count is lost, since it may have been counted. After it the store
// is not asked for kCountPause; what is counted meanwhile goes with the operation at the end of
// that, or of this object, whichever comes first.
class PendingCounts {
 public:
  // `loop` and `store` must outlive this.
  PendingCounts(Loop& loop, Store& store) : loop_(loop), store_(store) {}
  PendingCounts(const PendingCounts&) = delete;
  PendingCounts& operator=(const PendingCounts&) = delete;
  // Does not wait for a store that answers later.
  ~PendingCounts();

  void Add(CounterIncrements increments);

  // No operation is under way: the store has answered, and has everything unless it failed.
  [[nodiscard]] bool empty() const { return !under_way_; }

 private:
  struct Ended {};

  void Begin(CounterIncrements increments);
  Task<Ended> Run(CounterIncrements increments);
  void Pause();
  // What waits, which then waits no longer.
  [[nodiscard]] CounterIncrements TakeWaiting();

  Loop& loop_;
  Store& store_;
  std::vector<std::uint64_t> waiting_;  // By the counters' places, as far as there are any.
  bool under_way_ = false;
  bool paused_ = false;
  Loop::Handle pause_end_;
  std::optional<Task<Ended>> running_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_ENGINE_PENDING_COUNTS_H_
