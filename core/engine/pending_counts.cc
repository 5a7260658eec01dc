#include "engine/pending_counts.h"

#include <algorithm>
#include <utility>

namespace helovet {

void PendingCounts::Add(const CounterIncrements& increments) {
  for (const CounterIncrement& each : increments) {
    const auto known = std::ranges::find(waiting_, each.counter, &CounterIncrement::counter);
    if (known == waiting_.end()) {
      waiting_.push_back(each);
    } else {
      known->by += each.by;
    }
  }
  if (under_way_ || waiting_.empty()) return;
  under_way_ = true;
  running_.emplace(Run());
  running_->Start();
}

Task<PendingCounts::Ended> PendingCounts::Run() {
  while (!waiting_.empty()) {
    CounterIncrements increments = std::exchange(waiting_, CounterIncrements());
    // What could not be counted is lost, and whoever watches the store has heard why.
    static_cast<void>(co_await store_.Count(std::move(increments)));
  }
  under_way_ = false;
  co_return Ended();
}

}  // namespace helovet
