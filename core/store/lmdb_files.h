// The files of an LMDB environment: their names, which of them counts, and making them whole.
#ifndef HELOVET_CORE_STORE_LMDB_FILES_H_
#define HELOVET_CORE_STORE_LMDB_FILES_H_

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/store_directory.h"
#include "tl/expected.hpp"

namespace helovet {

// LMDB's page, and what a map's size is a multiple of. Ours: 4 KiB on every system we know; LMDB
// takes the system's, which may be larger and divides 64 KiB.
inline constexpr std::size_t kStoreMapUnit = 65536;
// How many readers at once. Ours: more processes than a mail server runs.
inline constexpr unsigned kStoreReaders = 1024;

// Files named "facts-BOOT.N" and "facts-BOOT.N-lock". BOOT is the kernel's identifier of this boot:
// what was written without being forced to the disk is whole as long as that kernel runs, and
// nobody looks at it afterwards. N grows when a damaged environment is replaced, so that whoever
// has the old one open never meets the new one's lock file.
//
// The first file is the map followed by one block that says how long both are: a file that lost
// its end shows it, and holes are filled with what LMDB writes.
class LmdbFiles {
 public:
  explicit LmdbFiles(const StoreDirectory& directory);

  // Whether the kernel says which boot this is. If not, everything must be forced to the disk.
  [[nodiscard]] bool ends_with_boot() const { return ends_with_boot_; }
  [[nodiscard]] std::string PathOf(std::uint64_t number) const;

  // The N that counts: the highest there is, or 0; or an errno(3) value.
  [[nodiscard]] tl::expected<std::uint64_t, int> Newest() const;
  // Makes N with an empty environment of a map of `map_octets`, unless another process has just
  // done so, and removes what former boots have left. An errno(3) or LMDB's value, or 0.
  [[nodiscard]] int Make(std::uint64_t number, std::size_t map_octets) const;
  void Remove(std::uint64_t number) const;

 private:
  [[nodiscard]] int Prepare(const std::string& temporary, std::size_t map_octets) const;
  [[nodiscard]] int Append(const std::string& temporary, std::size_t map_octets) const;
  void RemoveRemains() const;
  [[nodiscard]] bool IsRemains(std::string_view name) const;

  const StoreDirectory& directory_;
  bool ends_with_boot_;
  std::string stem_;  // "facts-BOOT.", "facts-none." without.
};

// What the two files were when they were made; they keep their sizes.
struct StoreSizes {
  std::size_t map_octets = 0;
  std::size_t lock_octets = 0;
};

// That of a file with `status`, open as `file`; empty: its end is missing, or it is none of ours.
[[nodiscard]] std::optional<StoreSizes> ReadStoreSizes(int file, const struct stat& status);

[[nodiscard]] std::string StoreLockPath(const std::string& path);

}  // namespace helovet

#endif  // HELOVET_CORE_STORE_LMDB_FILES_H_
