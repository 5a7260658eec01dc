#include "store/lmdb_files.h"

#include <fcntl.h>
#include <lmdb.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "base/system_calls.h"

namespace helovet {
namespace {

constexpr std::string_view kPrefix = "facts-";
constexpr std::string_view kTemporaryPrefix = ".facts-";
constexpr std::string_view kLockSuffix = "-lock";  // LMDB's.
constexpr std::size_t kEndOctets = 4096;

// A process does not outlive its kernel.
const std::string& ThisBoot() {
  static const std::string id = BootId();
  return id;
}

using End = std::array<char, kEndOctets>;
constexpr const char* kEndLine = "helovet facts 1 %zu %zu\n";

End EndOf(const StoreSizes& sizes) {
  End end{};
  std::snprintf(end.data(), end.size(), kEndLine, sizes.map_octets, sizes.lock_octets);
  return end;
}

// LMDB maps its lock file and writes there; were its blocks missing, a full disk would be a signal.
// It takes a file that is long enough as it is.
int ReserveLock(const std::string& path) {
  constexpr std::size_t kReaderOctets = 64;  // LMDB's, as is the room for what stands before.
  constexpr std::size_t kHeadOctets = 4096;
  const std::string zeros(kReaderOctets * kStoreReaders + kHeadOctets, '\0');
  const OwnedDescriptor file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kStoreFileMode));
  if (!file) return errno;
  const ssize_t written = write(file.get(), zeros.data(), zeros.size());
  if (written < 0) return errno;
  return written == static_cast<ssize_t>(zeros.size()) ? 0 : ENOSPC;
}

}  // namespace

std::string StoreLockPath(const std::string& path) { return path + std::string(kLockSuffix); }

std::optional<StoreSizes> ReadStoreSizes(int file, const struct stat& status) {
  const auto octets = static_cast<std::size_t>(status.st_size);
  if (octets <= kEndOctets || (octets - kEndOctets) % kStoreMapUnit != 0) return std::nullopt;
  End end;
  const ssize_t count =
      pread(file, end.data(), end.size(), static_cast<off_t>(octets - kEndOctets));
  if (count != static_cast<ssize_t>(end.size())) return std::nullopt;
  end.back() = '\0';
  StoreSizes sizes;
  const int numbers = std::sscanf(end.data(), kEndLine,  // NOLINT(cert-err34-c)
                                  &sizes.map_octets, &sizes.lock_octets);
  if (numbers != 2 || end != EndOf(sizes) || sizes.map_octets != octets - kEndOctets) {
    return std::nullopt;
  }
  return sizes;
}

LmdbFiles::LmdbFiles(const StoreDirectory& directory)
    : directory_(directory),
      ends_with_boot_(!ThisBoot().empty()),
      stem_(std::string(kPrefix) + (ends_with_boot_ ? ThisBoot() : "none") + ".") {}

std::string LmdbFiles::PathOf(std::uint64_t number) const {
  return directory_.PathOf(stem_ + std::to_string(number));
}

tl::expected<std::uint64_t, int> LmdbFiles::Newest() const {
  // Nearly always there is but one.
  if (access(PathOf(1).c_str(), F_OK) == 0) return 1;
  std::uint64_t newest = 0;
  const int error = directory_.ForEachName([&](std::string_view name) {
    if (!name.starts_with(stem_)) return;
    name.remove_prefix(stem_.size());
    std::uint64_t number = 0;
    const auto [end, wrong] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (wrong == std::errc() && end == name.data() + name.size()) newest = std::max(newest, number);
  });
  if (error != 0) return tl::make_unexpected(error);
  return newest;
}

int LmdbFiles::Make(std::uint64_t number, std::size_t map_octets) const {
  RemoveRemains();
  std::string temporary = directory_.PathOf("." + stem_ + "XXXXXX");
  if (!MakeTemporaryFile(temporary)) return errno;
  const std::string lock = StoreLockPath(temporary);
  const std::string path = PathOf(number);
  int error = Prepare(temporary, map_octets);
  // The lock file first: whoever finds the other one finds both.
  if (error == 0 && link(lock.c_str(), StoreLockPath(path).c_str()) != 0 && errno != EEXIST) {
    error = errno;
  }
  if (error == 0 && link(temporary.c_str(), path.c_str()) != 0 && errno != EEXIST) error = errno;
  unlink(lock.c_str());
  unlink(temporary.c_str());
  return error;
}

// An empty environment as LMDB makes it, at `temporary`.
int LmdbFiles::Prepare(const std::string& temporary, std::size_t map_octets) const {
  if (const int error = ReserveLock(StoreLockPath(temporary)); error != 0) return error;
  MDB_env* created = nullptr;
  if (const int error = mdb_env_create(&created); error != 0) return error;
  const std::unique_ptr<MDB_env, void (*)(MDB_env*)> env(created, &mdb_env_close);
  int error = mdb_env_set_mapsize(env.get(), map_octets);
  if (error == 0) error = mdb_env_set_maxreaders(env.get(), kStoreReaders);
  if (error == 0) {
    error = mdb_env_open(env.get(), temporary.c_str(), MDB_NOSUBDIR | MDB_NOTLS, kStoreFileMode);
  }
  return error != 0 ? error : Append(temporary, map_octets);
}

// Sets both files' modes and owners, and writes what tells the end.
int LmdbFiles::Append(const std::string& temporary, std::size_t map_octets) const {
  constexpr int kFlags = O_RDWR | O_NOFOLLOW | O_CLOEXEC;
  const OwnedDescriptor file(open(temporary.c_str(), kFlags));
  if (!file) return errno;
  const OwnedDescriptor lock(open(StoreLockPath(temporary).c_str(), kFlags));
  struct stat lock_status {};
  if (!lock || fstat(lock.get(), &lock_status) != 0) return errno;
  const End end = EndOf(
      {.map_octets = map_octets, .lock_octets = static_cast<std::size_t>(lock_status.st_size)});
  const ssize_t written =
      pwrite(file.get(), end.data(), end.size(), static_cast<off_t>(map_octets));
  if (written < 0) return errno;
  if (written != static_cast<ssize_t>(end.size())) return ENOSPC;
  int error = ends_with_boot_ ? 0 : ForceToDisk(file.get());
  if (error == 0) error = directory_.Settle(file.get());
  return error != 0 ? error : directory_.Settle(lock.get());
}

void LmdbFiles::Remove(std::uint64_t number) const {
  const std::string path = PathOf(number);
  unlink(path.c_str());
  unlink(StoreLockPath(path).c_str());
}

bool LmdbFiles::IsRemains(std::string_view name) const {
  if (name.starts_with(kPrefix)) return !name.starts_with(stem_);
  if (!name.starts_with(kTemporaryPrefix)) return false;
  // Another process may be making one.
  return !name.substr(1).starts_with(stem_) || directory_.IsLeftBehind(name);
}

void LmdbFiles::RemoveRemains() const {
  // What cannot be removed is in nobody's way.
  static_cast<void>(directory_.ForEachName([this](std::string_view name) {
    if (IsRemains(name)) unlink(directory_.PathOf(name).c_str());
  }));
}

}  // namespace helovet
