#include "filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "filter_fixture.h"

namespace helovet {
namespace {

using ::testing::ElementsAre;
using testing::FilterTest;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST_F(FilterTest, SaysNothingBeforeItMay) {
  Say("config|smtpd-version|6.8.0p2");
  Connect("1");
  Ask("helo", "1", "2", "mail.example.com");
  Ask("data-line", "1", "2", "x");
  EXPECT_EQ(output_.queued(), "");
  EXPECT_EQ(logged_.size(), 2u);
  Say("config|ready");
  EXPECT_THAT(std::string(output_.queued()), StartsWith("register|"));
  Take();
  Say("config|ready");
  EXPECT_THAT(Take(), IsEmpty());
}

TEST_F(FilterTest, AnswersHeloAtOnceAndMailWhenTheVerdictIsThere) {
  Ready();
  Connect("1");
  Ask("ehlo", "1", "2", "mail.example.com");
  EXPECT_THAT(Take(), ElementsAre("1:2 proceed"));
  ASSERT_EQ(engine_.waiting(), 1u);
  EXPECT_EQ(engine_.oldest().helo, "mail.example.com");
  EXPECT_EQ(engine_.oldest().client.ToString(), "192.0.2.1");
  EXPECT_FALSE(engine_.oldest().authenticated);
  Ask("mail-from", "1", "3", "joe@example.org");
  EXPECT_THAT(Take(), IsEmpty());
  engine_.FinishOldest(Action::kReject);
  EXPECT_THAT(Take(), ElementsAre(AllOf(StartsWith("1:3 reject 550 5.7.1 "), HasSubstr("192.0.2.1"),
                                        HasSubstr("mail.example.com"),
                                        HasSubstr("csa fail address-mismatch"))));
  Ask("mail-from", "1", "3", "joe@example.org");
  EXPECT_THAT(Take(), ElementsAre(StartsWith("1:3 reject 550 5.7.1 ")));
  EXPECT_EQ(engine_.started(), 1u);
  ASSERT_EQ(logged_.size(), 1u);
  EXPECT_THAT(logged_[0], StartsWith("helovet: session=0000000000000001 action=reject trust=low"));
}

struct ActionCase {
  Action action;
  std::string want;
};

TEST_F(FilterTest, TurnsActionsIntoAnswers) {
  Ready();
  int session = 1;
  for (const ActionCase& c :
       {ActionCase{Action::kAccept, "proceed"}, ActionCase{Action::kTag, "proceed"},
        ActionCase{Action::kDefer, "reject 451 4.7.1 "},
        ActionCase{Action::kReject, "reject 550 5.7.1 "}}) {
    const std::string id = std::to_string(session);
    Connect(id);
    Ask("helo", id, "2", "mail.example.com");
    engine_.FinishOldest(c.action);
    Ask("mail-from", id, "3", "");
    EXPECT_THAT(Take(), ElementsAre(id + ":2 proceed", StartsWith(id + ":3 " + c.want)));
    ++session;
  }
}

TEST_F(FilterTest, StartsAgainAtEveryHelo) {
  Ready();
  Connect("1");
  Ask("ehlo", "1", "2", "first.example");
  Ask("ehlo", "1", "2", "second.example");
  EXPECT_EQ(engine_.started(), 2u);
  ASSERT_EQ(engine_.waiting(), 1u);
  EXPECT_EQ(engine_.oldest().helo, "second.example");
  engine_.FinishOldest(Action::kReject);
  Ask("ehlo", "1", "2", "third.example");
  Ask("mail-from", "1", "3", "");
  EXPECT_THAT(Take(), ElementsAre("1:2 proceed", "1:2 proceed", "1:2 proceed"));
  Ask("ehlo", "1", "2", "fourth.example");
  EXPECT_THAT(Take(), ElementsAre("1:2 proceed"));
  engine_.FinishOldest(Action::kTag);
  EXPECT_THAT(Take(), ElementsAre("1:3 proceed"));
}

TEST_F(FilterTest, LetsAuthenticatedClientsThrough) {
  for (const std::string auth : {"report|0.6|1.0|smtp-in|link-auth|1|joe|pass",
                                 "report|0.7|1.0|smtp-in|link-auth|1|pass|joe|x"}) {
    SCOPED_TRACE(auth);
    if (!checker_.registered()) Ready();
    Connect("1");
    Ask("ehlo", "1", "2", "laptop");
    engine_.FinishOldest(Action::kReject);
    Say("report|0.7|1.0|smtp-in|link-auth|1|fail|joe");
    Ask("mail-from", "1", "3", "");
    EXPECT_THAT(Take(), ElementsAre("1:2 proceed", StartsWith("1:3 reject")));
    Say(auth);
    Ask("mail-from", "1", "3", "");
    Ask("data-line", "1", "4", "Received: x");
    Ask("ehlo", "1", "2", "laptop");
    EXPECT_THAT(Take(), ElementsAre("1:3 proceed", "1:4 data Received: x", "1:2 proceed"));
    EXPECT_EQ(engine_.waiting(), 0u);
    Say("report|0.6|1.0|smtp-in|link-disconnect|1");
  }
}

TEST_F(FilterTest, AnswersParkedRequestsWhenTheClientAuthenticates) {
  Ready();
  Connect("1");
  Ask("ehlo", "1", "2", "laptop");
  Ask("mail-from", "1", "3", "");
  Take();
  Say("report|0.7|1.0|smtp-in|link-auth|1|pass|joe");
  EXPECT_THAT(Take(), ElementsAre("1:3 proceed"));
  EXPECT_EQ(engine_.waiting(), 0u);
}

TEST_F(FilterTest, ForgetsSessionsThatEnd) {
  Ready();
  for (int i = 0; i < 1000; ++i) {
    Connect("1");
    Ask("ehlo", "1", "2", "mail.example.com");
    Ask("mail-from", "1", "3", "");
    EXPECT_EQ(filter_.session_count(), 1u);
    Say("report|0.6|1.0|smtp-in|link-disconnect|1");
    EXPECT_EQ(filter_.session_count(), 0u);
    EXPECT_EQ(engine_.waiting(), 0u);
    EXPECT_THAT(Take(), ElementsAre("1:2 proceed", "1:3 proceed"));
  }
  Say("report|0.6|1.0|smtp-in|link-disconnect|1");
  EXPECT_THAT(Take(), IsEmpty());
  EXPECT_THAT(logged_, IsEmpty());
}

// Should smtpd ever forget to tell the end of a session: whoever has its number next is somebody
// else, who has neither authenticated nor been let in.
TEST_F(FilterTest, TakesANumberThatComesAgainForAnotherSession) {
  Ready();
  Connect("1", "127.0.0.1:25");
  Ask("ehlo", "1", "2", "laptop");
  Say("report|0.7|1.0|smtp-in|link-auth|1|pass|joe");
  Connect("1", "192.0.2.7:25");
  Ask("ehlo", "1", "2", "mail.example.com");
  Ask("mail-from", "1", "3", "");
  Take();
  EXPECT_EQ(engine_.oldest().client.ToString(), "192.0.2.7");
  Connect("1", "192.0.2.8:25");
  EXPECT_THAT(Take(), ElementsAre("1:3 proceed"));
  EXPECT_EQ(engine_.waiting(), 0u);
  EXPECT_EQ(filter_.session_count(), 1u);
  EXPECT_THAT(logged_, ElementsAre(HasSubstr("connected twice"), HasSubstr("connected twice")));
}

TEST_F(FilterTest, KeepsSessionsWithTheSameTokenApart) {
  Ready();
  Connect("1");
  Connect("2", "192.0.2.2:4000");
  Ask("ehlo", "1", "9", "one.example");
  Ask("ehlo", "2", "9", "two.example");
  Ask("mail-from", "1", "9", "");
  Ask("mail-from", "2", "9", "");
  EXPECT_THAT(Take(), ElementsAre("1:9 proceed", "2:9 proceed"));
  engine_.FinishNewest(Action::kReject);
  EXPECT_THAT(Take(), ElementsAre(AllOf(StartsWith("2:9 reject"), HasSubstr("two.example"))));
  engine_.FinishOldest(Action::kTag);
  EXPECT_THAT(Take(), ElementsAre("1:9 proceed"));
}

TEST_F(FilterTest, LetsUnknownSessionsPass) {
  Ready();
  Ask("helo", "7", "1", "x");
  Ask("mail-from", "7", "2", "");
  Ask("data-line", "7", "3", "..x");
  Ask("data-line", "7", "3", ".");
  Ask("rcpt-to", "7", "4", "joe@example.com");
  EXPECT_THAT(Take(), ElementsAre("7:1 proceed", "7:2 proceed", "7:3 data ..x", "7:3 data .",
                                  "7:4 proceed"));
  EXPECT_EQ(engine_.started(), 0u);
  EXPECT_EQ(filter_.session_count(), 0u);
}

TEST_F(FilterTest, LetsLocalSubmissionsPass) {
  Ready();
  Connect("1", "unix:/var/run/smtpd.sock");
  Ask("ehlo", "1", "1", "localhost");
  Ask("mail-from", "1", "2", "root");
  Ask("data-line", "1", "3", "x");
  EXPECT_THAT(Take(), ElementsAre("1:1 proceed", "1:2 proceed", "1:3 data x"));
  EXPECT_EQ(engine_.started(), 0u);
}

TEST_F(FilterTest, JudgesASessionWithoutHelo) {
  Ready();
  Connect("1");
  Ask("mail-from", "1", "2", "");
  ASSERT_EQ(engine_.waiting(), 1u);
  EXPECT_EQ(engine_.oldest().helo, "");
  engine_.FinishOldest(Action::kReject);
  EXPECT_THAT(Take(), ElementsAre(StartsWith("1:2 reject 550")));
}

TEST_F(FilterTest, TakesAHeloWithBars) {
  Ready();
  Connect("1");
  Ask("ehlo", "1", "1", "a|b|reject|x");
  EXPECT_EQ(engine_.oldest().helo, "a|b|reject|x");
  engine_.FinishOldest(Action::kReject);
  Ask("mail-from", "1", "2", "");
  EXPECT_THAT(Take(), ElementsAre("1:1 proceed", StartsWith("1:2 reject 550 5.7.1 ")));
}

TEST_F(FilterTest, PutsTheHeaderOnTopOfEachMessage) {
  Ready();
  Connect("1");
  Ask("ehlo", "1", "1", "mail.example.com");
  engine_.FinishOldest(Action::kTag);
  Ask("mail-from", "1", "2", "");
  Take();
  for (int message = 0; message < 2; ++message) {
    for (const char* line :
         {"Received: from x", "\tby y", "", "Authentication-Results: body", "..", "", "."}) {
      Ask("data-line", "1", "3", line);
    }
    std::vector<std::string> got = Take();
    ASSERT_GT(got.size(), 7u);
    EXPECT_THAT(got[0], StartsWith("1:3 data Authentication-Results: mx.example;"));
    const std::vector<std::string> rest(got.end() - 7, got.end());
    EXPECT_THAT(rest, ElementsAre("1:3 data Received: from x", "1:3 data \tby y", "1:3 data ",
                                  "1:3 data Authentication-Results: body", "1:3 data ..",
                                  "1:3 data ", "1:3 data ."));
    for (std::size_t i = 1; i + 7 < got.size(); ++i) EXPECT_THAT(got[i], StartsWith("1:3 data "));
    Ask("mail-from", "1", "2", "");
    EXPECT_THAT(Take(), ElementsAre("1:2 proceed"));
  }
}

// Lines of bodies are told by the line before; that says nothing of another session's, nor of what
// follows the end of a message or of a session.
TEST_F(FilterTest, TellsMessagesOfSessionsApart) {
  Ready();
  Connect("1");
  Connect("2");
  Ask("ehlo", "1", "1", "mail.example.com");
  engine_.FinishOldest(Action::kTag);
  Ask("mail-from", "1", "2", "");
  Ask("data-line", "1", "3", "");
  Ask("data-line", "2", "3", "");
  Take();
  for (const char* text : {"x", "Authentication-Results: body", "y"}) {
    Ask("data-line", "1", "3", text);
    Ask("data-line", "1", "3", text);
    Ask("data-line", "2", "3", text);
    EXPECT_THAT(Take(),
                ElementsAre(std::string("1:3 data ") + text, std::string("1:3 data ") + text,
                            std::string("2:3 data ") + text));
  }
  Ask("data-line", "1", "3", ".");
  Ask("mail-from", "1", "2", "");
  Take();
  Ask("data-line", "2", "3", "z");
  Ask("data-line", "1", "3", "Received: x");
  std::vector<std::string> got = Take();
  EXPECT_EQ(got.front(), "2:3 data z");
  EXPECT_THAT(got[1], StartsWith("1:3 data Authentication-Results: mx.example;"));
  EXPECT_EQ(got.back(), "1:3 data Received: x");
  Say("report|0.6|1.0|smtp-in|link-disconnect|2");
  Ask("data-line", "2", "3", "late");
  EXPECT_THAT(Take(), ElementsAre("2:3 data late"));
}

// smtpd closes no message that it gave up; the next one begins with MAIL FROM.
TEST_F(FilterTest, BeginsAMessageAfterAnUnfinishedOne) {
  Ready();
  Connect("1");
  Ask("ehlo", "1", "1", "mail.example.com");
  engine_.FinishOldest(Action::kTag);
  Ask("mail-from", "1", "2", "");
  Ask("data-line", "1", "3", "Received: x");
  Ask("mail-from", "1", "2", "");
  Take();
  Ask("data-line", "1", "3", "Received: y");
  EXPECT_THAT(Take()[0], StartsWith("1:3 data Authentication-Results: "));
}

TEST_F(FilterTest, FoldsLongFieldsOnlyInTheHeader) {
  Ready();
  Connect("1");
  const std::string line(2500, 'x');
  Ask("data-line", "1", "3", line);
  Ask("data-line", "1", "3", "");
  Ask("data-line", "1", "3", line);
  EXPECT_THAT(
      Take(),
      ElementsAre("1:3 data " + line.substr(0, 1997), "1:3 data  " + line.substr(1997), "1:3 data ",
                  "1:3 data " + line.substr(0, 1997), "1:3 data " + line.substr(1997)));
}

TEST_F(FilterTest, ComplainsOfGarbageAndGoesOn) {
  Ready();
  Say("filter|0.6|1.0|smtp-in|helo|zzz|1|x");
  Say(std::string("\0\r\xff", 3));
  EXPECT_THAT(Take(), IsEmpty());
  EXPECT_THAT(logged_,
              ElementsAre(HasSubstr("request without a session"), HasSubstr("unknown kind")));
}

class WithoutHeader : public FilterTest {
 protected:
  WithoutHeader()
      : FilterTest([] {
          Config config;
          config.header = false;
          return config;
        }()) {}
};

TEST_F(WithoutHeader, AsksForNoMessageLines) {
  Ready();
  EXPECT_THAT(checker_.registrations(),
              ::testing::Not(::testing::Contains(HasSubstr("data-line"))));
}

class WithoutName : public FilterTest {
 protected:
  WithoutName() : FilterTest(Config()) {}
};

TEST_F(WithoutName, TakesTheNameThatSmtpdGives) {
  Say("config|admd|");
  Say("config|admd|mx.example.net");
  Say("config|admd|too.late.example");
  Ready();
  Connect("1");
  Ask("ehlo", "1", "1", "mail.example.com");
  engine_.FinishOldest(Action::kTag);
  Ask("mail-from", "1", "2", "");
  Take();
  Ask("data-line", "1", "3", "Received: x");
  EXPECT_THAT(Take()[0], StartsWith("1:3 data Authentication-Results: mx.example.net;"));
}

}  // namespace
}  // namespace helovet
