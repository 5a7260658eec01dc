// A zone as a file that appears whole or not at all.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/descriptor.h"
#include "helovet/accreditation.h"

namespace helovet {
namespace {

constexpr mode_t kNewFileMode = 0666;  // The umask takes from it.

// A file beside the one that it is to replace; what is not committed goes.
class Replacement {
 public:
  explicit Replacement(std::string path)
      : path_(std::move(path)), temporary_(path_ + "." + std::to_string(getpid()) + ".new") {}
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;
  ~Replacement() {
    if (!file_) return;
    file_.Close();
    unlink(temporary_.c_str());
  }

  // Each of these: false and errno.
  [[nodiscard]] bool Open();
  [[nodiscard]] bool Write(std::string_view text) const { return WriteAll(file_, text); }
  [[nodiscard]] bool Commit();

 private:
  std::string path_;
  std::string temporary_;
  OwnedDescriptor file_;
};

bool Replacement::Open() {
  struct stat former {};
  const bool exists = stat(path_.c_str(), &former) == 0;
  // A rename takes the place of whatever is there; of a device or a pipe it must not.
  if (exists && !S_ISREG(former.st_mode)) {
    errno = S_ISDIR(former.st_mode) ? EISDIR : EINVAL;
    return false;
  }
  file_ = CreateAnew(temporary_, kNewFileMode);
  if (!file_) return false;
  return !exists || fchmod(file_.get(), former.st_mode & 07777U) == 0;
}

bool Replacement::Commit() {
  if (fsync(file_.get()) != 0 || std::rename(temporary_.c_str(), path_.c_str()) != 0) return false;
  return close(file_.Release()) == 0;
}

// What a symbolic link means is replaced, not the link.
std::string TargetOf(const std::string& path) {
  std::error_code absent;
  const std::filesystem::path target = std::filesystem::canonical(path, absent);
  return absent ? path : target.string();
}

std::string WhyUnwritable(int error) {
  if (error == EINVAL) return "cannot be written: Not a regular file";
  return "cannot be written: " + std::generic_category().message(error);
}

}  // namespace

FileErrorOr<void> SaveAccreditationZone(const std::string& path, const AccreditationList& list,
                                        const AccreditationZone& zone, std::uint32_t serial,
                                        const TaskProgress& progress) {
  Replacement file(TargetOf(path));
  const auto write = [&file](std::string_view piece) { return file.Write(piece); };
  if (file.Open() && WriteAccreditationZone(list, zone, serial, write, progress) && file.Commit()) {
    return {};
  }
  return tl::make_unexpected(FileError{.file = path, .message = WhyUnwritable(errno)});
}

}  // namespace helovet
