// Waiting: descriptors, timers and posted calls, in one thread.
#ifndef HELOVET_LOOP_H_
#define HELOVET_LOOP_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include <poll.h>

#include "absl/functional/any_invocable.h"

namespace helovet {

// A poll(2) loop. It makes no descriptor, thread or signal handler of its own, so it can live for a
// moment inside somebody else's process (docs/decisions.md: why not a library). Not thread-safe;
// callbacks may register and cancel anything, their own registration included, but must not throw.
class Loop {
 public:
  using Clock = std::chrono::steady_clock;
  using TimePoint = Clock::time_point;
  using Callback = absl::AnyInvocable<void()>;
  using ReadyCallback = std::function<void(short revents)>;

  // A registration: it ends when this goes out of scope. Outliving the loop is not allowed.
  class Handle {
   public:
    Handle() = default;
    Handle(Handle&& other) noexcept { *this = std::move(other); }
    Handle& operator=(Handle&& other) noexcept;
    ~Handle() { Cancel(); }
    void Cancel();
    // False after Cancel() and for a default handle; a timer that has fired still says true.
    [[nodiscard]] explicit operator bool() const { return loop_ != nullptr; }

   private:
    friend class Loop;
    Handle(Loop* loop, std::uint64_t id, TimePoint due) : loop_(loop), id_(id), due_(due) {}
    Loop* loop_ = nullptr;
    std::uint64_t id_ = 0;
    TimePoint due_{};  // Unused for descriptors.
  };

  // `now` is the clock; tests give their own.
  explicit Loop(std::function<TimePoint()> now = &Clock::now) : now_(std::move(now)) {}
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  [[nodiscard]] TimePoint Now() const { return now_(); }

  // Calls `ready` with poll(2)'s revents whenever `fd` has any of `events` (POLLIN, POLLOUT) or an
  // error. The descriptor stays the caller's and must outlive the handle.
  [[nodiscard]] Handle WatchDescriptor(int fd, short events, ReadyCallback ready);

  // Calls `due_callback` once, at `due` or as soon after as the loop turns.
  [[nodiscard]] Handle CallAt(TimePoint due, Callback due_callback);

  // Calls `callback` once, from the loop and never from inside this call.
  [[nodiscard]] Handle Post(Callback callback) {
    return CallAt(TimePoint::min(), std::move(callback));
  }

  // Turns until `done` says true (it is asked before every wait) or nothing is registered.
  void RunUntil(const std::function<bool()>& done);

  // One turn: waits until something is ready, at most until `latest`, and calls what is.
  void Turn(TimePoint latest = TimePoint::max());

 private:
  struct Watch {
    int fd;
    short events;
    ReadyCallback ready;
  };
  using TimerKey = std::pair<TimePoint, std::uint64_t>;

  // Waits in poll(2), which leaves its findings in pollfds_.
  void Wait(TimePoint latest);
  [[nodiscard]] int WaitMilliseconds(TimePoint latest) const;
  [[nodiscard]] std::vector<TimerKey> DueTimers() const;

  std::function<TimePoint()> now_;
  std::uint64_t next_id_ = 1;
  std::map<TimerKey, Callback> timers_;
  std::unordered_map<std::uint64_t, std::shared_ptr<Watch>> watches_;
  // poll(2)'s array and the watches in its order, rebuilt when watches_ has changed.
  std::vector<pollfd> pollfds_;
  std::vector<std::uint64_t> poll_ids_;
  bool poll_stale_ = false;
};

}  // namespace helovet

#endif  // HELOVET_LOOP_H_
