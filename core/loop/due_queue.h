// Many timers of about the same length, for the price of one.
#ifndef HELOVET_CORE_LOOP_DUE_QUEUE_H_
#define HELOVET_CORE_LOOP_DUE_QUEUE_H_

#include <cstddef>

#include "helovet/loop.h"

namespace helovet {

inline constexpr std::size_t kMaxDueAtOnce =
    256;  // In one turn of the loop, which has others, too.

// Tells waiters when their time has come. They are in order of their times, which is the order of
// adding where all wait equally long; one whose time comes before that of others added earlier has
// to pass each of them. Not thread-safe.
class DueQueue {
 public:
  // One that waits, or does not. It takes itself out when it is destroyed.
  class Waiter {
   public:
    Waiter() = default;
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    // Waits no longer, if it did.
    void Leave();

   protected:
    ~Waiter() { Leave(); }

   private:
    friend class DueQueue;
    void PutBehind(Waiter& other);

    Waiter* before_ = this;
    Waiter* after_ = this;
    Loop::TimePoint due_{};
  };

  // `due` is called from the loop, once for each Add, and may do anything to all waiters and to
  // this. The loop must outlive this.
  DueQueue(Loop& loop, void (*due)(Waiter&)) : loop_(loop), due_(due) {}
  DueQueue(const DueQueue&) = delete;
  DueQueue& operator=(const DueQueue&) = delete;

  // `waiter` waits until `due`, and no longer for what it waited for before. It must not outlive
  // this while it waits.
  void Add(Waiter& waiter, Loop::TimePoint due);

  // Nobody waits: the loop need not either.
  void Rest() { timer_.Cancel(); }

 private:
  struct End final : Waiter {};

  void Wake();
  void OnTimer();

  Loop& loop_;
  void (*const due_)(Waiter&);
  End end_;             // Behind the last and before the first.
  Loop::Handle timer_;  // For the first; for one that has left if that was earlier.
};

}  // namespace helovet

#endif  // HELOVET_CORE_LOOP_DUE_QUEUE_H_
