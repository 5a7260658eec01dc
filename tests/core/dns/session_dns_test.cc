#include "dns/session_dns.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "loop/task.h"
#include "testing/scripted_dns.h"

namespace helovet {
namespace {

using std::chrono_literals::operator""ms;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Name;
using testing::ScriptedDns;
using testing::ScriptLine;

struct Ended {};

Task<Ended> AskInto(SessionDns& dns, DnsQuestion question, std::optional<DnsAnswer>& kept,
                    Share share = Share::kName) {
  kept = co_await dns.Ask(question, share);
  co_return Ended();
}

class SessionDnsTest : public ::testing::Test {
 protected:
  void Begin(const std::vector<ScriptLine>& script, std::chrono::milliseconds deadline = 2000ms) {
    source_.emplace(loop_, script);
    dns_.emplace(loop_, *source_, loop_.Now() + deadline);
  }

  DnsAnswer Ask(const std::string& name, DnsType type, Share share = Share::kName) {
    std::optional<DnsAnswer> answer;
    Task<Ended> task = AskInto(*dns_, {Name(name), type}, answer, share);
    task.Start();
    loop_.RunUntil([&task] { return task.done(); });
    return answer.value_or(DnsAnswer());
  }

  Loop loop_;
  std::optional<ScriptedDns> source_;
  std::optional<SessionDns> dns_;
};

std::vector<std::string> DataOf(const std::vector<DnsRecord>& records) {
  std::vector<std::string> texts;
  for (const DnsRecord& record : records) texts.push_back(record.DataToString());
  return texts;
}

// CNAMEs from c1 on, `links` in all, and an address at the end.
std::vector<ScriptLine> ChainOf(std::size_t links) {
  std::vector<ScriptLine> script;
  for (std::size_t link = 1; link <= links; ++link) {
    script.push_back(
        {"c" + std::to_string(link) + ".test A", "CNAME c" + std::to_string(link + 1) + ".test"});
  }
  script.push_back({"c" + std::to_string(links + 1) + ".test A", "192.0.2.1"});
  return script;
}

struct OutcomeCase {
  std::string reply;
  DnsOutcome want;
};

TEST_F(SessionDnsTest, OutcomesKeepTheirNames) {
  for (const OutcomeCase& given :
       std::vector<OutcomeCase>{{"192.0.2.1", DnsOutcome::kOk},
                                {"nodata", DnsOutcome::kNoData},
                                {"nxdomain", DnsOutcome::kNxDomain},
                                {"timeout", DnsOutcome::kTimeout},
                                {"servfail", DnsOutcome::kServFail},
                                {"refused", DnsOutcome::kRefused},
                                {"notimp", DnsOutcome::kNotImp},
                                {"formerr", DnsOutcome::kFormErr},
                                {"malformed", DnsOutcome::kMalformed},
                                {"unreachable", DnsOutcome::kUnreachable},
                                // Data beside NXDOMAIN: no half of it can be believed.
                                {"nxdomain | 192.0.2.1", DnsOutcome::kMalformed},
                                // RFC 1034 §3.6.2 allows one CNAME; which of two is asked must not
                                // depend on their order.
                                {"CNAME a.test | CNAME b.test", DnsOutcome::kMalformed},
                                {"CNAME b.test | CNAME a.test", DnsOutcome::kMalformed}}) {
    dns_.reset();
    Begin({{"mail.test A", given.reply}});
    EXPECT_EQ(ToString(Ask("mail.test", DnsType::kA).outcome), ToString(given.want)) << given.reply;
  }
}

TEST_F(SessionDnsTest, AsksAQuestionOnceHoweverManyNeedIt) {
  Begin({{"mail.test A", "192.0.2.1"}});
  dns_->Prefetch({Name("mail.test"), DnsType::kA});
  std::optional<DnsAnswer> first;
  std::optional<DnsAnswer> second;
  Task<Ended> one = AskInto(*dns_, {Name("MAIL.test"), DnsType::kA}, first);
  Task<Ended> two = AskInto(*dns_, {Name("mail.test."), DnsType::kA}, second);
  one.Start();
  two.Start();
  loop_.RunUntil([&] { return one.done() && two.done(); });
  Ask("mail.test", DnsType::kA);
  EXPECT_THAT(source_->asked(), ElementsAre("mail.test A"));
  EXPECT_THAT(DataOf(first->records), ElementsAre("192.0.2.1"));
  EXPECT_THAT(DataOf(second->records), ElementsAre("192.0.2.1"));
}

TEST_F(SessionDnsTest, AddressesOfTwoFamiliesAreTwoQuestions) {
  Begin({{"mail.test A", "192.0.2.1"}, {"mail.test AAAA", "2001:db8::1"}});
  EXPECT_THAT(DataOf(Ask("mail.test", DnsType::kA).records), ElementsAre("192.0.2.1"));
  EXPECT_THAT(DataOf(Ask("mail.test", DnsType::kAaaa).records), ElementsAre("2001:db8::1"));
}

TEST_F(SessionDnsTest, FollowsAnAliasThatTheServerDidNotFollow) {
  Begin({{"www.test A", "CNAME mail.test"}, {"mail.test A", "192.0.2.1"}});
  const DnsAnswer answer = Ask("www.test", DnsType::kA);
  EXPECT_EQ(ToString(answer.outcome), "ok");
  EXPECT_THAT(DataOf(answer.aliases), ElementsAre("mail.test"));
  EXPECT_THAT(DataOf(answer.records), ElementsAre("192.0.2.1"));
  EXPECT_THAT(source_->asked(), ElementsAre("www.test A", "mail.test A"));
}

TEST_F(SessionDnsTest, AliasToAMissingName) {
  Begin({{"www.test A", "CNAME mail.test"}, {"mail.test A", "nxdomain"}});
  const DnsAnswer answer = Ask("www.test", DnsType::kA);
  EXPECT_EQ(ToString(answer.outcome), "nxdomain");
  std::vector<Evidence> evidence;
  answer.AddEvidence({Name("www.test"), DnsType::kA}, evidence);
  ASSERT_EQ(evidence.size(), 2u);
  EXPECT_EQ(evidence[0].type + " " + evidence[0].text, "CNAME mail.test");
  EXPECT_EQ(evidence[1].owner + " " + evidence[1].type + " " + evidence[1].outcome,
            "mail.test A nxdomain");
}

// Hosts ask only whether all was authenticated (RFC 8904 §2, dns.sec).
TEST(DnsAnswerTest, OfOutcomesOneEvidenceSaysWhetherAllWereAuthenticated) {
  const auto tell = [](const std::vector<bool>& authenticated) {
    std::vector<Evidence> evidence;
    for (const bool ad : authenticated) {
      DnsAnswer answer;
      answer.ad = ad;
      answer.trail = Trail::kOutcomes;
      answer.AddEvidence({Name("www.test"), DnsType::kA}, evidence);
    }
    EXPECT_EQ(evidence.size(), 1U);
    return evidence.front().ad;
  };
  EXPECT_TRUE(tell({true}));
  EXPECT_TRUE(tell({true, true}));
  EXPECT_FALSE(tell({false}));
  EXPECT_FALSE(tell({true, false}));
  EXPECT_FALSE(tell({false, true}));
}

// RFC 6604 §3: NXDOMAIN beside a CNAME speaks of the name at its end, so nothing more is asked.
TEST_F(SessionDnsTest, NxdomainBesideAnAliasIsFinal) {
  Begin({{"www.test A", "nxdomain | CNAME mail.test"}});
  EXPECT_EQ(ToString(Ask("www.test", DnsType::kA).outcome), "nxdomain");
  EXPECT_THAT(source_->asked(), ElementsAre("www.test A"));
}

TEST_F(SessionDnsTest, EightAliasesAreFollowedAndNoNinth) {
  Begin(ChainOf(kMaxAliases));
  EXPECT_EQ(ToString(Ask("c1.test", DnsType::kA).outcome), "ok");
  dns_.reset();
  Begin(ChainOf(kMaxAliases + 1));
  EXPECT_EQ(ToString(Ask("c1.test", DnsType::kA).outcome), "alias-chain");
}

TEST_F(SessionDnsTest, AliasesInACircleEnd) {
  Begin({{"a.test A", "CNAME b.test"}, {"b.test A", "CNAME a.test"}});
  EXPECT_EQ(ToString(Ask("a.test", DnsType::kA).outcome), "alias-chain");
}

TEST_F(SessionDnsTest, AsksNoMoreThanItsLimit) {
  std::vector<ScriptLine> script;
  for (std::size_t i = 0; i < kMaxQueries; ++i) {
    script.push_back({"n" + std::to_string(i) + ".test A", "192.0.2.1"});
  }
  Begin(script);
  for (std::size_t i = 0; i < kMaxQueries; ++i) {
    EXPECT_EQ(ToString(Ask("n" + std::to_string(i) + ".test", DnsType::kA).outcome), "ok");
  }
  const DnsAnswer beyond = Ask("beyond.test", DnsType::kA);
  EXPECT_EQ(ToString(beyond.outcome), "query-limit");
  EXPECT_TRUE(IsTemporary(beyond.outcome));
  EXPECT_EQ(source_->asked().size(), kMaxQueries);
  // What was asked before is still known.
  EXPECT_EQ(ToString(Ask("n0.test", DnsType::kA).outcome), "ok");
}

TEST_F(SessionDnsTest, ReverseNamesSpendTheirShareAlone) {
  std::vector<ScriptLine> script = {{"mail.test A", "192.0.2.1"}};
  for (std::size_t i = 0; i < kMaxReverseQueries; ++i) {
    script.push_back({"n" + std::to_string(i) + ".test A", "192.0.2.1"});
  }
  Begin(script);
  for (std::size_t i = 0; i < kMaxReverseQueries; ++i) {
    const std::string name = "n" + std::to_string(i) + ".test";
    EXPECT_EQ(ToString(Ask(name, DnsType::kA, Share::kReverse).outcome), "ok");
  }
  EXPECT_EQ(ToString(Ask("mail.test", DnsType::kA, Share::kReverse).outcome), "query-limit");
  // The refusal does not stand in the way of who asks for a name's sake.
  EXPECT_EQ(ToString(Ask("mail.test", DnsType::kA).outcome), "ok");
  EXPECT_EQ(ToString(Ask("mail.test", DnsType::kA, Share::kReverse).outcome), "ok");
}

// As many SRV records as an answer of 64 KiB holds, whose targets are one long name: compression
// makes them 20 octets each on the wire.
std::string LargestAnswer() {
  const std::string label(63, 'x');
  const std::string target = label + "." + label + "." + label + ".test";
  std::string reply;
  for (int record = 0; record < 3200; ++record) {
    reply += "1 2 " + std::to_string(record) + " " + target + " | ";
  }
  return reply + "1 2 0 .";
}

TEST_F(SessionDnsTest, KeepsNoAnswerThatIsTooLarge) {
  Begin({{"large.test SRV", LargestAnswer()}, {"mail.test A", "192.0.2.1"}});
  const DnsAnswer large = Ask("large.test", DnsType::kSrv);
  EXPECT_EQ(ToString(large.outcome), "too-large");
  EXPECT_TRUE(IsTemporary(large.outcome));
  EXPECT_THAT(large.records, IsEmpty());
  // It takes nothing from the others.
  EXPECT_EQ(ToString(Ask("mail.test", DnsType::kA).outcome), "ok");
  const std::vector<Exchange> exchanges = dns_->TakeExchanges();
  ASSERT_EQ(exchanges.size(), 2u);
  EXPECT_EQ(exchanges[0].outcome, "too-large");
  EXPECT_THAT(exchanges[0].records, IsEmpty());
}

TEST_F(SessionDnsTest, KeepsNoMoreThanItsLimitOfAllAnswers) {
  std::string addresses = "10.0.0.0";
  for (int host = 1; host < 250; ++host) addresses += " | 10.0.0." + std::to_string(host);
  std::vector<ScriptLine> script;
  for (std::size_t i = 0; i < kMaxQueries; ++i) {
    script.push_back({"n" + std::to_string(i) + ".test A", addresses});
  }
  Begin(script);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < kMaxQueries; ++i) {
    kept += Ask("n" + std::to_string(i) + ".test", DnsType::kA).records.size();
  }
  EXPECT_GE(kept, 500u);
  EXPECT_LE(kept * sizeof(DnsRecord), kMaxKeptOctets);
}

TEST_F(SessionDnsTest, ReverseNamesFillTheirShareAlone) {
  std::string addresses = "10.0.0.0";
  for (int host = 1; host < 250; ++host) addresses += " | 10.0.0." + std::to_string(host);
  std::vector<ScriptLine> script;
  for (std::size_t i = 0; i < kMaxReverseQueries; ++i) {
    script.push_back({"n" + std::to_string(i) + ".test A", addresses});
  }
  Begin(script);
  std::string last;
  for (std::size_t i = 0; i < kMaxReverseQueries && last != "too-large"; ++i) {
    const std::string name = "n" + std::to_string(i) + ".test";
    last = ToString(Ask(name, DnsType::kA, Share::kReverse).outcome);
    if (last != "too-large") continue;
    EXPECT_EQ(ToString(Ask(name, DnsType::kA).outcome), "ok");
  }
  EXPECT_EQ(last, "too-large");
}

// docs/rules.md §8: what the configuration always asks has octets of its own.
TEST_F(SessionDnsTest, NamesCannotFillTheShareOfTheConfiguration) {
  std::string addresses = "10.0.0.0";
  for (int host = 1; host < 250; ++host) addresses += " | 10.0.0." + std::to_string(host);
  std::vector<ScriptLine> script;
  for (std::size_t i = 0; i < kMaxQueries; ++i) {
    script.push_back({"n" + std::to_string(i) + ".test A", addresses});
  }
  Begin(script);
  std::string name;
  std::string last;
  for (std::size_t i = 0; i + 1 < kMaxQueries && last != "too-large"; ++i) {
    name = "n" + std::to_string(i) + ".test";
    last = ToString(Ask(name, DnsType::kA).outcome);
  }
  ASSERT_EQ(last, "too-large");
  EXPECT_EQ(ToString(Ask(name, DnsType::kA, Share::kConfigured).outcome), "ok");
  EXPECT_EQ(ToString(Ask(name, DnsType::kA, Share::kReverse).outcome), "ok") << "it is known now";
}

const std::string kReverseName = "1.2.0.192.in-addr.arpa";

// `count` names in falling order, so that what is kept comes last: n999.test, n998.test ...
std::string FallingNames(int count) {
  std::string reply;
  for (int i = 0; i < count; ++i) {
    if (i > 0) reply += " | ";
    reply += "n" + std::to_string(999 - i) + ".test";
  }
  return reply;
}

// Hosting companies have hundreds of names at one address; docs/rules.md §8.
TEST_F(SessionDnsTest, KeepsTheFirstReverseNamesOfHundreds) {
  Begin({{kReverseName + " PTR", FallingNames(900)}});
  const DnsAnswer answer = Ask(kReverseName, DnsType::kPtr, Share::kReverse);
  EXPECT_EQ(ToString(answer.outcome), "ok");
  const std::vector<std::string> first = {"n100.test", "n101.test", "n102.test", "n103.test",
                                          "n104.test", "n105.test", "n106.test", "n107.test",
                                          "n108.test", "n109.test"};
  EXPECT_EQ(DataOf(answer.records), first);
  const std::vector<Exchange> exchanges = dns_->TakeExchanges();
  ASSERT_EQ(exchanges.size(), 1u);
  EXPECT_EQ(exchanges[0].records.size(), kMaxPtrRecords);
  EXPECT_EQ(exchanges[0].records[0], kReverseName + " 300 PTR n100.test");
}

struct ReverseNamesCase {
  std::string id;
  std::string reply;
  std::vector<std::string> want;  // Aliases, then names.
};

TEST_F(SessionDnsTest, KeepsReverseNamesOfTheNameAskedAlone) {
  const std::vector<ReverseNamesCase> cases = {
      {"a few", "b.test | a.test", {"a.test", "b.test"}},
      {"one name twice", "b.test | a.test | b.test", {"a.test", "b.test"}},
      // RFC 4034 §6.1: by labels from the right.
      {"canonical order", "a.z.test | b.a.test | test", {"test", "b.a.test", "a.z.test"}},
      {"an alias of RFC 2317",
       "CNAME 1.net.test | = 1.net.test PTR b.test | = 1.net.test PTR a.test",
       {"1.net.test", "a.test", "b.test"}},
      {"records of another owner",
       "z.test | = other.test PTR a.test | = other.test PTR b.test | + ns.test A 192.0.2.7",
       {"z.test"}}};
  for (const ReverseNamesCase& given : cases) {
    dns_.reset();
    Begin({{kReverseName + " PTR", given.reply}});
    const DnsAnswer answer = Ask(kReverseName, DnsType::kPtr, Share::kReverse);
    std::vector<std::string> got = DataOf(answer.aliases);
    for (const std::string& name : DataOf(answer.records)) got.push_back(name);
    EXPECT_EQ(got, given.want) << given.id;
    EXPECT_THAT(answer.additional, IsEmpty()) << given.id;
  }
}

// The HELO name may be the client's reverse name, and its PTR records name accreditors (DNA-02 §4):
// all of them count there, whoever asks first.
TEST_F(SessionDnsTest, ANamesOwnPtrRecordsAreAllKept) {
  for (const bool reverse_first : {false, true}) {
    for (const bool together : {false, true}) {
      dns_.reset();
      Begin({{kReverseName + " PTR", FallingNames(20)}});
      const DnsQuestion question{Name(kReverseName), DnsType::kPtr};
      const Share first = reverse_first ? Share::kReverse : Share::kName;
      const Share second = reverse_first ? Share::kName : Share::kReverse;
      if (together) {
        dns_->Prefetch(question, first);
        dns_->Prefetch(question, second);
      }
      Ask(kReverseName, DnsType::kPtr, first);
      Ask(kReverseName, DnsType::kPtr, second);
      EXPECT_EQ(Ask(kReverseName, DnsType::kPtr).records.size(), 20u);
      EXPECT_EQ(Ask(kReverseName, DnsType::kPtr, Share::kReverse).records.size(), kMaxPtrRecords);
      EXPECT_EQ(source_->asked().size(), 2u) << reverse_first << together;
    }
  }
}

// A name of 253 characters, the longest there is (RFC 1035 §2.3.4), that begins with `number`.
std::string LongestName(int number) {
  const std::string label(63, 'x');
  const std::string tail = "." + label + "." + label + "." + label;
  const std::string first = std::to_string(10000 + number);
  return first + std::string(253 - tail.size() - first.size(), 'x') + tail;
}

// As many as compression can put into a TCP answer of 64 KiB: a pointer for the owner, and one
// label with a pointer for the target.
constexpr int kNamesOfLargestAnswer = 65535 / (2 + 10 + 1 + 61 + 2);

std::string LongestNames() {
  std::string names = LongestName(0);
  for (int i = 1; i < kNamesOfLargestAnswer; ++i) names += " | " + LongestName(i);
  return names;
}

TEST_F(SessionDnsTest, ANamesOwnPtrRecordsCanBeTooLarge) {
  Begin({{kReverseName + " PTR", LongestNames()}});
  EXPECT_EQ(ToString(Ask(kReverseName, DnsType::kPtr).outcome), "too-large");
  EXPECT_EQ(ToString(Ask(kReverseName, DnsType::kPtr, Share::kReverse).outcome), "ok");
}

// What RFC 8601 §3 asks: the PTR records, at an alias as in RFC 2317, and the addresses of each
// name.
TEST_F(SessionDnsTest, LongestReverseNamesFitIntoTheirShare) {
  std::vector<ScriptLine> script = {{kReverseName + " PTR", "CNAME 1.net.test"},
                                    {"1.net.test PTR", LongestNames()}};
  for (std::size_t i = 0; i < kMaxPtrRecords; ++i) {
    script.push_back({LongestName(static_cast<int>(i)) + " A", "192.0.2.1 | 192.0.2.2"});
  }
  Begin(script);
  const DnsAnswer answer = Ask(kReverseName, DnsType::kPtr, Share::kReverse);
  EXPECT_EQ(ToString(answer.outcome), "ok");
  ASSERT_EQ(answer.records.size(), kMaxPtrRecords);
  for (const std::string& name : DataOf(answer.records)) {
    EXPECT_EQ(ToString(Ask(name, DnsType::kA, Share::kReverse).outcome), "ok") << name;
  }
  EXPECT_EQ(source_->asked().size(), kMaxReverseQueries);
  EXPECT_EQ(ToString(Ask("more.test", DnsType::kA, Share::kReverse).outcome), "query-limit");
}

// docs/rules.md §8: whatever the client's network does, the name has its 27 questions.
TEST_F(SessionDnsTest, ReverseNamesLeaveANameWhatItNeeds) {
  constexpr std::size_t kNeeded = 8 + 1 + 5 + 1 + 1 + 4 + 6 + 1;
  std::vector<ScriptLine> script;
  for (std::size_t i = 0; i < kMaxQueries; ++i) {
    script.push_back({"n" + std::to_string(i) + ".test A", "192.0.2.1"});
  }
  Begin(script);
  std::size_t next = 0;
  const auto ask = [&](Share share) {
    return ToString(Ask("n" + std::to_string(next++) + ".test", DnsType::kA, share).outcome);
  };
  while (ask(Share::kReverse) == "ok") {
  }
  for (std::size_t i = 0; i < kNeeded; ++i) EXPECT_EQ(ask(Share::kName), "ok") << i;
}

TEST_F(SessionDnsTest, DeadlineAnswersEverythingStillOpen) {
  Begin({{"silent.test A", "silence"}, {"mail.test A", "192.0.2.1"}}, 50ms);
  EXPECT_EQ(ToString(Ask("mail.test", DnsType::kA).outcome), "ok");
  const Loop::TimePoint start = loop_.Now();
  EXPECT_EQ(ToString(Ask("silent.test", DnsType::kA).outcome), "timeout");
  EXPECT_LT(loop_.Now() - start, 500ms);
  // Afterwards nothing leaves any more, and what was known stays known.
  EXPECT_EQ(ToString(Ask("later.test", DnsType::kA).outcome), "timeout");
  EXPECT_EQ(ToString(Ask("mail.test", DnsType::kA).outcome), "ok");
  EXPECT_THAT(source_->asked(), ElementsAre("mail.test A", "silent.test A"));
}

TEST_F(SessionDnsTest, AdditionalDataOnlyFromATrustedServer) {
  Begin({{"one.test SRV", "1 2 0 mail.test | + mail.test A 192.0.2.1"},
         {"two.test SRV", "untrusted | 1 2 0 mail.test | + mail.test A 192.0.2.1"}});
  EXPECT_THAT(DataOf(Ask("one.test", DnsType::kSrv).additional), ElementsAre("192.0.2.1"));
  EXPECT_THAT(DataOf(Ask("two.test", DnsType::kSrv).additional), IsEmpty());
}

TEST_F(SessionDnsTest, WaitingTaskMayGoBeforeItsAnswer) {
  Begin({{"mail.test A", "192.0.2.1"}});
  std::optional<DnsAnswer> kept;
  {
    Task<Ended> gone = AskInto(*dns_, {Name("mail.test"), DnsType::kA}, kept);
    gone.Start();
  }
  EXPECT_EQ(ToString(Ask("mail.test", DnsType::kA).outcome), "ok");
  EXPECT_FALSE(kept.has_value());
}

TEST_F(SessionDnsTest, SessionMayGoWithQuestionsOpen) {
  Begin({{"mail.test A", "192.0.2.1"}, {"silent.test A", "silence"}});
  dns_->Prefetch({Name("mail.test"), DnsType::kA});
  dns_->Prefetch({Name("silent.test"), DnsType::kA});
  dns_.reset();
  loop_.RunUntil([] { return false; });  // Returns because nothing is registered any more.
  EXPECT_THAT(source_->log(), ElementsAre("ask mail.test A", "ask silent.test A"));
}

TEST_F(SessionDnsTest, ExchangesTellEveryQuestionThatLeft) {
  Begin({{"www.test A", "CNAME mail.test"},
         {"mail.test A", "192.0.2.1 | 192.0.2.2"},
         {"none.test A", "nodata"},
         {"silent.test A", "silence"}},
        50ms);
  Ask("www.test", DnsType::kA);
  Ask("none.test", DnsType::kA);
  Ask("silent.test", DnsType::kA);
  std::vector<std::string> told;
  for (const Exchange& exchange : dns_->TakeExchanges()) {
    std::string line = exchange.name + " " + exchange.type + " " + exchange.outcome + " " +
                       std::to_string(exchange.ttl) + " " + exchange.server;
    for (const std::string& record : exchange.records) line += " | " + record;
    told.push_back(std::move(line));
  }
  EXPECT_THAT(told, ElementsAre("www.test A ok 300 script | www.test 300 CNAME mail.test",
                                "mail.test A ok 300 script | mail.test 300 A 192.0.2.1 | "
                                "mail.test 300 A 192.0.2.2",
                                "none.test A nodata 60 script", "silent.test A timeout 0 "));
}

TEST_F(SessionDnsTest, ExchangesTellWhatCameFromMemory) {
  Begin({{"known.test A", "cached | 192.0.2.1"}, {"new.test A", "192.0.2.1"}});
  Ask("known.test", DnsType::kA);
  Ask("new.test", DnsType::kA);
  const std::vector<Exchange> exchanges = dns_->TakeExchanges();
  ASSERT_EQ(exchanges.size(), 2u);
  EXPECT_TRUE(exchanges[0].cached);
  EXPECT_FALSE(exchanges[1].cached);
}

TEST_F(SessionDnsTest, NoReplyCountsAfterTheExchangesWereTaken) {
  Begin({{"mail.test A", "192.0.2.1"}, {"late.test A", "192.0.2.2"}, {"silent.test A", "silence"}},
        50ms);
  dns_->Prefetch({Name("mail.test"), DnsType::kA});
  dns_->Prefetch({Name("late.test"), DnsType::kA});
  dns_->Prefetch({Name("silent.test"), DnsType::kA});
  EXPECT_EQ(dns_->TakeExchanges().size(), 3);
  loop_.RunUntil([] { return false; });  // Neither the replies nor the deadline come any more.
  EXPECT_THAT(dns_->TakeExchanges(), IsEmpty());
}

Task<Ended> AskAndTakeExchanges(SessionDns& dns, DnsQuestion question,
                                std::vector<Exchange>& exchanges) {
  static_cast<void>(co_await dns.Ask(question));
  exchanges = dns.TakeExchanges();
  co_return Ended();
}

// The last check ends at the deadline; a question that nobody waits for is still open then.
TEST_F(SessionDnsTest, ExchangesCanBeTakenInTheMidstOfTheDeadline) {
  Begin({{"1.test A", "silence"}, {"2.test A", "silence"}}, 50ms);
  std::vector<Exchange> exchanges;
  Task<Ended> task = AskAndTakeExchanges(*dns_, {Name("1.test"), DnsType::kA}, exchanges);
  task.Start();
  dns_->Prefetch({Name("2.test"), DnsType::kA});
  loop_.RunUntil([] { return false; });
  EXPECT_TRUE(task.done());
  EXPECT_EQ(exchanges.size(), 2);
}

}  // namespace
}  // namespace helovet
