// docs/rules.md §13.3: what an engine counts, and what it does about a store that fails.
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/engine_fixture.h"
#include "engine/pending_counts.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace helovet {
namespace {

using std::chrono_literals::operator""ms;
using ::testing::IsEmpty;
using testing::kClient;
using testing::kSenderAddress;
using testing::Nothing;
using testing::ScriptedDns;
using ::testing::SizeIs;
using enum CheckId;

class StatisticsTest : public testing::EngineFixture {
 protected:
  StatisticsTest() {
    outcome_.result = Result::kPass;
    outcome_.reason = Reason::kAccepted;
    outcome_.tally.smtp_sessions = 1;
    prepare_store_ = [](testing::MemoryStore& store) { store.set_month(Month::Now()); };
  }

  void Begin(std::vector<CheckId> checks, Statistics statistics = Statistics::kKept) {
    Config config;
    config.profile = Profile::kStandard;
    config.senders.checks = std::move(checks);
    config.lists.deny = {"@spam.example"};
    EngineFixture::Begin(config, Nothing(), ScriptedDns::Order::kAsAsked, statistics);
  }

  std::uint64_t CountOf(const std::string& counter) {
    engine_->WaitForStatistics(loop_.Now() + 1000ms);
    if (store_ == nullptr) return 0;
    std::optional<CounterTotals> totals;
    Task<bool> reading = Read(totals);
    reading.Start();
    loop_.RunUntil([&totals] { return totals.has_value(); });
    return totals->values.at(CounterPlace(counter));
  }

 private:
  Task<bool> Read(std::optional<CounterTotals>& totals) {
    auto found = co_await store_->Totals(Month::Now());
    EXPECT_TRUE(found.has_value());
    totals = found ? *found : CounterTotals();
    co_return true;
  }
};

TEST_F(StatisticsTest, EachStepCountsOnce) {
  Begin({kSpf, kCbv});
  const Verdict name = Judge(SessionFrom());
  EXPECT_EQ(CountOf("sessions"), 1);
  EXPECT_EQ(CountOf("messages"), 0);
  EXPECT_EQ(CountOf("spf-helo.none.no-record"), 1);

  const Verdict message = AfterHelo(name, kSenderAddress);
  EXPECT_EQ(CountOf("sessions"), 1);
  EXPECT_EQ(CountOf("messages"), 1);
  EXPECT_EQ(CountOf("spf.none.no-record"), 1);
  EXPECT_EQ(CountOf("spf-helo.none.no-record"), 1);
  EXPECT_EQ(CountOf("cbv.calls"), 0);

  const Verdict first = AfterMailFrom(message);
  EXPECT_EQ(CountOf("cbv.calls"), 1);
  EXPECT_EQ(CountOf("cbv.pass.accepted"), 1);
  EXPECT_EQ(CountOf("messages"), 1);
  const Verdict second = AfterMailFrom(first);
  EXPECT_EQ(CountOf("cbv.calls"), 1);

  AfterHelo(second, kSenderAddress);
  EXPECT_EQ(CountOf("messages"), 2);
  EXPECT_EQ(CountOf("sessions"), 1);
  EXPECT_THAT(engine_->TakeComplaints(), IsEmpty());
}

TEST_F(StatisticsTest, AWholeSessionCountsAsItsSteps) {
  Begin({kSpf});
  Judge(SessionFrom(kSenderAddress));
  EXPECT_EQ(CountOf("sessions"), 1);
  EXPECT_EQ(CountOf("messages"), 1);
  EXPECT_EQ(CountOf("spf-helo.none.no-record"), 1);
  EXPECT_EQ(CountOf("spf.none.no-record"), 1);
}

TEST_F(StatisticsTest, WhatCostNoQuestionIsCountedOnce) {
  Begin({kSpf, kCbv});
  const Verdict exempt = Judge(SessionFrom(std::nullopt, "127.0.0.1"));
  const Verdict message = AfterHelo(exempt, kSenderAddress);
  EXPECT_EQ(CountOf("sessions"), 1);
  EXPECT_EQ(CountOf("messages"), 1);
  const Verdict first = AfterMailFrom(message);
  AfterMailFrom(first, "two@example.net");
  EXPECT_EQ(CountOf("cbv.skip.exempt"), 1);
  EXPECT_EQ(CountOf("cbv.calls"), 1);
  Judge(SessionFrom("a@spam.example"));
  EXPECT_EQ(CountOf("local-list.fail.listed"), 1);
}

TEST_F(StatisticsTest, SkipsCountByTheirKind) {
  Begin({kCbv});
  AfterMailFrom(Judge(SessionFrom("")));
  EXPECT_EQ(CountOf("cbv.skip.null-sender"), 1);
  AfterMailFrom(Judge(SessionFrom("a@spam.example")));
  EXPECT_EQ(CountOf("cbv.skip.decided"), 1);
  EXPECT_EQ(CountOf("cbv.calls"), 2);
}

TEST_F(StatisticsTest, WithoutThemNoStoreIsOpened) {
  Begin({kSpf, kCbv}, Statistics::kNone);
  Judge(SessionFrom(kSenderAddress));
  EXPECT_EQ(stores_opened_, 0);
  Begin({kSpf}, Statistics::kKept);
  EXPECT_EQ(stores_opened_, 0) << "not before it is needed";
  Judge(SessionFrom(kSenderAddress));
  Judge(SessionFrom(kSenderAddress));
  EXPECT_EQ(stores_opened_, 1);
}

TEST_F(StatisticsTest, ASlowStoreHoldsUpNobody) {
  prepare_store_ = [](testing::MemoryStore& store) {
    store.set_month(Month::Now());
    store.set_delay(300ms);
  };
  Begin({kSpf});
  const Loop::TimePoint start = loop_.Now();
  for (int i = 0; i < 20; ++i) Judge(SessionFrom(kSenderAddress));
  EXPECT_LT(loop_.Now() - start, 250ms);
  engine_->WaitForStatistics(loop_.Now() + 2000ms);
  const std::vector<std::string> log = store_->log();
  EXPECT_THAT(log, SizeIs(2)) << "what was counted meanwhile goes together";
  EXPECT_EQ(CountOf("sessions"), 20);

  Judge(SessionFrom());
  const Loop::TimePoint waiting = loop_.Now();
  engine_->WaitForStatistics(waiting + 50ms);
  EXPECT_LT(loop_.Now() - waiting, 250ms) << "no longer than it may";
}

TEST_F(StatisticsTest, AProblemIsToldOnce) {
  prepare_store_ = [](testing::MemoryStore& store) { store.FailFrom(1); };
  Begin({kSpf});
  EXPECT_EQ(ToString(Judge(SessionFrom(kSenderAddress)).action), "tag");
  Judge(SessionFrom(kSenderAddress));
  const std::vector<FileError> complaints = engine_->TakeComplaints();
  ASSERT_THAT(complaints, SizeIs(1));
  EXPECT_EQ(complaints[0].file, "store");
  Judge(SessionFrom(kSenderAddress));
  EXPECT_THAT(engine_->TakeComplaints(), IsEmpty());
}

// An engine may go with counts on their way.
TEST_F(StatisticsTest, AnEngineMayEndBeforeItsCounts) {
  prepare_store_ = [](testing::MemoryStore& store) { store.set_delay(20ms); };
  Begin({kSpf});
  Judge(SessionFrom(kSenderAddress));
  engine_.reset();
  const Loop::TimePoint end = loop_.Now() + 50ms;
  while (loop_.Now() < end) loop_.Turn(end);
}

// A store that nobody has set up would cost every session a look for it.
TEST_F(StatisticsTest, AStoreThatFailedIsLetAloneForAWhile) {
  prepare_store_ = [](testing::MemoryStore& store) {
    store.set_month(Month::Now());
    store.FailOperation(1);
  };
  Begin({kSpf});
  const Loop::TimePoint start = loop_.Now();
  for (int i = 0; i < 5; ++i) Judge(SessionFrom(kSenderAddress));
  ASSERT_LT(loop_.Now() - start, kCountPause) << "the machine was too slow for this";
  EXPECT_THAT(store_->log(), SizeIs(1));

  const Loop::TimePoint end = loop_.Now() + kCountPause + 100ms;
  while (loop_.Now() < end) loop_.Turn(end);
  EXPECT_THAT(store_->log(), SizeIs(2)) << "without another session";
  EXPECT_EQ(CountOf("sessions"), 4) << "the first was lost";
  EXPECT_EQ(CountOf("messages"), 5);
}

// The default directory, which nobody has made.
class NotSetUp : public Store {
 public:
  Task<StoreErrorOr<std::optional<StoredFact>>> Find(std::string) override { co_return Error(); }
  Task<StoreErrorOr<bool>> Put(std::string, std::string, std::chrono::milliseconds,
                               Overwrite) override {
    co_return Error();
  }
  Task<StoreErrorOr<std::optional<Lease>>> Acquire(std::string, std::size_t,
                                                   std::chrono::milliseconds) override {
    co_return Error();
  }
  Task<StoreErrorOr<bool>> Release(Lease) override { co_return Error(); }
  Task<StoreErrorOr<std::vector<StoredFact>>> List(std::string) override { co_return Error(); }
  Task<StoreErrorOr<std::size_t>> Flush(std::string) override { co_return Error(); }
  Task<StoreErrorOr<bool>> Count(CounterIncrements) override { co_return Error(); }
  Task<StoreErrorOr<CounterTotals>> Totals(Month) override { co_return Error(); }

 private:
  static tl::unexpected<StoreError> Error() {
    StoreError error;
    error.message = "store: /var/lib/helovet: No such file or directory";
    error.not_set_up = true;
    return tl::make_unexpected(error);
  }
};

TEST_F(StatisticsTest, AStoreThatNobodySetUpIsMissedOnlyWhereACheckNeedsIt) {
  for (const bool needed : {false, true}) {
    Config config;
    config.senders.checks.clear();
    if (needed) config.senders.checks.push_back(kCbv);
    EngineSources sources;
    sources.dns = std::make_unique<ScriptedDns>(loop_, Nothing());
    sources.open_store = [] { return std::make_unique<NotSetUp>(); };
    Engine engine(loop_, std::make_shared<const Config>(config), std::move(sources), nullptr,
                  Statistics::kKept);
    static_cast<void>(engine.ValidateAndWait(SessionFrom(kSenderAddress)));
    const std::vector<FileError> complaints = engine.TakeComplaints();
    EXPECT_THAT(complaints, SizeIs(needed ? 1 : 0));
    if (!needed) continue;
    EXPECT_EQ(complaints.front().ToString(), "store: /var/lib/helovet: No such file or directory");
  }
}

// That is missing when it is first asked, and there from then on.
class SetUpLater final : public NotSetUp {
 public:
  explicit SetUpLater(std::vector<CounterIncrements>& counted) : counted_(counted) {}
  Task<StoreErrorOr<bool>> Count(CounterIncrements increments) override {
    if (std::exchange(missing_, false)) return NotSetUp::Count(std::move(increments));
    return Keep(std::move(increments));
  }

 private:
  Task<StoreErrorOr<bool>> Keep(CounterIncrements increments) {
    counted_.push_back(std::move(increments));
    co_return true;
  }

  std::vector<CounterIncrements>& counted_;
  bool missing_ = true;
};

TEST_F(StatisticsTest, WhatWaitsForAFailedStoreIsCountedWhenTheEngineEnds) {
  std::vector<CounterIncrements> counted;
  {
    EngineSources sources;
    sources.dns = std::make_unique<ScriptedDns>(loop_, Nothing());
    sources.open_store = [&counted] { return std::make_unique<SetUpLater>(counted); };
    Engine engine(loop_, std::make_shared<const Config>(), std::move(sources), nullptr,
                  Statistics::kKept);
    for (int i = 0; i < 3; ++i) static_cast<void>(engine.ValidateAndWait(SessionFrom()));
    EXPECT_THAT(counted, IsEmpty());
  }
  ASSERT_THAT(counted, SizeIs(1));
  const CounterIncrement sessions = {.counter = CounterPlace("sessions"), .by = 2};
  EXPECT_THAT(counted[0], ::testing::Contains(sessions)) << "the first was lost";
}

}  // namespace
}  // namespace helovet
