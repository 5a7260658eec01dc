// The loop: order, cancellation from inside callbacks, errors of descriptors, many timers.
#include "helovet/loop.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace helovet {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

// A connected pair of stream sockets.
class Pair {
 public:
  Pair() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends_.data()), 0); }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  ~Pair() {
    CloseEnd(0);
    CloseEnd(1);
  }

  [[nodiscard]] int end(std::size_t which) const { return ends_[which]; }
  void Fill(std::size_t which) const { EXPECT_EQ(write(ends_[which], "x", 1), 1); }
  void Drain(std::size_t which) const {
    std::array<char, 16> octets;
    EXPECT_GT(read(ends_[which], octets.data(), octets.size()), 0);
  }
  void CloseEnd(std::size_t which) {
    if (ends_[which] >= 0) close(ends_[which]);
    ends_[which] = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

// A clock that stands still until it is told otherwise.
class Clock {
 public:
  [[nodiscard]] std::function<Loop::TimePoint()> Source() {
    return [this] { return now_; };
  }
  [[nodiscard]] Loop::TimePoint now() const { return now_; }
  void Advance(milliseconds by) { now_ += by; }

 private:
  Loop::TimePoint now_{std::chrono::hours(1)};
};

TEST(Loop, RunUntilEndsWhenNothingIsRegistered) {
  Loop loop;
  loop.RunUntil([] { return false; });
}

TEST(Loop, RunUntilAsksBeforeTheFirstWait) {
  Loop loop;
  const Loop::Handle never = loop.CallAt(loop.Now() + std::chrono::hours(1), [] { FAIL(); });
  loop.RunUntil([] { return true; });
}

TEST(Loop, TurnWithNothingRegisteredReturns) {
  Loop loop;
  loop.Turn();
}

TEST(Loop, TurnWaitsNoLongerThanAsked) {
  Loop loop;
  const Loop::Handle later = loop.CallAt(loop.Now() + std::chrono::hours(1), [] { FAIL(); });
  const Loop::TimePoint latest = loop.Now() + milliseconds(10);
  loop.Turn(latest);
  EXPECT_GE(loop.Now(), latest);
  EXPECT_LT(loop.Now(), latest + milliseconds(500));
}

TEST(Loop, TimersRunInOrderOfTimeThenOfRegistration) {
  Clock clock;
  Loop loop(clock.Source());
  std::vector<std::string> ran;
  const auto add = [&](int ms, const char* name) {
    return loop.CallAt(clock.now() + milliseconds(ms), [&ran, name] { ran.emplace_back(name); });
  };
  const Loop::Handle b = add(2, "b");
  const Loop::Handle c = add(2, "c");
  const Loop::Handle a = add(1, "a");
  const Loop::Handle late = add(50, "late");
  clock.Advance(milliseconds(2));
  loop.Turn();
  EXPECT_THAT(ran, ElementsAre("a", "b", "c"));
  clock.Advance(milliseconds(48));
  loop.Turn();
  EXPECT_THAT(ran, ElementsAre("a", "b", "c", "late"));
}

TEST(Loop, TimersDoNotRunEarlyAndAreNotPolledFor) {
  Loop loop;
  bool ran = false;
  const Loop::TimePoint due = loop.Now() + std::chrono::microseconds(20'300);
  const Loop::Handle timer = loop.CallAt(due, [&] { ran = true; });
  int turns = 0;
  loop.RunUntil([&] {
    ++turns;
    return ran;
  });
  EXPECT_GE(loop.Now(), due);
  // One turn to wait, and the question after it; a wait rounded down would add many.
  EXPECT_LE(turns, 3);
}

TEST(Loop, PostRunsLaterAndOnce) {
  Loop loop;
  int calls = 0;
  const Loop::Handle post = loop.Post([&] { ++calls; });
  EXPECT_EQ(calls, 0);
  loop.Turn();
  loop.Turn();
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(post);  // As documented, also after it has run.
}

TEST(Loop, PostsThatPostDoNotStarveDescriptors) {
  Loop loop;
  Pair pair;
  pair.Fill(1);
  bool read = false;
  const Loop::Handle watch = loop.WatchDescriptor(pair.end(0), POLLIN, [&](short) { read = true; });
  Loop::Handle post;
  int posts = 0;
  std::function<void()> again = [&] {
    ++posts;
    post = loop.Post([&] { again(); });
  };
  again();
  loop.Turn();
  EXPECT_TRUE(read);
  EXPECT_EQ(posts, 2);  // Its own call here, and one in the turn.
}

TEST(Loop, WhatADescriptorPostsRunsInTheNextTurn) {
  Loop loop;
  Pair pair;
  pair.Fill(1);
  Loop::Handle post;
  bool posted = false;
  Loop::Handle watch = loop.WatchDescriptor(pair.end(0), POLLIN, [&](short) {
    pair.Drain(0);
    post = loop.Post([&] { posted = true; });
  });
  loop.Turn();
  EXPECT_FALSE(posted);
  loop.Turn();
  EXPECT_TRUE(posted);
}

TEST(Loop, DescriptorsComeBeforeTimersOfTheSameTurn) {
  Clock clock;
  Loop loop(clock.Source());
  Pair pair;
  pair.Fill(1);
  std::vector<std::string> ran;
  Loop::Handle timeout = loop.CallAt(clock.now(), [&] { ran.emplace_back("timeout"); });
  const Loop::Handle watch = loop.WatchDescriptor(pair.end(0), POLLIN, [&](short) {
    ran.emplace_back("answer");
    timeout.Cancel();
  });
  loop.Turn();
  EXPECT_THAT(ran, ElementsAre("answer"));
}

TEST(Loop, CancelledRegistrationsAreNotCalled) {
  Loop loop;
  Pair pair;
  pair.Fill(1);
  Loop::Handle watch = loop.WatchDescriptor(pair.end(0), POLLIN, [](short) { FAIL(); });
  Loop::Handle post = loop.Post([] { FAIL(); });
  watch.Cancel();
  post = Loop::Handle();
  EXPECT_FALSE(watch);
  loop.Turn(loop.Now());
}

TEST(Loop, HandlesMove) {
  Loop loop;
  int calls = 0;
  Loop::Handle first = loop.Post([&] { ++calls; });
  Loop::Handle second(std::move(first));
  Loop::Handle& same = second;
  second = std::move(same);
  EXPECT_FALSE(first);
  EXPECT_TRUE(second);
  loop.Turn();
  EXPECT_EQ(calls, 1);
}

// Guards what a callback owns: it must live until the call is over.
class Owned {
 public:
  explicit Owned(bool& destroyed) : destroyed_(destroyed) {}
  ~Owned() { destroyed_ = true; }

 private:
  bool& destroyed_;
};

TEST(Loop, ATimerMayCancelItself) {
  Loop loop;
  bool destroyed = false;
  bool lived = false;
  Loop::Handle timer;
  timer = loop.Post([&, owned = std::make_unique<Owned>(destroyed)] {
    timer.Cancel();
    lived = !destroyed;
  });
  loop.Turn();
  EXPECT_TRUE(lived);
  EXPECT_TRUE(destroyed);
}

TEST(Loop, AWatchMayCancelItself) {
  Loop loop;
  Pair pair;
  pair.Fill(1);
  bool destroyed = false;
  bool lived = false;
  Loop::Handle watch;
  watch = loop.WatchDescriptor(pair.end(0), POLLIN,
                               [&, owned = std::make_shared<Owned>(destroyed)](short) {
                                 watch.Cancel();
                                 lived = !destroyed;
                               });
  loop.Turn();
  EXPECT_TRUE(lived);
  EXPECT_TRUE(destroyed);
  loop.Turn(loop.Now());
}

TEST(Loop, AWatchMayReplaceItself) {
  Loop loop;
  Pair pair;
  pair.Fill(1);
  std::vector<std::string> ran;
  Loop::Handle watch;
  watch = loop.WatchDescriptor(pair.end(0), POLLIN, [&](short) {
    ran.emplace_back("read");
    watch = loop.WatchDescriptor(pair.end(0), POLLOUT, [&](short) { ran.emplace_back("write"); });
  });
  loop.Turn();
  EXPECT_THAT(ran, ElementsAre("read"));
  loop.Turn();
  EXPECT_THAT(ran, ElementsAre("read", "write"));
}

TEST(Loop, CallbacksMayCancelOthersThatAreDueInTheSameTurn) {
  Loop loop;
  std::array<Pair, 2> pairs;
  std::array<Loop::Handle, 2> watches;
  std::array<Loop::Handle, 2> posts;
  int calls = 0;
  for (std::size_t i = 0; i < 2; ++i) {
    pairs[i].Fill(1);
    watches[i] = loop.WatchDescriptor(pairs[i].end(0), POLLIN, [&, i](short) {
      ++calls;
      watches[1 - i].Cancel();
      posts[1].Cancel();
    });
    posts[i] = loop.Post([&, i] { calls += i == 0 ? 10 : 1000; });
  }
  loop.Turn();
  EXPECT_EQ(calls, 11);
}

TEST(Loop, ACancelledCallbackMayOwnHandlesItself) {
  Loop loop;
  auto inner = std::make_unique<Loop::Handle>(loop.Post([] { FAIL(); }));
  Loop::Handle outer = loop.Post([inner = std::move(inner)] { FAIL(); });
  outer.Cancel();
  loop.Turn();
}

TEST(Loop, ACallbackMayTurnTheLoop) {
  Loop loop;
  Pair pair;
  pair.Fill(1);
  int reads = 0;
  const Loop::Handle watch = loop.WatchDescriptor(pair.end(0), POLLIN, [&](short) { ++reads; });
  std::vector<std::string> ran;
  Loop::Handle inner;
  const Loop::Handle outer = loop.Post([&] {
    inner = loop.Post([&] { ran.emplace_back("inner"); });
    loop.Turn();
    ran.emplace_back("outer");
  });
  loop.Turn();
  EXPECT_THAT(ran, ElementsAre("inner", "outer"));
  EXPECT_EQ(reads, 2);
}

TEST(Loop, ErrorsOfADescriptorAreDelivered) {
  Loop loop;
  Pair pair;
  pair.CloseEnd(1);
  short hung_up = 0;
  const Loop::Handle watch =
      loop.WatchDescriptor(pair.end(0), POLLIN, [&](short revents) { hung_up = revents; });
  loop.Turn();
  EXPECT_NE(hung_up & POLLHUP, 0);

  const int closed = dup(pair.end(0));
  close(closed);
  short invalid = 0;
  const Loop::Handle bad =
      loop.WatchDescriptor(closed, POLLIN, [&](short revents) { invalid = revents; });
  loop.Turn();
  EXPECT_EQ(invalid, POLLNVAL);
}

TEST(Loop, OnlyAskedEventsAreDelivered) {
  Loop loop;
  Pair pair;
  short seen = 0;
  const Loop::Handle watch =
      loop.WatchDescriptor(pair.end(0), POLLIN | POLLOUT, [&](short revents) { seen = revents; });
  loop.Turn();
  EXPECT_EQ(seen, POLLOUT);
}

TEST(Loop, ASignalDoesNotEndTheWait) {
  struct sigaction ignore {};
  ignore.sa_handler = [](int) {};
  struct sigaction before {};
  ASSERT_EQ(sigaction(SIGALRM, &ignore, &before), 0);
  const itimerval soon{{0, 5'000}, {0, 5'000}};
  ASSERT_EQ(setitimer(ITIMER_REAL, &soon, nullptr), 0);

  Loop loop;
  const Loop::TimePoint due = loop.Now() + milliseconds(30);
  bool ran = false;
  const Loop::Handle timer = loop.CallAt(due, [&] { ran = true; });
  loop.Turn();
  EXPECT_TRUE(ran);

  const itimerval never{};
  setitimer(ITIMER_REAL, &never, nullptr);
  sigaction(SIGALRM, &before, nullptr);
}

// poll(2) refuses more descriptors than the process may have open. Without a timer nothing else
// would end the wait.
TEST(Loop, AFailureOfPollIsSurvived) {
  Loop loop;
  Pair pair;
  pair.Fill(1);
  int called = 0;
  const auto watch = loop.WatchDescriptor(pair.end(0), POLLIN, [&](short) { ++called; });

  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 0;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  loop.Turn();
  EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(called, 0);

  loop.Turn();
  EXPECT_EQ(called, 1);
}

TEST(Loop, AHundredThousandTimers) {
  constexpr int kTimers = 100'000;
  Clock clock;
  Loop loop(clock.Source());
  std::vector<Loop::Handle> handles;
  handles.reserve(kTimers);
  int calls = 0;
  const Loop::TimePoint start = clock.now();
  for (int i = 0; i < kTimers; ++i) {
    handles.push_back(loop.CallAt(start + milliseconds(i * 7919 % 1000), [&] { ++calls; }));
  }
  for (int i = 0; i < kTimers; i += 2) handles[static_cast<std::size_t>(i)].Cancel();
  clock.Advance(milliseconds(1000));
  loop.Turn();
  EXPECT_EQ(calls, kTimers / 2);
}

}  // namespace
}  // namespace helovet
