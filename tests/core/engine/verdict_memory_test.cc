// Clients that come again (docs/rules.md §8).
#include "engine/verdict_memory.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/engine_fixture.h"
#include "dns/answer_cache.h"
#include "dns/dns.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "helovet/render.h"

namespace helovet {
namespace {

using std::chrono_literals::operator""s;
using testing::Address;
using ::testing::Each;
using ::testing::Field;
using ::testing::IsEmpty;
using testing::kClient;
using testing::kHeloName;
using testing::kSenderAddress;
using ::testing::Not;
using testing::Nothing;
using testing::ResultsOf;
using testing::ScriptedDns;
using testing::ScriptLine;

// TTLs of ScriptedDns.
constexpr std::chrono::seconds kTtl{300};
constexpr std::chrono::seconds kNegativeTtl{60};

// Answers with memory, and how often the memory was asked.
class CountedAnswers final : public Dns {
 public:
  CountedAnswers(Loop& loop, const std::vector<ScriptLine>& script)
      : answers_(loop, std::make_unique<ScriptedDns>(loop, script)) {}

  std::unique_ptr<Query> Ask(const DnsQuestion& question, Done done) override {
    ++asked_;
    return answers_.Ask(question, std::move(done));
  }
  [[nodiscard]] std::size_t asked() const { return asked_; }

 private:
  AnswerCache answers_;
  std::size_t asked_ = 0;
};

class VerdictMemoryTest : public ::testing::Test {
 protected:
  void Begin(const Config& config, const std::vector<ScriptLine>& script,
             Trail trail = Trail::kOutcomes) {
    engine_.reset();
    auto dns = std::make_unique<CountedAnswers>(loop_, script);
    dns_ = dns.get();
    EngineSources sources;
    sources.dns = std::move(dns);
    sources.memory = AnswerMemory::kKept;
    engine_.emplace(loop_, std::make_shared<const Config>(config), std::move(sources), nullptr,
                    Statistics::kNone, trail);
  }

  static Session Client(const std::string& helo = kHeloName, const std::string& client = kClient) {
    return {.client = Address(client), .helo = helo};
  }

  // The verdict on a message of the client; questions_ has how often memory was asked for it.
  Verdict Judge(const Session& session, const std::string& mail_from = kSenderAddress) {
    const std::size_t before = dns_->asked();
    Verdict on_name = engine_->ValidateAndWait(session);
    std::optional<Verdict> reached;
    const auto validation =
        engine_->ValidateMailFrom(std::make_shared<const Verdict>(std::move(on_name)), mail_from,
                                  [&reached](const Verdict& verdict) { reached = verdict; });
    EXPECT_FALSE(reached.has_value()) << "called from inside";
    loop_.RunUntil([&reached] { return reached.has_value(); });
    questions_ = dns_->asked() - before;
    return *std::move(reached);
  }

  // Twice, after which a finding is kept if it can be: the second time all answers are remembered.
  void JudgeTwice(const Session& session) {
    Judge(session);
    Judge(session);
    EXPECT_GT(questions_, 0U) << "one visit is no reason to keep anything";
  }

  Loop::TimePoint now_{};
  Loop loop_{[this] { return now_; }};
  CountedAnswers* dns_ = nullptr;
  std::size_t questions_ = 0;
  std::optional<Engine> engine_;
};

TEST_F(VerdictMemoryTest, ThoseWhoComeAgainCostNoQuestionAndAreJudgedTheSame) {
  Config config;
  config.authserv_id = "mx.example.net";
  Begin(config, Nothing({{"_client._smtp.mail.example.com SRV", "1 2 0 mail.example.com"},
                         {"mail.example.com A", kClient}}));
  const Verdict first = Judge(Client());
  Judge(Client());
  EXPECT_GT(questions_, 0U) << "one visit is no reason to keep anything";
  const Verdict third = Judge(Client());
  EXPECT_EQ(questions_, 0U);
  EXPECT_EQ(ResultsOf(third), ResultsOf(first));
  EXPECT_EQ(RenderHeader(third, config), RenderHeader(first, config));
  EXPECT_EQ(third.authenticated(), first.authenticated());
  EXPECT_EQ(ToString(third.trust), ToString(first.trust));
  EXPECT_EQ(third.decided_by, first.decided_by);
  EXPECT_THAT(first.exchanges, Each(Field(&Exchange::cached, false)));
  EXPECT_THAT(third.exchanges, Not(IsEmpty()));
  EXPECT_THAT(third.exchanges, Each(Field(&Exchange::cached, true)));
}

TEST_F(VerdictMemoryTest, WhoeverShowsRecordsRemembersNothing) {
  Begin(Config(), Nothing(), Trail::kFull);
  JudgeTwice(Client());
  Judge(Client());
  EXPECT_GT(questions_, 0U);
}

TEST_F(VerdictMemoryTest, AnotherClientNameOrSenderIsAskedAbout) {
  std::vector<ScriptLine> script = Nothing();
  for (const char* const question :
       {"2.2.0.192.in-addr.arpa PTR", "_client._smtp.mx.example.com SRV", "mx.example.com A",
        "mx.example.com TXT", "example.net TXT"}) {
    script.push_back({question, "nodata"});
  }
  Begin(Config(), script);
  JudgeTwice(Client());
  Judge(Client(kHeloName, "192.0.2.2"));
  EXPECT_GT(questions_, 0U) << "another client";
  Judge(Client("mx.example.com"));
  EXPECT_GT(questions_, 0U) << "another name";
  Judge(Client(), "a@example.net");
  EXPECT_EQ(questions_, 1U) << "another sender: its own question alone";
}

TEST_F(VerdictMemoryTest, AnswersThatEndAreAskedForAnew) {
  Begin(Config(), Nothing());
  JudgeTwice(Client());
  now_ += kNegativeTtl - 1s;
  Judge(Client());
  EXPECT_EQ(questions_, 0U);
  now_ += 1s;
  Judge(Client());
  EXPECT_GT(questions_, 0U);
}

// The absence of others ends first.
TEST_F(VerdictMemoryTest, TheFirstAnswerThatEndsCounts) {
  Begin(Config(), Nothing({{"_client._smtp.mail.example.com SRV", "1 2 0 mail.example.com"},
                           {"mail.example.com A", kClient}}));
  static_assert(kNegativeTtl < kTtl);
  JudgeTwice(Client());
  now_ += kNegativeTtl;
  Judge(Client());
  EXPECT_GT(questions_, 0U);
}

struct FailureCase {
  std::string question;
  std::string reply;
};

TEST_F(VerdictMemoryTest, WhatFailedForNowIsNotKept) {
  for (const FailureCase& failure :
       std::vector<FailureCase>{{"_client._smtp.mail.example.com SRV", "servfail"},
                                {"mail.example.com A", "malformed"},
                                {"1.2.0.192.in-addr.arpa PTR", "refused"},
                                {"mail.example.com TXT", "timeout"},
                                {"example.org TXT", "servfail"}}) {
    Begin(Config(), Nothing({{failure.question, failure.reply}}));
    JudgeTwice(Client());
    Judge(Client());
    EXPECT_GT(questions_, 0U) << failure.question << " " << failure.reply;
  }
}

TEST_F(VerdictMemoryTest, ASenderOnAListIsNotOvertaken) {
  Config config;
  config.profile = Profile::kStandard;
  config.lists.deny = {"@spam.example"};
  std::vector<ScriptLine> script = Nothing();
  script.push_back({"spam.example TXT", "nodata"});
  Begin(config, script);
  JudgeTwice(Client());
  const Verdict denied = Judge(Client(), "a@spam.example");
  EXPECT_EQ(denied.decided_by, (Decision{CheckId::kLocalList, Reason::kListed}));
}

// The name's verdict alone may be new: what was found of the message goes with the former one.
TEST_F(VerdictMemoryTest, AMessageGoesWithItsOwnFindingOfTheName) {
  std::vector<ScriptLine> script = Nothing();
  script.push_back({"example.net TXT", "\"v=spf1 -all\""});
  Begin(Config(), script);
  JudgeTwice(Client());
  Judge(Client(), "a@example.net");
  Judge(Client(), "a@example.net");
  EXPECT_EQ(questions_, 1U) << "remembered when it came the second time";
  Judge(Client(), "a@example.net");
  EXPECT_EQ(questions_, 0U);
  now_ += kNegativeTtl;
  JudgeTwice(Client());
  Judge(Client(), "a@example.net");
  EXPECT_EQ(questions_, 1U) << "the name has been found anew";
}

TEST_F(VerdictMemoryTest, WhoAuthenticatesIsNotTakenForWhoHasNot) {
  Config config;
  config.profile = Profile::kStrict;
  Begin(config, Nothing());
  JudgeTwice(Client());
  Session authenticated = Client();
  authenticated.authenticated = true;
  EXPECT_EQ(engine_->ValidateAndWait(authenticated).action, Action::kAccept);
}

// The profile of a recipient's domain is not everybody's.
TEST_F(VerdictMemoryTest, ARecipientsVerdictIsNotTakenForThatOfAll) {
  Config config;
  config.profile = Profile::kObserve;
  config.alternate = {.domains = {"strict.example"}, .profile = Profile::kStrict};
  Begin(config, Nothing());
  Session to_strict = Client();
  to_strict.recipient = "user@strict.example";
  for (int visit = 0; visit < 3; ++visit) {
    EXPECT_EQ(engine_->ValidateAndWait(to_strict).profile, Profile::kStrict) << visit;
  }
  for (int visit = 0; visit < 3; ++visit) {
    EXPECT_EQ(engine_->ValidateAndWait(Client()).profile, Profile::kObserve) << visit;
  }
  EXPECT_EQ(engine_->ValidateAndWait(to_strict).profile, Profile::kStrict) << "after all others";
}

Verdict VerdictOf(std::size_t octets) {
  Verdict verdict{.session = {.client = Address(kClient), .helo = kHeloName}};
  verdict.checks.push_back({.check = CheckId::kDna});
  verdict.checks.back().contact = std::string(octets, 'x');
  return verdict;
}

TEST(VerdictMemory, TheLeastRecentlyUsedGoes) {
  VerdictMemory memory(std::size_t{9} * 1024);
  const Loop::TimePoint now{};
  for (const char* const key : {"a", "b", "c"}) memory.Keep(key, VerdictOf(2000), 0, now + 1s);
  EXPECT_NE(memory.Find("a", 0, now), nullptr);
  memory.Keep("d", VerdictOf(2000), 0, now + 1s);
  EXPECT_NE(memory.Find("a", 0, now), nullptr);
  EXPECT_EQ(memory.Find("b", 0, now), nullptr);
  EXPECT_NE(memory.Find("c", 0, now), nullptr);
  EXPECT_NE(memory.Find("d", 0, now), nullptr);
  EXPECT_LE(memory.kept_octets(), std::size_t{9} * 1024);
}

TEST(VerdictMemory, LargeVerdictsAreNotKept) {
  VerdictMemory memory;
  const Loop::TimePoint now{};
  memory.Keep("a", VerdictOf(kMaxVerdictOctets / 2), 0, now + 1s);
  memory.Keep("b", VerdictOf(kMaxVerdictOctets), 0, now + 1s);
  EXPECT_NE(memory.Find("a", 0, now), nullptr);
  EXPECT_EQ(memory.Find("b", 0, now), nullptr);
}

TEST(VerdictMemory, WhatEndedGivesItsOctetsBack) {
  VerdictMemory memory;
  const Loop::TimePoint now{};
  memory.Keep("a", VerdictOf(100), 0, now + 1s);
  memory.Keep("a", VerdictOf(100), 0, now + 2s);
  EXPECT_NE(memory.Find("a", 0, now + 1s), nullptr) << "the later one counts";
  EXPECT_EQ(memory.Find("a", 0, now + 2s), nullptr);
  EXPECT_EQ(memory.kept_octets(), 0U);
  memory.Keep("a", VerdictOf(100), 0, now + 1s);
  EXPECT_EQ(memory.Find("a", 1, now), nullptr) << "the lists have changed";
  EXPECT_EQ(memory.kept_octets(), 0U);
}

struct KeyCase {
  Session one;
  Session other;
};

TEST(VerdictKey, TellsSessionsApart) {
  const IpAddress v4 = Address("192.0.2.1");
  for (const KeyCase& pair : std::vector<KeyCase>{
           {{.client = v4, .helo = "a.test"}, {.client = v4, .helo = "b.test"}},
           {{.client = v4, .helo = "a.test"}, {.client = Address("192.0.2.2"), .helo = "a.test"}},
           {{.client = v4, .helo = "a.test"},
            {.client = Address("::ffff:c000:201"), .helo = "a.tes"}},
           {{.client = v4, .helo = "a.test"}, {.client = v4, .helo = "a.test", .mail_from = ""}},
           {{.client = v4, .helo = "a.test:b", .mail_from = "c"},
            {.client = v4, .helo = "a.test", .mail_from = "b:c"}},
       }) {
    EXPECT_NE(VerdictKey(pair.one), VerdictKey(pair.other)) << pair.one.helo;
  }
}

}  // namespace
}  // namespace helovet
