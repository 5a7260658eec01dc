// What a message's verdict makes of MAIL FROM, RCPT TO, DATA, and of the log.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "filter_fixture.h"

namespace helovet {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using testing::Transaction;
using testing::WithName;

TEST_F(Transaction, JudgesEachSender) {
  Greet(Action::kTag);
  engine_.SetAction("spam@bad.example", Action::kReject);
  EXPECT_EQ(Say1("mail-from", "joe@example.org"), "1:2 proceed");
  EXPECT_THAT(Say1("mail-from", "spam@bad.example"), StartsWith("1:2 reject 550 5.7.1 "));
  EXPECT_EQ(Say1("mail-from", ""), "1:2 proceed");
  EXPECT_EQ(engine_.started(), 1u);
}

TEST_F(Transaction, AnswersMailFromOnlyWhenBothVerdictsAreThere) {
  Ready();
  Connect("1");
  Ask("ehlo", "1", "1", "mail.example.com");
  Ask("mail-from", "1", "2", "joe@example.org");
  EXPECT_THAT(Take(), ElementsAre("1:1 proceed"));
  engine_.FinishOldest(Action::kTag);
  EXPECT_EQ(output_.queued(), "");
  ASSERT_EQ(engine_.waiting(), 1u);
  EXPECT_EQ(engine_.oldest().mail_from, "joe@example.org");
  EXPECT_THAT(Take(), ElementsAre("1:2 proceed"));
}

TEST_F(Transaction, ForgetsASenderThatWaitsWhenTheClientLeaves) {
  Greet(Action::kTag);
  Ask("mail-from", "1", "2", "joe@example.org");
  EXPECT_EQ(engine_.waiting(), 1u);
  Say("report|0.6|1.0|smtp-in|link-disconnect|1");
  EXPECT_EQ(engine_.waiting(), 0u);
  EXPECT_THAT(Take(), ElementsAre("1:2 proceed"));
}

// One line a session, and another where a message's verdict is none that it had before.
TEST_F(Transaction, LogsAndCountsEachVerdictOnce) {
  Greet(Action::kTag);
  engine_.SetAction("spam@bad.example", Action::kReject);
  for (const char* sender : {"joe@example.org", "jim@example.org", "spam@bad.example",
                             "spam@bad.example", "joe@example.org"}) {
    Say1("mail-from", sender);
  }
  EXPECT_THAT(logged_, ElementsAre(StartsWith("helovet: session=0000000000000001 action=tag "),
                                   StartsWith("helovet: session=0000000000000001 action=reject ")));
  EXPECT_THAT(metrics_.ToPrometheus(), HasSubstr("action=\"reject\"} 1\n"));
}

TEST_F(Transaction, LogsNothingOfASessionWithoutMail) {
  Greet(Action::kReject);
  Say("report|0.6|1.0|smtp-in|link-disconnect|1");
  EXPECT_THAT(logged_, IsEmpty());
}

TEST_F(Transaction, TellsOfListsThatCannotBeRead) {
  Ready();
  engine_.complaints = {{"/etc/helovet/deny", 7, 0, "not an \x1b entry"}};
  Greet(Action::kTag);
  EXPECT_THAT(logged_, ElementsAre("helovet: /etc/helovet/deny:7: not an \\x1b entry\n"));
}

// smtpd lets no client come so far, but it must get its answer.
TEST_F(Transaction, AnswersRecipientsThatComeTooEarly) {
  Ready();
  Connect("1");
  EXPECT_EQ(Say1("rcpt-to", "a@x.example"), "1:2 proceed");
  Ask("ehlo", "1", "1", "mail.example.com");
  EXPECT_EQ(Say1("data"), "2 answers");
  Ask("mail-from", "1", "3", "joe@example.org");
  Ask("rcpt-to", "1", "4", "a@x.example");
  EXPECT_THAT(Take(), IsEmpty());
  engine_.FinishOldest(Action::kTag);
  EXPECT_THAT(Take(), ElementsAre("1:3 proceed", "1:4 proceed"));
}

TEST_F(Transaction, AsksForNoMoreThanItNeeds) {
  Ready();
  EXPECT_THAT(checker_.registrations(), Not(Contains("filter|smtp-in|rcpt-to")));
  EXPECT_THAT(checker_.registrations(), Not(Contains("filter|smtp-in|data")));
}

Config RejectingAtRcptTo() {
  Config config = WithName();
  config.profile = Profile::kStandard;
  config.opensmtpd.reject_at = Config::RejectAt::kRcptTo;
  return config;
}

class AtRcptTo : public Transaction {
 protected:
  AtRcptTo() : Transaction(RejectingAtRcptTo()) {}
};

TEST_F(AtRcptTo, RefusesEachRecipientAndNotMailFrom) {
  Greet(Action::kReject);
  EXPECT_THAT(checker_.registrations(), Contains("filter|smtp-in|rcpt-to"));
  EXPECT_EQ(Say1("mail-from", "joe@example.org"), "1:2 proceed");
  EXPECT_THAT(logged_, IsEmpty());
  for (const char* recipient : {"a@x.example", "b@x.example", "", "@", "odd"}) {
    EXPECT_THAT(Say1("rcpt-to", recipient), StartsWith("1:2 reject 550 5.7.1 ")) << recipient;
  }
  EXPECT_THAT(logged_, ElementsAre(HasSubstr(" action=reject ")));
}

TEST_F(AtRcptTo, LetsRecipientsPass) {
  Greet(Action::kTag);
  EXPECT_EQ(Say1("mail-from", "joe@example.org"), "1:2 proceed");
  EXPECT_EQ(Say1("rcpt-to", "a@x.example"), "1:2 proceed");
  Ask("data-line", "1", "3", "Received: x");
  EXPECT_THAT(Take()[0], StartsWith("1:3 data Authentication-Results: mx.example;"));
}

TEST_F(AtRcptTo, LetsAuthenticatedClientsPass) {
  Greet(Action::kReject);
  EXPECT_EQ(Say1("mail-from", "joe@example.org"), "1:2 proceed");
  Say("report|0.7|1.0|smtp-in|link-auth|1|pass|joe");
  EXPECT_EQ(Say1("rcpt-to", "a@x.example"), "1:2 proceed");
}

// docs/rules.md §10: recipients with a profile of their own.
struct AlternateCase {
  Profile base;
  Profile alternate;
  Config::RejectAt at;
  Action action;  // What standard makes of the results; kDefer: what strict does.
  // Answers to MAIL FROM, to a recipient of the domains, and to another one.
  std::string mail;
  std::string theirs = "-";
  std::string others = "-";
};

TEST(AlternateDomains, AreJudgedWhereTheDifferenceShows) {
  constexpr auto kMail = Config::RejectAt::kMailFrom;
  constexpr auto kRcpt = Config::RejectAt::kRcptTo;
  constexpr auto kObserve = Profile::kObserve;
  constexpr auto kStandard = Profile::kStandard;
  constexpr auto kStrict = Profile::kStrict;
  const std::vector<AlternateCase> cases = {
      // The alternate server of BCP: stricter for those who want it.
      {kObserve, kStrict, kMail, Action::kTag, "ok", "550", "ok"},
      {kStandard, kStrict, kMail, Action::kTag, "ok", "550", "ok"},
      {kStandard, kStrict, kMail, Action::kDefer, "ok", "451", "ok"},
      {kStandard, kStrict, kMail, Action::kReject, "550"},
      {kStandard, kStrict, kRcpt, Action::kReject, "ok", "550", "550"},
      // Milder: nobody can be refused before the recipient is known.
      {kStrict, kObserve, kMail, Action::kTag, "ok", "ok", "550"},
      {kStrict, kObserve, kMail, Action::kReject, "ok", "ok", "550"},
      {kStrict, kObserve, kMail, Action::kDefer, "ok", "ok", "451"},
      {kStrict, kStandard, kMail, Action::kTag, "ok", "ok", "550"},
      {kStrict, kStandard, kMail, Action::kReject, "550"},
      {kStrict, kStrict, kMail, Action::kDefer, "451"},
      {kObserve, kObserve, kMail, Action::kReject, "ok", "ok", "ok"},
  };
  for (const AlternateCase& c : cases) {
    Config config = WithName();
    config.profile = c.base;
    config.alternate = {.domains = {"strict.example", ".strict.example"}, .profile = c.alternate};
    config.opensmtpd.reject_at = c.at;
    struct Session : Transaction {
      explicit Session(const Config& config) : Transaction(config) { engine_.JudgeBy(config); }
      void TestBody() override {}
      std::string Code(const std::string& phase, const std::string& argument) {
        const std::string answer = Say1(phase, argument);
        return answer == "1:2 proceed" ? "ok" : answer.substr(std::string("1:2 reject ").size(), 3);
      }
      void Run(const AlternateCase& c) {
        Greet(c.action);
        EXPECT_THAT(checker_.registrations(), Contains("filter|smtp-in|rcpt-to"));
        EXPECT_EQ(Code("mail-from", "joe@example.org"), c.mail);
        if (c.theirs == "-") return;
        EXPECT_EQ(Code("rcpt-to", "a@strict.example"), c.theirs);
        EXPECT_EQ(Code("rcpt-to", "b@SUB.Strict.Example"), c.theirs);
        EXPECT_EQ(Code("rcpt-to", "a@open.example"), c.others);
        EXPECT_EQ(Code("rcpt-to", "a@notstrict.example"), c.others);
        EXPECT_EQ(Code("rcpt-to", "postmaster"), c.others);
      }
    } session(config);
    SCOPED_TRACE(std::string(ToString(c.base)) + " beside " + std::string(ToString(c.alternate)) +
                 ", " + std::string(ToString(c.action)));
    session.Run(c);
  }
}

}  // namespace
}  // namespace helovet
