#include "store/redis_password.h"

#include <cstddef>

#include "base/read_file.h"

namespace helovet {
namespace {

constexpr std::size_t kMaxPasswordFileOctets = 4096;  // Ours.

}  // namespace

tl::expected<std::string, std::string> ReadRedisPassword(const std::string& path) {
  const tl::expected<std::string, int> text = ReadFile(path, kMaxPasswordFileOctets);
  if (!text) {
    return tl::make_unexpected(path + ' ' + WhyUnreadable(text.error(), kMaxPasswordFileOctets));
  }
  std::string password = text->substr(0, text->find_first_of("\r\n"));
  if (password.empty()) return tl::make_unexpected(path + " has no password in its first line");
  return password;
}

}  // namespace helovet
