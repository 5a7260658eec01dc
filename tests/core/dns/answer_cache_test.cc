#include "dns/answer_cache.h"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/dns/held_dns.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace helovet {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::ARecord;
using testing::CnameRecord;
using ::testing::ElementsAre;
using testing::HeldDns;
using ::testing::IsEmpty;
using testing::Name;
using testing::OkReply;
using testing::Record;
using testing::Reply;
using testing::ReplyText;

const std::string kMail = "mail.test A";

DnsReply MailReply(std::uint32_t ttl = 300) { return OkReply({ARecord("mail.test", ttl)}); }

class AnswerCacheTest : public ::testing::Test {
 protected:
  void Begin(std::size_t max_octets = kDefaultCacheOctets) {
    queries_.clear();
    auto source = std::make_unique<HeldDns>();
    source_ = source.get();
    cache_ = std::make_unique<AnswerCache>(loop_, std::move(source), max_octets);
  }
  void SetUp() override { Begin(); }

  // Asks under the name `asker`; `then` runs within the callback.
  void Ask(const std::string& asker, const std::string& name, DnsType type = DnsType::kA,
           std::function<void()> then = {}) {
    queries_[asker] = cache_->Ask({Name(name), type},
                                  [this, asker, then = std::move(then)](const DnsReply& reply) {
                                    called_.push_back(asker);
                                    replies_[asker] = ReplyText(reply);
                                    if (then) then();
                                  });
  }

  // The reply to a question that must be answered from memory; empty when a server is asked.
  std::string Recall(const std::string& name, DnsType type = DnsType::kA) {
    source_->TakeLog();
    Ask("recall", name, type);
    Settle();
    queries_.erase("recall");
    const auto reply = replies_.extract("recall");
    return source_->TakeLog().empty() && !reply.empty() ? reply.mapped() : "";
  }

  // Has `reply` given to a question for `name`.
  void Fill(const std::string& name, const DnsReply& reply, DnsType type = DnsType::kA) {
    Ask("fill", name, type);
    source_->Answer(name + " " + std::string(ToString(type)), reply);
    queries_.erase("fill");
    called_.clear();
  }

  void Settle() {
    loop_.RunUntil([] { return false; });  // Until nothing is registered.
  }

  Loop::TimePoint now_ = Loop::TimePoint(1000s);
  Loop loop_{[this] { return now_; }};
  HeldDns* source_ = nullptr;  // The cache's.
  std::unique_ptr<AnswerCache> cache_;
  std::map<std::string, std::unique_ptr<Dns::Query>> queries_;
  std::vector<std::string> called_;
  std::map<std::string, std::string> replies_;
};

// --- How long

struct LifeCase {
  std::string id;
  std::string source;
  DnsReply reply;
  std::chrono::seconds want;  // 0: not kept.
};

std::vector<LifeCase> LifeCases() {
  const auto kNx = DnsOutcome::kNxDomain;
  const auto kOk = DnsOutcome::kOk;
  DnsReply with_additional = MailReply();
  with_additional.additional = {ARecord("other.test", 5)};
  return {
      {"one record", "RFC 1035 §3.2.1", MailReply(), 300s},
      {"least of several", "RFC 2181 §5.2",
       OkReply({ARecord("mail.test", 300), ARecord("mail.test", 20, "192.0.2.2")}), 20s},
      {"alias with less", "RFC 1034 §3.6.2",
       OkReply({CnameRecord("mail.test", 30, "b.test"), ARecord("b.test", 300)}), 30s},
      {"alias with more", "RFC 1034 §3.6.2",
       OkReply({CnameRecord("mail.test", 900, "b.test"), ARecord("b.test", 300)}), 300s},
      {"alias not followed", "RFC 1034 §3.6.2", OkReply({CnameRecord("mail.test", 40, "b.test")}),
       40s},
      {"TTL 0", "RFC 1035 §3.2.1", MailReply(0), 0s},
      {"TTL 0 beside another", "RFC 1035 §3.2.1",
       OkReply({ARecord("mail.test", 300), ARecord("mail.test", 0, "192.0.2.2")}), 0s},
      {"longest TTL", "RFC 8767 §4", MailReply(0x7fffffff), kMaxPositiveLife},
      {"additional record", "docs/rules.md §8", with_additional, 300s},
      {"nxdomain", "RFC 2308 §5", Reply(kNx, {}, 60), 60s},
      {"nodata", "RFC 2308 §5", Reply(kOk, {}, 60), 60s},
      {"nxdomain without SOA", "RFC 2308 §5", Reply(kNx), 0s},
      {"nodata without SOA", "RFC 2308 §5", Reply(kOk), 0s},
      {"long absence", "RFC 2308 §5", Reply(kNx, {}, 86400), kMaxNegativeLife},
      {"alias to nxdomain", "RFC 2308 §2.1",
       Reply(kNx, {CnameRecord("mail.test", 300, "b.test")}, 60), 60s},
      {"short alias to nxdomain", "RFC 2308 §2.1",
       Reply(kNx, {CnameRecord("mail.test", 30, "b.test")}, 60), 30s},
      {"alias to nxdomain without SOA", "RFC 2308 §5",
       Reply(kNx, {CnameRecord("mail.test", 30, "b.test")}), 0s},
      {"alias to nodata", "RFC 2308 §2.2",
       Reply(kOk, {CnameRecord("mail.test", 86400, "b.test")}, 7200), kMaxNegativeLife},
      {"data beside nxdomain", "docs/rules.md §8", Reply(kNx, {ARecord("mail.test", 300)}, 60), 0s},
      {"two different aliases", "docs/rules.md §8",
       OkReply({CnameRecord("mail.test", 300, "b.test"), CnameRecord("mail.test", 300, "c.test")}),
       0s},
      {"the same alias twice", "RFC 2181 §5",
       OkReply({CnameRecord("mail.test", 300, "b.test"), CnameRecord("mail.test", 300, "b.test")}),
       300s},
  };
}

TEST_F(AnswerCacheTest, KeepsAnAnswerForItsLife) {
  for (const LifeCase& given : LifeCases()) {
    const std::string what = given.id + ", " + given.source;
    Begin();
    Fill("mail.test", given.reply);
    if (given.want > 0s) {
      now_ += given.want - 1ms;
      EXPECT_NE(Recall("mail.test"), "") << what;
      now_ += 1ms;
    }
    EXPECT_EQ(Recall("mail.test"), "") << what;
    EXPECT_EQ(cache_->kept_octets(), 0u) << what;
  }
}

TEST_F(AnswerCacheTest, NeverKeepsAFailure) {
  for (const DnsOutcome outcome :
       {DnsOutcome::kTimeout, DnsOutcome::kServFail, DnsOutcome::kRefused, DnsOutcome::kNotImp,
        DnsOutcome::kFormErr, DnsOutcome::kMalformed, DnsOutcome::kUnreachable}) {
    Fill("mail.test", Reply(outcome, {}, 60));
    EXPECT_EQ(Recall("mail.test"), "") << ToString(outcome);
    EXPECT_EQ(cache_->kept_octets(), 0u) << ToString(outcome);
  }
}

// --- What is served

TEST_F(AnswerCacheTest, ServesTheAnswerAged) {
  DnsReply reply = OkReply({CnameRecord("mail.test", 900, "b.test"), ARecord("b.test", 300)});
  reply.ad = true;
  reply.additional = {ARecord("c.test", 300, "192.0.2.3"), ARecord("d.test", 10, "192.0.2.4")};
  Fill("mail.test", reply);
  EXPECT_EQ(Recall("mail.test"),
            "ok from 192.0.2.53:53, cached, ad, mail.test 900 CNAME b.test, b.test 300 A 192.0.2.1"
            ", + c.test 300 A 192.0.2.3, + d.test 10 A 192.0.2.4");
  now_ += 9999ms;
  EXPECT_EQ(Recall("mail.test"),
            "ok from 192.0.2.53:53, cached, ad, mail.test 891 CNAME b.test, b.test 291 A 192.0.2.1"
            ", + c.test 291 A 192.0.2.3, + d.test 1 A 192.0.2.4");
  // An additional record whose own TTL has passed is none any more.
  now_ += 1ms;
  EXPECT_EQ(Recall("mail.test"),
            "ok from 192.0.2.53:53, cached, ad, mail.test 890 CNAME b.test, b.test 290 A 192.0.2.1"
            ", + c.test 290 A 192.0.2.3");
}

TEST_F(AnswerCacheTest, ServesAbsenceAged) {
  DnsReply reply = Reply(DnsOutcome::kNxDomain, {}, 60);
  reply.trusted = false;
  Fill("mail.test", reply);
  now_ += 59s;
  EXPECT_EQ(Recall("mail.test"), "nxdomain from 192.0.2.53:53, cached, untrusted, SOA 1");
}

TEST_F(AnswerCacheTest, AQuestionIsANameAndAType) {
  Fill("mail.test", MailReply());
  EXPECT_NE(Recall("MAIL.Test."), "");  // RFC 4343
  EXPECT_EQ(Recall("mail.test", DnsType::kAaaa), "");
  EXPECT_EQ(Recall("test"), "");
  // What an answer says of other names is no answer to a question for them.
  Fill("a.test", OkReply({CnameRecord("a.test", 300, "b.test"), ARecord("b.test", 300)}));
  EXPECT_EQ(Recall("b.test"), "");
}

TEST_F(AnswerCacheTest, AnswersFromMemoryComeFromTheLoopAndOnce) {
  Fill("mail.test", MailReply());
  Ask("a", "mail.test");
  EXPECT_THAT(called_, IsEmpty());
  Settle();
  EXPECT_THAT(called_, ElementsAre("a"));
}

TEST_F(AnswerCacheTest, AnswersFromMemoryCanBeWithdrawn) {
  Fill("mail.test", MailReply());
  Ask("a", "mail.test");
  Ask("b", "mail.test");
  queries_.erase("a");
  Settle();
  EXPECT_THAT(called_, ElementsAre("b"));
}

TEST_F(AnswerCacheTest, ACallbackMayDestroyItsQuery) {
  Ask("a", "mail.test", DnsType::kA, [this] { queries_.erase("a"); });
  source_->Answer(kMail, MailReply());
  Ask("b", "mail.test", DnsType::kA, [this] { queries_.erase("b"); });
  Settle();
  EXPECT_THAT(called_, ElementsAre("a", "b"));
}

// --- Askers of one question

TEST_F(AnswerCacheTest, AsksAQuestionUnderWayOnce) {
  Ask("a", "mail.test");
  Ask("b", "MAIL.test");
  Ask("c", "other.test");
  EXPECT_THAT(source_->TakeLog(), ElementsAre("ask mail.test A", "ask other.test A"));
  source_->Answer(kMail, MailReply());
  EXPECT_THAT(called_, ElementsAre("a", "b"));
  // Each waited for a server.
  EXPECT_EQ(replies_["a"], "ok from 192.0.2.53:53, mail.test 300 A 192.0.2.1");
  EXPECT_EQ(replies_["b"], replies_["a"]);
}

TEST_F(AnswerCacheTest, AFailureReachesEveryAsker) {
  Ask("a", "mail.test");
  Ask("b", "mail.test");
  source_->Answer(kMail, Reply(DnsOutcome::kServFail));
  EXPECT_EQ(replies_["a"], "servfail from 192.0.2.53:53");
  EXPECT_EQ(replies_["b"], replies_["a"]);
}

TEST_F(AnswerCacheTest, TheLastAskerWithdrawsTheQuestion) {
  Ask("a", "mail.test");
  Ask("b", "mail.test");
  queries_.erase("a");
  EXPECT_THAT(source_->TakeLog(), ElementsAre("ask mail.test A"));
  queries_.erase("b");
  EXPECT_THAT(source_->TakeLog(), ElementsAre("withdraw mail.test A"));
  Ask("c", "mail.test");
  EXPECT_THAT(source_->TakeLog(), ElementsAre("ask mail.test A"));
  source_->Answer(kMail, MailReply());
  EXPECT_THAT(called_, ElementsAre("c"));
}

TEST_F(AnswerCacheTest, AnAskerThatIsGoneIsNotCalled) {
  for (const std::string gone : {"a", "b", "c"}) {
    Begin();
    called_.clear();
    for (const std::string asker : {"a", "b", "c"}) Ask(asker, "mail.test");
    queries_.erase(gone);
    source_->Answer(kMail, MailReply());
    EXPECT_EQ(called_.size(), 2u) << gone;
    EXPECT_THAT(called_, ::testing::Not(::testing::Contains(gone)));
  }
}

TEST_F(AnswerCacheTest, ACallbackMayDestroyOtherAskers) {
  for (const std::string gone : {"a", "b", "c"}) {
    Begin();
    called_.clear();
    const auto destroy = [this, gone] { queries_.erase(gone); };
    Ask("a", "mail.test", DnsType::kA, gone == "a" ? std::function<void()>() : destroy);
    Ask("b", "mail.test", DnsType::kA, gone == "a" ? destroy : std::function<void()>());
    Ask("c", "mail.test");
    source_->Answer(kMail, MailReply());
    EXPECT_EQ(called_.size(), gone == "a" ? 3u : 2u) << gone;
    EXPECT_THAT(source_->open(), IsEmpty());
  }
}

TEST_F(AnswerCacheTest, ACallbackThatAsksAgainIsServedFromMemory) {
  Ask("a", "mail.test", DnsType::kA, [this] { Ask("again", "mail.test"); });
  Ask("b", "mail.test");
  source_->Answer(kMail, MailReply());
  EXPECT_THAT(called_, ElementsAre("a", "b"));
  Settle();
  EXPECT_THAT(called_, ElementsAre("a", "b", "again"));
  EXPECT_EQ(replies_["again"], "ok from 192.0.2.53:53, cached, mail.test 300 A 192.0.2.1");
}

// What is not kept is a new question for who asks within a callback, and the old answer for who
// waits still.
TEST_F(AnswerCacheTest, ACallbackThatAsksAgainMayNeedAServer) {
  Ask("a", "mail.test", DnsType::kA, [this] { Ask("again", "mail.test"); });
  Ask("b", "mail.test");
  source_->Answer(kMail, MailReply(0));
  EXPECT_THAT(called_, ElementsAre("a", "b"));
  EXPECT_THAT(source_->open(), ElementsAre("mail.test A"));
  source_->Answer(kMail, OkReply({ARecord("mail.test", 0, "192.0.2.2")}));
  EXPECT_THAT(called_, ElementsAre("a", "b", "again"));
  EXPECT_EQ(replies_["again"], "ok from 192.0.2.53:53, mail.test 0 A 192.0.2.2");
}

TEST_F(AnswerCacheTest, ACallbackMayEndEverything) {
  for (const std::string asker : {"a", "b", "c"}) {
    Ask(asker, "mail.test", DnsType::kA, [this] {
      queries_.clear();
      cache_.reset();
    });
  }
  source_->Answer(kMail, MailReply());
  EXPECT_THAT(called_, ElementsAre("a"));
}

// --- How much

// Octets of one answer to a question for a name of `labels` short labels.
std::string NameOf(char letter) { return std::string(1, letter) + ".test"; }

class AnswerCacheLimitTest : public AnswerCacheTest {
 protected:
  void FillAll(const std::string& letters) {
    for (const char letter : letters) Fill(NameOf(letter), OkReply({ARecord(NameOf(letter), 300)}));
  }
  // Which of the letters a to e are in memory. Asking is a use, from a to e.
  std::string Known() {
    std::string known;
    for (const char letter : std::string("abcde")) {
      if (!Recall(NameOf(letter)).empty()) known += letter;
    }
    return known;
  }
  std::size_t OctetsOfOne() {
    Begin();
    FillAll("a");
    return cache_->kept_octets();
  }
};

TEST_F(AnswerCacheLimitTest, TheLeastRecentlyUsedGoes) {
  const std::size_t one = OctetsOfOne();
  Begin(3 * one);
  FillAll("abc");
  EXPECT_EQ(cache_->kept_octets(), 3 * one);
  EXPECT_NE(Recall("a.test"), "");
  FillAll("d");
  EXPECT_EQ(Known(), "acd");
  FillAll("b");
  EXPECT_EQ(Known(), "bcd");
  EXPECT_EQ(cache_->kept_octets(), 3 * one);
}

TEST_F(AnswerCacheLimitTest, OneOctetLessIsOneAnswerLess) {
  const std::size_t one = OctetsOfOne();
  Begin(3 * one - 1);
  FillAll("abc");
  EXPECT_EQ(Known(), "bc");
  EXPECT_EQ(cache_->kept_octets(), 2 * one);
}

TEST_F(AnswerCacheLimitTest, ALargeAnswerTakesThePlaceOfSeveral) {
  const std::size_t one = OctetsOfOne();
  Begin(4 * one);
  FillAll("abcd");
  const DnsRecord record = ARecord("e.test", 300);
  DnsReply large = OkReply({record});
  while (large.answers.size() * sizeof(DnsRecord) < one) large.answers.push_back(record);
  Fill("e.test", large);
  EXPECT_LE(cache_->kept_octets(), 4 * one);
  EXPECT_EQ(Known(), "cde");
}

TEST_F(AnswerCacheLimitTest, WhatDoesNotFitTakesNobodysPlace) {
  const std::size_t one = OctetsOfOne();
  Begin(2 * one);
  FillAll("ab");
  DnsReply large = OkReply({});
  while (large.answers.size() * sizeof(DnsRecord) < 2 * one) {
    large.answers.push_back(ARecord("e.test", 300));
  }
  Fill("e.test", large);
  EXPECT_EQ(Known(), "ab");
}

// docs/rules.md §8
TEST_F(AnswerCacheLimitTest, VeryLargeAnswersAreNotKept) {
  Begin();
  FillAll("a");
  const std::size_t before = cache_->kept_octets();
  const DnsRecord record = ARecord("b.test", 300);
  DnsReply large = OkReply({});
  while (large.answers.size() * sizeof(DnsRecord) < kMaxCachedAnswerOctets * 9 / 10) {
    large.answers.push_back(record);
  }
  Fill("b.test", large);
  EXPECT_EQ(Known(), "ab");
  EXPECT_GE(cache_->kept_octets() - before, kMaxCachedAnswerOctets * 9 / 10);
  while (large.answers.size() * sizeof(DnsRecord) < kMaxCachedAnswerOctets) {
    large.answers.push_back(record);
  }
  Fill("c.test", large);
  EXPECT_EQ(Known(), "ab");
}

TEST_F(AnswerCacheLimitTest, WithoutRoomNothingIsKept) {
  Begin(0);
  FillAll("ab");
  EXPECT_EQ(Known(), "");
  EXPECT_EQ(cache_->kept_octets(), 0u);
}

}  // namespace
}  // namespace helovet
