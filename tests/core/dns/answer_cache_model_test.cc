// AnswerCache against a model of what it promises, in random order.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/dns/held_dns.h"
#include "dns/answer_cache.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace helovet {
namespace {

using std::chrono_literals::operator""ms;
using testing::ARecord;
using testing::HeldDns;
using testing::Name;
using testing::OkReply;
using testing::QuestionText;
using testing::Reply;
using testing::ReplyText;

constexpr std::size_t kAnswersThatFit = 6;  // Of the smallest.

// What is kept, as a list in the order of use; no index, no clever bookkeeping.
class Model {
 public:
  struct Kept {
    std::string question;
    DnsReply reply;
    Loop::TimePoint kept_at;
    std::chrono::milliseconds life;
    std::size_t octets;
  };

  explicit Model(std::size_t max_octets) : max_octets_(max_octets) {}

  // The reply from memory, as text; empty for none.
  std::string Recall(const std::string& question, Loop::TimePoint now) {
    const auto found = std::find_if(kept_.begin(), kept_.end(),
                                    [&](const Kept& kept) { return kept.question == question; });
    if (found == kept_.end()) return "";
    const auto age = now - found->kept_at;
    if (age >= found->life) {
      kept_.erase(found);
      return "";
    }
    std::rotate(kept_.begin(), found, std::next(found));
    DnsReply reply = kept_.front().reply;
    const auto seconds =
        static_cast<std::uint32_t>(std::chrono::floor<std::chrono::seconds>(age).count());
    for (DnsRecord& record : reply.answers) record.ttl -= seconds;
    if (reply.negative_ttl != 0) reply.negative_ttl -= seconds;
    reply.cached = true;
    return ReplyText(reply);
  }

  void Keep(Kept kept) {
    if (kept.life == 0ms || kept.octets > max_octets_) return;
    kept_.insert(kept_.begin(), std::move(kept));
    while (octets() > max_octets_) kept_.pop_back();
  }

  [[nodiscard]] std::size_t octets() const {
    std::size_t octets = 0;
    for (const Kept& kept : kept_) octets += kept.octets;
    return octets;
  }

 private:
  std::size_t max_octets_;
  std::vector<Kept> kept_;  // The latest used first.
};

// Octets that a cache takes for one answer alone.
std::size_t OctetsOf(const DnsQuestion& question, const DnsReply& reply) {
  Loop loop;
  auto held = std::make_unique<HeldDns>();
  HeldDns& source = *held;
  AnswerCache cache(loop, std::move(held));
  const auto query = cache.Ask(question, [](const DnsReply&) {});
  source.Answer(QuestionText(question), reply);
  return cache.kept_octets();
}

DnsReply SmallReply() { return OkReply({ARecord("0.test", 10)}); }

class RandomRun {
 public:
  explicit RandomRun(std::uint32_t seed)
      : random_(seed), max_octets_(kAnswersThatFit * OctetsOf(Question(0), SmallReply())) {
    auto held = std::make_unique<HeldDns>();
    source_ = held.get();
    cache_ = std::make_unique<AnswerCache>(loop_, std::move(held), max_octets_);
    model_.emplace(max_octets_);
  }

  void Step() {
    switch (Draw(8)) {
      case 0:
        now_ += std::chrono::milliseconds(Draw(3000));
        break;
      case 1:
        DestroyOne();
        break;
      case 2:
      case 3:
        Turn();
        break;
      case 4:
        AnswerOne();
        break;
      default:
        AskOne();
    }
    EXPECT_EQ(cache_->kept_octets(), model_->octets());
    EXPECT_LE(cache_->kept_octets(), max_octets_);
    const std::vector<std::string> open = source_->open();
    EXPECT_EQ(std::multiset<std::string>(open.begin(), open.end()), WantedOpen());
  }

  // Runs saw these happen.
  int hits = 0;
  int joined = 0;
  int reentered = 0;

 private:
  struct Waiting {
    std::string question;
    std::string want;  // The reply from memory; empty while a server is asked.
    std::unique_ptr<Dns::Query> query = nullptr;
  };

  static DnsQuestion Question(std::uint32_t number) {
    return {Name(std::to_string(number / 2) + ".test"),
            number % 2 == 0 ? DnsType::kA : DnsType::kAaaa};
  }

  std::uint32_t Draw(std::uint32_t below) { return static_cast<std::uint32_t>(random_() % below); }

  // The questions that the source must hold: one for each that somebody waits for.
  [[nodiscard]] std::multiset<std::string> WantedOpen() const {
    std::set<std::string> open;
    for (const auto& [id, asker] : waiting_) {
      if (asker.want.empty()) open.insert(asker.question);
    }
    return {open.begin(), open.end()};
  }

  void AskOne() {
    const DnsQuestion question = Question(Draw(24));
    const std::string text = QuestionText(question);
    const std::string want = model_->Recall(text, now_);
    want.empty() ? joined += static_cast<int>(WantedOpen().count(text)) : ++hits;
    const int id = ++last_id_;
    waiting_[id] = {text, want};
    asking_ = true;
    auto query = cache_->Ask(question, [this, id](const DnsReply& reply) { OnReply(id, reply); });
    asking_ = false;
    waiting_.at(id).query = std::move(query);
  }

  void DestroyOne() {
    if (waiting_.empty()) return;
    waiting_.erase(std::next(waiting_.begin(), Draw(static_cast<std::uint32_t>(waiting_.size()))));
  }

  void OnReply(int id, const DnsReply& reply) {
    EXPECT_FALSE(asking_) << "called from inside Ask";
    const auto asker = waiting_.find(id);
    ASSERT_NE(asker, waiting_.end()) << "called twice, or after its Query was destroyed";
    EXPECT_EQ(ReplyText(reply), asker->second.want.empty() ? answer_ : asker->second.want);
    // Outlives the callback, or not.
    const std::unique_ptr<Dns::Query> query = std::move(asker->second.query);
    waiting_.erase(asker);
    if (Draw(3) != 0) return;
    ++reentered;
    if (Draw(2) == 0) {
      DestroyOne();
    } else {
      AskOne();
    }
  }

  DnsReply DrawReply(const std::string& name, DnsType type, std::chrono::seconds& life) {
    const std::uint32_t ttl = Draw(12);
    life = std::chrono::seconds(ttl);
    switch (Draw(6)) {
      case 0:
        life = {};
        return Reply(DnsOutcome::kServFail);
      case 1:
        return Reply(DnsOutcome::kNxDomain, {}, ttl);
      case 2:
        return Reply(DnsOutcome::kOk, {}, ttl);
      default:
        break;
    }
    const std::string address = type == DnsType::kA ? "192.0.2.1" : "2001:db8::1";
    std::vector<DnsRecord> records(1 + Draw(40) * Draw(2), ARecord(name, ttl + 5, address));
    for (DnsRecord& record : records) record.type = type;
    records.back().ttl = ttl;
    return OkReply(std::move(records));
  }

  void AnswerOne() {
    const std::vector<std::string> open = source_->open();
    if (open.empty()) return;
    const std::string text = open[Draw(static_cast<std::uint32_t>(open.size()))];
    const std::string name = text.substr(0, text.find(' '));
    const DnsType type = text.ends_with(" A") ? DnsType::kA : DnsType::kAaaa;
    std::chrono::seconds life{};
    const DnsReply reply = DrawReply(name, type, life);
    answer_ = ReplyText(reply);
    // Who asks again within a callback waits for another answer than these.
    std::vector<int> called;
    for (const auto& [id, asker] : waiting_) {
      if (asker.question == text && asker.want.empty()) called.push_back(id);
    }
    if (life > life.zero()) {
      model_->Keep({text, reply, now_, life, OctetsOf({Name(name), type}, reply)});
    }
    source_->Answer(text, reply);
    for (const int id : called) EXPECT_FALSE(waiting_.contains(id)) << "not called";
  }

  // Everything that was posted before this is called by it.
  void Turn() {
    std::vector<int> called;
    for (const auto& [id, asker] : waiting_) {
      if (!asker.want.empty()) called.push_back(id);
    }
    loop_.Turn(now_);
    for (const int id : called) EXPECT_FALSE(waiting_.contains(id)) << "not called";
  }

  std::mt19937 random_;
  Loop::TimePoint now_{std::chrono::seconds(1000)};
  Loop loop_{[this] { return now_; }};
  std::size_t max_octets_;
  std::optional<Model> model_;
  HeldDns* source_ = nullptr;  // The cache's.
  std::unique_ptr<AnswerCache> cache_;
  std::map<int, Waiting> waiting_;
  int last_id_ = 0;
  bool asking_ = false;
  std::string answer_;  // That is being given.
};

TEST(AnswerCacheModelTest, DoesWhatTheModelDoes) {
  int hits = 0;
  int joined = 0;
  int reentered = 0;
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomRun run(seed);
    for (int step = 0; step < 1000; ++step) run.Step();
    hits += run.hits;
    joined += run.joined;
    reentered += run.reentered;
    if (::testing::Test::HasFailure()) return;
  }
  // The runs were about something.
  EXPECT_GT(hits, 1000);
  EXPECT_GT(joined, 1000);
  EXPECT_GT(reentered, 1000);
}

}  // namespace
}  // namespace helovet
