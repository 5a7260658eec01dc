#include "base/input_file.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace helovet {
namespace {

std::chrono::nanoseconds SinceEpoch(const timespec& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

FileIdentity Identity(const struct stat& status) {
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = status.st_size,
          .modified = SinceEpoch(status.st_mtim),
          .changed = SinceEpoch(status.st_ctim)};
}

}  // namespace

tl::expected<FileIdentity, int> IdentifyFile(const std::string& path) {
  if (path.find('\0') != std::string::npos) return tl::make_unexpected(ENOENT);
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return tl::make_unexpected(errno);
  return Identity(status);
}

tl::expected<InputFile, int> InputFile::Open(const std::string& path) {
  if (path.find('\0') != std::string::npos) return tl::make_unexpected(ENOENT);
  InputFile file(OwnedDescriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)));
  struct stat status {};
  if (!file.file_ || fstat(file.file_.get(), &status) != 0) return tl::make_unexpected(errno);
  if (S_ISDIR(status.st_mode)) return tl::make_unexpected(EISDIR);
  if (!S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode)) return tl::make_unexpected(EINVAL);
  file.identity_ = Identity(status);
  return file;
}

tl::expected<std::size_t, int> InputFile::Read(std::span<char> buffer) {
  for (;;) {
    const ssize_t count = read(file_.get(), buffer.data(), buffer.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return tl::make_unexpected(errno);
  }
}

}  // namespace helovet
