// What clients might try against the checks of designated senders.
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/engine_fixture.h"
#include "dns/session_dns.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace helovet {
namespace {

using std::chrono_literals::operator""ms;
using ::testing::Contains;
using testing::kDmpHelo;
using testing::kDmpOfHelo;
using testing::kDmpOfSender;
using testing::kSenderAddress;
using testing::kSpfOfHelo;
using testing::kSpfOfSender;
using testing::Nothing;
using testing::ScriptLine;
using testing::SendersOf;
using enum CheckId;

Config With(std::vector<CheckId> checks) {
  Config config;
  config.profile = Profile::kStandard;
  config.senders.checks = std::move(checks);
  config.spf.explanation = false;
  return config;
}

class SenderEvasionTest : public testing::EngineFixture {};

// docs/rules.md §8: the client names a host of its own as DMP's alternative, whose records are
// behind as many aliases as there can be.
TEST_F(SenderEvasionTest, AliasesOfTheAlternativeHideNoFailure) {
  std::vector<ScriptLine> script;
  for (const std::string question : {kDmpOfHelo, kDmpHelo}) {
    const std::string owner = question.substr(0, question.find(' '));
    std::string name = owner;
    for (std::size_t i = 0; i < kMaxAliases; ++i) {
      const std::string next = std::to_string(i) + "." + owner;
      script.push_back({name + " TXT", "CNAME " + next});
      name = next;
    }
    script.push_back({name + " TXT", "dmp=allow"});
  }
  std::string hosts = "10 0.mx.test";
  for (int i = 1; i < 10; ++i) hosts += " | 10 " + std::to_string(i) + ".mx.test";
  for (int i = 0; i < 20; ++i) script.push_back({std::to_string(i) + ".mx.test A", "192.0.2.9"});
  std::string more = "10 10.mx.test";
  for (int i = 11; i < 20; ++i) more += " | 10 " + std::to_string(i) + ".mx.test";
  script.push_back({"example.org MX", hosts});
  script.push_back({"more.test MX", more});
  script.push_back({kDmpOfSender, "dmp=deny"});
  script.push_back({kSpfOfSender, "v=spf1 mx mx:more.test -all"});
  Begin(With({kDmp, kRmx, kSpf}), Nothing(script));
  EXPECT_THAT(SendersOf(Judge(SessionFrom(kSenderAddress))), Contains("spf=fail/not-designated"));
}

// What a record takes of the octets that are kept.
std::size_t OctetsOf(const ScriptLine& line) {
  const std::string owner = line.question.substr(0, line.question.find(' '));
  return sizeof(DnsRecord) + testing::Name(owner).wire().size() + line.reply.size();
}

// The same with octets, of which nothing is left.
TEST_F(SenderEvasionTest, OctetsOfTheAlternativeHideNoFailure) {
  std::vector<ScriptLine> script = {{kDmpOfSender, "dmp=deny"},
                                    {kSpfOfSender, "v=spf1 a:other.test -all"}};
  ScriptLine large = {kDmpOfHelo, "dmp=allow"};
  const std::size_t left =
      kMaxKeptOctets - OctetsOf(script[0]) - OctetsOf(script[1]) - OctetsOf(large);
  large.reply += " | " + std::string(left - OctetsOf({kDmpOfHelo, ""}), 'x');
  script.push_back(large);
  script.push_back({"other.test A", "192.0.2.9"});
  Begin(With({kDmp, kSpf}), Nothing(script));
  EXPECT_THAT(SendersOf(Judge(SessionFrom(kSenderAddress))), Contains("spf=fail/not-designated"));
}

// docs/rules.md §11.1: dmp of the HELO name gives way at MAIL FROM; what it had kept from running
// must not be missing then.
TEST_F(SenderEvasionTest, AFailureOfDmpThatGivesWayHidesNoOther) {
  Begin(With({kDmp, kSpf}), Nothing({{kDmpOfHelo, "dmp=deny"},
                                     {kSpfOfHelo, "v=spf1 -all"},
                                     {kSpfOfSender, "v=spf1 +all"}}));
  const Verdict verdict = Judge(SessionFrom(kSenderAddress));
  EXPECT_THAT(SendersOf(verdict), Contains("spf-helo=fail/not-designated"));
  EXPECT_EQ(ToString(verdict.action), "reject");
}

// A denied sender costs no question; the next one of the session does.
TEST_F(SenderEvasionTest, TheMessageAfterADeniedOneHasNoMoreTime) {
  Config config = With({kSpf});
  config.lists.deny = {"@denied.test"};
  Begin(config, Nothing({{kSpfOfSender, "silence"}}));
  const Verdict denied = Judge(SessionFrom("a@denied.test"));
  ASSERT_EQ(ToString(denied.action), "reject");
  const Loop::TimePoint start = loop_.Now();
  const Verdict verdict = Await([&](auto done) {
    return engine_->ValidateMailFrom(denied, kSenderAddress, std::move(done), start + 50ms);
  });
  EXPECT_LT(loop_.Now() - start, 1000ms);
  EXPECT_THAT(SendersOf(verdict), Contains("spf=temperror/dns"));
}

}  // namespace
}  // namespace helovet
