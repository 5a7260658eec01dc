// One call for all who want to know (docs/rules.md §12.5).
#include <chrono>
#include <string>
#include <vector>

#include "callback_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace helovet {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using testing::Accepted;
using ::testing::IsEmpty;
using testing::RefusedRcpt;
using testing::Sender;
using testing::Tempfail;
using testing::Text;

class JoiningTest : public testing::CallbackTest {
 protected:
  void UntilAllAnswered(const std::vector<std::shared_ptr<Asked>>& asked) {
    Until([&asked] {
      for (const auto& one : asked) {
        if (!one->finding) return false;
      }
      return true;
    });
  }
};

TEST_F(JoiningTest, AHundredRequestsAreOneCall) {
  calls_.Script("user@example.com", Accepted(), 50ms);
  std::vector<std::shared_ptr<Asked>> asked;
  for (int i = 0; i < 100; ++i) asked.push_back(Ask("user@example.com"));
  UntilAllAnswered(asked);
  EXPECT_EQ(calls_.size(), 1U);
  EXPECT_EQ(Text(*asked.front()->finding), "pass/accepted, called");
  for (std::size_t i = 1; i < asked.size(); ++i) {
    EXPECT_EQ(Text(*asked[i]->finding), "pass/accepted") << "one call is counted once";
    EXPECT_EQ(asked[i]->answers, 1);
  }
  EXPECT_THAT(LiveLeases(), IsEmpty());
}

struct JoinCase {
  std::string first;
  std::string second;
  std::size_t calls;
};

TEST_F(JoiningTest, AMailboxIsTheSameWithItsLocalPartAsItIs) {
  for (const JoinCase& given : std::vector<JoinCase>{
           {"user@one.example", "user@ONE.Example", 1},
           {"user@two.example", "User@two.example", 2},
           {"user@three.example", "\"user\"@three.example", 2},
       }) {
    const std::size_t before = calls_.size();
    calls_.Script(given.first, Accepted(), 20ms);
    calls_.Script(given.second, Accepted(), 20ms);
    UntilAllAnswered({Ask(given.first), Ask(given.second)});
    EXPECT_EQ(calls_.size() - before, given.calls) << given.second;
  }
}

TEST_F(JoiningTest, EachWaitsUntilItsOwnDeadline) {
  const Loop::TimePoint begin = loop_.Now();
  const auto patient = Ask("user@example.com", 2000ms);
  const auto hasty = Ask("user@example.com", 50ms);
  Turn(100ms);
  ASSERT_TRUE(hasty->finding);
  EXPECT_EQ(Text(*hasty->finding), "temperror/timeout");
  EXPECT_LT(hasty->at - begin, 100ms);
  EXPECT_FALSE(patient->finding);
  EXPECT_EQ(calls_.open(), 1U) << "the other waits still";
  calls_.Answer(0, RefusedRcpt());
  UntilAllAnswered({patient});
  EXPECT_EQ(Text(*patient->finding), "fail/refused-rcpt, called");
}

TEST_F(JoiningTest, OnesWhoCameFirstMayLeaveFirst) {
  auto first = Ask("user@example.com");
  const auto second = Ask("user@example.com");
  first->request.reset();
  Turn(20ms);
  EXPECT_EQ(calls_.open(), 1U);
  calls_.Answer(0, Accepted());
  UntilAllAnswered({second});
  EXPECT_EQ(Text(*second->finding), "pass/accepted, called") << "the call is counted";
  EXPECT_FALSE(first->finding);
}

// Whoever comes while nobody waits any more, and before the call is given up, goes on with it.
TEST_F(JoiningTest, AnAbandonedCallIsTakenOver) {
  auto first = Ask("user@example.com");
  first->request.reset();
  const auto second = Ask("user@example.com");
  Turn(20ms);
  EXPECT_EQ(calls_.size(), 1U);
  EXPECT_EQ(calls_.open(), 1U);
  calls_.Answer(0, Accepted());
  UntilAllAnswered({second});
  EXPECT_EQ(Text(*second->finding), "pass/accepted, called");
}

struct AmongProcesses {
  std::string name;
  CallOutcome outcome;
  std::string want;
};

// Two processes share nothing but the store. What the one found out, the other is told, temporary
// failures included, which are not remembered for anybody else.
TEST_F(JoiningTest, AnotherProcessWaitsForTheCall) {
  int number = 0;
  for (const AmongProcesses& given : std::vector<AmongProcesses>{
           {"accepted", Accepted(), "pass/accepted"},
           {"refused", RefusedRcpt(), "fail/refused-rcpt"},
           {"tempfail", Tempfail(), "temperror/tempfail"},
       }) {
    SCOPED_TRACE(given.name);
    const std::string mailbox = "user@d" + std::to_string(++number) + ".example";
    const std::size_t before = calls_.size();
    const auto other_process = NewVerifier();
    calls_.Script(mailbox, given.outcome, 100ms);
    const auto first = Ask(mailbox);
    const auto second = Ask(*other_process, Sender(mailbox));
    UntilAllAnswered({first, second});
    EXPECT_EQ(calls_.size() - before, 1U);
    EXPECT_EQ(Text(*first->finding), given.want + ", called");
    EXPECT_EQ(Text(*second->finding), given.want + ", remembered");
    EXPECT_THAT(LiveLeases(), IsEmpty());
  }
}

TEST_F(JoiningTest, TheSameWithAStoreThatTakesItsTime) {
  store_.set_delay(3ms);
  calls_.Script("user@example.com", Tempfail(), 30ms);
  std::vector<std::unique_ptr<CallbackVerifier>> processes;
  std::vector<std::shared_ptr<Asked>> asked;
  for (int i = 0; i < 10; ++i) {
    processes.push_back(NewVerifier());
    for (int j = 0; j < 3; ++j) {
      asked.push_back(Ask(*processes.back(), Sender("user@example.com")));
    }
  }
  UntilAllAnswered(asked);
  EXPECT_EQ(calls_.size(), 1U);
  for (const auto& one : asked) EXPECT_EQ(one->finding->result.reason, Reason::kTempfail);
}

// A temporary failure is told to those who waited and not to who comes later.
TEST_F(JoiningTest, AnOutcomeFromBeforeIsNotTaken) {
  calls_.Script("user@example.com", Tempfail());
  EXPECT_EQ(Text(Find("user@example.com")), "temperror/tempfail, called");
  Turn(5ms);
  EXPECT_EQ(Text(Find("user@example.com")), "temperror/tempfail, called");
  EXPECT_EQ(calls_.size(), 2U);
}

TEST_F(JoiningTest, WhoWaitsForAnotherProcessWaitsUntilItsDeadline) {
  store_.SetLease("cbv call user@example.com", 1h);
  const Loop::TimePoint begin = loop_.Now();
  const auto asked = Ask("user@example.com", 300ms);
  UntilAllAnswered({asked});
  EXPECT_EQ(Text(*asked->finding), "temperror/timeout");
  EXPECT_GE(asked->at - begin, 300ms);
  EXPECT_LT(asked->at - begin, 400ms);
  EXPECT_EQ(calls_.size(), 0U);
  // 10, 20, 40, 80 and 160 ms after each other: five or six looks, and not hundreds.
  EXPECT_LE(store_.log().size(), 2U + 2U * 6U);
}

// The process that had the lease was killed: its lease ends by itself, and the next one calls.
TEST_F(JoiningTest, AKilledProcessIsFollowedByTheNext) {
  store_.SetLease("cbv call user@example.com", 50ms);
  calls_.Script("user@example.com", Accepted());
  const CallbackFinding finding = Find("user@example.com");
  EXPECT_EQ(Text(finding), "pass/accepted, called");
  EXPECT_THAT(LiveLeases(), IsEmpty());
}

// A lease outlives the longest call of a process that is killed, and not by much.
TEST_F(JoiningTest, LeasesEndSoonAfterTheLongestCall) {
  const auto asked = Ask("user@example.com");
  EXPECT_EQ(LiveLeases().size(), 3U);
  store_.Advance(config_.cbv.timeout);
  EXPECT_EQ(LiveLeases().size(), 3U);
  store_.Advance(1000ms);
  EXPECT_THAT(LiveLeases(), IsEmpty());
}

// What this process could not call for its own bounds is no outcome for others.
TEST_F(JoiningTest, OverBudgetIsNobodyElsesResult) {
  const auto other_process = NewVerifier();
  config_.cbv.concurrent = 1;
  const auto busy = Ask("user@busy.example");
  const auto first = Ask("user@example.com");
  UntilAllAnswered({first});
  EXPECT_EQ(Text(*first->finding), "skipped/over-budget");
  calls_.Answer(0, Accepted());
  UntilAllAnswered({busy});
  calls_.Script("user@example.com", Accepted());
  const auto second = Ask(*other_process, Sender("user@example.com"));
  UntilAllAnswered({second});
  EXPECT_EQ(Text(*second->finding), "pass/accepted, called");
}

// Two that both find the lease free, for one has ended by itself: a success stays.
TEST_F(JoiningTest, TwoCallsThatRaceLeaveTheSuccess) {
  for (const bool success_first : {true, false}) {
    const std::string mailbox = success_first ? "user@a.example" : "user@b.example";
    const std::size_t before = calls_.size();
    const auto other_process = NewVerifier();
    const auto first = Ask(mailbox);
    store_.Advance(config_.cbv.timeout + 1s);
    const auto second = Ask(*other_process, Sender(mailbox));
    ASSERT_EQ(calls_.size() - before, 2U);
    calls_.Answer(before, success_first ? Accepted() : RefusedRcpt());
    calls_.Answer(before + 1, success_first ? RefusedRcpt() : Accepted());
    UntilAllAnswered({first, second});
    EXPECT_EQ(Text(Find(mailbox)), "pass/accepted, remembered");
  }
}

}  // namespace
}  // namespace helovet
