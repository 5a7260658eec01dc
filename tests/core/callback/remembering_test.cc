// What is remembered of senders and their domains (docs/rules.md §12.6).
#include <chrono>
#include <string>
#include <vector>

#include "callback_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace helovet {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using testing::Accepted;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Outcome;
using testing::RefusedRcpt;
using ::testing::SizeIs;
using ::testing::StartsWith;
using testing::Tempfail;
using testing::Text;

class RememberingTest : public testing::CallbackTest {};

struct LifetimeCase {
  std::string name;
  CallOutcome outcome;
  std::string want;
  std::chrono::milliseconds lifetime{0};  // 0: not remembered.
  bool of_domain = false;                 // Holds for other mailboxes of the domain as well.
};

TEST_F(RememberingTest, EachFindingHasItsLifetime) {
  int number = 0;
  for (const LifetimeCase& given : std::vector<LifetimeCase>{
           {"accepted", Accepted(), "pass/accepted", 24h, false},
           {"refused", RefusedRcpt(), "fail/refused-rcpt", 2h, false},
           {"null sender refused",
            Outcome(Result::kFail, Reason::kRefusedMailFrom, "550 no", {false, {}, true}),
            "fail/refused-mail-from", 3h, true},
           {"catch-all", Outcome(Result::kNeutral, Reason::kCatchAll, "250", {true, true, true}),
            "neutral/catch-all", 3h, true},
           {"unreachable", Outcome(Result::kTemperror, Reason::kConnect, "", {{}, {}, false}),
            "temperror/connect", 3h, true},
           {"no-mx", Outcome(Result::kFail, Reason::kNoMx), "fail/no-mx", 3h, true},
           {"bad-domain", Outcome(Result::kFail, Reason::kBadDomain), "fail/bad-domain", 3h, true},
           {"greylisted", Tempfail(), "temperror/tempfail", 0h, false},
           {"dns", Outcome(Result::kTemperror, Reason::kDns), "temperror/dns", 0h, false},
           {"own network", Outcome(Result::kTemperror, Reason::kConnect), "temperror/connect", 0h,
            false},
           {"not callable", Outcome(Result::kNeutral, Reason::kNotCallable), "neutral/not-callable",
            0h, false},
       }) {
    SCOPED_TRACE(given.name);
    const std::string domain = "d" + std::to_string(++number) + ".example";
    const std::string mailbox = "user@" + domain;
    calls_.Script(mailbox, given.outcome);
    calls_.Script("other@" + domain, Accepted());
    EXPECT_EQ(Text(Find(mailbox)), given.want + ", called");
    if (given.lifetime == 0ms) {
      Turn(5ms);
      EXPECT_EQ(Text(Find(mailbox)), given.want + ", called") << "the second time";
      continue;
    }
    store_.Advance(given.lifetime - 1min);
    EXPECT_EQ(Text(Find(mailbox)), given.want + ", remembered") << "a minute before its end";
    EXPECT_EQ(Text(Find("other@" + domain)),
              given.of_domain ? given.want + ", remembered" : "pass/accepted, called");
    store_.Advance(1min);
    EXPECT_EQ(Text(Find(mailbox)), given.want + ", called") << "after its end";
  }
}

TEST_F(RememberingTest, LifetimesAreSettings) {
  config_.cbv.address_success = 5s;
  config_.cbv.domain_success = 0s;
  calls_.Script("user@example.com", Accepted());
  Find("user@example.com");
  EXPECT_THAT(store_.facts(), ElementsAre("cbv address user@example.com = accepted 250 2.1.5 Ok",
                                          StartsWith("cbv outcome user@example.com = ")))
      << "0: not remembered";
  const std::chrono::milliseconds left =
      store_.LeftOf("cbv address user@example.com").value_or(0ms);
  EXPECT_GT(left, 4s);
  EXPECT_LE(left, 5s);
}

TEST_F(RememberingTest, EvidenceTellsTheFactAndWhatIsLeftOfIt) {
  store_.Set("cbv address user@example.com", "refused-rcpt 550 5.1.1 No such user", 100s);
  const CallbackFinding finding = Find("user@example.com");
  EXPECT_EQ(Text(finding), "fail/refused-rcpt, remembered");
  ASSERT_THAT(finding.result.evidence, SizeIs(1));
  const Evidence& evidence = finding.result.evidence.front();
  EXPECT_EQ(evidence.owner, "cbv address user@example.com");
  EXPECT_EQ(evidence.text, "refused-rcpt 550 5.1.1 No such user");
  EXPECT_GE(evidence.ttl, 98U);
  EXPECT_LE(evidence.ttl, 100U);
  EXPECT_EQ(finding.result.identity, Identity::kMailFrom);
}

TEST_F(RememberingTest, AnAddressIsLookedAtBeforeItsDomain) {
  store_.Set("cbv address user@example.com", "accepted", 1h);
  store_.Set("cbv domain example.com", "unreachable", 1h);
  EXPECT_EQ(Text(Find("user@example.com")), "pass/accepted, remembered");
  EXPECT_EQ(Text(Find("other@example.com")), "temperror/connect, remembered");
  EXPECT_EQ(calls_.size(), 0U);
}

TEST_F(RememberingTest, ValuesOfAnotherVersionAreNoFacts) {
  store_.Set("cbv address user@example.com", "exalted", 1h);
  store_.Set("cbv domain example.com", "\"haunted\"", 1h);
  calls_.Script("user@example.com", RefusedRcpt());
  EXPECT_EQ(Text(Find("user@example.com")), "fail/refused-rcpt, called");
}

// §12.6: a failure never overwrites a success that lives. The success comes from another process
// while this one's call is under way.
TEST_F(RememberingTest, AFailureNeverOverwritesALivingSuccess) {
  const auto asked = Ask("user@example.com");
  ASSERT_EQ(calls_.size(), 1U);
  store_.Set("cbv address user@example.com", "accepted 250 there", 1h);
  store_.Set("cbv domain example.com", "takes-null-sender", 1h);
  CallOutcome refused = RefusedRcpt();
  refused.domain.reachable = false;
  calls_.Answer(0, refused);
  Until([&asked] { return asked->finding.has_value(); });
  EXPECT_EQ(Text(*asked->finding), "fail/refused-rcpt, called") << "it is told what was found";
  EXPECT_THAT(store_.facts(), Contains("cbv address user@example.com = accepted 250 there"));
  EXPECT_THAT(store_.facts(), Contains("cbv domain example.com = takes-null-sender"));
  EXPECT_EQ(Text(Find("user@example.com")), "pass/accepted, remembered");
}

TEST_F(RememberingTest, ASuccessOverwritesAFailure) {
  const auto asked = Ask("user@example.com");
  store_.Set("cbv address user@example.com", "refused-rcpt 550", 1h);
  store_.Set("cbv domain example.com", "unreachable", 1h);
  calls_.Answer(0, Accepted());
  Until([&asked] { return asked->finding.has_value(); });
  EXPECT_THAT(store_.facts(), Contains("cbv address user@example.com = accepted 250 2.1.5 Ok"));
  EXPECT_THAT(store_.facts(), Contains("cbv domain example.com = takes-null-sender"));
}

TEST_F(RememberingTest, NoProbeWhileADomainIsKnownToBeNoCatchAll) {
  config_.cbv.catch_all = true;
  CallOutcome proven = Accepted();
  proven.domain.catch_all = false;
  for (const std::string local : {"a", "b", "c"}) calls_.Script(local + "@example.com", proven);
  Find("a@example.com");
  EXPECT_TRUE(calls_[0].options.catch_all);
  EXPECT_THAT(store_.facts(), Contains("cbv domain example.com = takes-null-sender no-catch-all"));
  store_.Advance(24h * 7 - 1min);
  Find("b@example.com");
  EXPECT_FALSE(calls_[1].options.catch_all);
  EXPECT_LE(store_.LeftOf("cbv domain example.com").value_or(1h), 1min) << "proves nothing new";
  store_.Advance(1min);
  Find("c@example.com");
  EXPECT_TRUE(calls_[2].options.catch_all);
}

TEST_F(RememberingTest, ARandomLocalPartIsAnAtomOfItsOwn) {
  config_.cbv.catch_all = true;
  for (const std::string mailbox : {"a@x.example", "b@y.example"}) {
    calls_.Script(mailbox, Accepted());
    Find(mailbox);
  }
  const std::string first = calls_[0].options.random_local_part;
  EXPECT_THAT(first, ::testing::MatchesRegex("[a-z]+"));
  EXPECT_EQ(first.size(), 24U);
  EXPECT_NE(first, calls_[1].options.random_local_part);
}

TEST_F(RememberingTest, AMailboxTooLongForAKeyIsCalledAndForgotten) {
  const std::string mailbox = std::string(400, 'x') + "@" + std::string(60, 'd') + ".example";
  calls_.Script(mailbox, RefusedRcpt());
  EXPECT_EQ(Text(Find(mailbox)), "fail/refused-rcpt, called");
  EXPECT_EQ(Text(Find(mailbox)), "fail/refused-rcpt, called");
  EXPECT_THAT(store_.facts(), ElementsAre(StartsWith("cbv domain ")));
  EXPECT_THAT(LiveLeases(), IsEmpty());
}

}  // namespace
}  // namespace helovet
