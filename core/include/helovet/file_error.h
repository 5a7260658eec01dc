// A mistake in a file that an administrator wrote.
#ifndef HELOVET_FILE_ERROR_H_
#define HELOVET_FILE_ERROR_H_

#include <string>
#include <string_view>

#include "tl/expected.hpp"

namespace helovet {

// Says where the mistake stands, so that it can be mended without a search.
struct FileError {
  std::string file;     // As it was named by the caller.
  int line = 0;         // From 1; 0: the file as a whole (missing, unreadable).
  int column = 0;       // From 1; 0: the line as a whole.
  std::string message;  // Without a full stop; may quote any octets of the file.

  // "FILE:LINE:COLUMN: MESSAGE", leaving out what is 0. One line; what is not printable ASCII
  // stands as \xHH.
  [[nodiscard]] std::string ToString() const;
};

// FileError::file of what is wrong with the store, which is no file that anybody wrote.
inline constexpr std::string_view kStoreComplaint = "store";

// docs/decisions.md gives the figures for tl::expected instead of absl::StatusOr here.
template <typename T>
using FileErrorOr = tl::expected<T, FileError>;

}  // namespace helovet

#endif  // HELOVET_FILE_ERROR_H_
