#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/descriptor.h"
#include "helovet/metrics.h"

namespace helovet {
namespace {

constexpr mode_t kReadableForAll = 0644;

// In the directory of `path`, so that a rename suffices, and hidden, so that a collector that reads
// *.prom passes it over.
std::string TemporaryPath(const std::string& path) {
  const std::size_t name = path.rfind('/') + 1;  // npos + 1 is 0.
  return path.substr(0, name) + "." + path.substr(name) + "." + std::to_string(getpid());
}

// False: errno says what failed.
bool Fill(OwnedDescriptor file, std::string_view text) {
  // The umask is not asked: others than this user collect what is written here.
  return fchmod(file.get(), kReadableForAll) == 0 && WriteAll(file, text) &&
         close(file.Release()) == 0;
}

FileError ErrorFor(const std::string& path) {
  return {.file = path, .message = "cannot be written: " + std::generic_category().message(errno)};
}

// A rename takes the place of whatever is there; of a device or a pipe it must not.
bool IsReplaceable(const std::string& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) return true;
  return S_ISREG(status.st_mode) || S_ISLNK(status.st_mode) || S_ISDIR(status.st_mode);
}

}  // namespace

FileErrorOr<void> WriteMetricsFile(const std::string& path, std::string_view text) {
  if (!IsReplaceable(path)) {
    return tl::make_unexpected(
        FileError{.file = path, .message = "cannot be written: Not a regular file"});
  }
  const std::string temporary = TemporaryPath(path);
  OwnedDescriptor file = CreateAnew(temporary, kReadableForAll);
  if (!file) return tl::make_unexpected(ErrorFor(path));
  if (Fill(std::move(file), text) && std::rename(temporary.c_str(), path.c_str()) == 0) return {};
  FileError error = ErrorFor(path);
  unlink(temporary.c_str());
  return tl::make_unexpected(std::move(error));
}

}  // namespace helovet
