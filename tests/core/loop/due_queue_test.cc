#include "loop/due_queue.h"

#include <chrono>
#include <memory>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace helovet {
namespace {

using std::chrono_literals::operator""ms;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class DueQueueTest : public ::testing::Test {
 protected:
  struct Numbered final : DueQueue::Waiter {
    Numbered(DueQueueTest& test_in, int number_in) : test(test_in), number(number_in) {}
    DueQueueTest& test;
    int number;
  };

  Numbered& Add(int number, std::chrono::milliseconds after) {
    waiters_.push_back(std::make_unique<Numbered>(*this, number));
    queue_->Add(*waiters_.back(), now_ + after);
    return *waiters_.back();
  }
  void Pass(std::chrono::milliseconds time) {
    now_ += time;
    loop_.Turn(now_);
  }
  virtual void OnDue(Numbered& waiter) { told_.push_back(waiter.number); }

  Loop::TimePoint now_{};
  Loop loop_{[this] { return now_; }};
  std::unique_ptr<DueQueue> queue_ = std::make_unique<DueQueue>(loop_, [](DueQueue::Waiter& each) {
    auto& waiter = static_cast<Numbered&>(each);
    waiter.test.OnDue(waiter);
  });
  std::vector<std::unique_ptr<Numbered>> waiters_;
  std::vector<int> told_;
};

TEST_F(DueQueueTest, TellsEachOnceWhenItsTimeHasCome) {
  Add(1, 10ms);
  Add(2, 20ms);
  Pass(9ms);
  EXPECT_THAT(told_, IsEmpty());
  Pass(1ms);
  EXPECT_THAT(told_, ElementsAre(1));
  Pass(30ms);
  EXPECT_THAT(told_, ElementsAre(1, 2));
  Pass(30ms);
  EXPECT_THAT(told_, ElementsAre(1, 2));
}

TEST_F(DueQueueTest, TellsInTheOrderOfTimesNotOfAdding) {
  Add(1, 30ms);
  Add(2, 10ms);
  Add(3, 20ms);
  Add(4, 20ms);
  Pass(10ms);
  EXPECT_THAT(told_, ElementsAre(2));
  Pass(20ms);
  EXPECT_THAT(told_, ElementsAre(2, 3, 4, 1));
}

TEST_F(DueQueueTest, WhoLeavesOrIsGoneIsNotTold) {
  Numbered& first = Add(1, 10ms);
  Add(2, 10ms);
  Add(3, 20ms);
  first.Leave();
  waiters_.erase(waiters_.begin() + 1);
  Pass(10ms);
  EXPECT_THAT(told_, IsEmpty());
  Pass(10ms);
  EXPECT_THAT(told_, ElementsAre(3));
}

TEST_F(DueQueueTest, AWaiterThatIsAddedAgainWaitsForThatAlone) {
  Numbered& waiter = Add(1, 10ms);
  queue_->Add(waiter, now_ + 20ms);
  Pass(10ms);
  EXPECT_THAT(told_, IsEmpty());
  Pass(10ms);
  EXPECT_THAT(told_, ElementsAre(1));
}

// Whatever is ready in the loop has its turn in between.
TEST_F(DueQueueTest, TellsNoMoreInOneTurnThanItMay) {
  for (std::size_t i = 0; i < kMaxDueAtOnce + 1; ++i) Add(static_cast<int>(i), 10ms);
  Pass(10ms);
  EXPECT_THAT(told_, SizeIs(kMaxDueAtOnce));
  Pass(0ms);
  EXPECT_THAT(told_, SizeIs(kMaxDueAtOnce + 1));
}

TEST_F(DueQueueTest, AtRestTheLoopWaitsForNothing) {
  Add(1, 10ms).Leave();
  queue_->Rest();
  loop_.RunUntil([] { return false; });
  EXPECT_THAT(told_, IsEmpty());
}

// What is told may end all that waits, and the queue with it.
class EndingDueQueueTest : public DueQueueTest {
 protected:
  void OnDue(Numbered& waiter) override {
    DueQueueTest::OnDue(waiter);
    waiters_.clear();
    queue_.reset();
  }
};

TEST_F(EndingDueQueueTest, NobodyIsToldAfterTheEnd) {
  Add(1, 10ms);
  Add(2, 10ms);
  Add(3, 20ms);
  Pass(20ms);
  Pass(20ms);
  EXPECT_THAT(told_, ElementsAre(1));
}

// Whoever is told may wait again, and others begin to.
class AddingDueQueueTest : public DueQueueTest {
 protected:
  void OnDue(Numbered& waiter) override {
    DueQueueTest::OnDue(waiter);
    if (waiter.number >= 3) return;
    ++waiter.number;
    queue_->Add(waiter, now_ + 10ms);
  }
};

TEST_F(AddingDueQueueTest, WhoIsToldMayWaitAgain) {
  Add(1, 10ms);
  for (int turn = 0; turn < 5; ++turn) Pass(10ms);
  EXPECT_THAT(told_, ElementsAre(1, 2, 3));
}

}  // namespace
}  // namespace helovet
