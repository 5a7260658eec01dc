// One descriptor and its owner.
#ifndef HELOVET_CORE_BASE_DESCRIPTOR_H_
#define HELOVET_CORE_BASE_DESCRIPTOR_H_

#include <sys/types.h>

#include <string>
#include <string_view>
#include <utility>

namespace helovet {

// Closes its descriptor when it goes. Movable; not thread-safe.
class OwnedDescriptor {
 public:
  OwnedDescriptor() = default;
  // Takes `fd`; a negative one is none, as open(2) returns it.
  explicit OwnedDescriptor(int fd) : fd_(fd) {}
  OwnedDescriptor(OwnedDescriptor&& other) noexcept : fd_(other.Release()) {}
  OwnedDescriptor& operator=(OwnedDescriptor&& other) noexcept {
    if (this != &other) {
      Close();
      fd_ = other.Release();
    }
    return *this;
  }
  ~OwnedDescriptor() { Close(); }

  [[nodiscard]] int get() const { return fd_; }  // Negative: none.
  [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }
  // Keeps errno(3), so that what failed before can still be told.
  void Close();
  // Gives the descriptor up without closing it.
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

// A new file for writing at `path`; what an ended process has left there goes, a symbolic link is
// not followed. The umask takes from `mode`. None: errno(3) says why.
[[nodiscard]] OwnedDescriptor CreateAnew(const std::string& path, mode_t mode);

// Writes all of `text`. False: errno(3) says why not.
[[nodiscard]] bool WriteAll(const OwnedDescriptor& file, std::string_view text);

}  // namespace helovet

#endif  // HELOVET_CORE_BASE_DESCRIPTOR_H_
