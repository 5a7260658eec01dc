#include "session_cache.h"

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace helovet {
namespace {

using ::testing::Contains;
using ::testing::Not;

Session SessionOf(std::string_view address, std::string helo) {
  return {.client = IpAddress::Parse(address).value(), .helo = std::move(helo)};
}

// Counts what it is asked. One sender is denied by a list, so that nothing is known of the name.
class CountingValidator : public SessionValidator {
 public:
  Verdict Validate(const Session& session) override {
    ++validations;
    if (session.mail_from == kDenied) return DenialOf(session);
    Session without_sender = session;
    without_sender.mail_from.reset();
    Verdict on_name = Answer(without_sender);
    return session.mail_from ? OnMessage(std::move(on_name), *session.mail_from) : on_name;
  }
  Verdict ValidateCounted(const Session& session) override {
    ++counted_before;
    return Answer(session);
  }
  Verdict ValidateCsa(const Session& session) override {
    ++csa_alone;
    return Answer(session);
  }
  Verdict ValidateMailFrom(const Verdict& verdict, const std::string& mail_from) override {
    ++continuations;
    if (verdict.checks.empty()) ++counted_before;
    EXPECT_EQ(verdict.session.recipient, "");
    if (mail_from == kDenied) return DenialOf(verdict.session);
    Session without_sender = verdict.session;
    without_sender.mail_from.reset();
    return OnMessage(Answer(without_sender), mail_from);
  }
  Verdict ValidateRecipient(const Verdict& verdict, const std::string& recipient) override {
    ++callbacks;
    Verdict called = verdict;
    called.session.recipient = recipient;
    called.checks.push_back(
        {.check = CheckId::kCbv, .result = Result::kPass, .reason = Reason::kAccepted});
    return called;
  }

  int validations = 0;
  int counted_before = 0;
  int csa_alone = 0;
  int continuations = 0;
  int callbacks = 0;

 private:
  static constexpr char kDenied[] = "denied@sender.example";

  static Verdict DenialOf(Session session) {
    session.mail_from = kDenied;
    return Verdict{.session = std::move(session)};
  }
  static Verdict Answer(const Session& session) {
    Verdict verdict{.session = session};
    verdict.decided_by = {CheckId::kCsa, Reason::kNoRecord};
    verdict.checks.push_back(
        {.check = CheckId::kCsa, .result = Result::kNone, .reason = Reason::kNoRecord});
    return verdict;
  }
  static Verdict OnMessage(Verdict on_name, const std::string& mail_from) {
    Verdict verdict = on_name;
    verdict.session.mail_from = mail_from;
    verdict.on_name = std::make_shared<const Verdict>(std::move(on_name));
    return verdict;
  }
};

class ResultsTest : public ::testing::Test {
 protected:
  Verdict Judge(const Session& session) { return cache_.Judge(session, config_, validator_); }
  Verdict Judge(Session session, std::string mail_from) {
    session.mail_from = std::move(mail_from);
    return Judge(session);
  }

  SessionCache::Clock::time_point now_{};
  SessionCache cache_{[this] { return now_; }};
  SharedConfig config_ = std::make_shared<const Config>();
  CountingValidator validator_;
};

// docs/rules.md §1: what MAIL FROM adds is judged with the results that are there.
TEST_F(ResultsTest, GoesOnFromHeloToMailFrom) {
  const Session session = SessionOf("192.0.2.1", "a.example");
  EXPECT_EQ(Judge(session).session.mail_from, std::nullopt);
  EXPECT_EQ(Judge(session, "b@c.example").session.mail_from, "b@c.example");
  EXPECT_EQ(Judge(session, "b@c.example").session.mail_from, "b@c.example");
  EXPECT_EQ(validator_.continuations, 1) << "the same message";
  EXPECT_EQ(Judge(session, "").session.mail_from, "") << "the null sender is one";
  EXPECT_EQ(validator_.continuations, 2) << "another message";
  EXPECT_EQ(validator_.validations, 1);
}

// CSA-02 §6: nothing waits that need not, so name and sender are asked about together.
TEST_F(ResultsTest, StartsAtMailFromIfNobodyAskedAtHelo) {
  const Session session = SessionOf("192.0.2.1", "a.example");
  Judge(session, "b@c.example");
  EXPECT_EQ(validator_.continuations, 0);
  EXPECT_EQ(Judge(session, "d@e.example").session.mail_from, "d@e.example");
  EXPECT_EQ(Judge(session).session.mail_from, std::nullopt);
  EXPECT_EQ(validator_.validations, 1);
  EXPECT_EQ(validator_.continuations, 1);
}

// docs/rules.md §13.3: what csa alone was asked about is a session, once.
TEST_F(ResultsTest, AsksAboutCsaAloneOnceAndCountsTheSessionOnce) {
  const Session session = SessionOf("192.0.2.1", "a.example");
  EXPECT_NE(cache_.JudgeCsa(session, config_, validator_).Find(CheckId::kCsa), nullptr);
  EXPECT_NE(cache_.JudgeCsa(session, config_, validator_).Find(CheckId::kCsa), nullptr);
  EXPECT_EQ(validator_.csa_alone, 1);
  Judge(session);
  EXPECT_EQ(validator_.counted_before, 1) << "without MAIL FROM";

  const Session other = SessionOf("192.0.2.2", "a.example");
  EXPECT_NE(cache_.JudgeCsa(other, config_, validator_).Find(CheckId::kCsa), nullptr);
  Judge(other, "b@c.example");
  EXPECT_EQ(validator_.counted_before, 2) << "with MAIL FROM";
  EXPECT_EQ(validator_.validations, 0);
}

// What is known of the name needs no further question.
TEST_F(ResultsTest, TakesCsaFromAVerdictThatIsThere) {
  const Session session = SessionOf("192.0.2.1", "a.example");
  Judge(session, "b@c.example");
  EXPECT_NE(cache_.JudgeCsa(session, config_, validator_).Find(CheckId::kCsa), nullptr);
  EXPECT_EQ(validator_.csa_alone, 0);
}

// docs/rules.md §7.1: such a sender spares the checks of the name. §13.3: it is one session.
TEST_F(ResultsTest, CountsNoSessionAgainAfterASenderWhoIsDenied) {
  Session session = SessionOf("192.0.2.1", "a.example");
  session.recipient = "d@e.example";
  Judge(session, "denied@sender.example");
  Judge(session, "denied@sender.example");
  EXPECT_EQ(validator_.continuations, 0);
  EXPECT_EQ(Judge(session, "b@c.example").session.mail_from, "b@c.example");
  EXPECT_EQ(validator_.continuations, 1);
  Judge(session, "denied@sender.example");
  EXPECT_EQ(validator_.continuations, 2);
  EXPECT_EQ(Judge(session, "b@c.example").session.mail_from, "b@c.example");
  EXPECT_EQ(validator_.validations, 1);
}

TEST_F(ResultsTest, IsForNoProfileOfARecipient) {
  Session session = SessionOf("192.0.2.1", "a.example");
  session.recipient = "b@c.example";
  EXPECT_EQ(Judge(session).session.recipient, "");
  session.recipient = "d@e.example";
  EXPECT_EQ(Judge(session).session.recipient, "");
  EXPECT_EQ(validator_.validations, 1);
}

// docs/rules.md §12.1: once for a message, and not before a recipient is known.
TEST_F(ResultsTest, CallsBackOnceForAllRecipients) {
  Config config;
  config.senders.checks = {CheckId::kCbv};
  config_ = std::make_shared<const Config>(config);
  Session session = SessionOf("192.0.2.1", "a.example");
  Judge(session, "b@c.example");
  EXPECT_EQ(validator_.callbacks, 0) << "no recipient";
  for (const char* const recipient : {"d@e.example", "f@g.example", ""}) {
    session.recipient = recipient;
    EXPECT_NE(Judge(session, "b@c.example").Find(CheckId::kCbv), nullptr) << recipient;
    EXPECT_EQ(validator_.callbacks, 1) << recipient;
  }
  session.recipient = "d@e.example";
  Judge(session, "h@c.example");
  EXPECT_EQ(validator_.callbacks, 2) << "another message";
  EXPECT_EQ(validator_.validations, 1);
}

// docs/rules.md §11.1: callbacks that are not configured are not considered.
TEST_F(ResultsTest, CallsNobodyBackUnlessTold) {
  Session session = SessionOf("192.0.2.1", "a.example");
  session.recipient = "d@e.example";
  Judge(session, "b@c.example");
  EXPECT_EQ(validator_.callbacks, 0);
}

TEST_F(ResultsTest, SharesNothingThatAVerdictDependsOn) {
  const Session session = SessionOf("192.0.2.1", "a.example");
  Judge(session);
  Judge(SessionOf("192.0.2.2", "a.example"));
  EXPECT_EQ(validator_.validations, 2) << "address";
  Judge(SessionOf("192.0.2.1", "A.example"));
  EXPECT_EQ(validator_.validations, 3) << "HELO name";
  Session authenticated = session;
  authenticated.authenticated = true;
  Judge(authenticated);
  EXPECT_EQ(validator_.validations, 4) << "exemption";
  Session smtputf8 = session;
  smtputf8.smtputf8 = true;
  Judge(smtputf8);
  EXPECT_EQ(validator_.validations, 5) << "SMTPUTF8";
  config_ = std::make_shared<const Config>();
  Judge(session);
  EXPECT_EQ(validator_.validations, 6) << "configuration";
}

TEST_F(ResultsTest, ForgetsWithTime) {
  const Session session = SessionOf("192.0.2.1", "a.example");
  Judge(session);
  now_ += kResultLifetime - std::chrono::milliseconds(1);
  Judge(session);
  EXPECT_EQ(validator_.validations, 1);
  now_ += std::chrono::milliseconds(1);
  Judge(session, "b@c.example");
  EXPECT_EQ(validator_.validations, 2);
}

TEST_F(ResultsTest, KeepsABoundedNumber) {
  const auto name = [](std::size_t i) { return "h" + std::to_string(i) + ".example"; };
  for (std::size_t i = 0; i <= kMaxSessions; ++i) Judge(SessionOf("192.0.2.1", name(i)));
  const int made = validator_.validations;
  Judge(SessionOf("192.0.2.1", name(kMaxSessions)));
  EXPECT_EQ(validator_.validations, made) << "the newest is kept";
  Judge(SessionOf("192.0.2.1", name(0)));
  EXPECT_EQ(validator_.validations, made + 1) << "the oldest has gone";
}

class ConfigurationTest : public ::testing::Test {
 protected:
  ConfigurationTest() : path_(::testing::TempDir() + "session_cache_test.toml") {
    std::filesystem::remove(path_);
  }
  ~ConfigurationTest() override { std::filesystem::remove(path_); }

  void Write(const std::string& text) { std::ofstream(path_) << text; }

  std::string path_;
  SessionCache cache_;
};

TEST_F(ConfigurationTest, IsReadOnceWhileTheFileIsTheSame) {
  Write("profile = \"strict\"\n");
  const auto first = cache_.Configuration(path_, "mx.example");
  ASSERT_TRUE(first.has_value()) << first.error().ToString();
  EXPECT_EQ(first->config->profile, Profile::kStrict);
  EXPECT_EQ(first->reader, getpid());
  const auto second = cache_.Configuration(path_, "mx.example");
  ASSERT_TRUE(second.has_value()) << second.error().ToString();
  EXPECT_EQ(second->config, first->config);
  EXPECT_EQ(second->lists, first->lists);
}

// docs/rules.md §3
TEST_F(ConfigurationTest, HasTheHostsOwnNames) {
  Write("profile = \"strict\"\n");
  const auto named = cache_.Configuration(path_, "mx.example");
  ASSERT_TRUE(named.has_value()) << named.error().ToString();
  EXPECT_THAT(named->config->our_names.value(), Contains("mx.example"));
  EXPECT_EQ(named->config->authserv_id, "mx.example");
  const auto other = cache_.Configuration(path_, "other.example");
  ASSERT_TRUE(other.has_value()) << other.error().ToString();
  EXPECT_THAT(other->config->our_names.value(), Not(Contains("mx.example")));
  EXPECT_EQ(cache_.Configuration(path_, "mx.example")->config, named->config) << "both are kept";
}

TEST_F(ConfigurationTest, BringsItsLists) {
  Write("lists.deny = [\"192.0.2.0/24\", \"/nonexistent/list\"]\n");
  const auto settings = cache_.Configuration(path_, "");
  ASSERT_TRUE(settings.has_value()) << settings.error().ToString();
  EXPECT_EQ(settings->lists->FindAddress(IpAddress::Parse("192.0.2.1").value()).listing,
            Listing::kDeny);
  EXPECT_EQ(settings->lists->TakeComplaints().size(), 1U);
}

TEST_F(ConfigurationTest, IsReadAgainWhenTheFileIsAnother) {
  EXPECT_FALSE(cache_.Configuration(path_, "").has_value()) << "missing";
  Write("profile = \"strict\"\n");
  EXPECT_TRUE(cache_.Configuration(path_, "").has_value()) << "it has come";
  Write("profile = \"str\"\n");
  EXPECT_FALSE(cache_.Configuration(path_, "").has_value()) << "it has become wrong";
  const std::string other = path_ + ".new";
  std::ofstream(other) << "profile = \"obs\"\n";
  std::filesystem::last_write_time(other, std::filesystem::last_write_time(path_));
  std::filesystem::rename(other, path_);
  const auto replaced = cache_.Configuration(path_, "");
  ASSERT_FALSE(replaced.has_value());
}

// The daemon is asked to preload at each connection.
TEST_F(ConfigurationTest, IsPreloadedOnceForEachReading) {
  Write("profile = \"strict\"\n");
  const SharedConfig first = cache_.Configuration(path_, "")->config;
  EXPECT_TRUE(cache_.IsFirstPreload(first));
  EXPECT_FALSE(cache_.IsFirstPreload(first));
  const SharedConfig other = cache_.Configuration(path_, "other.example")->config;
  EXPECT_TRUE(cache_.IsFirstPreload(other));
  EXPECT_FALSE(cache_.IsFirstPreload(first)) << "both are kept";
  Write("profile = \"observe\"\n");
  EXPECT_TRUE(cache_.IsFirstPreload(cache_.Configuration(path_, "")->config));
  EXPECT_FALSE(cache_.IsFirstPreload(nullptr));
  EXPECT_FALSE(cache_.IsFirstPreload(std::make_shared<const Config>())) << "not one of its own";
}

TEST_F(ConfigurationTest, EmptyPathMeansTheDefaultFile) {
  if (std::filesystem::exists(kDefaultConfigPath)) GTEST_SKIP() << "this host has one";
  const auto config = cache_.Configuration("", "");
  ASSERT_TRUE(config.has_value()) << config.error().ToString();
  EXPECT_EQ(config->config->profile, Profile::kObserve);
}

TEST(ComplaintsTest, AreNewsOnce) {
  SessionCache cache;
  EXPECT_TRUE(cache.IsNews("a"));
  EXPECT_FALSE(cache.IsNews("a"));
  EXPECT_TRUE(cache.IsNews("b"));
  for (std::size_t i = 2; i < kMaxComplaints; ++i) {
    EXPECT_TRUE(cache.IsNews(std::to_string(i)));
  }
  EXPECT_FALSE(cache.IsNews("one too many"));
}

// Of a daemon and what it forks, one alone tells.
TEST(SharedComplaintsTest, AreNewsToOneProcessAnHour) {
  SessionCache::Clock::time_point now{std::chrono::hours(1)};
  SessionCache cache([&now] { return now; });
  const auto is_news_to_another_process = [&cache](const std::string& complaint) {
    const pid_t child = fork();
    if (child == 0) _exit(cache.IsNewsToAll(complaint) ? 1 : 0);
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return WEXITSTATUS(status) == 1;
  };
  EXPECT_TRUE(is_news_to_another_process("a"));
  EXPECT_FALSE(is_news_to_another_process("a"));
  EXPECT_FALSE(cache.IsNewsToAll("a"));
  EXPECT_TRUE(cache.IsNewsToAll("b"));
  now += kComplaintInterval - std::chrono::nanoseconds(1);
  EXPECT_FALSE(is_news_to_another_process("b"));
  now += std::chrono::nanoseconds(1);
  EXPECT_TRUE(is_news_to_another_process("b"));
  EXPECT_FALSE(cache.IsNewsToAll("b"));
  for (std::size_t i = 2; i < SharedComplaints::kMost; ++i) {
    EXPECT_TRUE(cache.IsNewsToAll(std::to_string(i)));
  }
  EXPECT_FALSE(cache.IsNewsToAll("one too many"));
  EXPECT_TRUE(SessionCache([&now] { return now; }).IsNewsToAll("b")) << "no relative";
}

TEST_F(ConfigurationTest, FailsAnewOnceItHasBeenRead) {
  const auto fail = [this] {
    Write("profile = 1\n");
    return cache_.Configuration(path_, "").error().ToString();
  };
  const std::string failure = fail();
  EXPECT_TRUE(cache_.IsNewFailure(path_, failure));
  EXPECT_FALSE(cache_.IsNewFailure(path_, failure));
  EXPECT_TRUE(cache_.IsNewFailure(path_, "another one"));
  EXPECT_TRUE(cache_.IsNewFailure("/nonexistent/other.toml", failure));
  EXPECT_TRUE(cache_.IsNewFailure(path_, failure));
  Write("");
  EXPECT_TRUE(cache_.Configuration(path_, "").has_value());
  EXPECT_FALSE(cache_.IsNewFailure("/nonexistent/other.toml", failure)) << "a stranger's success";
  EXPECT_EQ(fail(), failure);
  EXPECT_TRUE(cache_.IsNewFailure(path_, failure)) << "it was right in between";
}

TEST(KeepTest, HoldsTheTextUntilTheNext) {
  SessionCache cache;
  EXPECT_STREQ(cache.Keep("a"), "a");
  EXPECT_STREQ(cache.Keep(std::string(10'000, 'b')), std::string(10'000, 'b').c_str());
}

}  // namespace
}  // namespace helovet
