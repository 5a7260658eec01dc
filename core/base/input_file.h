// Files that are open for reading, and how to tell that one has changed.
#ifndef HELOVET_CORE_BASE_INPUT_FILE_H_
#define HELOVET_CORE_BASE_INPUT_FILE_H_

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "base/descriptor.h"
#include "tl/expected.hpp"

namespace helovet {

// What changes with a file's contents, whether it is written in place or replaced by another one:
// as precise as the file system's clock, which ticks every few milliseconds, or seconds.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  std::chrono::nanoseconds modified{0};  // Since the epoch, as is `changed`.
  std::chrono::nanoseconds changed{0};   // Of the inode: no program can set it.
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

// Of what `path` names now, or the errno(3) value that says why not. Thread-safe.
[[nodiscard]] tl::expected<FileIdentity, int> IdentifyFile(const std::string& path);

// One descriptor of a regular file or a character device. Not thread-safe.
class InputFile {
 public:
  // The errno(3) value says why not: EISDIR for a directory, EINVAL for a pipe or socket, which
  // could make the caller wait.
  [[nodiscard]] static tl::expected<InputFile, int> Open(const std::string& path);

  // As it was when the file was opened, so that a change while it is read shows afterwards.
  [[nodiscard]] const FileIdentity& identity() const { return identity_; }

  // The next octets of the file, at least one and at most as many as fit; 0 at its end; or an
  // errno(3) value.
  [[nodiscard]] tl::expected<std::size_t, int> Read(std::span<char> buffer);

 private:
  explicit InputFile(OwnedDescriptor file) : file_(std::move(file)) {}

  OwnedDescriptor file_;
  FileIdentity identity_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_BASE_INPUT_FILE_H_
