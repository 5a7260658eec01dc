// Waiting for a descriptor in a coroutine.
#ifndef HELOVET_CORE_SMTP_READINESS_H_
#define HELOVET_CORE_SMTP_READINESS_H_

#include <coroutine>

#include "helovet/loop.h"

namespace helovet {

// `co_await Readiness(loop, fd, POLLIN, latest)` yields poll(2)'s revents, or 0 when `latest` has
// come first. Destroying the coroutine ends the wait.
class Readiness {
 public:
  Readiness(Loop& loop, int fd, short events, Loop::TimePoint latest)
      : loop_(loop), fd_(fd), events_(events), latest_(latest) {}
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;

  [[nodiscard]] bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    watch_ = loop_.WatchDescriptor(fd_, events_, [this](short revents) { Resume(revents); });
    timer_ = loop_.CallAt(latest_, [this] { Resume(0); });
  }
  [[nodiscard]] short await_resume() const { return revents_; }

 private:
  void Resume(short revents) {
    revents_ = revents;
    watch_.Cancel();
    timer_.Cancel();
    waiter_.resume();  // This may be gone now.
  }

  Loop& loop_;
  int fd_;
  short events_;
  Loop::TimePoint latest_;
  short revents_ = 0;
  std::coroutine_handle<> waiter_;
  Loop::Handle watch_;
  Loop::Handle timer_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_SMTP_READINESS_H_
