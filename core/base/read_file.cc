#include "base/read_file.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/input_file.h"

namespace helovet {

tl::expected<std::string, int> ReadFile(const std::string& path, std::size_t max_octets) {
  tl::expected<InputFile, int> file = InputFile::Open(path);
  if (!file) return tl::make_unexpected(file.error());

  constexpr std::size_t kChunkOctets = 16384;
  std::string text;
  std::size_t used = 0;
  for (;;) {
    // One octet more than is allowed tells a file that is too long.
    text.resize(std::min(used + kChunkOctets, max_octets + 1));
    const tl::expected<std::size_t, int> count =
        file->Read(std::span(text.data() + used, text.size() - used));
    if (!count) return tl::make_unexpected(count.error());
    used += *count;
    if (used > max_octets) return tl::make_unexpected(EFBIG);
    if (*count == 0) break;
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
