// Coroutines for procedures that wait: a check reads like its source document.
#ifndef HELOVET_CORE_LOOP_TASK_H_
#define HELOVET_CORE_LOOP_TASK_H_

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace helovet {

// A coroutine that yields one T to the coroutine that awaits it. It starts when awaited, runs in
// the thread of the loop that resumes it, and is owned by its Task: destroying the Task destroys
// the frame, and with it everything it waits for. Never destroy a Task from inside its own
// coroutine. Arguments taken by reference must outlive the Task.
template <typename T>
class [[nodiscard]] Task {
 public:
  class promise_type {
   public:
    Task get_return_object() {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept {
      struct Resume {
        bool await_ready() noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept {
          const std::coroutine_handle<> waiter = self.promise().waiter_;
          return waiter ? waiter : std::noop_coroutine();
        }
        void await_resume() noexcept {}
      };
      return Resume{};
    }
    void return_value(T value) { value_.emplace(std::move(value)); }
    // Nothing in the core throws but on exhausted memory, and that has no better answer.
    void unhandled_exception() noexcept { std::terminate(); }

   private:
    friend class Task;
    std::coroutine_handle<> waiter_;
    std::optional<T> value_;
  };

  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~Task() {
    if (frame_) frame_.destroy();
  }

  // Runs the coroutine up to its first wait. For roots, which no coroutine awaits.
  void Start() { frame_.resume(); }
  [[nodiscard]] bool done() const { return frame_.done(); }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiter) noexcept {
    frame_.promise().waiter_ = waiter;
    return frame_;
  }
  T await_resume() { return std::move(*frame_.promise().value_); }

 private:
  explicit Task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}

  std::coroutine_handle<promise_type> frame_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_LOOP_TASK_H_
