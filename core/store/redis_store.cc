#include "store/redis_store.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <map>
#include <utility>

#include "base/ascii.h"
#include "store/lease_id.h"
#include "store/redis_connection.h"
#include "store/redis_scripts.h"
#include "store/store_directory.h"

namespace helovet {
namespace {

using Kind = RedisReply::Kind;
using std::chrono::milliseconds;
using Words = std::vector<std::string>;

constexpr std::size_t kScanCount = 500;  // Keys that the server looks at in one step; ours.
// Of List and Flush as a whole, and of what they keep; ours.
constexpr std::chrono::seconds kMaxWalk{30};
constexpr std::size_t kMaxListedFacts = 1000000;

Words Eval(const char* script, const Words& keys, const Words& arguments) {
  Words words = {"EVAL", script, std::to_string(keys.size())};
  words.insert(words.end(), keys.begin(), keys.end());
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

bool IsOurs(std::string_view text, std::size_t max_octets) {
  return text.size() <= max_octets && std::ranges::all_of(text, IsAsciiPrintable);
}

milliseconds Bounded(milliseconds lifetime) {
  return std::clamp<milliseconds>(lifetime, milliseconds(1), kMaxStoreLifetime);
}

// Of PTTL. One that never ends is none of ours; it counts as the longest.
milliseconds LeftOf(const RedisReply& reply) {
  return reply.integer < 0 ? milliseconds(kMaxStoreLifetime) : Bounded(milliseconds(reply.integer));
}

std::optional<std::uint64_t> ParseCount(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

class RedisStore final : public Store {
 public:
  RedisStore(Loop& loop, const Config& config)
      : loop_(loop), redis_(config.redis), connection_(loop, config) {}

  Task<StoreErrorOr<std::optional<StoredFact>>> Find(std::string key) override;
  Task<StoreErrorOr<bool>> Put(std::string key, std::string value, milliseconds lifetime,
                               Overwrite overwrite) override;
  Task<StoreErrorOr<std::optional<Lease>>> Acquire(std::string key, std::size_t limit,
                                                   milliseconds lifetime) override;
  Task<StoreErrorOr<bool>> Release(Lease lease) override;
  Task<StoreErrorOr<std::vector<StoredFact>>> List(std::string prefix) override;
  Task<StoreErrorOr<std::size_t>> Flush(std::string prefix) override;
  Task<StoreErrorOr<bool>> Count(CounterIncrements increments) override;
  Task<StoreErrorOr<CounterTotals>> Totals(Month month) override;

 private:
  using Facts = std::map<std::string, StoredFact>;
  // A walk through the keys of facts that begin with a prefix.
  struct Walk {
    std::string prefix;
    Loop::TimePoint latest;
    std::string cursor = "0";
    bool begun = false;
    [[nodiscard]] bool ended() const { return begun && cursor == "0"; }
  };

  [[nodiscard]] std::string FactKey(std::string_view key) const { return KeyOf("fact", key); }
  [[nodiscard]] std::string LeaseKey(std::string_view key) const { return KeyOf("lease", key); }
  [[nodiscard]] std::string KeyOf(std::string_view kind, std::string_view key) const {
    return redis_.prefix + ':' + std::string(kind) + ':' + std::string(key);
  }
  [[nodiscard]] tl::unexpected<StoreError> Error(std::string_view why) const {
    return tl::make_unexpected(StoreErrorAt(redis_.server, why));
  }
  [[nodiscard]] tl::unexpected<StoreError> Unlike() const {
    return Error("an answer unlike its question");
  }
  [[nodiscard]] Walk Begin(std::string_view prefix) const {
    return {.prefix = FactKey(prefix), .latest = loop_.Now() + kMaxWalk};
  }
  // Keys as they are at the server; none or some may come twice.
  Task<StoreErrorOr<Words>> Step(Walk& walk);
  Task<StoreErrorOr<bool>> Collect(Words keys, Facts& facts);

  Loop& loop_;
  Config::Redis redis_;
  RedisConnection connection_;
};

Task<StoreErrorOr<std::optional<StoredFact>>> RedisStore::Find(std::string key) {
  if (auto error = WhyNotStorable(key)) co_return tl::make_unexpected(*std::move(error));
  const Words words = Eval(kFindScript, {FactKey(key)}, {});
  const StoreErrorOr<RedisReply> reply = co_await connection_.Ask(words);
  if (!reply) co_return tl::make_unexpected(reply.error());
  const std::vector<RedisReply>& parts = reply->elements;
  if (parts.size() != 2 || !parts[1].Is(Kind::kInteger)) co_return Unlike();
  if (parts[0].Is(Kind::kNil)) co_return std::nullopt;
  if (!parts[0].Is(Kind::kText)) co_return Unlike();
  if (!IsOurs(parts[0].text, kMaxStoreValueOctets)) co_return Error("a value that is none of ours");
  StoredFact fact = {.key = std::move(key), .value = parts[0].text, .left = LeftOf(parts[1])};
  co_return std::optional(std::move(fact));
}

Task<StoreErrorOr<bool>> RedisStore::Put(std::string key, std::string value, milliseconds lifetime,
                                         Overwrite overwrite) {
  if (auto error = WhyNotStorable(key, value)) co_return tl::make_unexpected(*std::move(error));
  Words words = {"SET", FactKey(key), std::move(value), "PX",
                 std::to_string(Bounded(lifetime).count())};
  if (overwrite == Overwrite::kNothingAlive) words.emplace_back("NX");
  const StoreErrorOr<RedisReply> reply = co_await connection_.Ask(words);
  if (!reply) co_return tl::make_unexpected(reply.error());
  if (reply->Is(Kind::kStatus)) co_return true;
  if (reply->Is(Kind::kNil) && overwrite == Overwrite::kNothingAlive) co_return false;
  co_return Unlike();
}

Task<StoreErrorOr<std::optional<Lease>>> RedisStore::Acquire(std::string key, std::size_t limit,
                                                             milliseconds lifetime) {
  if (auto error = WhyNotStorable(key)) co_return tl::make_unexpected(*std::move(error));
  Lease lease = {.key = key, .id = LeaseIdText(DrawLeaseId())};
  if (lease.id.empty()) co_return Error("this host has no random octets");
  const Words words =
      Eval(kAcquireScript, {LeaseKey(key)},
           {std::to_string(limit), std::to_string(Bounded(lifetime).count()), lease.id});
  const StoreErrorOr<RedisReply> reply = co_await connection_.Ask(words);
  if (!reply) co_return tl::make_unexpected(reply.error());
  if (!reply->Is(Kind::kInteger)) co_return Unlike();
  if (reply->integer == 0) co_return std::nullopt;
  co_return std::optional(std::move(lease));
}

Task<StoreErrorOr<bool>> RedisStore::Release(Lease lease) {
  if (auto error = WhyNotStorable(lease.key)) co_return tl::make_unexpected(*std::move(error));
  const Words words = Eval(kReleaseScript, {LeaseKey(lease.key)}, {lease.id});
  const StoreErrorOr<RedisReply> reply = co_await connection_.Ask(words);
  if (!reply) co_return tl::make_unexpected(reply.error());
  if (!reply->Is(Kind::kInteger)) co_return Unlike();
  co_return reply->integer != 0;
}

Task<StoreErrorOr<Words>> RedisStore::Step(Walk& walk) {
  if (loop_.Now() >= walk.latest) co_return Error("too many keys for the time there is");
  const Words words = {"SCAN",  walk.cursor,
                       "MATCH", EscapeForScan(walk.prefix) + '*',
                       "COUNT", std::to_string(kScanCount)};
  StoreErrorOr<RedisReply> reply = co_await connection_.Ask(words);
  if (!reply) co_return tl::make_unexpected(reply.error());
  std::vector<RedisReply>& parts = reply->elements;
  if (parts.size() != 2 || !parts[1].Is(Kind::kArray) || !ParseCount(parts[0].text)) {
    co_return Unlike();
  }
  walk.cursor = std::move(parts[0].text);
  walk.begun = true;
  Words keys;
  for (RedisReply& key : parts[1].elements) {
    if (key.text.starts_with(walk.prefix)) keys.push_back(std::move(key.text));
  }
  co_return keys;
}

Task<StoreErrorOr<bool>> RedisStore::Collect(Words keys, Facts& facts) {
  const std::string prefix = FactKey("");
  const Words words = Eval(kListScript, keys, {});
  StoreErrorOr<RedisReply> reply = co_await connection_.Ask(words);
  if (!reply) co_return tl::make_unexpected(reply.error());
  std::vector<RedisReply>& parts = reply->elements;
  if (!reply->Is(Kind::kArray) || parts.size() % 3 != 0) co_return Unlike();
  for (std::size_t i = 0; i < parts.size(); i += 3) {
    if (!parts[i].text.starts_with(prefix)) co_return Unlike();
    std::string key = parts[i].text.substr(prefix.size());
    std::string& value = parts[i + 1].text;
    // What others have put there is passed over.
    if (!IsOurs(key, kMaxStoreKeyOctets) || !IsOurs(value, kMaxStoreValueOctets)) continue;
    StoredFact fact = {.key = key, .value = std::move(value), .left = LeftOf(parts[i + 2])};
    facts.insert_or_assign(std::move(key), std::move(fact));
  }
  co_return true;
}

Task<StoreErrorOr<std::vector<StoredFact>>> RedisStore::List(std::string prefix) {
  Walk walk = Begin(prefix);
  Facts facts;
  while (!walk.ended()) {
    StoreErrorOr<Words> keys = co_await Step(walk);
    if (!keys) co_return tl::make_unexpected(keys.error());
    if (keys->empty()) continue;
    const StoreErrorOr<bool> collected = co_await Collect(*std::move(keys), facts);
    if (!collected) co_return tl::make_unexpected(collected.error());
    if (facts.size() > kMaxListedFacts) co_return Error("too many facts to list");
  }
  std::vector<StoredFact> listed;
  listed.reserve(facts.size());
  for (auto& [key, fact] : facts) listed.push_back(std::move(fact));
  co_return listed;
}

Task<StoreErrorOr<std::size_t>> RedisStore::Flush(std::string prefix) {
  Walk walk = Begin(prefix);
  std::size_t forgotten = 0;
  while (!walk.ended()) {
    const StoreErrorOr<Words> keys = co_await Step(walk);
    if (!keys) co_return tl::make_unexpected(keys.error());
    if (keys->empty()) continue;
    Words words = {"UNLINK"};
    words.insert(words.end(), keys->begin(), keys->end());
    const StoreErrorOr<RedisReply> reply = co_await connection_.Ask(words);
    if (!reply) co_return tl::make_unexpected(reply.error());
    if (!reply->Is(Kind::kInteger) || reply->integer < 0) co_return Unlike();
    forgotten += static_cast<std::size_t>(reply->integer);
  }
  co_return forgotten;
}

Task<StoreErrorOr<bool>> RedisStore::Count(CounterIncrements increments) {
  if (increments.empty()) co_return true;
  Words arguments;
  for (const CounterIncrement& increment : increments) {
    arguments.push_back(CounterNames()[increment.counter]);
    arguments.push_back(std::to_string(increment.by));
  }
  const Words words = Eval(kCountScript, {KeyOf("statistics", Month::Now().ToString())}, arguments);
  const StoreErrorOr<RedisReply> reply = co_await connection_.Ask(words);
  if (!reply) co_return tl::make_unexpected(reply.error());
  if (!reply->Is(Kind::kInteger)) co_return Unlike();
  co_return true;
}

Task<StoreErrorOr<CounterTotals>> RedisStore::Totals(Month month) {
  const Words words = {"HGETALL", KeyOf("statistics", month.ToString())};
  const StoreErrorOr<RedisReply> reply = co_await connection_.Ask(words);
  if (!reply) co_return tl::make_unexpected(reply.error());
  if (!reply->Is(Kind::kArray) || reply->elements.size() % 2 != 0) co_return Unlike();
  // By name: hosts of another release may have counted what this one does not know.
  std::map<std::string_view, std::string_view> counted;
  for (std::size_t i = 0; i < reply->elements.size(); i += 2) {
    counted[reply->elements[i].text] = reply->elements[i + 1].text;
  }
  CounterTotals totals;
  for (const std::string& name : CounterNames()) {
    const auto found = counted.find(name);
    const auto value = found == counted.end() ? std::nullopt : ParseCount(found->second);
    totals.values.push_back(value.value_or(0));
  }
  co_return totals;
}

}  // namespace

std::string EscapeForScan(std::string_view text) {
  std::string pattern;
  for (const char octet : text) {
    if (std::string_view("*?[]\\^-").find(octet) != std::string_view::npos) pattern += '\\';
    pattern += octet;
  }
  return pattern;
}

std::unique_ptr<Store> MakeRedisStore(Loop& loop, const Config& config) {
  return std::make_unique<RedisStore>(loop, config);
}

}  // namespace helovet
