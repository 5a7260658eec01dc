#include "base/read_file.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace helovet {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

tl::expected<std::string, int> ReadFile(const std::string& path, std::size_t max_octets) {
  if (path.find('\0') != std::string::npos) return tl::make_unexpected(ENOENT);
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (file.get() < 0 || fstat(file.get(), &status) != 0) return tl::make_unexpected(errno);
  if (S_ISDIR(status.st_mode)) return tl::make_unexpected(EISDIR);
  if (!S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode)) return tl::make_unexpected(EINVAL);

  constexpr std::size_t kChunkOctets = 16384;
  std::string text;
  std::size_t used = 0;
  for (;;) {
    // One octet more than is allowed tells a file that is too long.
    text.resize(std::min(used + kChunkOctets, max_octets + 1));
    const ssize_t count = read(file.get(), text.data() + used, text.size() - used);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tl::make_unexpected(errno);
    used += static_cast<std::size_t>(count);
    if (used > max_octets) return tl::make_unexpected(EFBIG);
    if (count == 0) break;
  }
  text.resize(used);
  return text;
}

std::string WhyUnreadable(int error, std::size_t max_octets) {
  switch (error) {
    case EFBIG:
      return "is larger than " + std::to_string(max_octets) + " octets";
    case EISDIR:
      return "is a directory";
    case EINVAL:
      return "is not a file";
    default:
      return "cannot be read: " + std::generic_category().message(error);
  }
}

}  // namespace helovet
