// What clients and owners of domains might try, to be judged better than they deserve.
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dns/session_dns.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "helovet/engine.h"
#include "testing/scripted_dns.h"

namespace helovet {
namespace {

using std::chrono_literals::operator""ms;
using testing::Address;
using ::testing::Contains;
using testing::ScriptedDns;
using testing::ScriptLine;

std::vector<std::string> ChecksOf(const Verdict& verdict) {
  std::vector<std::string> texts;
  for (const CheckResult& check : verdict.checks) {
    texts.push_back(std::string(ToString(check.check)) + "=" + std::string(ToString(check.result)) +
                    "/" + std::string(ToString(check.reason)));
  }
  return texts;
}

// A list of which every code in 127.0.0.0/24 is a reason to refuse.
DnsList Refusing(const std::string& zone) {
  return {.zone = zone,
          .codes = {{.octets = {{{127, 127}, {0, 0}, {0, 0}, {0, 255}}}, .rating = Rating::kE}}};
}

const std::vector<ScriptLine>& Published() {
  static const auto* const script =
      new std::vector<ScriptLine>{{"_client._smtp.mail.example.com SRV", "1 2 0 mail.example.com"},
                                  {"_client._smtp.example.com SRV", "nxdomain"},
                                  {"mail.example.com A", "192.0.2.1"},
                                  {"1.2.0.192.in-addr.arpa PTR", "mail.example.com"},
                                  {"2.2.0.192.in-addr.arpa PTR", "nxdomain"}};
  return *script;
}

class EvasionTest : public ::testing::Test {
 protected:
  // Without designated senders, of which sender_series_test.cc speaks.
  void Begin(Config config, const std::vector<ScriptLine>& script = Published(),
             ScriptedDns::Order order = ScriptedDns::Order::kAsAsked) {
    config.senders.checks.clear();
    engine_.emplace(loop_, std::make_shared<const Config>(config),
                    std::make_unique<ScriptedDns>(loop_, script, order));
  }

  Verdict Judge(const std::string& client, const std::string& helo,
                std::optional<std::string> mail_from = std::nullopt) {
    return engine_->ValidateAndWait(
        {.client = Address(client), .helo = helo, .mail_from = std::move(mail_from)});
  }

  Verdict AfterHelo(const Verdict& helo, const std::string& mail_from) {
    std::optional<Verdict> reached;
    const auto validation = engine_->ValidateMailFrom(
        helo, mail_from, [&reached](const Verdict& verdict) { reached = verdict; });
    loop_.RunUntil([&reached] { return reached.has_value(); });
    return *std::move(reached);
  }

  Loop loop_;
  std::optional<Engine> engine_;
};

// docs/rules.md §8: the addresses of the name fill what a validation keeps, and come before what
// the lists say.
TEST_F(EvasionTest, LargeRecordsOfANameHideNoListing) {
  Config config;
  config.profile = Profile::kStandard;
  config.dna.trusted = {{.name = "judge.test", .always_ask = true}};
  config.lists.address = {Refusing("ip.test")};
  config.lists.name = {Refusing("name.test")};
  const std::string name = "bot.example.org";
  const std::size_t octets = sizeof(DnsRecord) + testing::Name(name).wire().size();
  std::string addresses = "10.0.0.0";
  for (std::size_t i = 1; i < kMaxKeptOctets / octets; ++i) {
    addresses += " | 10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256);
  }
  Begin(config,
        {{"_client._smtp.bot.example.org SRV", "nodata"},
         {"_client._smtp.example.org SRV", "nodata"},
         {name + " A", addresses},
         {name + " PTR", "nodata"},
         {name + ".judge.test TXT", "MARID,1,E"},
         {"_vouch._smtp.judge.test SRV", "nodata"},
         {name + ".name.test A", "127.0.0.2"},
         {"2.2.0.192.ip.test A", "127.0.0.2"},
         {"2.2.0.192.in-addr.arpa PTR", "nxdomain"}},
        ScriptedDns::Order::kReversed);
  const Verdict verdict = Judge("192.0.2.2", name);
  EXPECT_THAT(ChecksOf(verdict), Contains("forward=neutral/not-matched")) << "was it kept at all?";
  EXPECT_THAT(ChecksOf(verdict), Contains("dna=fail/not-recommended"));
  EXPECT_THAT(ChecksOf(verdict), Contains("address-list=fail/listed"));
  EXPECT_THAT(ChecksOf(verdict), Contains("name-list=fail/listed"));
  EXPECT_EQ(ToString(verdict.action), "reject");
}

// A HELO name that is the very question to a list, so that one answer ends the last check of the
// name and, after that, the one of the lists.
TEST_F(EvasionTest, OneAnswerForANameAndAListMakesOneVerdict) {
  const std::string name = "5.2.0.192.list.test";
  Config config;
  config.profile = Profile::kStandard;
  config.lists.allow = {name};
  config.lists.address = {Refusing("list.test")};
  Begin(config,
        {{"_client._smtp." + name + " SRV", "1 2 0 " + name + " | + " + name + " A 192.0.2.5"},
         {"_client._smtp.2.0.192.list.test SRV", "nodata"},
         {"_client._smtp.0.192.list.test SRV", "nodata"},
         {"_client._smtp.192.list.test SRV", "nodata"},
         {"_client._smtp.list.test SRV", "nodata"},
         {name + " A", "192.0.2.5 | 127.0.0.2"},
         {"5.2.0.192.in-addr.arpa PTR", "nxdomain"}},
        ScriptedDns::Order::kReversed);
  const Verdict verdict = Judge("192.0.2.5", name);
  EXPECT_EQ(verdict.session.helo, name);
  EXPECT_THAT(ChecksOf(verdict), Contains("helo=pass/fqdn"));
  EXPECT_EQ(ToString(verdict.trust), "high");
}

// docs/rules.md §7.1, §10: a sender that the lists deny spares nobody the checks that count.
TEST_F(EvasionTest, ADenialThatOverridesPassOverHidesNothing) {
  for (const Override& each :
       std::vector<Override>{{CheckId::kLocalList, Result::kFail, OverrideAction::kIgnore},
                             {CheckId::kCsa, Result::kFail, OverrideAction::kReject}}) {
    Config config;
    const bool ignored = each.action == OverrideAction::kIgnore;
    config.profile = ignored ? Profile::kStandard : Profile::kObserve;
    config.lists.deny = {"@spam.example"};
    config.overrides = {each};
    Begin(config);
    const Verdict verdict = Judge("192.0.2.2", "mail.example.com", "a@spam.example");
    EXPECT_EQ(ToString(verdict.action), "reject") << ToString(each.action);
    EXPECT_EQ(verdict.decided_by, (Decision{CheckId::kCsa, Reason::kAddressMismatch}));
  }
}

// docs/rules.md §7.1: whether a list has the name could not be found out.
TEST_F(EvasionTest, ARegistrationThatFailsForNowLeavesTheListOpen) {
  std::vector<ScriptLine> script = Published();
  script[0].reply = "servfail";
  Config config;
  config.csa.dialect = Config::CsaDialect::kDsar00;
  config.lists.deny = {"mail.example.com"};
  Begin(config, script);
  EXPECT_THAT(ChecksOf(Judge("192.0.2.1", "mail.example.com")),
              Contains("local-list=temperror/dns"));
  // Nothing could prove another host.
  EXPECT_THAT(ChecksOf(Judge("192.0.2.2", "mail.example.com")),
              Contains("local-list=neutral/not-verified"));
}

// docs/rules.md §1: MAIL FROM that comes later leads to the same trust and action.
TEST_F(EvasionTest, TheSenderMayComeLater) {
  const std::vector<std::string> entries = {"mail.example.com", ".example.com",     "@example.com",
                                            "@.example.com",    "@spam.example",    "192.0.2.0/24",
                                            "192.0.2.2",        "@mail.example.com"};
  std::vector<ScriptLine> script = Published();
  script.push_back({"1.2.0.192.list.test A", "127.0.0.2"});
  script.push_back({"2.2.0.192.list.test A", "nxdomain"});
  for (unsigned allowed = 0; allowed < 1U << entries.size(); allowed += 5) {
    Config config;
    config.profile = allowed % 2 == 0 ? Profile::kStandard : Profile::kStrict;
    config.lists.address = {Refusing("list.test")};
    if (allowed % 3 == 0) config.csa.dialect = Config::CsaDialect::kDsar00;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      ((allowed >> i) % 2 == 1 ? config.lists.allow : config.lists.deny).push_back(entries[i]);
      if ((allowed + i) % 4 != 0) continue;  // Not every entry in every list.
      ((allowed >> i) % 2 == 1 ? config.lists.allow : config.lists.deny).pop_back();
    }
    Begin(config, script);
    for (const std::string client : {"192.0.2.1", "192.0.2.2"}) {
      const Verdict helo = Judge(client, "mail.example.com");
      for (const std::string sender :
           {"", "a@example.com", "a@mail.example.com", "a@spam.example", "a@other.example"}) {
        const Verdict whole = Judge(client, "mail.example.com", sender);
        const Verdict later = AfterHelo(helo, sender);
        EXPECT_EQ(ToString(later.trust), ToString(whole.trust)) << allowed << client << sender;
        EXPECT_EQ(ToString(later.action), ToString(whole.action)) << allowed << client << sender;
        if (whole.checks.size() > 2) {
          EXPECT_EQ(ChecksOf(later), ChecksOf(whole)) << allowed << client << sender;
        }
      }
    }
  }
}

// A client may go at any moment.
TEST_F(EvasionTest, AValidationMayEndInEveryState) {
  Config config;
  config.deadline = 100ms;
  config.lists.allow = {"mail.example.com"};
  config.lists.address = {Refusing("list.test"), Refusing("silent.test")};
  config.dna.trusted = {{.name = "judge.test", .always_ask = true}};
  std::vector<ScriptLine> script = Published();
  script.push_back({"1.2.0.192.list.test A", "CNAME a.list.test"});
  script.push_back({"a.list.test A", "127.0.0.2"});
  script.push_back({"1.2.0.192.silent.test A", "silence"});
  script.push_back({"mail.example.com PTR", "_vouch._smtp.judge.test"});
  script.push_back({"mail.example.com.judge.test TXT", "MARID,1,D"});
  script.push_back({"_vouch._smtp.judge.test SRV", "silence"});
  for (const auto order : {ScriptedDns::Order::kAsAsked, ScriptedDns::Order::kReversed}) {
    for (int turns = 0; turns < 24; ++turns) {
      Begin(config, script, order);
      bool called = false;
      auto validation =
          engine_->Validate({.client = Address("192.0.2.1"), .helo = "mail.example.com"},
                            [&called](const Verdict&) { called = true; });
      for (int turn = 0; turn < turns && !called; ++turn) loop_.Turn(loop_.Now() + 20ms);
      const bool before = called;
      validation.reset();
      if (turns % 2 == 0) engine_.reset();
      loop_.RunUntil([] { return false; });
      EXPECT_EQ(called, before) << turns;
    }
  }
}

}  // namespace
}  // namespace helovet
