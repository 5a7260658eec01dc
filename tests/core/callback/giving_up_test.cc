// Requests, calls and verifiers that go before their time: nothing is left, and nobody is called
// back twice or too late. To be run under AddressSanitizer.
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "callback_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace helovet {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using testing::Accepted;
using testing::Address;
using ::testing::IsEmpty;
using testing::Sender;
using testing::Text;

class GivingUpTest : public testing::CallbackTest {
 protected:
  GivingUpTest() {
    calls_.hosts = {Address("203.0.113.25")};
    calls_.Script("user@example.com", Accepted(), 5ms);
  }
  // Until the store has begun `operations`, the last of which is under way.
  void TurnUntilOperation(std::size_t operations) {
    Until([&] { return store_.log().size() >= operations; });
  }
};

// Operations of a whole request, and one that is never begun.
constexpr std::size_t kOperations = 16;

TEST_F(GivingUpTest, ARequestDestroyedAtAnyPointLeavesNoLease) {
  store_.set_delay(2ms);
  for (std::size_t point = 1; point <= kOperations; ++point) {
    store_.Advance(std::chrono::hours(24 * 366));
    store_.TakeLog();
    auto asked = Ask("user@example.com");
    TurnUntilOperation(point);
    SCOPED_TRACE(store_.log().back());
    asked->request.reset();
    Until([this] { return calls_.open() == 0 && LiveLeases().empty(); });
    Turn(20ms);
    EXPECT_THAT(LiveLeases(), IsEmpty());
    EXPECT_FALSE(asked->finding);
    // Nothing is in the way of the next.
    EXPECT_EQ(Find("user@example.com").result.result, Result::kPass);
  }
}

TEST_F(GivingUpTest, ARequestDestroyedDuringTheCallEndsTheCall) {
  auto asked = Ask("held@example.com");
  Turn(10ms);
  ASSERT_EQ(calls_.open(), 1U);
  asked->request.reset();
  loop_.Turn(loop_.Now());
  EXPECT_EQ(calls_.open(), 0U);
  EXPECT_THAT(LiveLeases(), IsEmpty());
  EXPECT_THAT(store_.facts(), IsEmpty()) << "nothing was found out";
}

TEST_F(GivingUpTest, AVerifierDestroyedAtAnyPointAsksNothingMore) {
  store_.set_delay(2ms);
  for (std::size_t point = 1; point <= kOperations; ++point) {
    store_.Advance(std::chrono::hours(24 * 366));
    store_.TakeLog();
    auto process = NewVerifier();
    const auto asked = Ask(*process, Sender("user@example.com"));
    TurnUntilOperation(point);
    SCOPED_TRACE(store_.log().back());
    process.reset();
    EXPECT_EQ(calls_.open(), 0U);
    Turn(10ms);
    EXPECT_EQ(asked->answers, 0);
  }
}

// A store of this host needs no time, so that leases go with their verifier.
TEST_F(GivingUpTest, AVerifierThatGoesReleasesItsLeases) {
  auto process = NewVerifier();
  const auto asked = Ask(*process, Sender("held@example.com"));
  Turn(10ms);
  EXPECT_EQ(LiveLeases().size(), 4U);
  process.reset();
  EXPECT_THAT(LiveLeases(), IsEmpty());
  Turn(10ms);
  EXPECT_FALSE(asked->finding);
}

TEST_F(GivingUpTest, AWaiterForAnotherProcessMayLeave) {
  store_.SetLease("cbv call user@example.com", 100s);
  auto asked = Ask("user@example.com");
  Turn(30ms);
  asked->request.reset();
  const std::size_t operations = store_.log().size();
  Turn(100ms);
  EXPECT_EQ(store_.log().size(), operations) << "nobody looks any more";
}

TEST_F(GivingUpTest, AtTheDeadlineLeasesAreReleasedBeforeTheResultOrSoonAfter) {
  const auto asked = Ask("held@example.com", 200ms);
  Until([&asked] { return asked->finding.has_value(); });
  EXPECT_EQ(Text(*asked->finding), "temperror/timeout, called");
  EXPECT_THAT(LiveLeases(), IsEmpty());
}

TEST_F(GivingUpTest, DoneMayDestroyItsRequest) {
  std::unique_ptr<CallbackVerifier::Request> request;
  int answers = 0;
  for (const std::chrono::milliseconds time : {2000ms, 1ms, -1ms}) {
    answers = 0;
    request = verifier().Verify(Sender("user@example.com"), loop_.Now() + time,
                                [&](const CallbackFinding&) {
                                  request.reset();
                                  ++answers;
                                });
    Until([&answers] { return answers > 0; });
    Turn(20ms);
    EXPECT_EQ(answers, 1);
    store_.Advance(std::chrono::hours(24 * 366));
  }
}

TEST_F(GivingUpTest, DoneMayDestroyTheVerifierAndAllRequests) {
  for (const std::chrono::milliseconds time : {2000ms, 1ms, -1ms}) {
    auto process = NewVerifier();
    std::vector<std::unique_ptr<CallbackVerifier::Request>> requests;
    int answers = 0;
    for (int i = 0; i < 10; ++i) {
      const std::string mailbox = i % 2 == 0 ? "user@example.com" : "held@example.com";
      requests.push_back(
          process->Verify(Sender(mailbox), loop_.Now() + time, [&](const CallbackFinding&) {
            ++answers;
            process.reset();
            requests.clear();
          }));
    }
    Until([&answers] { return answers > 0; });
    Turn(20ms);
    EXPECT_EQ(answers, 1);
    EXPECT_EQ(calls_.open(), 0U);
    EXPECT_THAT(LiveLeases(), IsEmpty());
    store_.Advance(std::chrono::hours(24 * 366));
  }
}

TEST_F(GivingUpTest, DoneMayDestroyTheRequestsOfOthers) {
  std::vector<std::unique_ptr<CallbackVerifier::Request>> requests;
  int answers = 0;
  for (int i = 0; i < 10; ++i) {
    requests.push_back(verifier().Verify(Sender("user@example.com"), loop_.Now() + 2s,
                                         [&](const CallbackFinding&) {
                                           ++answers;
                                           requests.clear();
                                         }));
  }
  Until([&answers] { return answers > 0; });
  Turn(20ms);
  EXPECT_EQ(answers, 1);
}

TEST_F(GivingUpTest, DoneMayAskAgain) {
  std::vector<std::unique_ptr<CallbackVerifier::Request>> requests;
  std::vector<std::string> texts;
  const auto again = [&](const CallbackFinding& first) {
    texts.push_back(Text(first));
    requests.push_back(
        verifier().Verify(Sender("user@example.com"), loop_.Now() + 2s,
                          [&](const CallbackFinding& second) { texts.push_back(Text(second)); }));
  };
  requests.push_back(verifier().Verify(Sender("user@example.com"), loop_.Now() + 2s, again));
  Until([&texts] { return texts.size() == 2; });
  EXPECT_THAT(texts, ::testing::ElementsAre("pass/accepted, called", "pass/accepted, remembered"));
}

TEST_F(GivingUpTest, ARequestMayOutliveItsVerifier) {
  auto process = NewVerifier();
  const auto waiting = Ask(*process, Sender("held@example.com"), 50ms);
  process.reset();
  Turn(80ms);
  EXPECT_FALSE(waiting->finding);
  waiting->request.reset();
}

}  // namespace
}  // namespace helovet
