// docs/rules.md §11.1: which checks of designated senders run, in which order they count, and what
// of them stays from HELO to MAIL FROM.
#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <utility>
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
using ::testing::IsSupersetOf;
using testing::kClient;
using testing::kDmpHelo;
using testing::kDmpOfHelo;
using testing::kDmpOfSender;
using testing::kDmpSender;
using testing::kDripOfHelo;
using testing::kDripParent;
using testing::kRmxOfSender;
using testing::kSenderAddress;
using testing::kSpfOfHelo;
using testing::kSpfOfSender;
using ::testing::Not;
using testing::Nothing;
using testing::ScriptedDns;
using testing::ScriptLine;
using testing::SendersOf;
using enum CheckId;

constexpr const char* kAllows = "v=spf1 ip4:192.0.2.1 -all";
constexpr const char* kForbids = "v=spf1 -all";

Config With(std::vector<CheckId> checks, Profile profile = Profile::kStandard) {
  Config config;
  config.profile = profile;
  config.senders.checks = std::move(checks);
  config.spf.explanation = false;
  return config;
}

const Exchange* FindExchange(const Verdict& verdict, const std::string& question) {
  const auto found = std::ranges::find_if(verdict.exchanges, [&](const Exchange& each) {
    return each.name + " " + each.type == question;
  });
  return found == verdict.exchanges.end() ? nullptr : &*found;
}

class SenderSeriesTest : public testing::EngineFixture {};

TEST_F(SenderSeriesTest, FirstQuestionsLeaveTogether) {
  Begin(With({kDmp, kDrip, kRmx, kSpf}), Nothing());
  const Verdict verdict = Judge(SessionFrom(kSenderAddress));
  EXPECT_THAT(dns_->FirstWave(),
              IsSupersetOf({kDmpOfHelo, kDmpHelo, kDripOfHelo, kSpfOfHelo, kDmpOfSender, kDmpSender,
                            kRmxOfSender, kSpfOfSender}));
  EXPECT_THAT(SendersOf(verdict),
              ElementsAre("dmp=none/not-participating", "drip=none/not-participating",
                          "rmx=none/no-record", "spf-helo=none/no-record", "spf=none/no-record"));
}

// Of Validate, ValidateMailFrom and the lists' denials: nothing is asked that is not configured.
TEST_F(SenderSeriesTest, WithoutChecksNothingIsAsked) {
  Begin(With({}), Nothing());
  const Verdict verdict = Judge(SessionFrom(kSenderAddress));
  EXPECT_THAT(SendersOf(verdict), IsEmpty());
  EXPECT_THAT(dns_->asked(), Not(Contains(kSpfOfHelo)));
  EXPECT_THAT(dns_->asked(), Not(Contains(kSpfOfSender)));
}

TEST_F(SenderSeriesTest, TheFirstThatDecidesEndsTheSeries) {
  const std::vector<ScriptLine> script =
      Nothing({{kDripOfHelo, "192.0.2.1"}, {kSpfOfHelo, kForbids}, {kDmpOfHelo, "dmp=deny"}});
  Begin(With({kDrip, kSpf, kDmp}), script);
  const Verdict verdict = Judge(SessionFrom());
  EXPECT_THAT(SendersOf(verdict), ElementsAre("drip=pass/designated"));
  EXPECT_TRUE(verdict.authenticated()) << "docs/rules.md §5";
  // What later checks had asked in advance is withdrawn.
  ASSERT_NE(FindExchange(verdict, kSpfOfHelo), nullptr);
  EXPECT_EQ(FindExchange(verdict, kSpfOfHelo)->outcome, "unanswered");
}

struct OrderCase {
  std::string id;
  std::vector<CheckId> checks;
  std::vector<ScriptLine> lines;
  std::vector<std::string> of_name;
  std::vector<std::string> of_message;
};

std::vector<OrderCase> OrderCases() {
  return {
      {"docs/rules.md §11.1: the configured order counts, spf first",
       {kSpf, kDmp},
       {{kSpfOfHelo, kForbids}, {kDmpOfHelo, "dmp=allow"}, {kSpfOfSender, kForbids}},
       {"spf-helo=fail/not-designated"},
       {"spf-helo=fail/not-designated", "spf=fail/not-designated"}},
      {"docs/rules.md §11.1: dmp first",
       {kDmp, kSpf},
       {{kSpfOfHelo, kForbids}, {kDmpOfHelo, "dmp=allow"}},
       {"dmp=pass/designated"},
       {"dmp=none/not-participating", "spf=none/no-record"}},
      {"docs/rules.md §11.1: what failed for now decides nothing",
       {kDrip, kDmp, kSpf},
       {{kDripOfHelo, "servfail"}, {kDripParent, "servfail"}, {kDmpOfHelo, "dmp=deny"}},
       {"dmp=fail/denied", "drip=temperror/dns", "spf-helo=none/no-record"},
       {"dmp=none/not-participating", "drip=temperror/dns", "spf-helo=none/no-record",
        "spf=none/no-record"}},
      {"docs/rules.md §11.1: a pass for the domain of MAIL FROM decides",
       {kDmp, kRmx, kSpf},
       {{kDmpOfSender, "dmp=allow"}, {kSpfOfSender, kForbids}},
       {"dmp=none/not-participating", "spf-helo=none/no-record"},
       {"dmp=pass/designated", "spf-helo=none/no-record"}},
      {"docs/rules.md §11.1: a pass for the HELO name decides about a null sender only",
       {kDmp, kSpf},
       {{kDmpOfSender, "dmp=deny"}, {kDmpOfHelo, "dmp=allow"}, {kSpfOfSender, kForbids}},
       {"dmp=pass/designated"},
       {"dmp=pass/designated", "spf=fail/not-designated"}},
      {"docs/rules.md §11.1: dmp of the name gives way to nothing where an earlier check decides",
       {kSpf, kDmp},
       {{kSpfOfSender, kAllows}, {kDmpOfHelo, "dmp=deny"}},
       {"dmp=fail/denied", "spf-helo=none/no-record"},
       {"spf-helo=none/no-record", "spf=pass/designated"}},
      {"docs/rules.md §11.1: softfail and neutral decide nothing",
       {kSpf, kDmp},
       {{kSpfOfHelo, "v=spf1 ~all"}, {kSpfOfSender, "v=spf1 ?all"}, {kDmpOfSender, "dmp=deny"}},
       {"dmp=none/not-participating", "spf-helo=softfail/probably-not-designated"},
       {"dmp=fail/denied", "spf-helo=softfail/probably-not-designated",
        "spf=neutral/no-assertion"}},
  };
}

TEST_F(SenderSeriesTest, ResultsCountInTheConfiguredOrder) {
  for (const OrderCase& given : OrderCases()) {
    for (const auto order : {ScriptedDns::Order::kAsAsked, ScriptedDns::Order::kReversed}) {
      Begin(With(given.checks), Nothing(given.lines), order);
      const Verdict name = Judge(SessionFrom());
      EXPECT_EQ(SendersOf(name), given.of_name) << given.id;
      EXPECT_EQ(SendersOf(AfterHelo(name, kSenderAddress)), given.of_message) << given.id;
      EXPECT_EQ(SendersOf(Judge(SessionFrom(kSenderAddress))), given.of_message) << given.id;
    }
  }
}

// RFC 7208 §2.4: the null sender is postmaster at the HELO name.
TEST_F(SenderSeriesTest, ANullSenderAsksNothingNew) {
  Begin(With({kDmp, kRmx, kSpf}), Nothing({{kSpfOfHelo, kForbids}}));
  const Verdict name = Judge(SessionFrom());
  const std::size_t asked = dns_->asked().size();
  const Verdict bounce = AfterHelo(name, "");
  EXPECT_EQ(dns_->asked().size(), asked);
  EXPECT_THAT(SendersOf(bounce),
              ElementsAre("dmp=none/not-participating", "rmx=none/no-sender",
                          "spf-helo=fail/not-designated", "spf=fail/not-designated"));
  EXPECT_EQ(bounce.Find(kSpf)->identity, Identity::kHelo);
  EXPECT_EQ(bounce.Find(kSpf)->evidence.size(), bounce.Find(kSpfHelo)->evidence.size());
}

TEST_F(SenderSeriesTest, ANullSenderOfAHostWithoutANameIsNoSender) {
  Begin(With({kDmp, kSpf}), Nothing());
  const Verdict bounce = Judge(SessionFrom("", kClient, "[192.0.2.1]"));
  EXPECT_THAT(SendersOf(bounce),
              ElementsAre("dmp=none/no-name", "spf-helo=none/no-name", "spf=none/no-sender"));
}

TEST_F(SenderSeriesTest, WhatProvesTheNameIsKeptAtMailFrom) {
  Begin(With({kDmp}), Nothing({{kDmpOfHelo, "dmp=allow"}, {kDmpOfSender, "dmp=deny"}}));
  const Verdict name = Judge(SessionFrom());
  EXPECT_EQ(name.name_proof, NameProof::kProven);
  EXPECT_EQ(AfterHelo(name, "").name_proof, NameProof::kProven);
  EXPECT_EQ(AfterHelo(name, kSenderAddress).name_proof, NameProof::kProven);
}

TEST_F(SenderSeriesTest, APassForTheSenderProvesNothingAboutTheName) {
  Begin(With({kDmp, kSpf}), Nothing({{kSpfOfSender, kAllows}}));
  EXPECT_EQ(Judge(SessionFrom(kSenderAddress)).name_proof, NameProof::kNotProven);
}

TEST_F(SenderSeriesTest, WhatFailsForNowLeavesTheProofOpen) {
  Begin(With({kSpf}), Nothing({{kSpfOfHelo, "servfail"}}));
  EXPECT_EQ(Judge(SessionFrom()).name_proof, NameProof::kUndetermined);
}

TEST_F(SenderSeriesTest, AFailureIsLowTrust) {
  Begin(With({kSpf}), Nothing({{kSpfOfSender, kForbids}}));
  const Verdict verdict = Judge(SessionFrom(kSenderAddress));
  EXPECT_EQ(ToString(verdict.trust), "low");
  EXPECT_EQ(ToString(verdict.action), "reject");
  EXPECT_EQ(verdict.decided_by.check, kSpf);
}

// docs/rules.md §10: had drip passed, spf-helo would not have run.
TEST_F(SenderSeriesTest, WhatStandsBehindATemporaryFailureRejectsNobody) {
  const std::vector<ScriptLine> script =
      Nothing({{kDmpOfHelo, "servfail"}, {kSpfOfHelo, kForbids}});
  Begin(With({kDmp, kSpf}), script);
  const Verdict name = Judge(SessionFrom());
  EXPECT_EQ(ToString(name.trust), "low");
  EXPECT_EQ(ToString(name.action), "defer");
  // At MAIL FROM what dmp found about the name is gone, and counts all the same.
  EXPECT_EQ(ToString(AfterHelo(name, kSenderAddress).action), "defer");
  EXPECT_EQ(ToString(AfterHelo(name, "").action), "defer");
  Begin(With({kSpf, kDmp}), script);
  EXPECT_EQ(ToString(Judge(SessionFrom()).action), "reject") << "nothing stood before it";
}

// docs/rules.md §1, §7.1.
TEST_F(SenderSeriesTest, ExemptionsAndDenialsAskNothing) {
  Config config = With({kDmp, kRmx, kSpf});
  config.lists.deny = {"@example.org"};
  Begin(config, Nothing());
  Judge(SessionFrom(kSenderAddress, "127.0.0.1"));
  EXPECT_EQ(ToString(Judge(SessionFrom(kSenderAddress)).action), "reject");
  EXPECT_THAT(dns_->asked(), IsEmpty());
  const Verdict name = Judge(SessionFrom());
  const std::size_t asked = dns_->asked().size();
  const Verdict denied = AfterHelo(name, kSenderAddress);
  EXPECT_EQ(ToString(denied.action), "reject");
  EXPECT_EQ(dns_->asked().size(), asked);
}

TEST_F(SenderSeriesTest, EachMessageGoesOnFromTheName) {
  Begin(With({kDmp, kRmx, kSpf}), Nothing({{kDmpOfHelo, "dmp=deny"}, {kSpfOfSender, kAllows}}));
  const Verdict name = Judge(SessionFrom());
  const Verdict first = AfterHelo(name, kSenderAddress);
  EXPECT_GT(first.exchanges.size(), name.exchanges.size());
  const Verdict second = AfterHelo(first, kSenderAddress);
  EXPECT_EQ(second.exchanges.size(), first.exchanges.size());
  EXPECT_EQ(SendersOf(second), SendersOf(first));
  const Verdict bounce = AfterHelo(second, "");
  EXPECT_THAT(SendersOf(bounce), ElementsAre("dmp=fail/denied", "spf-helo=none/no-record"))
      << "as after HELO";
  EXPECT_EQ(bounce.exchanges.size(), name.exchanges.size());
}

TEST_F(SenderSeriesTest, TheDeadlineEndsBothSeries) {
  Config config = With({kDmp, kSpf});
  config.deadline = 100ms;
  Begin(config, Nothing({{kDmpOfHelo, "silence"}, {kSpfOfSender, "silence"}}));
  const Loop::TimePoint start = loop_.Now();
  const Verdict verdict = Judge(SessionFrom(kSenderAddress));
  EXPECT_LT(loop_.Now() - start, 1000ms);
  EXPECT_THAT(SendersOf(*verdict.on_name),
              ElementsAre("dmp=temperror/dns", "spf-helo=none/no-record"));
  EXPECT_THAT(SendersOf(verdict), ElementsAre("dmp=none/not-participating",
                                              "spf-helo=none/no-record", "spf=temperror/dns"));
}

TEST_F(SenderSeriesTest, TheHostMayHaveLessTimeThanTheSettings) {
  Begin(With({kSpf}), Nothing({{kSpfOfSender, "silence"}}));
  const Verdict name = Judge(SessionFrom());
  const Loop::TimePoint start = loop_.Now();
  const Verdict verdict = Await([&](auto done) {
    return engine_->ValidateMailFrom(name, kSenderAddress, std::move(done), start + 50ms);
  });
  EXPECT_LT(loop_.Now() - start, 1000ms);
  EXPECT_THAT(SendersOf(verdict), ElementsAre("spf-helo=none/no-record", "spf=temperror/dns"));
}

TEST_F(SenderSeriesTest, WithoutAConfigurationNothingIsAsked) {
  Begin(With({kDmp, kSpf}), Nothing());
  const Verdict verdict = AfterHelo(VerdictWithoutConfiguration(SessionFrom()), kSenderAddress);
  EXPECT_EQ(verdict.session.mail_from, kSenderAddress);
  EXPECT_EQ(verdict.decided_by.check, kConfiguration);
  EXPECT_THAT(dns_->asked(), IsEmpty());
}

TEST_F(SenderSeriesTest, AMessageIsAnnouncedOnce) {
  Begin(With({kDmp, kRmx, kSpf}), Nothing());
  const Verdict name = Judge(SessionFrom());
  for (const std::string sender : {"", kSenderAddress}) {
    int calls = 0;
    const auto validation =
        engine_->ValidateMailFrom(name, sender, [&calls](const Verdict&) { ++calls; });
    EXPECT_EQ(calls, 0);
    loop_.RunUntil([] { return false; });
    EXPECT_EQ(calls, 1) << sender;
  }
}

// A client may go at any moment.
TEST_F(SenderSeriesTest, AMessageMayEndInEveryState) {
  Config config = With({kDmp, kRmx, kSpf});
  config.deadline = 50ms;
  const std::vector<ScriptLine> script = Nothing({{kSpfOfSender, "v=spf1 include:b.test -all"},
                                                  {"b.test TXT", "v=spf1 a:c.test -all"},
                                                  {"c.test A", "silence"}});
  for (const auto order : {ScriptedDns::Order::kAsAsked, ScriptedDns::Order::kReversed}) {
    for (int turns = 0; turns < 12; ++turns) {
      Begin(config, script, order);
      const Verdict name = Judge(SessionFrom());
      for (const bool whole : {true, false}) {
        bool called = false;
        const auto done = [&called](const Verdict&) { called = true; };
        auto validation = whole ? engine_->Validate(SessionFrom(kSenderAddress), done)
                                : engine_->ValidateMailFrom(name, kSenderAddress, done);
        for (int turn = 0; turn < turns && !called; ++turn) loop_.Turn(loop_.Now() + 10ms);
        const bool before = called;
        validation.reset();
        loop_.RunUntil([] { return false; });
        EXPECT_EQ(called, before) << turns;
      }
    }
  }
}

// --- Both ways to the same verdict, whatever the DNS says.

class RandomAnswers {
 public:
  std::vector<ScriptLine> Script() {
    std::vector<ScriptLine> lines;
    const auto say = [&](const char* question, std::vector<std::string> choices) {
      choices.insert(choices.end(), {"nodata", "nxdomain", "servfail"});
      lines.push_back({question, choices[Below(choices.size())]});
    };
    for (const char* const question : {kDmpOfHelo, kDmpOfSender}) {
      say(question, {"dmp=allow", "dmp=deny", "dmp=allow | dmp=deny"});
    }
    for (const char* const question : {kDmpHelo, kDmpSender}) say(question, {"dmp="});
    for (const char* const question : {kDripOfHelo, kDripParent}) {
      say(question, {"192.0.2.1", "192.0.2.9", "192.0.2.1 | 192.0.2.9"});
    }
    for (const char* const question : {kSpfOfHelo, kSpfOfSender}) {
      say(question, {kAllows, kForbids, "v=spf1 ~all", "v=spf1 ?all", "v=spf1 bad"});
    }
    say(kRmxOfSender, {"ipv4:192.0.2.1", "!ipv4:192.0.2.1", "?"});
    say("mail.example.com A", {"192.0.2.1", "192.0.2.9"});
    say("_client._smtp.mail.example.com SRV", {"1 2 0 mail.example.com", "1 1 0 ."});
    return Nothing(lines);
  }

  Config Settings() {
    std::vector<CheckId> checks = {kDmp, kDrip, kRmx, kSpf};
    std::ranges::shuffle(checks, random_);
    checks.resize(Below(checks.size()) + 1);
    Config config = With(checks, static_cast<Profile>(Below(4)));
    if (Below(4) == 0) config.csa.dialect = Config::CsaDialect::kDsar00;
    if (Below(4) == 0) config.lists.allow = {"mail.example.com"};
    if (Below(4) == 0) config.lists.allow.emplace_back("@example.org");
    if (Below(8) == 0) config.lists.deny = {"mail.example.com"};
    return config;
  }

  std::size_t Below(std::size_t count) { return random_() % count; }

 private:
  std::minstd_rand random_{7208};
};

// All that hosts show, but for times.
std::string Text(const Verdict& verdict) {
  std::string text = std::string(ToString(verdict.trust)) + " " +
                     std::string(ToString(verdict.action)) + " " +
                     std::string(ToString(verdict.decided_by.check)) + " " +
                     std::to_string(static_cast<int>(verdict.name_proof)) + " " +
                     std::string(ToString(verdict.shadow.strict)) + "\n";
  for (const CheckResult& check : verdict.checks) {
    text += std::string(ToString(check.check)) + "=" + std::string(ToString(check.result)) + "/" +
            std::string(ToString(check.reason)) + " " +
            std::to_string(static_cast<int>(check.identity)) + " " +
            std::to_string(check.evidence.size()) + "\n";
  }
  for (const Exchange& exchange : verdict.exchanges) {
    text += exchange.name + " " + exchange.type + " " + exchange.outcome + "\n";
  }
  return text;
}

TEST_F(SenderSeriesTest, BothWaysLeadToTheSameVerdict) {
  RandomAnswers random;
  for (int round = 0; round < 1500; ++round) {
    const std::vector<ScriptLine> script = random.Script();
    const Config config = random.Settings();
    Begin(config, script);
    const Verdict name = Judge(SessionFrom());
    Verdict last = name;
    for (const std::string sender : {kSenderAddress, "", "a@[192.0.2.7]", kSenderAddress}) {
      const Verdict whole = Judge(SessionFrom(sender));
      const Verdict later = AfterHelo(name, sender);
      last = AfterHelo(last, sender);  // From one message to the next.
      ASSERT_EQ(Text(later), Text(whole)) << round << " " << sender;
      ASSERT_EQ(Text(last), Text(whole)) << round << " " << sender;
    }
  }
}

}  // namespace
}  // namespace helovet
