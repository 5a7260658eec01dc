#include "helovet/loop.h"

#include <algorithm>
#include <cerrno>
#include <limits>

namespace helovet {
namespace {

// How long the descriptors rest when poll(2) itself has failed.
constexpr std::chrono::milliseconds kPollFailureRest{100};

}  // namespace

Loop::Handle& Loop::Handle::operator=(Handle&& other) noexcept {
  if (this == &other) return *this;
  Cancel();
  loop_ = std::exchange(other.loop_, nullptr);
  id_ = other.id_;
  due_ = other.due_;
  return *this;
}

void Loop::Handle::Cancel() {
  Loop* const loop = std::exchange(loop_, nullptr);
  if (loop == nullptr) return;
  // The callback is taken out first and destroyed last: what it owns may be other handles, which
  // come back here.
  const auto watch = loop->watches_.extract(id_);
  if (!watch.empty()) {
    loop->poll_stale_ = true;
    return;
  }
  const auto timer = loop->timers_.extract(TimerKey(due_, id_));
}

Loop::Handle Loop::WatchDescriptor(int fd, short events, ReadyCallback ready) {
  const std::uint64_t id = next_id_++;
  watches_.emplace(id, std::make_shared<Watch>(Watch{fd, events, std::move(ready)}));
  poll_stale_ = true;
  return Handle(this, id, TimePoint());
}

Loop::Handle Loop::CallAt(TimePoint due, Callback due_callback) {
  const std::uint64_t id = next_id_++;
  timers_.emplace(TimerKey(due, id), std::move(due_callback));
  return Handle(this, id, due);
}

void Loop::RunUntil(const std::function<bool()>& done) {
  while (!done() && !(timers_.empty() && watches_.empty())) Turn();
}

void Loop::Turn(TimePoint latest) {
  Wait(latest);

  // Both lists are made before the first callback runs: what a callback registers has its turn in
  // the next one, so that no chain of posts can starve the descriptors. They are local because a
  // callback may turn the loop itself.
  std::vector<std::pair<std::uint64_t, short>> ready;
  for (std::size_t i = 0; i < pollfds_.size(); ++i) {
    if (pollfds_[i].revents != 0) ready.emplace_back(poll_ids_[i], pollfds_[i].revents);
  }
  const std::vector<TimerKey> due = DueTimers();

  // Descriptors first: after a stall of the process, an answer that is there beats its timeout.
  for (const auto& [id, revents] : ready) {
    const auto found = watches_.find(id);
    if (found == watches_.end()) continue;
    const std::shared_ptr<Watch> watch = found->second;  // Lives through its own cancellation.
    watch->ready(revents);
  }
  for (const TimerKey& key : due) {
    auto timer = timers_.extract(key);
    if (!timer.empty()) timer.mapped()();
  }
}

void Loop::Wait(TimePoint latest) {
  if (poll_stale_) {
    pollfds_.clear();
    poll_ids_.clear();
    for (const auto& [id, watch] : watches_) {
      pollfds_.push_back({watch->fd, watch->events, 0});
      poll_ids_.push_back(id);
    }
    poll_stale_ = false;
  }
  int found = 0;
  do {
    const int milliseconds = WaitMilliseconds(latest);
    found = poll(pollfds_.data(), pollfds_.size(), milliseconds);
  } while (found < 0 && errno == EINTR);
  if (found >= 0) return;
  // The system has no memory, or its limit of descriptors was lowered. The timers go on, and the
  // descriptors are tried again soon.
  for (pollfd& entry : pollfds_) entry.revents = 0;
  poll(nullptr, 0, WaitMilliseconds(std::min(latest, Now() + kPollFailureRest)));
}

int Loop::WaitMilliseconds(TimePoint latest) const {
  TimePoint wake = latest;
  if (!timers_.empty()) wake = std::min(wake, timers_.begin()->first.first);
  // With nothing to wait for there is no event that could end the wait.
  if (wake == TimePoint::max()) return watches_.empty() ? 0 : -1;
  const TimePoint now = Now();
  if (wake <= now) return 0;
  // Rounded up: a wait that ends before its timer is due would be repeated with 0 until it is.
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(wake - now).count();
  return static_cast<int>(std::min<decltype(wait)>(wait, std::numeric_limits<int>::max()));
}

std::vector<Loop::TimerKey> Loop::DueTimers() const {
  std::vector<TimerKey> due;
  if (timers_.empty()) return due;
  const TimePoint now = Now();
  for (auto timer = timers_.begin(); timer != timers_.end() && timer->first.first <= now; ++timer) {
    due.push_back(timer->first);
  }
  return due;
}

}  // namespace helovet
