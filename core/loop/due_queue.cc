#include "loop/due_queue.h"

#include <utility>

namespace helovet {

void DueQueue::Waiter::Leave() {
  before_->after_ = after_;
  after_->before_ = before_;
  before_ = after_ = this;
}

void DueQueue::Waiter::PutBehind(Waiter& other) {
  before_ = &other;
  after_ = std::exchange(other.after_, this);
  after_->before_ = this;
}

void DueQueue::Add(Waiter& waiter, Loop::TimePoint due) {
  waiter.Leave();
  waiter.due_ = due;
  Waiter* before = end_.before_;
  while (before != &end_ && before->due_ > due) before = before->before_;
  waiter.PutBehind(*before);
  if (before == &end_) Wake();
}

void DueQueue::Wake() {
  timer_ = loop_.CallAt(end_.after_->due_, [this] { OnTimer(); });
}

void DueQueue::OnTimer() {
  // Those that are due stand apart: while they are told, this may end, or have others come and go.
  End due;
  const Loop::TimePoint now = loop_.Now();
  for (std::size_t count = 0; count < kMaxDueAtOnce; ++count) {
    Waiter& first = *end_.after_;
    if (&first == &end_ || first.due_ > now) break;
    first.Leave();
    first.PutBehind(*due.before_);
  }
  if (end_.after_ != &end_) Wake();
  void (*const tell)(Waiter&) = due_;
  while (due.after_ != &due) {
    Waiter& first = *due.after_;
    first.Leave();
    tell(first);
  }
}

}  // namespace helovet
