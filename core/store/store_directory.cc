#include "store/store_directory.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <ctime>
#include <memory>
#include <system_error>
#include <utility>

#include "base/printable.h"

namespace helovet {
namespace {

constexpr std::chrono::seconds kMakingTakesAtMost = std::chrono::minutes(10);

}  // namespace

StoreError StoreErrorAt(std::string_view path, std::string_view message) {
  StoreError error;
  error.message = "store: " + Printable(path) + ": " + Printable(message);
  return error;
}

StoreError StoreErrorAt(std::string_view path, int error) {
  return StoreErrorAt(path, std::generic_category().message(error));
}

StoreErrorOr<StoreDirectory> StoreDirectory::Find(const std::string& path) {
  StoreDirectory directory(path);
  struct stat& status = directory.status_;
  if (stat(path.c_str(), &status) != 0) {
    const int why = errno;
    StoreError error = StoreErrorAt(path, why);
    error.not_set_up = why == ENOENT && path == Config::Store().directory;
    return tl::make_unexpected(std::move(error));
  }
  if (!S_ISDIR(status.st_mode)) return tl::make_unexpected(StoreErrorAt(path, ENOTDIR));
  if ((status.st_mode & S_IWOTH) != 0 && (status.st_mode & S_ISVTX) == 0) {
    return tl::make_unexpected(StoreErrorAt(path, "everybody can write there"));
  }
  return directory;
}

std::string StoreDirectory::PathOf(std::string_view name) const {
  return path_ + "/" + std::string(name);
}

bool StoreDirectory::IsOurs(const struct stat& status) const {
  if (!S_ISREG(status.st_mode)) return false;
  if ((status_.st_mode & S_IWOTH) == 0) return true;
  return status.st_uid == 0 || status.st_uid == geteuid() || status.st_uid == status_.st_uid;
}

int StoreDirectory::Settle(int file) const {
  if (fchmod(file, kStoreFileMode) != 0) return errno;
  const bool hand_over = geteuid() == 0 && status_.st_uid != 0;
  if (hand_over && fchown(file, status_.st_uid, status_.st_gid) != 0) return errno;
  return 0;
}

int StoreDirectory::ForEachName(const std::function<void(std::string_view)>& visit) const {
  const std::unique_ptr<DIR, int (*)(DIR*)> names(opendir(path_.c_str()), &closedir);
  if (!names) return errno;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): a stream that nobody else reads.
  while (const dirent* const entry = readdir(names.get())) visit(entry->d_name);
  return 0;
}

bool StoreDirectory::IsLeftBehind(std::string_view name) const {
  struct stat status {};
  if (lstat(PathOf(name).c_str(), &status) != 0) return false;
  return std::chrono::seconds(std::time(nullptr) - status.st_mtime) > kMakingTakesAtMost;
}

bool MayWriteFileOf(std::size_t octets) {
  rlimit limit{};
  if (getrlimit(RLIMIT_FSIZE, &limit) != 0) return true;
  return limit.rlim_cur == RLIM_INFINITY || octets <= limit.rlim_cur;
}

}  // namespace helovet
