#include "engine/pending_counts.h"

#include <cstddef>
#include <utility>

namespace helovet {

PendingCounts::~PendingCounts() {
  if (!under_way_) Begin(TakeWaiting());
}

void PendingCounts::Add(CounterIncrements increments) {
  if (!under_way_ && !paused_) {
    Begin(std::move(increments));
    return;
  }
  for (const auto& [counter, by] : increments) {
    if (counter >= waiting_.size()) waiting_.resize(counter + 1);
    waiting_[counter] += by;
  }
}

void PendingCounts::Begin(CounterIncrements increments) {
  if (increments.empty()) return;
  under_way_ = true;
  running_.emplace(Run(std::move(increments)));
  running_->Start();
}

Task<PendingCounts::Ended> PendingCounts::Run(CounterIncrements increments) {
  while (!increments.empty()) {
    // Of a failure whoever watches the store has heard.
    const StoreErrorOr<bool> counted = co_await store_.Count(std::move(increments));
    if (!counted) Pause();
    increments = paused_ ? CounterIncrements() : TakeWaiting();
  }
  under_way_ = false;
  co_return Ended();
}

void PendingCounts::Pause() {
  paused_ = true;
  pause_end_ = loop_.CallAt(loop_.Now() + kCountPause, [this] {
    paused_ = false;
    Begin(TakeWaiting());
  });
}

CounterIncrements PendingCounts::TakeWaiting() {
  CounterIncrements increments;
  for (std::size_t counter = 0; counter < waiting_.size(); ++counter) {
    if (waiting_[counter] > 0) increments.push_back({counter, waiting_[counter]});
  }
  waiting_.clear();
  return increments;
}

}  // namespace helovet
