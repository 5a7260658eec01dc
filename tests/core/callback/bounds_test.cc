// How many calls are made, and when none is (docs/rules.md §12.1, §12.4).
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
using testing::Address;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::MemoryStore;
using ::testing::Not;
using testing::Sender;
using ::testing::SizeIs;
using testing::Text;

class BoundsTest : public testing::CallbackTest {};

TEST_F(BoundsTest, ASenderWithoutADomainIsNoSender) {
  for (const SenderIdentity::Kind kind :
       {SenderIdentity::Kind::kNotSent, SenderIdentity::Kind::kNull,
        SenderIdentity::Kind::kNoDomain}) {
    SenderIdentity sender;
    sender.kind = kind;
    const auto asked = Ask(verifier(), sender);
    EXPECT_FALSE(asked->finding) << "never from inside Verify";
    Until([&asked] { return asked->finding.has_value(); });
    EXPECT_EQ(Text(*asked->finding), "none/no-sender");
  }
  EXPECT_THAT(store_.log(), IsEmpty());
}

TEST_F(BoundsTest, WithoutAStoreNothingIsCalled) {
  CallbackVerifier storeless(loop_, dns_, config_, nullptr, calls_.Function());
  const auto asked = Ask(storeless, Sender("user@example.com"));
  EXPECT_FALSE(asked->finding);
  Until([&asked] { return asked->finding.has_value(); });
  EXPECT_EQ(Text(*asked->finding), "skipped/no-store");
  EXPECT_EQ(calls_.size(), 0U);
}

TEST_F(BoundsTest, ACallKnowsItsSettings) {
  config_.cbv.helo_name = "callback.example.net";
  config_.cbv.port = 2525;
  config_.cbv.hosts = 2;
  config_.cbv.noop = true;
  config_.our_addresses = {Address("192.0.2.1")};
  config_.cbv.allow_networks = {*IpNetwork::Parse("127.0.0.0/8")};
  calls_.Script("User@Example.com", Accepted());
  Find("User@Example.com");
  const CallOptions& options = calls_[0].options;
  EXPECT_EQ(calls_[0].mailbox, "User@Example.com") << "as it was sent";
  EXPECT_EQ(options.helo_name, "callback.example.net");
  EXPECT_EQ(options.port, 2525);
  EXPECT_EQ(options.hosts, 2);
  EXPECT_TRUE(options.noop);
  EXPECT_FALSE(options.catch_all);
  EXPECT_THAT(options.own_addresses, ElementsAre(Address("192.0.2.1")));
  EXPECT_THAT(options.allow_networks, SizeIs(1));

  config_.cbv.helo_name.clear();
  Find("user@example.org");
  EXPECT_EQ(calls_[1].options.helo_name, "mx.example.net");
}

// Calls to more domains at once than `concurrent`, to one domain, and to one within the interval.
TEST_F(BoundsTest, MoreAtOnceThanAllMayBeIsOverBudget) {
  config_.cbv.concurrent = 3;
  std::vector<std::shared_ptr<Asked>> asked;
  for (int i = 0; i < 5; ++i) asked.push_back(Ask("user@d" + std::to_string(i) + ".example"));
  Turn(10ms);
  EXPECT_EQ(calls_.open(), 3U);
  for (const int refused : {3, 4}) {
    ASSERT_TRUE(asked[refused]->finding);
    EXPECT_EQ(Text(*asked[refused]->finding), "skipped/over-budget");
    ASSERT_THAT(asked[refused]->finding->result.evidence, SizeIs(1));
    EXPECT_EQ(asked[refused]->finding->result.evidence[0].owner, "cbv calls");
    EXPECT_EQ(asked[refused]->finding->result.evidence[0].text, "no more than 3 at once");
  }
  EXPECT_THAT(LiveLeases(), Not(Contains("cbv call user@d4.example"))) << "released";
  calls_.Answer(0, Accepted());
  Turn(10ms);
  calls_.Script("user@d4.example", Accepted());
  EXPECT_EQ(Text(Find("user@d4.example")), "pass/accepted, called") << "not remembered";
}

TEST_F(BoundsTest, MoreAtOnceThanADomainMayHaveIsOverBudget) {
  config_.cbv.concurrent_per_domain = 2;
  std::vector<std::shared_ptr<Asked>> asked;
  for (int i = 0; i < 4; ++i) asked.push_back(Ask("user" + std::to_string(i) + "@example.com"));
  const auto other = Ask("user@other.example");
  Turn(10ms);
  EXPECT_EQ(calls_.open(), 3U) << "two, and the other domain's";
  EXPECT_EQ(Text(asked[3]->finding.value_or(CallbackFinding())), "skipped/over-budget");
  // What a refused one had acquired already is free again.
  EXPECT_THAT(LiveLeases(), ElementsAre("cbv call user0@example.com", "cbv call user1@example.com",
                                        "cbv call user@other.example", "cbv calls", "cbv calls",
                                        "cbv calls", "cbv calls example.com",
                                        "cbv calls example.com", "cbv calls other.example"));
}

TEST_F(BoundsTest, ADomainIsCalledSoOftenInItsInterval) {
  config_.cbv.per_domain = 3;
  for (int i = 0; i < 5; ++i) {
    const std::string mailbox = "user" + std::to_string(i) + "@example.com";
    calls_.Script(mailbox, Accepted());
    EXPECT_EQ(Text(Find(mailbox)), i < 3 ? "pass/accepted, called" : "skipped/over-budget");
  }
  EXPECT_THAT(LiveLeases(), IsEmpty());
  calls_.Script("user@other.example", Accepted());
  EXPECT_EQ(Text(Find("user@other.example")), "pass/accepted, called");
  store_.Advance(config_.cbv.per_domain_interval);
  EXPECT_EQ(Text(Find("user4@example.com")), "pass/accepted, called");
}

// Domains without number that lead to one server are one server to it.
TEST_F(BoundsTest, AServerIsCalledNoMoreForHavingManyNames) {
  config_.cbv.per_domain = 3;
  calls_.hosts = {Address("203.0.113.25")};
  for (int i = 0; i < 5; ++i) {
    const std::string mailbox = "user@r" + std::to_string(i) + ".attack.example";
    calls_.Script(mailbox, Accepted());
    EXPECT_EQ(Text(Find(mailbox)), i < 3 ? "pass/accepted, called" : "skipped/over-budget, called");
  }
  EXPECT_FALSE(store_.LeftOf("cbv outcome user@r4.attack.example"));
  EXPECT_THAT(LiveLeases(), IsEmpty());
  calls_.hosts = {Address("203.0.113.26")};
  calls_.Script("user@r4.attack.example", Accepted());
  EXPECT_EQ(Text(Find("user@r4.attack.example")), "pass/accepted, called");
}

// docs/rules.md §12.5: whoever has one address of IPv6 has its /64; addresses that stand for those
// of IPv4 are what they stand for.
TEST_F(BoundsTest, AServerIsCalledNoMoreForHavingManyAddresses) {
  config_.cbv.per_domain = 3;
  const auto find = [this](const std::string& host, int number) {
    calls_.hosts = {Address(host)};
    const std::string mailbox = "user@r" + std::to_string(number) + ".attack.example";
    calls_.Script(mailbox, Accepted());
    return Text(Find(mailbox));
  };
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(find("2001:db8:0:1::" + std::to_string(i), i),
              i < 3 ? "pass/accepted, called" : "skipped/over-budget, called");
  }
  EXPECT_EQ(find("2001:db8:0:2::1", 5), "pass/accepted, called") << "another network";
  for (int i = 10; i < 15; ++i) {
    EXPECT_EQ(find("64:ff9b::203.0.113." + std::to_string(i), i), "pass/accepted, called") << i;
  }
}

TEST_F(BoundsTest, AServerHasSoManyCallsAtOnce) {
  config_.cbv.concurrent_per_domain = 2;
  calls_.hosts = {Address("2001:db8::25")};
  std::vector<std::shared_ptr<Asked>> asked;
  for (int i = 0; i < 4; ++i) asked.push_back(Ask("user@r" + std::to_string(i) + ".example"));
  Turn(10ms);
  EXPECT_EQ(calls_.open(), 2U);
  EXPECT_EQ(Text(asked[2]->finding.value_or(CallbackFinding())), "skipped/over-budget, called");
}

// The store fails at each operation of a request in turn: until a call is made it is
// skipped/no-store; after it, the result is given although it cannot be remembered.
TEST_F(BoundsTest, AFailingStoreStopsCallsAndNoResult) {
  calls_.hosts = {Address("203.0.113.25")};
  calls_.Script("user@example.com", Accepted());
  Find("user@example.com");
  const std::vector<std::string> operations = store_.TakeLog();
  EXPECT_THAT(operations,
              ElementsAre("find cbv address user@example.com", "find cbv domain example.com",
                          "acquire cbv call user@example.com", "find cbv outcome user@example.com",
                          "acquire cbv calls", "acquire cbv calls example.com",
                          "acquire cbv rate example.com", "acquire cbv host calls 203.0.113.25",
                          "acquire cbv host rate 203.0.113.25", "put cbv address user@example.com",
                          "put cbv domain example.com", "put cbv outcome user@example.com",
                          "release cbv host calls 203.0.113.25", "release cbv calls example.com",
                          "release cbv calls", "release cbv call user@example.com"));
  for (const MemoryStore::Failure failure :
       {MemoryStore::Failure::kNothingDone, MemoryStore::Failure::kDone}) {
    for (std::size_t number = 1; number <= operations.size(); ++number) {
      SCOPED_TRACE(operations[number - 1]);
      store_.Advance(24h * 366);
      store_.FailOperation(number, failure);
      const bool before = !operations[number - 1].starts_with("put") &&
                          !operations[number - 1].starts_with("release");
      const CallbackFinding finding = Find("user@example.com");
      EXPECT_EQ(finding.result.reason, before ? Reason::kNoStore : Reason::kAccepted);
      if (before) {
        EXPECT_EQ(finding.result.result, Result::kSkipped);
        ASSERT_THAT(finding.result.evidence, SizeIs(1));
        EXPECT_EQ(finding.result.evidence[0].text, "store: made to fail");
      }
    }
  }
  EXPECT_EQ(calls_.open(), 0U);
}

TEST_F(BoundsTest, AStoreThatFailsForGoodIsAskedOnceARequest) {
  store_.FailFrom(1);
  EXPECT_EQ(Text(Find("user@example.com")), "skipped/no-store");
  EXPECT_THAT(store_.log(), SizeIs(1));
}

// A slow store counts against the deadline like everything else.
TEST_F(BoundsTest, ASlowStoreEndsAtTheDeadline) {
  store_.set_delay(100ms);
  const Loop::TimePoint begin = loop_.Now();
  const auto asked = Ask("user@example.com", 250ms);
  Until([&asked] { return asked->finding.has_value(); });
  EXPECT_EQ(Text(*asked->finding), "temperror/timeout");
  EXPECT_GE(asked->at - begin, 250ms);
  EXPECT_LT(asked->at - begin, 350ms);
  Until([this] { return LiveLeases().empty(); });
  EXPECT_EQ(calls_.size(), 0U);
}

// The call's outcome is there, what follows is slow: at the deadline it is told nevertheless.
TEST_F(BoundsTest, AnOutcomeIsNotLostToASlowStore) {
  const auto asked = Ask("user@example.com", 300ms);
  Turn(50ms);
  store_.set_delay(150ms);
  calls_.Answer(0, Accepted());
  Until([&asked] { return asked->finding.has_value(); });
  EXPECT_EQ(Text(*asked->finding), "pass/accepted, called");
  Until([this] { return LiveLeases().empty(); });
  EXPECT_TRUE(store_.LeftOf("cbv address user@example.com")) << "remembered all the same";
}

TEST_F(BoundsTest, ACallEndsByItsTimeoutOrBeforeTheDeadline) {
  const Loop::TimePoint begin = loop_.Now();
  const auto long_one = Ask("user@a.example", 5000ms);
  const auto short_one = Ask("user@b.example", 500ms);
  EXPECT_GE(calls_[0].deadline - begin, 1000ms) << "cbv.timeout";
  EXPECT_LT(calls_[0].deadline - begin, 1100ms);
  EXPECT_LT(calls_[1].deadline - begin, 500ms) << "with time to write down what it found";
  EXPECT_GE(calls_[1].deadline - begin, 400ms);
}

TEST_F(BoundsTest, ADeadlineThatHasPassedCallsNobody) {
  const auto asked = Ask("user@example.com", -1ms);
  EXPECT_FALSE(asked->finding);
  Until([&asked] { return asked->finding.has_value(); });
  EXPECT_EQ(Text(*asked->finding), "temperror/timeout");
  EXPECT_EQ(calls_.size(), 0U);
  EXPECT_THAT(LiveLeases(), IsEmpty());
}

}  // namespace
}  // namespace helovet
