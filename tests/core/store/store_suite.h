// What every Store does (core/store/store.h), as cases that run on any of them. A test program
// includes this once and instantiates StoreTest with the places it has.
#ifndef HELOVET_TESTS_CORE_STORE_STORE_SUITE_H_
#define HELOVET_TESTS_CORE_STORE_STORE_SUITE_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/store/awaited_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "helovet/loop.h"
#include "loop/task.h"
#include "statistics/counters.h"
#include "store/store.h"

namespace helovet::testing {

// Somewhere a store keeps what it is given; empty at first, and gone with this.
class StorePlace {
 public:
  virtual ~StorePlace() = default;
  // One more user of what is kept here. `loop` outlives it.
  [[nodiscard]] virtual std::unique_ptr<Store> Open(Loop& loop) = 0;
};

class StoreTest : public ::testing::TestWithParam<std::unique_ptr<StorePlace> (*)()> {
 protected:
  void SetUp() override { ASSERT_NE(place_, nullptr); }
  AwaitedStore Open() { return {loop_, place_->Open(loop_)}; }
  Loop& loop() { return loop_; }

 private:
  Loop loop_;
  std::unique_ptr<StorePlace> place_ = GetParam()();
};

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_P(StoreTest, RemembersWhatWasPut) {
  AwaitedStore store = Open();
  EXPECT_EQ(store.Value("a"), "nothing");
  EXPECT_TRUE(store.Put("a", "one"));
  EXPECT_EQ(store.Value("a"), "one");
  EXPECT_EQ(store.Find("a")->key, "a");
  EXPECT_EQ(store.Value("A"), "nothing") << "keys have their case";
  EXPECT_EQ(store.Value("a "), "nothing");
}

TEST_P(StoreTest, AllUsersShareIt) {
  AwaitedStore one = Open();
  AwaitedStore other = Open();
  EXPECT_TRUE(one.Put("a", "one"));
  EXPECT_EQ(other.Value("a"), "one");
  EXPECT_TRUE(other.Put("a", "two"));
  EXPECT_EQ(one.Value("a"), "two");
}

TEST_P(StoreTest, OutlivesItsUsers) {
  EXPECT_TRUE(Open().Put("a", "one"));
  EXPECT_EQ(Open().Value("a"), "one");
}

TEST_P(StoreTest, FactsEndByThemselves) {
  AwaitedStore store = Open();
  EXPECT_TRUE(store.Put("short", "one", milliseconds(50)));
  EXPECT_TRUE(store.Put("long", "two", hours(1)));
  EXPECT_TRUE(Eventually([&] { return store.Value("short") == "nothing"; }));
  EXPECT_EQ(store.Value("long"), "two");
  EXPECT_THAT(store.Keys(""), ElementsAre("long"));
}

TEST_P(StoreTest, SaysHowLongAFactStillLives) {
  AwaitedStore store = Open();
  EXPECT_TRUE(store.Put("a", "one", hours(2)));
  const milliseconds left = store.Find("a")->left;
  EXPECT_LE(left, milliseconds(hours(2)));
  EXPECT_GT(left, hours(2) - std::chrono::minutes(1));
  EXPECT_EQ(store.List("").size(), 1U);
  EXPECT_GT(store.List("").at(0).left, hours(2) - std::chrono::minutes(1));
}

// As long as a setting can be, and longer.
TEST_P(StoreTest, LifetimesBeyondTheLongestAreTheLongest) {
  AwaitedStore store = Open();
  EXPECT_TRUE(store.Put("a", "one", milliseconds::max()));
  EXPECT_LE(store.Find("a")->left, kMaxStoreLifetime);
  EXPECT_GT(store.Find("a")->left, kMaxStoreLifetime - std::chrono::minutes(1));
  EXPECT_TRUE(store.Acquire("l", 1, milliseconds::max()));
  EXPECT_FALSE(store.Acquire("l", 1, milliseconds::max()));
}

// docs/rules.md §12.6: a failure never overwrites a success that lives.
TEST_P(StoreTest, OverwritesNothingAliveIfAskedNotTo) {
  AwaitedStore store = Open();
  EXPECT_TRUE(store.Put("a", "one", milliseconds(200), Overwrite::kNothingAlive));
  EXPECT_FALSE(store.Put("a", "two", hours(1), Overwrite::kNothingAlive));
  EXPECT_EQ(store.Value("a"), "one");
  EXPECT_TRUE(
      Eventually([&] { return store.Put("a", "three", hours(1), Overwrite::kNothingAlive); }));
  EXPECT_EQ(store.Value("a"), "three");
}

TEST_P(StoreTest, ANewFactHasItsOwnLifetime) {
  AwaitedStore store = Open();
  EXPECT_TRUE(store.Put("a", "one", milliseconds(50)));
  EXPECT_TRUE(store.Put("a", "two", hours(1)));
  EXPECT_TRUE(store.Put("b", "one", hours(1)));
  EXPECT_TRUE(store.Put("b", "two", milliseconds(50)));
  EXPECT_TRUE(Eventually([&] { return store.Value("b") == "nothing"; }));
  EXPECT_EQ(store.Value("a"), "two");
}

TEST_P(StoreTest, ListsByPrefixInTheOrderOfKeys) {
  AwaitedStore store = Open();
  for (const char* const key : {"b:2", "a:2", "b:1", "b", "b:10", "c", "b;"}) store.Put(key, key);
  EXPECT_THAT(store.Keys("b:"), ElementsAre("b:1", "b:10", "b:2"));
  EXPECT_THAT(store.Keys("b"), ElementsAre("b", "b:1", "b:10", "b:2", "b;"));
  EXPECT_THAT(store.Keys(""), ElementsAre("a:2", "b", "b:1", "b:10", "b:2", "b;", "c"));
  EXPECT_THAT(store.Keys("d"), IsEmpty());
  EXPECT_EQ(store.List("c").at(0).value, "c");
}

// No character of a prefix is a pattern.
TEST_P(StoreTest, PrefixesAreTakenAsTheyAre) {
  AwaitedStore store = Open();
  for (const char* const key : {"a*b", "axb", "a?b", "a[x]b", "a\\b", "%s", "\"q\" q"}) {
    store.Put(key, "x");
  }
  EXPECT_THAT(store.Keys("a*"), ElementsAre("a*b"));
  EXPECT_THAT(store.Keys("a?"), ElementsAre("a?b"));
  EXPECT_THAT(store.Keys("a[x]"), ElementsAre("a[x]b"));
  EXPECT_THAT(store.Keys("a\\"), ElementsAre("a\\b"));
  EXPECT_THAT(store.Keys("\"q\" "), ElementsAre("\"q\" q"));
  EXPECT_EQ(store.Flush("a*"), 1U);
  EXPECT_EQ(store.Value("axb"), "x");
  EXPECT_EQ(store.Value("%s"), "x");
}

TEST_P(StoreTest, ForgetsByPrefixAndSaysHowMany) {
  AwaitedStore store = Open();
  for (const char* const key : {"a:1", "a:2", "b:1"}) store.Put(key, "x");
  store.Put("a:3", "x", milliseconds(1));
  EXPECT_TRUE(Eventually([&] { return store.Value("a:3") == "nothing"; }));
  EXPECT_EQ(store.Flush("a:"), 2U) << "what has ended does not count";
  EXPECT_EQ(store.Flush("a:"), 0U);
  EXPECT_THAT(store.Keys(""), ElementsAre("b:1"));
  EXPECT_EQ(store.Flush(""), 1U);
  EXPECT_THAT(store.Keys(""), IsEmpty());
}

TEST_P(StoreTest, KeysAndValuesUpToTheirLimits) {
  AwaitedStore store = Open();
  const std::string longest(kMaxStoreKeyOctets, 'k');
  const std::string another = std::string(kMaxStoreKeyOctets - 1, 'k') + "l";
  std::string printable;
  for (char octet = ' '; octet <= '~'; ++octet) printable += octet;
  EXPECT_TRUE(store.Put(longest, std::string(kMaxStoreValueOctets, 'v')));
  EXPECT_TRUE(store.Put(another, ""));
  EXPECT_TRUE(store.Put(printable, printable));
  EXPECT_EQ(store.Value(longest), std::string(kMaxStoreValueOctets, 'v'));
  EXPECT_EQ(store.Value(another), "");
  EXPECT_EQ(store.Value(printable), printable);
  EXPECT_THAT(store.Keys(std::string(kMaxStoreKeyOctets - 1, 'k')), ElementsAre(longest, another));
  EXPECT_THAT(store.Keys(longest + "k"), IsEmpty());
  EXPECT_EQ(store.Flush(longest + "k"), 0U);
  EXPECT_TRUE(store.Acquire(longest, 1));
  EXPECT_FALSE(store.Acquire(longest, 1));
  EXPECT_TRUE(store.Acquire(another, 1));
}

TEST_P(StoreTest, RefusesWhatIsBeyondTheLimits) {
  AwaitedStore store = Open();
  const std::string key(kMaxStoreKeyOctets + 1, 'k');
  const std::string value(kMaxStoreValueOctets + 1, 'v');
  const std::string long_key = "store: a key of more than 480 octets";
  EXPECT_EQ(store.Error((*store).Put(key, "v", hours(1), Overwrite::kAlways)), long_key);
  EXPECT_EQ(store.Error((*store).Find(key)), long_key);
  EXPECT_EQ(store.Error((*store).Acquire(key, 1, hours(1))), long_key);
  EXPECT_EQ(store.Error((*store).Find("")), "store: an empty key");
  EXPECT_EQ(store.Error((*store).Put("k", value, hours(1), Overwrite::kAlways)),
            "store: a value of more than 1024 octets");
  EXPECT_THAT(store.Keys(""), IsEmpty());
}

TEST_P(StoreTest, NoMoreLeasesThanTheLimit) {
  AwaitedStore one = Open();
  AwaitedStore other = Open();
  const std::optional<Lease> first = one.Acquire("calls", 2);
  const std::optional<Lease> second = other.Acquire("calls", 2);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->key, "calls");
  EXPECT_NE(first->id, second->id);
  EXPECT_FALSE(one.Acquire("calls", 2));
  EXPECT_TRUE(one.Acquire("calls", 3)) << "the limit is the asker's";
  EXPECT_TRUE(one.Acquire("other calls", 2));
}

TEST_P(StoreTest, AReleasedLeaseIsFree) {
  AwaitedStore one = Open();
  AwaitedStore other = Open();
  const std::optional<Lease> lease = one.Acquire("calls", 1);
  ASSERT_TRUE(lease);
  EXPECT_TRUE(other.Release(*lease)) << "whoever has it may end it";
  EXPECT_FALSE(one.Release(*lease)) << "it has ended";
  EXPECT_TRUE(other.Acquire("calls", 1));
  EXPECT_FALSE(one.Release(*lease)) << "the new one is not the old one";
  EXPECT_FALSE(one.Acquire("calls", 1));
}

TEST_P(StoreTest, LeasesEndByThemselves) {
  AwaitedStore store = Open();
  const std::optional<Lease> first = store.Acquire("calls", 2, milliseconds(50));
  ASSERT_TRUE(first);
  const std::optional<Lease> second = store.Acquire("calls", 2, hours(1));
  ASSERT_TRUE(second);
  EXPECT_TRUE(Eventually([&] { return store.Acquire("calls", 2, hours(1)).has_value(); }));
  EXPECT_FALSE(store.Release(*first));
  EXPECT_FALSE(store.Acquire("calls", 2)) << "the others' leases live on";
  EXPECT_TRUE(store.Release(*second));
}

TEST_P(StoreTest, NobodyElsesLeaseCanBeReleased) {
  AwaitedStore store = Open();
  const std::optional<Lease> lease = store.Acquire("calls", 1);
  ASSERT_TRUE(lease);
  EXPECT_FALSE(store.Release({.key = "calls", .id = ""}));
  EXPECT_FALSE(store.Release({.key = "calls", .id = "x"}));
  EXPECT_FALSE(store.Release({.key = "calls", .id = lease->id + "0"}));
  EXPECT_FALSE(store.Release({.key = "other", .id = lease->id}));
  EXPECT_TRUE(store.Release(*lease));
}

// docs/rules.md §12.4: cbv.per_domain bounds a rate by leases that nobody releases.
TEST_P(StoreTest, HundredsOfLeasesOfAKey) {
  constexpr std::size_t kLimit = 300;
  AwaitedStore store = Open();
  std::set<std::string> ids;
  for (std::size_t i = 0; i < kLimit; ++i) ids.insert(store.Acquire("rate", kLimit)->id);
  EXPECT_EQ(ids.size(), kLimit);
  EXPECT_FALSE(store.Acquire("rate", kLimit));
}

TEST_P(StoreTest, LeasesAreNoFacts) {
  AwaitedStore store = Open();
  ASSERT_TRUE(store.Acquire("a", 1));
  EXPECT_EQ(store.Value("a"), "nothing");
  EXPECT_TRUE(store.Put("a", "one"));
  EXPECT_FALSE(store.Acquire("a", 1));
  EXPECT_THAT(store.Keys(""), ElementsAre("a"));
  EXPECT_EQ(store.Flush(""), 1U);
  EXPECT_FALSE(store.Acquire("a", 1)) << "who forgets facts does not free what goes on";
}

TEST_P(StoreTest, CountsByMonths) {
  AwaitedStore one = Open();
  AwaitedStore other = Open();
  const Month before = Month::Now();
  EXPECT_EQ(one.Totals(before), std::vector<std::uint64_t>(CounterNames().size()));
  const std::size_t last = CounterNames().size() - 1;
  EXPECT_TRUE(one.Count({{.counter = 0, .by = 2}, {.counter = last, .by = 5}}));
  EXPECT_TRUE(other.Count({{.counter = 0}, {.counter = 0, .by = std::uint64_t{1} << 40U}}));
  EXPECT_TRUE(other.Count({}));
  const std::vector<std::uint64_t> totals = other.Totals(before);
  if (before != Month::Now()) GTEST_SKIP() << "a month has just ended";
  ASSERT_EQ(totals.size(), CounterNames().size());
  EXPECT_EQ(totals.at(0), (std::uint64_t{1} << 40U) + 3);
  EXPECT_EQ(totals.at(last), 5U);
  EXPECT_EQ(totals.at(1), 0U);
  EXPECT_EQ(one.Totals({.year = 1999, .month = 12}),
            std::vector<std::uint64_t>(CounterNames().size()));
  EXPECT_EQ(one.Flush(""), 0U);
  EXPECT_EQ(one.Totals(before).at(last), 5U) << "counters are no facts";
}

TEST_P(StoreTest, TenThousandFacts) {
  constexpr int kFacts = 10000;
  AwaitedStore store = Open();
  const auto key = [](int i) { return "many:" + std::to_string(100000 + i); };
  for (int i = 0; i < kFacts; ++i) ASSERT_TRUE(store.Put(key(i), std::to_string(i)));
  store.Put("more", "x");
  const std::vector<StoredFact> facts = store.List("many:");
  ASSERT_EQ(facts.size(), std::size_t{kFacts});
  for (int i = 0; i < kFacts; ++i) {
    const StoredFact& fact = facts.at(static_cast<std::size_t>(i));
    ASSERT_EQ(fact.key + "=" + fact.value, key(i) + "=" + std::to_string(i));
  }
  EXPECT_EQ(store.Flush("many:"), std::size_t{kFacts});
  EXPECT_THAT(store.Keys(""), ElementsAre("more"));
}

// Giving up waiting: a task that is destroyed before or while it runs.
TEST_P(StoreTest, TasksMayBeDropped) {
  AwaitedStore store = Open();
  { const auto dropped = (*store).Find("a"); }
  {
    std::optional<StoreErrorOr<std::optional<StoredFact>>> result;
    Task<bool> started = KeepResult((*store).Find("a"), result);
    started.Start();
  }
  EXPECT_TRUE(store.Put("a", "one"));
  EXPECT_EQ(store.Value("a"), "one");
}

// Several questions under way together have each their answer.
TEST_P(StoreTest, TasksMayRunTogether) {
  constexpr int kTasks = 20;
  AwaitedStore store = Open();
  for (int i = 0; i < kTasks; ++i) store.Put(std::to_string(i), "v" + std::to_string(i));
  std::vector<std::optional<StoreErrorOr<std::optional<StoredFact>>>> results(kTasks);
  std::vector<Task<bool>> tasks;
  for (int i = 0; i < kTasks; ++i) {
    tasks.push_back(
        KeepResult((*store).Find(std::to_string(i)), results.at(static_cast<std::size_t>(i))));
  }
  for (Task<bool>& task : tasks) task.Start();
  loop().RunUntil([&tasks] {
    return std::all_of(tasks.begin(), tasks.end(), [](const auto& task) { return task.done(); });
  });
  for (int i = 0; i < kTasks; ++i) {
    const auto& result = results.at(static_cast<std::size_t>(i));
    ASSERT_TRUE(result && *result && **result) << i;
    EXPECT_EQ((**result)->value, "v" + std::to_string(i));
  }
}

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_CORE_STORE_STORE_SUITE_H_
