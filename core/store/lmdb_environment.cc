#include "store/lmdb_environment.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <mutex>
#include <utility>

#include "base/system_calls.h"
#include "store/lmdb_files.h"

namespace helovet {
namespace {

constexpr std::size_t kOctetsOfMebibyte = std::size_t{1} << 20U;
// How often an environment that turns out to be damaged, or just replaced by another process, is
// tried anew. Ours.
constexpr int kAttempts = 4;
// How long nobody waits after somebody has in vain, as with a server that does not answer. Ours.
constexpr std::chrono::seconds kHeldUpPause{1};

// The environments of this process, by their directories.
struct Registry {
  std::mutex mutex;
  std::map<std::pair<dev_t, ino_t>, std::weak_ptr<LmdbEnvironment>> environments;
};

Registry& TheRegistry() {
  static auto* const registry = new Registry;  // Outlives what static objects may hold.
  return *registry;
}

}  // namespace

bool IsStoreDamage(int error) {
  return error == MDB_INVALID || error == MDB_VERSION_MISMATCH || error == MDB_CORRUPTED ||
         error == MDB_PAGE_NOTFOUND || error == MDB_MAP_RESIZED;
}

StoreError LmdbErrorAt(std::string_view path, int error) {
  return error > 0 ? StoreErrorAt(path, error)
                   : StoreErrorAt(path, std::string_view(mdb_strerror(error)));
}

// Opens the newest environment of a directory, and makes what is missing.
class LmdbOpening {
 public:
  LmdbOpening(const StoreDirectory& directory, std::size_t map_octets)
      : directory_(directory), files_(directory), map_octets_(map_octets) {}

  StoreErrorOr<std::shared_ptr<LmdbEnvironment>> Run() {
    int error = ENOENT;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      const tl::expected<std::uint64_t, int> newest = files_.Newest();
      if (!newest) return tl::make_unexpected(LmdbErrorAt(directory_.path(), newest.error()));
      std::shared_ptr<LmdbEnvironment> environment;
      error = *newest == 0 ? MDB_INVALID : Open(files_.PathOf(*newest), environment);
      if (error == 0) return environment;
      if (error == ENOENT) continue;  // Replaced at this moment.
      if (!IsStoreDamage(error))
        return tl::make_unexpected(LmdbErrorAt(files_.PathOf(*newest), error));
      if (const int failure = Replace(*newest); failure != 0) {
        return tl::make_unexpected(LmdbErrorAt(directory_.path(), failure));
      }
    }
    return tl::make_unexpected(LmdbErrorAt(directory_.path(), error));
  }

 private:
  int Replace(std::uint64_t number) const {
    if (!MayWriteFileOf(map_octets_ + kStoreMapUnit)) return EFBIG;
    if (const int error = files_.Make(number + 1, map_octets_); error != 0) return error;
    if (number > 0) files_.Remove(number);
    return 0;
  }

  // MDB_INVALID, too, for one that is smaller than the settings want: it holds nothing dear.
  int Open(const std::string& path, std::shared_ptr<LmdbEnvironment>& environment) const {
    const OwnedDescriptor file(open(path.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file) return errno;
    struct stat status {};
    if (fstat(file.get(), &status) != 0) return errno;
    if (!directory_.IsOurs(status)) return EPERM;
    const std::optional<StoreSizes> sizes = ReadStoreSizes(file.get(), status);
    if (!sizes || sizes->map_octets < map_octets_) return MDB_INVALID;
    if (!MayWriteFileOf(static_cast<std::size_t>(status.st_size))) return EFBIG;
    OwnedDescriptor lock = OpenForStatus(StoreLockPath(path));
    // A link, say, or no permission: it was not we who put that there.
    if (!lock && errno != ENOENT) return errno;
    struct stat lock_status {};
    if (!lock || fstat(lock.get(), &lock_status) != 0) return MDB_INVALID;
    if (!directory_.IsOurs(lock_status)) return EPERM;
    if (lock_status.st_size != static_cast<off_t>(sizes->lock_octets)) return MDB_INVALID;
    environment = std::make_shared<LmdbEnvironment>(LmdbEnvironment::Key(), path,
                                                    files_.ends_with_boot(), std::move(lock));
    return environment->Open(status, lock_status, sizes->map_octets);
  }

  const StoreDirectory& directory_;
  LmdbFiles files_;
  std::size_t map_octets_;
};

StoreErrorOr<std::shared_ptr<LmdbEnvironment>> LmdbEnvironment::Find(const Config::Store& config) {
  const StoreErrorOr<StoreDirectory> directory = StoreDirectory::Find(config.directory);
  if (!directory) return tl::make_unexpected(directory.error());
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  auto& entry = registry.environments[{directory->device(), directory->inode()}];
  std::shared_ptr<LmdbEnvironment> shared = entry.lock();
  if (shared && shared->IsUsable()) return shared;
  auto opened =
      LmdbOpening(*directory, static_cast<std::size_t>(config.size) * kOctetsOfMebibyte).Run();
  if (opened) entry = *opened;
  return opened;
}

LmdbEnvironment::~LmdbEnvironment() {
  if (env_ != nullptr && MayBeClosed()) mdb_env_close(env_);
}

// LMDB must not close what another process opened, for it would end that one's readers: a child
// that was forked from a user of the store keeps two descriptors and a map of it. Nor may it look
// into a lock file that has become shorter.
bool LmdbEnvironment::MayBeClosed() const {
  struct stat status {};
  return process_ == getpid() && fstat(lock_.get(), &status) == 0 &&
         status.st_size >= lock_mark_.size;
}

int LmdbEnvironment::Open(const struct stat& file, const struct stat& lock_file,
                          std::size_t map_octets) {
  map_octets_ = map_octets;
  process_ = getpid();
  file_mark_ = {.device = file.st_dev, .inode = file.st_ino, .size = file.st_size};
  lock_mark_ = {.device = lock_file.st_dev, .inode = lock_file.st_ino, .size = lock_file.st_size};
  int error = mdb_env_create(&env_);
  if (error == 0) error = mdb_env_set_mapsize(env_, map_octets);
  if (error == 0) error = mdb_env_set_maxreaders(env_, kStoreReaders);
  if (error != 0) return error;
  const unsigned flags =
      MDB_NOSUBDIR | MDB_NOTLS | MDB_NORDAHEAD | (ends_with_boot_ ? unsigned{MDB_NOSYNC} : 0U);
  error = mdb_env_open(env_, path_.c_str(), flags, kStoreFileMode);
  if (error != 0) return error;
  return Examine();
}

// What LMDB takes on trust.
int LmdbEnvironment::Examine() {
  int descriptor = -1;
  if (const int error = mdb_env_get_fd(env_, &descriptor); error != 0) return error;
  fcntl(descriptor, F_SETFD, FD_CLOEXEC);  // LMDB 0.9 sets it for the lock file alone.
  if (!IsUsable()) return ENOENT;
  MDB_envinfo info{};
  MDB_stat stat{};
  if (const int error = mdb_env_info(env_, &info); error != 0) return error;
  if (const int error = mdb_env_stat(env_, &stat); error != 0) return error;
  pages_ = map_octets_ / stat.ms_psize;
  if (info.me_mapsize != map_octets_ || info.me_last_pgno >= pages_) return MDB_INVALID;
  int dead = 0;
  if (const int error = mdb_reader_check(env_, &dead); error != 0) return error;
  return SetComparison();
}

// The database without a name has its order of keys after it has been opened once.
int LmdbEnvironment::SetComparison() {
  MDB_txn* transaction = nullptr;
  int error = mdb_txn_begin(env_, nullptr, MDB_RDONLY, &transaction);
  if (error != 0) return error;
  error = mdb_dbi_open(transaction, nullptr, 0, &database_);
  if (error != 0) {
    mdb_txn_abort(transaction);
    return error;
  }
  return mdb_txn_commit(transaction);
}

bool LmdbEnvironment::IsUsable() const {
  if (given_up_ || process_ != getpid()) return false;
  const auto is = [](const std::string& path, const FileMark& mark) {
    struct stat status {};
    return lstat(path.c_str(), &status) == 0 && status.st_dev == mark.device &&
           status.st_ino == mark.inode && status.st_size == mark.size;
  };
  return is(path_, file_mark_) && is(StoreLockPath(path_), lock_mark_);
}

bool LmdbEnvironment::IsHeldUp() const {
  return std::chrono::steady_clock::now() < held_up_until_.load();
}

void LmdbEnvironment::NoteHeldUp() const {
  held_up_until_ = std::chrono::steady_clock::now() + kHeldUpPause;
}

void LmdbEnvironment::Discard() {
  GiveUp();
  unlink(path_.c_str());
  unlink(StoreLockPath(path_).c_str());
}

std::chrono::milliseconds LmdbEnvironment::Now() const {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  if (ends_with_boot_) return duration_cast<milliseconds>(TimeSinceBoot());
  return duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch());
}

}  // namespace helovet
