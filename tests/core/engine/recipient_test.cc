// docs/rules.md §12.1: who is called back for, and what is done of it.
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/engine/engine_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace helovet {
namespace {

using std::chrono_literals::operator""ms;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::kDmpOfSender;
using testing::kRmxOfSender;
using testing::kSenderAddress;
using testing::kSpfOfHelo;
using testing::kSpfOfSender;
using testing::Nothing;
using testing::ScriptLine;
using testing::SendersOf;
using enum CheckId;

constexpr const char* kForbids = "v=spf1 -all";

Config With(std::vector<CheckId> checks = {kCbv}, Profile profile = Profile::kStandard) {
  Config config;
  config.profile = profile;
  config.senders.checks = std::move(checks);
  config.spf.explanation = false;
  return config;
}

std::string CallbackOf(const Verdict& verdict) {
  for (const CheckResult& check : verdict.checks) {
    if (check.check != kCbv) continue;
    return std::string(ToString(check.result)) + "/" + std::string(ToString(check.reason));
  }
  return "none";
}

class RecipientTest : public testing::EngineFixture {
 protected:
  RecipientTest() {
    outcome_.result = Result::kFail;
    outcome_.reason = Reason::kRefusedRcpt;
    outcome_.tally.smtp_sessions = 1;
    outcome_.tally.refused_rcpt = 1;
  }
};

TEST_F(RecipientTest, AnUnknownSenderIsCalledBackFor) {
  Begin(With(), Nothing());
  const Verdict message = Judge(SessionFrom(kSenderAddress));
  EXPECT_TRUE(ConsidersCallback(message, engine_->config()));
  EXPECT_THAT(called_, IsEmpty()) << "not before RCPT";
  const Verdict verdict = AfterMailFrom(message);
  EXPECT_THAT(called_, ElementsAre(kSenderAddress));
  EXPECT_EQ(CallbackOf(verdict), "fail/refused-rcpt");
  EXPECT_EQ(verdict.Find(kCbv)->identity, Identity::kMailFrom);
  EXPECT_EQ(verdict.session.recipient, "user@example.net");
  EXPECT_EQ(ToString(verdict.trust), "unknown") << "docs/rules.md §10: cbv changes no trust";
  EXPECT_EQ(ToString(verdict.action), "tag");
}

TEST_F(RecipientTest, AnOverrideActsOnWhatTheCallFound) {
  Config config = With();
  config.overrides = {{kCbv, Result::kFail, OverrideAction::kReject}};
  Begin(config, Nothing());
  const Verdict verdict = AfterMailFrom(Judge(SessionFrom(kSenderAddress)));
  EXPECT_EQ(ToString(verdict.action), "reject");
  EXPECT_EQ(verdict.decided_by, (Decision{kCbv, Reason::kRefusedRcpt}));
  EXPECT_EQ(ToString(verdict.trust), "unknown");
}

struct SkipCase {
  std::string id;
  Config config;
  Session session;
  std::vector<ScriptLine> lines;
  std::string want;
};

std::vector<SkipCase> SkipCases() {
  const auto from = [](std::string mail_from, const std::string& client = testing::kClient) {
    return Session{.client = testing::Address(client),
                   .helo = testing::kHeloName,
                   .mail_from = std::move(mail_from)};
  };
  Config trusted = With();
  trusted.lists.allow = {"mail.example.com"};
  Config dsar = With({kSpf, kCbv});
  dsar.csa.dialect = Config::CsaDialect::kDsar00;
  return {
      {"an exempt session has no checks", With(), from(kSenderAddress, "127.0.0.1"), {}, "none"},
      {"null sender", With(), from(""), {}, "skipped/null-sender"},
      {"null sender before what has decided",
       With({kSpf, kCbv}),
       from(""),
       {{kSpfOfHelo, kForbids}},
       "skipped/null-sender"},
      {"trust is low",
       With({kSpf, kCbv}, Profile::kObserve),
       from(kSenderAddress),
       {{kSpfOfSender, kForbids}},
       "skipped/decided"},
      {"trust is high",
       trusted,
       from(kSenderAddress),
       {{"_client._smtp.mail.example.com SRV", "1 2 0 mail.example.com"},
        {"mail.example.com A", "192.0.2.1"}},
       "skipped/decided"},
      {"the action is to reject",
       With({kCbv}, Profile::kStrict),
       from(kSenderAddress),
       {},
       "skipped/decided"},
      {"the action is to defer",
       With({kCbv}, Profile::kStrict),
       from(kSenderAddress),
       {{"_client._smtp.mail.example.com SRV", "servfail"}},
       "skipped/decided"},
      {"spf has passed for the sender",
       With({kSpf, kCbv}),
       from(kSenderAddress),
       {{kSpfOfSender, "v=spf1 ip4:192.0.2.1 -all"}},
       "skipped/decided"},
      {"dmp has passed for the sender",
       With({kDmp, kCbv}),
       from(kSenderAddress),
       {{kDmpOfSender, "dmp=allow"}},
       "skipped/decided"},
      {"no domain", With(), from("a@[192.0.2.7]"), {}, "none/no-sender"},
      {"a path that is none", With(), from("nobody"), {}, "none/no-sender"},
      {"cbv is not configured", With({kSpf}), from(kSenderAddress), {}, "none"},
  };
}

TEST_F(RecipientTest, OthersAreNot) {
  for (const SkipCase& given : SkipCases()) {
    Begin(given.config, Nothing(given.lines));
    const Verdict message = Judge(given.session);
    const std::size_t asked = dns_->asked().size();
    const Verdict verdict = AfterMailFrom(message);
    EXPECT_EQ(CallbackOf(verdict), given.want) << given.id;
    EXPECT_THAT(called_, IsEmpty()) << given.id;
    EXPECT_EQ(dns_->asked().size(), asked) << given.id;
    EXPECT_EQ(ToString(verdict.action), ToString(message.action)) << given.id;
    if (given.want.starts_with("skipped")) {
      EXPECT_EQ(verdict.Find(kCbv), nullptr) << given.id;
    }
  }
}

TEST_F(RecipientTest, APassForTheHeloNameLeavesTheSenderOpen) {
  Begin(With({kSpf, kDmp, kCbv}), Nothing({{kSpfOfHelo, "v=spf1 ip4:192.0.2.1 -all"}}));
  EXPECT_EQ(CallbackOf(AfterMailFrom(Judge(SessionFrom(kSenderAddress)))), "fail/refused-rcpt");
}

TEST_F(RecipientTest, AMessageIsCalledBackForOnce) {
  Begin(With(), Nothing());
  const Verdict first = AfterMailFrom(Judge(SessionFrom(kSenderAddress)), "one@example.net");
  EXPECT_FALSE(ConsidersCallback(first, engine_->config()));
  const Verdict second = AfterMailFrom(first, "two@example.net");
  EXPECT_EQ(called_.size(), 1);
  EXPECT_EQ(CallbackOf(second), "fail/refused-rcpt");
  EXPECT_EQ(second.session.recipient, "two@example.net");
  // The next message is another matter; the store remembers what was found.
  const Verdict next = AfterHelo(second, kSenderAddress);
  EXPECT_EQ(CallbackOf(next), "none");
  const Verdict again = AfterMailFrom(next);
  EXPECT_TRUE(again.Find(kCbv)->remembered);
  EXPECT_EQ(called_.size(), 1);
}

// docs/rules.md §10: the recipient's own profile.
TEST_F(RecipientTest, ARecipientWhoIsRefusedLeavesTheNextOneOpen) {
  Config config = With();
  config.alternate.domains = {"strict.example.net"};
  Begin(config, Nothing());
  const Verdict refused =
      AfterMailFrom(Judge(SessionFrom(kSenderAddress)), "one@strict.example.net");
  EXPECT_EQ(ToString(refused.action), "reject");
  EXPECT_EQ(CallbackOf(refused), "skipped/decided");
  EXPECT_TRUE(ConsidersCallback(refused, engine_->config()));
  const Verdict open = AfterMailFrom(refused, "two@example.net");
  EXPECT_EQ(CallbackOf(open), "fail/refused-rcpt");
  EXPECT_EQ(ToString(open.action), "tag");
}

TEST_F(RecipientTest, WithoutAStoreNobodyIsCalled) {
  prepare_store_ = [](testing::MemoryStore& store) { store.FailFrom(1); };
  Begin(With(), Nothing());
  const Verdict verdict = AfterMailFrom(Judge(SessionFrom(kSenderAddress)));
  EXPECT_EQ(CallbackOf(verdict), "skipped/no-store");
  EXPECT_THAT(called_, IsEmpty());
  EXPECT_EQ(engine_->TakeComplaints().size(), 1);
  EXPECT_FALSE(ConsidersCallback(verdict, engine_->config()));
}

TEST_F(RecipientTest, WithoutAConfigurationTheVerdictPasses) {
  Begin(With(), Nothing());
  Session session = SessionFrom(kSenderAddress);
  const Verdict verdict = AfterMailFrom(VerdictWithoutConfiguration(session));
  EXPECT_EQ(verdict.decided_by.check, kConfiguration);
  EXPECT_EQ(CallbackOf(verdict), "none");
  EXPECT_EQ(verdict.session.recipient, "user@example.net");
}

TEST_F(RecipientTest, TheCallEndsInTime) {
  Config config = With();
  config.cbv.timeout = 100ms;
  call_takes_ = 10'000ms;
  outcome_ = CallOutcome();
  outcome_.reason = Reason::kTimeout;
  Begin(config, Nothing());
  const Verdict message = Judge(SessionFrom(kSenderAddress));
  const Loop::TimePoint start = loop_.Now();
  EXPECT_EQ(CallbackOf(AfterMailFrom(message)), "temperror/timeout");
  EXPECT_LT(loop_.Now() - start, 1000ms);

  // The host may have even less.
  const Loop::TimePoint again = loop_.Now();
  const Verdict verdict = Await([&](auto done) {
    return engine_->ValidateRecipient(message, "user@example.net", std::move(done), again + 20ms);
  });
  EXPECT_EQ(CallbackOf(verdict), "temperror/timeout");
  EXPECT_LT(loop_.Now() - again, 90ms);
}

TEST_F(RecipientTest, AnnouncesOnceAndMayEndInEveryState) {
  Config config = With();
  config.cbv.timeout = 60ms;
  call_takes_ = 20ms;
  for (int turns = 0; turns < 10; ++turns) {
    Begin(config, Nothing());
    const Verdict message = Judge(SessionFrom(kSenderAddress));
    int calls = 0;
    auto validation = engine_->ValidateRecipient(message, "user@example.net",
                                                 [&calls](const Verdict&) { ++calls; });
    EXPECT_EQ(calls, 0);
    for (int turn = 0; turn < turns; ++turn) loop_.Turn(loop_.Now() + 5ms);
    const int before = calls;
    validation.reset();
    if (turns % 2 == 0) engine_.reset();
    const Loop::TimePoint end = loop_.Now() + 50ms;
    while (loop_.Now() < end) loop_.Turn(end);
    EXPECT_EQ(calls, before) << turns;
    EXPECT_LE(calls, 1);
  }
}

TEST_F(RecipientTest, TheHostMayEndItWhenItIsTold) {
  Begin(With(), Nothing());
  const Verdict message = Judge(SessionFrom(kSenderAddress));
  std::unique_ptr<Validation> validation;
  bool called = false;
  validation = engine_->ValidateRecipient(message, "user@example.net", [&](const Verdict&) {
    validation.reset();
    called = true;
  });
  loop_.RunUntil([&called] { return called; });
  EXPECT_EQ(validation, nullptr);
}

}  // namespace
}  // namespace helovet
