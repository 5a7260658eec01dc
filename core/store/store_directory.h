// The directory of the embedded store: who may write there, and how files are made in it.
#ifndef HELOVET_CORE_STORE_STORE_DIRECTORY_H_
#define HELOVET_CORE_STORE_STORE_DIRECTORY_H_

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/descriptor.h"
#include "store/store.h"

namespace helovet {

inline constexpr mode_t kStoreFileMode = 0640;

// "store: PATH: MESSAGE", printable.
[[nodiscard]] StoreError StoreErrorAt(std::string_view path, std::string_view message);
// The same with what `error`, an errno(3) value, means.
[[nodiscard]] StoreError StoreErrorAt(std::string_view path, int error);

// A directory as it was found, by its path: nothing is kept open.
class StoreDirectory {
 public:
  // An error where `path` is no directory, or one in which everybody can replace files. Checked
  // by every opening: a directory's state is the administrator's to change.
  [[nodiscard]] static StoreErrorOr<StoreDirectory> Find(const std::string& path);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string PathOf(std::string_view name) const;
  // Same directory, whatever the spelling of its path.
  [[nodiscard]] dev_t device() const { return status_.st_dev; }
  [[nodiscard]] ino_t inode() const { return status_.st_ino; }

  // Whether a file of `status` can be ours: a regular file, and in a directory where everybody may
  // make files, one of this user, of the directory's owner or of root.
  [[nodiscard]] bool IsOurs(const struct stat& status) const;
  // Gives a new file its mode whatever the umask, and what root makes to the directory's owner,
  // so that `helovet` run by root locks no mail server out. Errno where that fails, else 0.
  [[nodiscard]] int Settle(int file) const;
  // Calls `visit` with the name of everything in it; an errno(3) value or 0.
  [[nodiscard]] int ForEachName(const std::function<void(std::string_view)>& visit) const;
  // Whether `name`, a file that is being made under another name than its own, was left there by a
  // process that ended: nobody takes minutes to make one.
  [[nodiscard]] bool IsLeftBehind(std::string_view name) const;

 private:
  explicit StoreDirectory(std::string path) : path_(std::move(path)) {}

  std::string path_;
  struct stat status_ {};
};

// Whether a process under RLIMIT_FSIZE may have a file of `octets`: writing beyond the limit would
// be a signal, which ends a host that does not expect it.
[[nodiscard]] bool MayWriteFileOf(std::size_t octets);

}  // namespace helovet

#endif  // HELOVET_CORE_STORE_STORE_DIRECTORY_H_
