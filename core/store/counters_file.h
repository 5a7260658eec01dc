// Counters of months in files of this host (docs/rules.md §13.3): no count is lost however many
// processes count, or are killed.
#ifndef HELOVET_CORE_STORE_COUNTERS_FILE_H_
#define HELOVET_CORE_STORE_COUNTERS_FILE_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "helovet/statistics.h"
#include "statistics/counters.h"
#include "store/store.h"
#include "store/store_directory.h"

namespace helovet {

// A set of names and what follows from it. Immutable, so that one serves many files and threads.
class CountersLayout {
 public:
  // `names` must outlive it; they are printable, unlike each other, and there is at least one.
  explicit CountersLayout(std::span<const std::string> names);

  [[nodiscard]] std::span<const std::string> names() const { return names_; }
  // Of the names, 16 hexadecimal digits.
  [[nodiscard]] const std::string& hash() const { return hash_; }
  [[nodiscard]] std::size_t ShardOffset(std::size_t shard) const {
    return header_octets_ + shard * shard_octets_;
  }
  [[nodiscard]] std::size_t FileOctets() const;
  // What a file begins with: its layout, and a line for each name.
  [[nodiscard]] std::string Header() const;

 private:
  std::span<const std::string> names_;
  std::string hash_;
  std::size_t header_octets_;
  std::size_t shard_octets_;
};

// One file for a month and a set of names: "statistics-2026-11.HASH". It begins with the names;
// then come 16 shards, each with all counters as 8 octets in the host's order. A writer adds to
// the first shard that it can lock; the sum of the shards counts. A file is there whole or not at
// all, so that a file system that is full later takes every count, and it is not mapped, since a
// file that became shorter would be a signal.
//
// Not thread-safe. May be used in a process that was forked after it was used.
class CountersFile {
 public:
  static constexpr std::size_t kShards = 16;

  // Files of `directory`, which is looked at when first counted. `layout` must outlive it.
  CountersFile(std::string directory, const CountersLayout& layout);

  // Adds to the counters of `month`. The places are those of the layout's names.
  [[nodiscard]] StoreErrorOr<bool> Add(Month month, const CounterIncrements& increments);
  // Sums of every file of `month`, by the names: what other versions of the program counted counts
  // where it has a name of ours.
  [[nodiscard]] StoreErrorOr<CounterTotals> Totals(Month month) const;

 private:
  struct OpenFile {
    Month month;
    pid_t process = 0;  // A lock is shared with the processes forked from the one that opened.
    OwnedDescriptor descriptor;
  };

  [[nodiscard]] bool IsOpenFor(Month month) const;
  // Errno(3) values, EBADMSG for a file that is damaged, or 0.
  [[nodiscard]] int Open(const StoreDirectory& directory, Month month);
  [[nodiscard]] int OpenOrMake(const StoreDirectory& directory, Month month);
  [[nodiscard]] int Make(const StoreDirectory& directory, const std::string& path) const;
  [[nodiscard]] int AddToAnyShard(const CounterIncrements& increments) const;
  [[nodiscard]] int AddToShard(std::size_t shard, const CounterIncrements& increments) const;
  [[nodiscard]] std::string NameOf(Month month) const;

  std::string directory_;
  const CountersLayout& layout_;
  std::optional<OpenFile> open_;
};

// Adds the counters of the file at `path` to `sums`, by their names. An errno(3) value, EBADMSG for
// a damaged file, or 0.
[[nodiscard]] int AddCountersOf(const StoreDirectory& directory, const std::string& path,
                                std::map<std::string, std::uint64_t, std::less<>>& sums);

}  // namespace helovet

#endif  // HELOVET_CORE_STORE_COUNTERS_FILE_H_
