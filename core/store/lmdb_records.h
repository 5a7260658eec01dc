// Facts and leases as records of one LMDB database, and an index of them by when they end.
#ifndef HELOVET_CORE_STORE_LMDB_RECORDS_H_
#define HELOVET_CORE_STORE_LMDB_RECORDS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/lmdb_transaction.h"
#include "store/store.h"
#include "tl/expected.hpp"

namespace helovet {

// What stands for "full" beside what LMDB says.
inline constexpr int kStoreIsFull = MDB_MAP_FULL;

// Records:
//   "f" KEY      END VALUE                   a fact
//   "l" KEY      END { ID[16] END }...       leases; the first END is the last one of theirs
//   "x" END "f" or "l" KEY     (empty)       when the record of that key ends
// END is a time of the environment's clock in milliseconds, 8 octets, the most significant first.
// The index names exactly the records there are: each step below keeps that.
class LmdbRecords {
 public:
  template <typename T>
  using Outcome = tl::expected<T, int>;  // Or a value of errno(3) or LMDB.

  LmdbRecords(LmdbTransaction& transaction, std::chrono::milliseconds now)
      : transaction_(transaction), now_(now) {}

  // What has ended is as if it were not there.
  [[nodiscard]] Outcome<std::optional<StoredFact>> FindFact(std::string_view key) const;
  [[nodiscard]] int PutFact(std::string_view key, std::string_view value,
                            std::chrono::milliseconds lifetime);
  [[nodiscard]] Outcome<std::vector<StoredFact>> FactsOf(std::string_view prefix) const;

  struct Forgotten {
    std::size_t alive = 0;
    std::string last;  // Its key; those up to this are gone.
    bool all = true;   // No more are left.
  };
  // At most `limit` facts of `prefix` with keys after `after`, those that have ended among them.
  [[nodiscard]] Outcome<Forgotten> ForgetFacts(std::string_view prefix, std::string_view after,
                                               std::size_t limit);

  // The id of the lease; empty: there are `limit` already.
  [[nodiscard]] Outcome<std::optional<std::string>> AddLease(std::string_view key,
                                                             std::size_t limit,
                                                             std::chrono::milliseconds lifetime);
  [[nodiscard]] Outcome<bool> EndLease(std::string_view key, std::string_view id);

  [[nodiscard]] Outcome<std::size_t> Pages() const { return transaction_.Pages(); }
  // Removes at most `limit` records that have ended; how many there were.
  [[nodiscard]] Outcome<std::size_t> Sweep(std::size_t limit);
  // The same, and where there are no more, living facts: those that would end first.
  [[nodiscard]] Outcome<std::size_t> Evict(std::size_t limit);

 private:
  using Time = std::chrono::milliseconds;
  enum class Removes : std::uint8_t { kWhatHasEnded, kFacts };
  struct LeaseEntry {
    std::string id;  // 16 octets.
    Time end{0};
  };

  [[nodiscard]] Outcome<std::optional<Time>> EndOf(std::string_view record) const;
  // Writes a record and its entry in the index, in the place of former ones.
  [[nodiscard]] int Write(std::string_view record, Time end, std::string_view rest);
  [[nodiscard]] int Remove(std::string_view record);
  [[nodiscard]] Outcome<std::size_t> RemoveFirst(std::size_t limit, Removes which);
  [[nodiscard]] Outcome<std::vector<LeaseEntry>> LivingLeases(std::string_view record) const;
  [[nodiscard]] int WriteLeases(std::string_view record, const std::vector<LeaseEntry>& leases);

  LmdbTransaction& transaction_;
  Time now_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_STORE_LMDB_RECORDS_H_
