#include "helovet/engine.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/scripted_dns.h"

namespace helovet {
namespace {

using std::chrono_literals::operator""ms;
using testing::Address;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using testing::ScriptedDns;
using testing::ScriptLine;
using ::testing::SizeIs;

const std::vector<ScriptLine>& Published() {
  static const auto* const script =
      new std::vector<ScriptLine>{{"_client._smtp.mail.example.com SRV", "1 2 0 mail.example.com"},
                                  {"_client._smtp.example.com SRV", "nxdomain"},
                                  {"mail.example.com A", "192.0.2.1"},
                                  {"1.2.0.192.in-addr.arpa PTR", "mail.example.com"},
                                  {"2.2.0.192.in-addr.arpa PTR", "nxdomain"},
                                  {"9.2.0.192.in-addr.arpa PTR", "silence"},
                                  {"_client._smtp.silent.example.com SRV", "silence"},
                                  {"silent.example.com A", "silence"}};
  return *script;
}

// Without designated senders, of which sender_series_test.cc speaks.
class EngineTest : public ::testing::Test {
 protected:
  void Begin(Config config, const std::vector<ScriptLine>& script = Published()) {
    config.senders.checks.clear();
    auto dns = std::make_unique<ScriptedDns>(loop_, script);
    dns_ = dns.get();
    engine_.emplace(loop_, std::make_shared<const Config>(std::move(config)), std::move(dns));
  }

  static Session From(const std::string& client, std::string helo) {
    return {.client = Address(client), .helo = std::move(helo)};
  }

  Loop loop_;
  ScriptedDns* dns_ = nullptr;
  std::optional<Engine> engine_;
};

std::vector<std::string> ChecksOf(const Verdict& verdict) {
  std::vector<std::string> texts;
  for (const CheckResult& check : verdict.checks) {
    texts.push_back(std::string(ToString(check.check)) + "=" + std::string(ToString(check.result)) +
                    "/" + std::string(ToString(check.reason)));
  }
  return texts;
}

TEST_F(EngineTest, HighTrustNeedsProofAuthorisationAndAccreditation) {
  Config config;
  config.profile = Profile::kStandard;
  config.lists.allow = {"mail.example.com"};
  Begin(config);
  const Verdict verdict = engine_->ValidateAndWait(From("192.0.2.1", "mail.example.com"));
  EXPECT_EQ(ToString(verdict.trust), "high");
  EXPECT_EQ(ToString(verdict.action), "accept");
  EXPECT_TRUE(verdict.authenticated());
  EXPECT_THAT(ChecksOf(verdict),
              ElementsAre("helo=pass/fqdn", "csa=pass/authorized", "forward=pass/matched",
                          "iprev=pass/confirmed", "reverse-match=pass/matched",
                          "well-known=none/not-listed", "local-list=pass/listed"));
}

TEST_F(EngineTest, FirstWaveHoldsEveryQuestionOfAPublishedName) {
  Begin(Config());
  const Verdict verdict = engine_->ValidateAndWait(From("192.0.2.1", "mail.example.com"));
  EXPECT_EQ(ToString(verdict.trust), "unknown");
  EXPECT_THAT(dns_->FirstWave(),
              ElementsAre("1.2.0.192.in-addr.arpa PTR", "_client._smtp.example.com SRV",
                          "_client._smtp.mail.example.com SRV", "mail.example.com A"));
  EXPECT_THAT(dns_->asked(), SizeIs(4));  // None is asked twice, and none came later.
  EXPECT_THAT(verdict.exchanges, SizeIs(4));
}

// What the settings have every session ask is among them, so that nothing is waited for twice.
TEST_F(EngineTest, FirstWaveHoldsWhatTheSettingsAlwaysAsk) {
  Config config;
  config.lists.address = {{.zone = "a.list.test", .codes = {}},
                          {.zone = "b.list.test", .codes = {}}};
  config.lists.name = {{.zone = "c.list.test", .codes = {}}, {.zone = "d.list.test", .codes = {}}};
  config.vbr.certifiers = {"a.vouch.test", "b.vouch.test"};
  config.dna.trusted = {{.name = "a.judge.test", .always_ask = true},
                        {.name = "b.judge.test", .always_ask = true},
                        {.name = "named.judge.test"}};
  const std::vector<std::string> always = {"1.2.0.192.a.list.test A",
                                           "1.2.0.192.b.list.test A",
                                           "mail.example.com.c.list.test A",
                                           "mail.example.com.d.list.test A",
                                           "mail.example.com._vouch.a.vouch.test TXT",
                                           "mail.example.com._vouch.b.vouch.test TXT",
                                           "mail.example.com.a.judge.test TXT",
                                           "mail.example.com.b.judge.test TXT",
                                           "mail.example.com PTR"};
  std::vector<ScriptLine> script = Published();
  for (const std::string& question : always) script.push_back({question, "nxdomain"});
  Begin(config, script);
  EXPECT_EQ(ToString(engine_->ValidateAndWait(From("192.0.2.1", "mail.example.com")).trust),
            "unknown");
  EXPECT_THAT(dns_->FirstWave(), IsSupersetOf(always));
  EXPECT_THAT(dns_->asked(), SizeIs(4 + always.size()));
}

TEST_F(EngineTest, OthersAddressIsRefusedUnderStandard) {
  Config config;
  config.profile = Profile::kStandard;
  Begin(config);
  const Verdict verdict = engine_->ValidateAndWait(From("192.0.2.2", "mail.example.com"));
  EXPECT_EQ(ToString(verdict.trust), "low");
  EXPECT_EQ(ToString(verdict.action), "reject");
  EXPECT_EQ(verdict.decided_by, (Decision{CheckId::kCsa, Reason::kAddressMismatch}));
}

TEST_F(EngineTest, ExemptSessionsCostNoQuery) {
  Begin(Config());
  const Verdict loopback = engine_->ValidateAndWait(From("127.0.0.1", "mail.example.com"));
  EXPECT_EQ(loopback.decided_by, (Decision{CheckId::kExempt, Reason::kNetwork}));
  Session session = From("192.0.2.9", "mail.example.com");
  session.authenticated = true;
  const Verdict authenticated = engine_->ValidateAndWait(session);
  EXPECT_EQ(authenticated.decided_by, (Decision{CheckId::kExempt, Reason::kAuthenticatedSession}));
  EXPECT_EQ(ToString(authenticated.action), "accept");
  EXPECT_EQ(ToString(authenticated.trust), "unknown");
  EXPECT_THAT(authenticated.checks, IsEmpty());
  EXPECT_THAT(dns_->asked(), IsEmpty());
}

TEST_F(EngineTest, WhatTheLocalListsSettleCostsNoQuery) {
  Config config;
  config.profile = Profile::kStandard;
  config.lists.allow = {"192.0.2.3"};
  config.lists.deny = {"192.0.2.0/24", "@spam.example", "@.spam.example"};
  Begin(config);
  const Verdict allowed = engine_->ValidateAndWait(From("192.0.2.3", "mail.example.com"));
  EXPECT_EQ(allowed.decided_by, (Decision{CheckId::kExempt, Reason::kListed}));
  EXPECT_EQ(ToString(allowed.action), "accept");

  const Verdict denied = engine_->ValidateAndWait(From("192.0.2.4", "mail.example.com"));
  EXPECT_EQ(ToString(denied.trust), "low");
  EXPECT_EQ(ToString(denied.action), "reject");
  EXPECT_THAT(ChecksOf(denied), ElementsAre("helo=pass/fqdn", "local-list=fail/listed"));

  Session session = From("198.51.100.1", "mail.example.com");
  session.mail_from = "a@b.spam.example";
  EXPECT_THAT(ChecksOf(engine_->ValidateAndWait(session)),
              ElementsAre("helo=pass/fqdn", "local-list=fail/listed"));
  EXPECT_THAT(dns_->asked(), IsEmpty());
}

class MailFromTest : public EngineTest {
 protected:
  Verdict AfterHelo(const Verdict& verdict, const std::string& mail_from) {
    std::optional<Verdict> result;
    const auto validation = engine_->ValidateMailFrom(
        verdict, mail_from, [&](const Verdict& reached) { result = reached; });
    EXPECT_FALSE(result.has_value()) << "called from inside";
    loop_.RunUntil([&] { return result.has_value(); });
    return *std::move(result);
  }
};

// docs/rules.md §1: what MAIL FROM adds is judged with the results that are there.
TEST_F(MailFromTest, GoesOnFromTheVerdictOnTheName) {
  Config config;
  config.profile = Profile::kStandard;
  config.lists.allow = {"@example.com"};
  config.lists.deny = {"@spam.example"};
  Begin(config);
  const Verdict helo = engine_->ValidateAndWait(From("192.0.2.1", "mail.example.com"));
  const std::size_t asked = dns_->asked().size();
  EXPECT_EQ(ToString(helo.trust), "unknown");

  const Verdict spam = AfterHelo(helo, "a@spam.example");
  EXPECT_EQ(ToString(spam.action), "reject");
  EXPECT_EQ(spam.decided_by, (Decision{CheckId::kLocalList, Reason::kListed}));
  EXPECT_EQ(spam.session.mail_from, "a@spam.example");

  const Verdict own = AfterHelo(helo, "a@example.com");
  EXPECT_EQ(ToString(own.trust), "high");
  EXPECT_EQ(own.checks.size(), helo.checks.size());

  // Both ways to the same verdict.
  Session whole = From("192.0.2.1", "mail.example.com");
  whole.mail_from = "a@example.com";
  EXPECT_EQ(ChecksOf(engine_->ValidateAndWait(whole)), ChecksOf(own));
  EXPECT_EQ(dns_->asked().size(), 2 * asked) << "the first two went on without a question";
}

// A list may have changed between the two commands.
TEST_F(MailFromTest, WhatCostNoQuestionIsReachedAnew) {
  Config denying;
  denying.profile = Profile::kStandard;
  denying.lists.deny = {"192.0.2.1"};
  Begin(denying);
  const Verdict denied = engine_->ValidateAndWait(From("192.0.2.1", "mail.example.com"));
  EXPECT_EQ(ToString(AfterHelo(denied, "a@example.com").action), "reject");

  Config mended;
  mended.profile = Profile::kStandard;
  Begin(mended);
  const Verdict whole = AfterHelo(denied, "a@example.com");
  EXPECT_EQ(ToString(whole.action), "tag");
  EXPECT_NE(whole.Find(CheckId::kCsa), nullptr);
  EXPECT_EQ(whole.session.mail_from, "a@example.com");
}

TEST_F(MailFromTest, ExemptSessionsStayExempt) {
  Config config;
  config.lists.deny = {"@spam.example"};
  Begin(config);
  const Verdict helo = engine_->ValidateAndWait(From("127.0.0.1", "mail.example.com"));
  const Verdict spam = AfterHelo(helo, "a@spam.example");
  EXPECT_EQ(ToString(spam.action), "accept");
  EXPECT_EQ(spam.decided_by.check, CheckId::kExempt);
}

// BCP, "Managing receiving SMTP servers": the alternate server.
TEST_F(EngineTest, ARecipientCanHaveAProfileOfItsOwn) {
  Config config;
  config.alternate.domains = {"csv.example.org"};
  Begin(config);
  const Verdict verdict = engine_->ValidateAndWait(From("192.0.2.1", "mail.example.com"));
  EXPECT_EQ(ToString(verdict.action), "tag");
  EXPECT_EQ(ToString(verdict.shadow.strict), "reject");
  EXPECT_EQ(ToString(ForRecipient(verdict, "user@csv.example.org", config).action), "reject");
  EXPECT_EQ(ToString(ForRecipient(verdict, "user@example.org", config).action), "tag");
  const Verdict exempt = engine_->ValidateAndWait(From("127.0.0.1", "mail.example.com"));
  EXPECT_EQ(ToString(ForRecipient(exempt, "user@csv.example.org", config).action), "accept");
}

// docs/rules.md §10: nobody waits for a list whose word would not count.
TEST_F(EngineTest, ATrustedNameDoesNotWaitForListsOfAddresses) {
  Config config;
  config.profile = Profile::kStandard;
  config.lists.allow = {"mail.example.com"};
  config.lists.address = {
      {.zone = "list.test",
       .codes = {{.octets = {{{127, 127}, {0, 0}, {0, 0}, {2, 2}}}, .rating = Rating::kE}}}};
  std::vector<ScriptLine> script = Published();
  script.push_back({"1.2.0.192.list.test A", "silence"});
  script.push_back({"2.2.0.192.list.test A", "127.0.0.2"});
  Begin(config, script);
  const Loop::TimePoint start = loop_.Now();
  const Verdict trusted = engine_->ValidateAndWait(From("192.0.2.1", "mail.example.com"));
  EXPECT_LT(loop_.Now() - start, 2000ms);
  EXPECT_EQ(ToString(trusted.trust), "high");
  EXPECT_EQ(trusted.Find(CheckId::kAddressList), nullptr);
  EXPECT_TRUE(trusted.skip_address_blocklists);

  Session other = From("192.0.2.2", "localhost.localdomain");
  const Verdict listed = engine_->ValidateAndWait(other);
  ASSERT_NE(listed.Find(CheckId::kAddressList), nullptr);
  EXPECT_EQ(ToString(listed.Find(CheckId::kAddressList)->result), "fail");
}

TEST_F(EngineTest, SilentDnsEndsAtTheDeadlineAsTemporary) {
  Config config;
  config.profile = Profile::kStandard;
  config.deadline = 100ms;
  Begin(config);
  const Loop::TimePoint start = loop_.Now();
  const Verdict verdict = engine_->ValidateAndWait(From("192.0.2.9", "silent.example.com"));
  EXPECT_LT(loop_.Now() - start, 1000ms);
  EXPECT_EQ(ToString(verdict.trust), "unknown");
  EXPECT_EQ(ToString(verdict.action), "tag");
  EXPECT_THAT(ChecksOf(verdict),
              ElementsAre("helo=pass/fqdn", "csa=temperror/dns", "forward=temperror/dns",
                          "iprev=temperror/dns", "reverse-match=temperror/dns",
                          "well-known=none/not-listed", "local-list=none/not-listed"));
}

// A question that left in advance and was not needed must not look like a server that is silent.
TEST_F(EngineTest, QuestionsThatNobodyAwaitedAreNoTimeouts) {
  std::vector<ScriptLine> script = Published();
  for (ScriptLine& line : script) {
    if (line.question == "_client._smtp.example.com SRV") line.reply = "silence";
  }
  Begin(Config(), script);
  const Verdict verdict = engine_->ValidateAndWait(From("192.0.2.1", "mail.example.com"));
  for (const Exchange& exchange : verdict.exchanges) {
    const bool awaited = exchange.name != "_client._smtp.example.com";
    EXPECT_EQ(exchange.outcome, awaited ? "ok" : "unanswered") << exchange.name;
  }
}

TEST_F(EngineTest, WaitingSessionDoesNotHoldUpAnother) {
  Config config;
  config.deadline = 2000ms;
  Begin(config);
  bool waiting_done = false;
  bool quick_done = false;
  const auto waiting = engine_->Validate(From("192.0.2.9", "silent.example.com"),
                                         [&](const Verdict&) { waiting_done = true; });
  const auto quick = engine_->Validate(From("192.0.2.1", "mail.example.com"),
                                       [&](const Verdict&) { quick_done = true; });
  const Loop::TimePoint start = loop_.Now();
  loop_.RunUntil([&] { return quick_done; });
  EXPECT_LT(loop_.Now() - start, 1000ms);
  EXPECT_FALSE(waiting_done);
}

TEST_F(EngineTest, CallbackComesOnceAndNeverFromInsideValidate) {
  Begin(Config());
  for (const std::string client : {"127.0.0.1", "192.0.2.1"}) {
    int calls = 0;
    const auto validation =
        engine_->Validate(From(client, "mail.example.com"), [&](const Verdict&) { ++calls; });
    EXPECT_EQ(calls, 0) << client;
    loop_.RunUntil([] { return false; });
    EXPECT_EQ(calls, 1) << client;
    EXPECT_NE(validation->verdict(), nullptr) << client;
  }
}

TEST_F(EngineTest, CallbackMayDestroyItsValidation) {
  Begin(Config());
  std::unique_ptr<Validation> validation;
  bool called = false;
  validation = engine_->Validate(From("192.0.2.1", "mail.example.com"), [&](const Verdict&) {
    validation.reset();
    called = true;
  });
  loop_.RunUntil([&] { return called; });
  EXPECT_EQ(validation, nullptr);
}

TEST_F(EngineTest, DestroyedValidationNeverCallsBack) {
  Begin(Config());
  for (const std::string helo : {"mail.example.com", "silent.example.com"}) {
    bool called = false;
    auto validation =
        engine_->Validate(From("192.0.2.9", helo), [&](const Verdict&) { called = true; });
    loop_.Turn(loop_.Now());
    validation.reset();
    loop_.RunUntil([] { return false; });
    EXPECT_FALSE(called) << helo;
  }
}

// The client's PTR records lead to all the aliases that a network can publish, and faster than the
// records of the name which the client has stolen.
TEST_F(EngineTest, ReverseNamesCannotHideWhatADomainSays) {
  Config config;
  config.profile = Profile::kStandard;
  std::vector<ScriptLine> script =
      testing::AliasChain("_client._smtp.mail.example.com", "SRV", 6, "1 2 0 mx.example.com");
  script.push_back({"mail.example.com A", "nodata"});
  script.push_back({"_client._smtp.example.com SRV", "nodata"});
  script.push_back({"mx.example.com A", "192.0.2.9"});
  std::string ptr = "mx.example.com";  // Another name of the domain's, to have it refused first.
  for (int name = 0; name < 9; ++name) {
    std::string at = "a" + std::to_string(name) + ".test";
    ptr += " | " + at;
    for (int link = 0; link < 8; ++link) {
      const std::string next = "a" + std::to_string(name) + "-" + std::to_string(link) + ".test";
      script.push_back({at + " A", "CNAME " + next});
      at = next;
    }
  }
  script.push_back({"1.2.0.192.in-addr.arpa PTR", ptr});
  Begin(config, script);
  const Verdict verdict = engine_->ValidateAndWait(From("192.0.2.1", "mail.example.com"));
  EXPECT_THAT(ChecksOf(verdict), ::testing::Contains("csa=fail/address-mismatch"));
  EXPECT_EQ(ToString(verdict.action), "reject");
  EXPECT_EQ(verdict.exchanges.size(), dns_->asked().size());
}

TEST_F(EngineTest, HeloNeedsNoFormToBeJudged) {
  Config config;
  config.profile = Profile::kStandard;
  Begin(config);
  for (const std::string& helo :
       {std::string(), std::string("a b"), std::string("a|b.example.com"), std::string(300, 'a'),
        std::string("\0\r\n", 3), std::string("\xff\xfe.example.com")}) {
    const Verdict verdict = engine_->ValidateAndWait(From("192.0.2.1", helo));
    EXPECT_EQ(ToString(verdict.Find(CheckId::kHelo)->result), "fail");
    EXPECT_EQ(ToString(verdict.Find(CheckId::kCsa)->reason), "no-name");
    EXPECT_EQ(ToString(verdict.action), "reject");
  }
}

TEST(VerdictWithoutConfigurationTest, LetsTheSessionGoOn) {
  const Verdict verdict =
      VerdictWithoutConfiguration({.client = Address("192.0.2.1"), .helo = "mail.example.com"});
  EXPECT_EQ(verdict.session.helo, "mail.example.com");
  EXPECT_EQ(ToString(verdict.trust), "unknown");
  EXPECT_EQ(ToString(verdict.action), "accept");
  EXPECT_EQ(verdict.decided_by, (Decision{CheckId::kConfiguration, Reason::kInvalid}));
  EXPECT_THAT(ChecksOf(verdict), ElementsAre("csa=temperror/invalid"));
  EXPECT_FALSE(verdict.authenticated());
}

TEST(EngineWithZones, ZoneFileThatCannotBeReadIsAnError) {
  Loop loop;
  const auto engine =
      Engine::CreateWithZones(loop, std::make_shared<const Config>(), {"/nonexistent.zone"});
  ASSERT_FALSE(engine.has_value());
  EXPECT_EQ(engine.error().file, "/nonexistent.zone");
}

}  // namespace
}  // namespace helovet
