#include "base/descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace helovet {

void OwnedDescriptor::Close() {
  const int fd = Release();
  if (fd < 0) return;
  const int error = errno;
  close(fd);
  errno = error;
}

OwnedDescriptor CreateAnew(const std::string& path, mode_t mode) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  OwnedDescriptor file(open(path.c_str(), kFlags, mode));
  if (file || errno != EEXIST) return file;
  if (unlink(path.c_str()) != 0) return file;
  return OwnedDescriptor(open(path.c_str(), kFlags, mode));
}

bool WriteAll(const OwnedDescriptor& file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace helovet
