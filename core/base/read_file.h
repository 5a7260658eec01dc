// Files as they are, without iostreams.
#ifndef HELOVET_CORE_BASE_READ_FILE_H_
#define HELOVET_CORE_BASE_READ_FILE_H_

#include <cstddef>
#include <string>

#include "tl/expected.hpp"

namespace helovet {

// The contents of a file of at most `max_octets`, or the errno(3) value that says why not: EFBIG
// for a longer file, EISDIR for a directory, EINVAL for a pipe or socket, which could make the
// caller wait. Thread-safe.
[[nodiscard]] tl::expected<std::string, int> ReadFile(const std::string& path,
                                                      std::size_t max_octets);

// What ReadFile's errno(3) value says about a file, as "is a directory" and the like.
[[nodiscard]] std::string WhyUnreadable(int error, std::size_t max_octets);

}  // namespace helovet

#endif  // HELOVET_CORE_BASE_READ_FILE_H_
