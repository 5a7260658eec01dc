#include "store/lmdb_store.h"

#include <lmdb.h>

#include <cerrno>
#include <utility>

#include "store/counters_file.h"
#include "store/lmdb_environment.h"
#include "store/lmdb_records.h"
#include "store/lmdb_transaction.h"

namespace helovet {
namespace {

using Kind = LmdbTransaction::Kind;
template <typename T>
using Outcome = LmdbRecords::Outcome<T>;

// How many ended records a write removes, so that they never pile up. Ours.
constexpr std::size_t kSweptByEachWrite = 8;
// How often an operation is tried anew after its obstacle was removed.
constexpr int kRepairs = 2;
// Steps in which facts make room at most, together more than there are. Ours.
constexpr int kEvictions = 128;

const CountersLayout& Layout() {
  static const CountersLayout layout(CounterNames());
  return layout;
}

class LmdbStore final : public Store {
 public:
  explicit LmdbStore(const Config& config)
      : config_(config.store), counters_(config.store.directory, Layout()) {}

  Task<StoreErrorOr<std::optional<StoredFact>>> Find(std::string key) override {
    if (auto wrong = WhyNotStorable(key)) co_return tl::make_unexpected(*wrong);
    co_return Run<std::optional<StoredFact>>(
        Kind::kRead, [&](const LmdbRecords& records) { return records.FindFact(key); });
  }

  Task<StoreErrorOr<bool>> Put(std::string key, std::string value,
                               std::chrono::milliseconds lifetime, Overwrite overwrite) override {
    if (auto wrong = WhyNotStorable(key, value)) co_return tl::make_unexpected(*wrong);
    co_return Run<bool>(Kind::kWrite, [&](LmdbRecords& records) -> Outcome<bool> {
      if (overwrite == Overwrite::kNothingAlive) {
        const Outcome<std::optional<StoredFact>> former = records.FindFact(key);
        if (!former) return tl::make_unexpected(former.error());
        if (*former) return false;
      }
      int error = FindRoom(records);
      if (error == 0) error = records.PutFact(key, value, lifetime);
      if (error != 0) return tl::make_unexpected(error);
      return true;
    });
  }

  Task<StoreErrorOr<std::optional<Lease>>> Acquire(std::string key, std::size_t limit,
                                                   std::chrono::milliseconds lifetime) override {
    if (auto wrong = WhyNotStorable(key)) co_return tl::make_unexpected(*wrong);
    using Got = std::optional<Lease>;
    co_return Run<Got>(Kind::kWrite, [&](LmdbRecords& records) -> Outcome<Got> {
      if (const int error = FindRoom(records); error != 0) return tl::make_unexpected(error);
      const Outcome<std::optional<std::string>> id = records.AddLease(key, limit, lifetime);
      if (!id) return tl::make_unexpected(id.error());
      return *id ? Got(Lease{.key = key, .id = **id}) : Got();
    });
  }

  Task<StoreErrorOr<bool>> Release(Lease lease) override {
    if (auto wrong = WhyNotStorable(lease.key)) co_return tl::make_unexpected(*wrong);
    co_return Run<bool>(
        Kind::kWrite, [&](LmdbRecords& records) { return records.EndLease(lease.key, lease.id); });
  }

  Task<StoreErrorOr<std::vector<StoredFact>>> List(std::string prefix) override {
    if (prefix.size() > kMaxStoreKeyOctets) co_return std::vector<StoredFact>();
    co_return Run<std::vector<StoredFact>>(
        Kind::kRead, [&](const LmdbRecords& records) { return records.FactsOf(prefix); });
  }

  Task<StoreErrorOr<std::size_t>> Flush(std::string prefix) override {
    std::size_t forgotten = 0;
    std::string after;
    for (bool all = prefix.size() > kMaxStoreKeyOctets; !all;) {
      const auto step = Run<LmdbRecords::Forgotten>(Kind::kWrite, [&](LmdbRecords& records) {
        return records.ForgetFacts(prefix, after, environment_->removable_at_once());
      });
      if (!step) co_return tl::make_unexpected(step.error());
      forgotten += step->alive;
      after = step->last;
      all = step->all;
    }
    co_return forgotten;
  }

  Task<StoreErrorOr<bool>> Count(CounterIncrements increments) override {
    co_return counters_.Add(Month::Now(), increments);
  }

  Task<StoreErrorOr<CounterTotals>> Totals(Month month) override {
    co_return counters_.Totals(month);
  }

 private:
  using Removal = Outcome<std::size_t> (LmdbRecords::*)(std::size_t);

  template <typename Result, typename Operation>
  StoreErrorOr<Result> Run(Kind kind, Operation operation) {
    for (int repairs = 0;; ++repairs) {
      if (!environment_ || !environment_->IsUsable()) {
        auto found = LmdbEnvironment::Find(config_);
        if (!found) return tl::make_unexpected(found.error());
        environment_ = std::move(*found);
      }
      Outcome<Result> outcome = Try<Result>(kind, operation);
      if (outcome) return std::move(*outcome);
      if (repairs < kRepairs && Repair(outcome.error())) continue;
      return tl::make_unexpected(LmdbErrorAt(config_.directory, outcome.error()));
    }
  }

  template <typename Result, typename Operation>
  Outcome<Result> Try(Kind kind, Operation& operation) {
    tl::expected<LmdbTransaction, int> transaction = LmdbTransaction::Begin(*environment_, kind);
    if (!transaction) return tl::make_unexpected(transaction.error());
    LmdbRecords records(*transaction, environment_->Now());
    if (kind == Kind::kRead) return operation(records);
    const Outcome<std::size_t> swept = records.Sweep(kSweptByEachWrite);
    if (!swept) return tl::make_unexpected(swept.error());
    Outcome<Result> outcome = operation(records);
    if (!outcome) return outcome;
    if (const int error = transaction->Commit(); error != 0) return tl::make_unexpected(error);
    return outcome;
  }

  int FindRoom(const LmdbRecords& records) const {
    const Outcome<std::size_t> pages = records.Pages();
    if (!pages) return pages.error();
    return *pages < environment_->usable_pages() ? 0 : kStoreIsFull;
  }

  // Whether the operation may succeed if tried anew.
  bool Repair(int error) {
    if (IsStoreDamage(error)) {
      environment_->Discard();
      return true;
    }
    switch (error) {
      case MDB_PANIC:
      case MDB_BAD_RSLOT:
      case MDB_BAD_TXN:
        environment_->GiveUp();
        return true;
      case MDB_READERS_FULL:
        return ForgetDeadReaders() > 0;
      case MDB_MAP_FULL:
        // Remote clients choose many of the keys; what they fill must not keep leases out.
        return ForgetDeadReaders() > 0 || EvictForRoom();
      case ENOSPC:
      case EDQUOT:
        return ForgetDeadReaders() > 0 || MakeRoom(&LmdbRecords::Sweep);
      default:
        return false;
    }
  }

  // Those of killed processes, whose snapshots keep pages from being used again.
  int ForgetDeadReaders() const {
    int dead = 0;
    return mdb_reader_check(environment_->get(), &dead) == 0 ? dead : 0;
  }

  // What is removed here and there leaves pages half empty, so that one step may not be enough.
  bool EvictForRoom() const {
    for (int step = 0; step < kEvictions; ++step) {
      if (!MakeRoom(&LmdbRecords::Evict)) return step > 0;
      tl::expected<LmdbTransaction, int> transaction =
          LmdbTransaction::Begin(*environment_, Kind::kRead);
      if (!transaction) return false;
      if (FindRoom(LmdbRecords(*transaction, environment_->Now())) == 0) return true;
    }
    return false;
  }

  // With less and less in one transaction, until that has room itself.
  bool MakeRoom(Removal remove) const {
    for (std::size_t limit = environment_->removable_at_once(); limit > 0; limit /= 2) {
      const Outcome<std::size_t> removed = Apply(remove, limit);
      if (removed) return *removed > 0;
    }
    return false;
  }

  Outcome<std::size_t> Apply(Removal remove, std::size_t limit) const {
    tl::expected<LmdbTransaction, int> transaction =
        LmdbTransaction::Begin(*environment_, Kind::kWrite);
    if (!transaction) return tl::make_unexpected(transaction.error());
    LmdbRecords records(*transaction, environment_->Now());
    const Outcome<std::size_t> removed = (records.*remove)(limit);
    if (!removed) return removed;
    if (const int error = transaction->Commit(); error != 0) return tl::make_unexpected(error);
    return removed;
  }

  Config::Store config_;
  std::shared_ptr<LmdbEnvironment> environment_;  // Null until it is needed.
  CountersFile counters_;
};

}  // namespace

std::unique_ptr<Store> MakeLmdbStore(const Config& config) {
  return std::make_unique<LmdbStore>(config);
}

}  // namespace helovet
