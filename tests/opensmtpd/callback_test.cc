// Callbacks at DATA (docs/rules.md §12.1): what waits for them, what comes of them, and what ends
// them early.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "filter_fixture.h"

namespace helovet {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using testing::Transaction;
using testing::WithName;

Config WithCallbacks() {
  Config config = WithName();
  config.profile = Profile::kStandard;
  config.senders.checks = {CheckId::kCbv};
  config.overrides = {{CheckId::kCbv, Result::kFail, OverrideAction::kReject},
                      {CheckId::kCbv, Result::kTemperror, OverrideAction::kDefer}};
  return config;
}

class Callbacks : public Transaction {
 protected:
  explicit Callbacks(const Config& config = WithCallbacks()) : Transaction(config) {
    engine_.JudgeBy(config);
  }

  // A message of unknown trust up to DATA, which waits.
  void SendUntilData(const std::vector<std::string>& recipients = {}) {
    if (!greeted_) Greet(Action::kTag);
    greeted_ = true;
    EXPECT_EQ(Say1("mail-from", "joe@example.org"), "1:2 proceed");
    for (const std::string& recipient : recipients) {
      EXPECT_EQ(Say1("rcpt-to", recipient), "1:2 proceed") << recipient;
    }
    Ask("data", "1", "5", "");
    EXPECT_THAT(Take(), IsEmpty());
    EXPECT_EQ(engine_.open_callbacks(), 1u);
  }
  // What DATA hears after a callback with this end.
  std::vector<std::string> Finish(Result result, Reason reason) {
    engine_.FinishCallback(result, reason);
    EXPECT_EQ(engine_.open_callbacks(), 0u);
    return Take();
  }
  // The field that goes on top of the message, in one line.
  std::string Header() {
    Ask("data-line", "1", "6", "Received: x");
    std::string field;
    for (const std::string& line : Take()) {
      if (line != "1:6 data Received: x") field += line.substr(std::string("1:6 data ").size());
    }
    return field;
  }
  long Count(const std::string& sample) {
    const std::string text = metrics_.ToPrometheus();
    const std::size_t at = text.find("\n" + sample + " ");
    EXPECT_NE(at, std::string::npos) << sample;
    return std::stol(text.substr(at + sample.size() + 2));
  }

  bool greeted_ = false;
};

TEST_F(Callbacks, AskForDataAndForNoRecipients) {
  Ready();
  EXPECT_THAT(checker_.registrations(), Contains("filter|smtp-in|data"));
  EXPECT_THAT(checker_.registrations(), Not(Contains("filter|smtp-in|rcpt-to")));
}

struct AnswerCase {
  Result result;
  Reason reason;
  std::string want;
};

TEST_F(Callbacks, AnswerDataByWhatTheyFind) {
  for (const AnswerCase& c :
       {AnswerCase{Result::kPass, Reason::kAccepted, "1:5 proceed"},
        AnswerCase{Result::kNeutral, Reason::kCatchAll, "1:5 proceed"},
        AnswerCase{Result::kSkipped, Reason::kOverBudget, "1:5 proceed"},
        AnswerCase{Result::kFail, Reason::kRefusedRcpt, "1:5 reject 550 5.7.1 "},
        AnswerCase{Result::kTemperror, Reason::kTempfail, "1:5 reject 451 4.7.1 "}}) {
    SCOPED_TRACE(std::string(ToString(c.result)) + "/" + std::string(ToString(c.reason)));
    SendUntilData();
    EXPECT_THAT(Finish(c.result, c.reason), ElementsAre(StartsWith(c.want)));
  }
  EXPECT_EQ(engine_.started(), 1u);
  EXPECT_EQ(engine_.callbacks(), 5u);  // One for each message.
}

TEST_F(Callbacks, SayInTheReplyWhatDecided) {
  SendUntilData();
  EXPECT_THAT(Finish(Result::kFail, Reason::kRefusedRcpt),
              ElementsAre(AllOf(HasSubstr("cbv fail refused-rcpt"), Not(HasSubstr("\n")))));
}

// docs/rules.md §10: a callback does not change the trust.
class WithoutOverrides : public Callbacks {
 protected:
  WithoutOverrides()
      : Callbacks([] {
          Config config = WithCallbacks();
          config.overrides.clear();
          return config;
        }()) {}
};

TEST_F(WithoutOverrides, TheyRefuseNobody) {
  for (const auto& [result, reason] : {std::pair(Result::kFail, Reason::kRefusedRcpt),
                                       std::pair(Result::kTemperror, Reason::kTimeout)}) {
    SendUntilData();
    EXPECT_THAT(Finish(result, reason), ElementsAre("1:5 proceed"));
    EXPECT_THAT(Header(), HasSubstr(std::string(ToString(reason))));
  }
}

// smtpd keeps the transaction, and lets the client say DATA once more.
TEST_F(Callbacks, RefuseAgainWithoutCallingAgain) {
  SendUntilData();
  const std::vector<std::string> first = Finish(Result::kFail, Reason::kRefusedRcpt);
  for (int again = 0; again < 2; ++again) {
    Ask("data", "1", "5", "");
    EXPECT_EQ(Take(), first);
  }
  EXPECT_EQ(engine_.callbacks(), 1u);
  EXPECT_THAT(logged_, ElementsAre(HasSubstr(" action=reject ")));
}

TEST_F(Callbacks, AreNotAskedForWhatIsRefusedBefore) {
  Greet(Action::kReject);
  EXPECT_THAT(Say1("mail-from", "joe@example.org"), StartsWith("1:2 reject 550 "));
  EXPECT_EQ(Say1("data"), "1:2 proceed");  // smtpd has an answer of its own.
  EXPECT_EQ(engine_.callbacks(), 0u);
}

TEST_F(Callbacks, BeginAnewWithEachMessage) {
  SendUntilData();
  EXPECT_THAT(Finish(Result::kFail, Reason::kRefusedRcpt), ElementsAre(StartsWith("1:5 reject")));
  SendUntilData();
  EXPECT_THAT(Finish(Result::kPass, Reason::kAccepted), ElementsAre("1:5 proceed"));
  EXPECT_THAT(Header(), AllOf(HasSubstr("cbv=pass"), Not(HasSubstr("refused-rcpt"))));
}

TEST_F(Callbacks, AreInTheHeader) {
  SendUntilData();
  EXPECT_THAT(Finish(Result::kPass, Reason::kAccepted), ElementsAre("1:5 proceed"));
  EXPECT_THAT(Header(),
              AllOf(StartsWith("Authentication-Results: mx.example;"), HasSubstr("cbv=pass")));
}

// The message's verdict has its effect at DATA: one line, with all that was asked.
TEST_F(Callbacks, AreLoggedAndCountedOnceWithAllThatWasAsked) {
  SendUntilData();
  EXPECT_THAT(logged_, IsEmpty());
  EXPECT_THAT(Finish(Result::kPass, Reason::kAccepted), ElementsAre("1:5 proceed"));
  EXPECT_THAT(logged_, ElementsAre(AllOf(HasSubstr(" action=tag "), HasSubstr(" cbv=pass "),
                                         HasSubstr(" queries=3 "))));
  EXPECT_EQ(Count(R"(helovet_check_results_total{check="cbv",result="pass"})"), 1);
  EXPECT_EQ(Count(R"(helovet_check_results_total{check="csa",result="none"})"), 1);
  EXPECT_EQ(Count(R"(helovet_dns_queries_total{outcome="ok"})"), 3);
  SendUntilData();
  Finish(Result::kFail, Reason::kRefusedRcpt);
  ASSERT_EQ(logged_.size(), 2u);  // Two of the message; those of the name are told.
  EXPECT_THAT(logged_[1], AllOf(HasSubstr(" action=reject "), HasSubstr(" queries=2 ")));
  EXPECT_EQ(Count(R"(helovet_dns_queries_total{outcome="ok"})"), 5);
}

// What has been told is not kept, in the verdict on the name that messages share neither.
TEST_F(Callbacks, KeepNothingThatWasAsked) {
  for (int message = 0; message < 3; ++message) {
    SendUntilData();
    Finish(Result::kPass, Reason::kAccepted);
  }
  EXPECT_EQ(engine_.exchanges_kept(), 0u);
}

TEST_F(Callbacks, ThatNeverCameAreNoReasonToLogNothing) {
  for (const char* end : {"mail-from", "ehlo", "disconnect"}) {
    SCOPED_TRACE(end);
    logged_.clear();
    Greet(Action::kTag);
    EXPECT_EQ(Say1("mail-from", "joe@example.org"), "1:2 proceed");
    EXPECT_THAT(logged_, IsEmpty());
    if (end != std::string("disconnect")) Ask(end, "1", "7", "other@example.org");
    if (end != std::string("ehlo")) Say("report|0.6|1.0|smtp-in|link-disconnect|1");
    EXPECT_THAT(logged_, ElementsAre(AllOf(HasSubstr(" action=tag "),
                                           HasSubstr(" mail_from=\"joe@example.org\" "))));
    Say("report|0.6|1.0|smtp-in|link-disconnect|1");
    Take();
  }
}

TEST_F(Callbacks, TellWhatIsWrongWithTheStore) {
  SendUntilData();
  engine_.complaints = {{.file = "store", .message = "/var/lib/helovet: No space \x1b left"}};
  EXPECT_THAT(Finish(Result::kSkipped, Reason::kNoStore), ElementsAre("1:5 proceed"));
  EXPECT_THAT(logged_, Contains("helovet: store: /var/lib/helovet: No space \\x1b left\n"));
  EXPECT_EQ(Count("helovet_store_complaints_total"), 1);
  EXPECT_EQ(Count("helovet_list_complaints_total"), 0);
}

// A session's end, and whatever begins anew, gives the callback up and leaves no request
// unanswered.

TEST_F(Callbacks, EndWithTheConnection) {
  SendUntilData();
  Say("report|0.6|1.0|smtp-in|link-disconnect|1");
  EXPECT_EQ(engine_.waiting(), 0u);
  EXPECT_THAT(Take(), ElementsAre("1:5 proceed"));
  EXPECT_EQ(filter_.session_count(), 0u);
}

TEST_F(Callbacks, EndWhenTheClientAuthenticates) {
  SendUntilData();
  Say("report|0.7|1.0|smtp-in|link-auth|1|pass|joe");
  EXPECT_EQ(engine_.waiting(), 0u);
  EXPECT_THAT(Take(), ElementsAre("1:5 proceed"));
  EXPECT_EQ(Header(), "");
  EXPECT_THAT(logged_, IsEmpty());
}

TEST_F(Callbacks, EndWithANewMailFrom) {
  SendUntilData();
  Ask("mail-from", "1", "7", "other@example.org");
  EXPECT_EQ(engine_.open_callbacks(), 0u);
  EXPECT_THAT(Take(), ElementsAre("1:5 proceed", "1:7 proceed"));
  EXPECT_EQ(engine_.waiting(), 0u);
}

TEST_F(Callbacks, EndWithANewHelo) {
  SendUntilData();
  Ask("ehlo", "1", "8", "other.example.com");
  EXPECT_EQ(engine_.open_callbacks(), 0u);
  EXPECT_THAT(Take(), ElementsAre("1:8 proceed"));
  ASSERT_EQ(engine_.waiting(), 1u);
  EXPECT_EQ(engine_.oldest().helo, "other.example.com");
  engine_.FinishOldest(Action::kTag);
  EXPECT_THAT(Take(), ElementsAre("1:5 proceed"));
  EXPECT_EQ(engine_.waiting(), 0u);
}

TEST_F(Callbacks, AnswerEachOfTwoDataOnce) {
  SendUntilData();
  Ask("data", "1", "9", "");
  EXPECT_EQ(engine_.open_callbacks(), 1u);
  EXPECT_THAT(Finish(Result::kPass, Reason::kAccepted), ElementsAre("1:5 proceed", "1:9 proceed"));
}

class WithJunk : public Callbacks {
 protected:
  WithJunk()
      : Callbacks([] {
          Config config = WithCallbacks();
          config.opensmtpd.junk = true;
          config.overrides = {{CheckId::kCbv, Result::kFail, OverrideAction::kReject}};
          return config;
        }()) {}
};

TEST_F(WithJunk, TheyAreAnsweredWithIt) {
  SendUntilData();
  EXPECT_THAT(Finish(Result::kPass, Reason::kAccepted), ElementsAre("1:5 junk"));
  SendUntilData();
  EXPECT_THAT(Finish(Result::kFail, Reason::kRefusedRcpt), ElementsAre(StartsWith("1:5 reject")));
}

// Recipients whose domains have profiles of their own (docs/rules.md §10).
class ForSeveral : public Callbacks {
 protected:
  ForSeveral()
      : Callbacks([] {
          Config config = WithCallbacks();
          config.alternate = {.domains = {"mild.example"}, .profile = Profile::kObserve};
          config.profile = Profile::kCustom;
          config.custom = {.low = Action::kReject, .unknown = Action::kAccept};
          return config;
        }()) {}
};

// Which the field names: the most severe action with which one of them got the message.
TEST_F(ForSeveral, OneCallbackAndOneAnswerAreForAll) {
  SendUntilData({"a@open.example", "a@mild.example", "b@open.example"});
  EXPECT_EQ(engine_.oldest().recipient, "a@open.example");
  EXPECT_THAT(Finish(Result::kPass, Reason::kAccepted), ElementsAre("1:5 proceed"));
  EXPECT_EQ(engine_.callbacks(), 1u);
  EXPECT_THAT(Header(), AllOf(HasSubstr("cbv=pass"), HasSubstr("action=tag")));
  EXPECT_THAT(logged_, ElementsAre(AllOf(HasSubstr(" action=accept "), HasSubstr(" cbv=pass")),
                                   AllOf(HasSubstr(" action=tag "), HasSubstr(" cbv=pass"))));
}

TEST_F(ForSeveral, AllAreRefusedTogether) {
  SendUntilData({"a@mild.example", "a@open.example"});
  EXPECT_THAT(Finish(Result::kFail, Reason::kRefusedRcpt),
              ElementsAre(StartsWith("1:5 reject 550 ")));
  EXPECT_THAT(logged_, ElementsAre(HasSubstr(" action=reject ")));
}

class WithStrict : public Callbacks {
 protected:
  WithStrict()
      : Callbacks([] {
          Config config = WithCallbacks();
          config.alternate = {.domains = {"strict.example"}, .profile = Profile::kStrict};
          return config;
        }()) {}
};

TEST_F(WithStrict, OneWhoIsToHaveTheMessageLetsItIn) {
  Greet(Action::kTag);
  EXPECT_EQ(Say1("mail-from", "joe@example.org"), "1:2 proceed");
  EXPECT_THAT(Say1("rcpt-to", "a@strict.example"), StartsWith("1:2 reject 550 "));
  EXPECT_EQ(Say1("data"), "1:2 proceed");  // smtpd has no recipient and says so.
  EXPECT_EQ(engine_.callbacks(), 0u);
  EXPECT_EQ(Say1("rcpt-to", "a@open.example"), "1:2 proceed");
  Ask("data", "1", "5", "");
  ASSERT_EQ(engine_.open_callbacks(), 1u);
  EXPECT_EQ(engine_.oldest().recipient, "a@open.example");
  EXPECT_THAT(Finish(Result::kPass, Reason::kAccepted), ElementsAre("1:5 proceed"));
  EXPECT_THAT(Header(), HasSubstr("cbv=pass"));
}

}  // namespace
}  // namespace helovet
