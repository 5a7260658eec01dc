// The LMDB environment of one boot: found or made, replaced where it is damaged, shared within a
// process.
#ifndef HELOVET_CORE_STORE_LMDB_ENVIRONMENT_H_
#define HELOVET_CORE_STORE_LMDB_ENVIRONMENT_H_

#include <lmdb.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "store/store.h"
#include "store/store_directory.h"

namespace helovet {

// Whether `error`, LMDB's, says that the files are not what LMDB wrote.
[[nodiscard]] bool IsStoreDamage(int error);
// "store: PATH: ...", of a value of errno(3) or LMDB.
[[nodiscard]] StoreError LmdbErrorAt(std::string_view path, int error);

// An open environment. LMDB allows a process one of a file, so those who ask for the same share it;
// thread-safe as LMDB is, for it is opened without thread-local readers.
class LmdbEnvironment {
 public:
  // That of `config.store.directory`, made if there is none. A damaged one is replaced by an empty
  // one.
  [[nodiscard]] static StoreErrorOr<std::shared_ptr<LmdbEnvironment>> Find(
      const Config::Store& config);

  struct Key {  // Only an opening makes one.
   private:
    friend class LmdbOpening;
    Key() = default;
  };
  LmdbEnvironment(Key /*unused*/, std::string path, bool ends_with_boot, OwnedDescriptor lock)
      : path_(std::move(path)), ends_with_boot_(ends_with_boot), lock_(std::move(lock)) {}
  LmdbEnvironment(const LmdbEnvironment&) = delete;
  LmdbEnvironment& operator=(const LmdbEnvironment&) = delete;
  ~LmdbEnvironment();

  // Whether it may be touched: this process opened it, and its files are those of its paths, whole.
  // A map of a file that became shorter is a signal to whoever reads it.
  [[nodiscard]] bool IsUsable() const;
  // Removes the files, so that all who share it begin anew. After damage that only reading showed.
  void Discard();
  // Some writer has waited in vain a moment ago: whoever comes now does not wait.
  [[nodiscard]] bool IsHeldUp() const;
  void NoteHeldUp() const;
  // Nobody uses it from now on; the files stay.
  void GiveUp() { given_up_ = true; }

  [[nodiscard]] MDB_env* get() const { return env_; }
  [[nodiscard]] MDB_dbi database() const { return database_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  // Pages that records may take. LMDB never writes over a page that somebody may be reading, so
  // that deleting takes room, too; the rest of the map is for that.
  [[nodiscard]] std::size_t usable_pages() const { return pages_ - pages_ / 4; }
  // How many records a transaction may remove, each from another page, and find room for it.
  [[nodiscard]] std::size_t removable_at_once() const { return pages_ / 32; }
  // What facts are timed with: counted from the boot where the environment ends with it, so that
  // setting the clock makes nothing older or younger.
  [[nodiscard]] std::chrono::milliseconds Now() const;

 private:
  friend class LmdbOpening;

  struct FileMark {  // What tells that a path still names the same whole file.
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
  };

  // 0, or a value of errno(3) or LMDB; MDB_INVALID for damage, ENOENT where the files have just
  // been replaced.
  [[nodiscard]] int Open(const struct stat& file, const struct stat& lock_file,
                         std::size_t map_octets);
  [[nodiscard]] int Examine();
  [[nodiscard]] int SetComparison();
  [[nodiscard]] bool MayBeClosed() const;

  std::string path_;
  bool ends_with_boot_;
  OwnedDescriptor lock_;  // Opened for its status alone (OpenForStatus), and longer than LMDB.
  MDB_env* env_ = nullptr;
  MDB_dbi database_ = 0;
  pid_t process_ = 0;
  std::size_t map_octets_ = 0;
  std::size_t pages_ = 0;
  FileMark file_mark_;
  FileMark lock_mark_;
  bool given_up_ = false;
  mutable std::atomic<std::chrono::steady_clock::time_point> held_up_until_{};
};

}  // namespace helovet

#endif  // HELOVET_CORE_STORE_LMDB_ENVIRONMENT_H_
