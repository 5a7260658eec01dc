// A Dns whose answers a fuzz target invents, on a clock that stands still.
#ifndef HELOVET_TESTS_FUZZ_INVENTED_DNS_H_
#define HELOVET_TESTS_FUZZ_INVENTED_DNS_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "dns/dns.h"
#include "fuzz.h"
#include "helovet/loop.h"
#include "loop/task.h"

namespace helovet::fuzz {

// The same question has the same answer, however often and in whatever order it is asked.
class InventedDns final : public Dns {
 public:
  // Empty: the question is never answered.
  using Invent = std::function<std::optional<DnsReply>(const DnsQuestion& question)>;
  // In which order answers arrive that are under way together.
  enum class Order : std::uint8_t { kAsAsked, kReversed };
  using Answers = std::map<DnsQuestion, std::optional<DnsReply>>;

  // `answers` keeps what was invented, for another one to give again. The references must outlive
  // this.
  InventedDns(Loop& loop, Answers& answers, Invent invent, Order order = Order::kAsAsked)
      : loop_(loop), answers_(answers), invent_(std::move(invent)), order_(order) {}

  std::unique_ptr<Query> Ask(const DnsQuestion& question, Done done) override {
    ++asked_;
    auto known = answers_.find(question);
    if (known == answers_.end()) known = answers_.emplace(question, invent_(question)).first;
    auto query = std::make_unique<Posted>();
    if (!known->second) return query;
    query->due = loop_.CallAt(
        NextDue(),
        [reply = *known->second, done = std::move(done)]() mutable { done(std::move(reply)); });
    return query;
  }

  [[nodiscard]] std::size_t asked() const { return asked_; }

 private:
  struct Posted final : Query {
    Loop::Handle due;
  };

  // Always due already, but the loop calls what is due in the order of its time.
  [[nodiscard]] Loop::TimePoint NextDue() const {
    if (order_ == Order::kAsAsked) return Loop::TimePoint::min();
    return Loop::TimePoint::min() + std::chrono::hours(1) -
           std::chrono::seconds(static_cast<long>(asked_));
  }

  Loop& loop_;
  Answers& answers_;
  Invent invent_;
  Order order_;
  std::size_t asked_ = 0;
};

// A loop on a clock of its own. Nothing ever waits: Run turns it until `done`, and lets the time of
// `deadline` come when all else has happened.
class StandingClock {
 public:
  // `turns`: how many, in which nothing else happens, a chain of events can take.
  explicit StandingClock(int turns = 96) : turns_(turns) {}

  [[nodiscard]] Loop& loop() { return loop_; }
  [[nodiscard]] Loop::TimePoint now() const { return now_; }

  // More turns than anything bounded can take.
  template <typename Done>
  void Run(Loop::TimePoint deadline, Done done) {
    constexpr int kMostTurns = 2000;
    bool waited = false;
    for (int turn = 0; turn < kMostTurns && !done(); ++turn) {
      // With all that is due called, the next timer is that of a deadline.
      const bool idle = turn % turns_ == turns_ - 1;
      if (idle && now_ < deadline) {
        now_ = deadline;
        waited = true;
      }
      loop_.Turn(now_);
    }
    Hold(done(), waited ? "everything ends by its deadline" : "everything ends");
  }

 private:
  const int turns_;
  Loop::TimePoint now_{};
  Loop loop_{[this] { return now_; }};
};

struct Ended {};

template <typename T>
Task<Ended> Keep(Task<T> task, std::optional<T>& kept) {
  kept = co_await task;
  co_return Ended();
}

// What comes of `task`, which ends by `deadline`.
template <typename T>
T RunTask(StandingClock& clock, Loop::TimePoint deadline, Task<T> task) {
  std::optional<T> kept;
  Task<Ended> root = Keep(std::move(task), kept);
  root.Start();
  clock.Run(deadline, [&root] { return root.done(); });
  return *std::move(kept);
}

}  // namespace helovet::fuzz

#endif  // HELOVET_TESTS_FUZZ_INVENTED_DNS_H_
