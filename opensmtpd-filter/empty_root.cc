// EnterEmptyRoot on Linux: in a view of its own of the file systems (mount_namespaces(7)) a file
// system in memory with what has to be reached; then chroot(2) into it.
#include "confinement_calls.h"

#if defined(__linux__) && !defined(HELOVET_PORTABLE)

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

namespace helovet {
namespace {

constexpr unsigned long kHarmless = MS_NOSUID | MS_NODEV | MS_NOEXEC;

bool HoldsNothing(const Reach& reach) {
  return reach.readable.empty() && reach.writable.empty() && reach.socket_directory.empty();
}

// Whatever the umask. An errno(3) value, or 0, also where it is there.
int MakeDirectory(const std::string& path) {
  if (mkdir(path.c_str(), 0755) != 0) return errno == EEXIST ? 0 : errno;
  return chmod(path.c_str(), 0755) == 0 ? 0 : errno;
}

// The directories above `path`, of which `root` is there.
int MakeAbove(const std::string& root, const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const std::string directory = root + path.substr(0, slash);
    if (const int error = MakeDirectory(directory); error != 0) return error;
  }
  return 0;
}

int MakePlace(const std::string& place, bool directory) {
  if (directory) return MakeDirectory(place);
  const int file = open(place.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0444);
  if (file < 0) return errno;
  close(file);
  return 0;
}

// Has `path` seen below `root`, too, unless it does not exist.
int Show(const std::string& root, const std::string& path, bool writable) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return 0;
  const std::string place = root + path;
  struct stat shown {};
  if (stat(place.c_str(), &shown) != 0) {
    if (const int error = MakeAbove(root, path); error != 0) return error;
    if (const int error = MakePlace(place, S_ISDIR(status.st_mode)); error != 0) return error;
  }
  if (mount(path.c_str(), place.c_str(), nullptr, MS_BIND, nullptr) != 0) return errno;
  const unsigned long flags = MS_BIND | MS_REMOUNT | kHarmless | (writable ? 0 : MS_RDONLY);
  return mount(nullptr, place.c_str(), nullptr, flags, nullptr) == 0 ? 0 : errno;
}

struct Shown {
  std::string path;
  bool writable;
};

// What lies above comes first.
std::vector<Shown> InOrder(const Reach& reach) {
  std::vector<Shown> all;
  for (const std::string& path : reach.readable) all.push_back({path, false});
  // A directory that is both is shown twice, at last to be written.
  for (const std::string& path : reach.writable) all.push_back({path, true});
  if (!reach.socket_directory.empty()) all.push_back({reach.socket_directory, false});
  std::ranges::stable_sort(all, {}, [](const Shown& each) {
    return std::ranges::count(each.path, '/') - (each.path == "/" ? 1 : 0);
  });
  return all;
}

int Enter(const std::string& directory) {
  return chroot(directory.c_str()) == 0 && chdir("/") == 0 ? 0 : errno;
}

}  // namespace

int EnterEmptyRoot(const std::string& directory, const Reach& reach) {
  struct stat status {};
  if (stat(directory.c_str(), &status) != 0) return errno;
  if (!S_ISDIR(status.st_mode)) return ENOTDIR;
  if (HoldsNothing(reach)) return Enter(directory);
  if (unshare(CLONE_NEWNS) != 0 ||
      mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("helovet", directory.c_str(), "tmpfs", kHarmless, "mode=0755,size=64k") != 0) {
    return errno;
  }
  for (const Shown& each : InOrder(reach)) {
    if (const int error = Show(directory, each.path, each.writable); error != 0) return error;
  }
  const unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY | kHarmless;
  if (mount(nullptr, directory.c_str(), nullptr, flags, nullptr) != 0) return errno;
  return Enter(directory);
}

}  // namespace helovet

#endif
