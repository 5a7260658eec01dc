// The password of the settings' Redis server.
#ifndef HELOVET_CORE_STORE_REDIS_PASSWORD_H_
#define HELOVET_CORE_STORE_REDIS_PASSWORD_H_

#include <string>

#include "tl/expected.hpp"

namespace helovet {

// The first line of `path`, which is not empty. Unexpected: what is wrong with the file, beginning
// with its path; any octets. Thread-safe.
[[nodiscard]] tl::expected<std::string, std::string> ReadRedisPassword(const std::string& path);

}  // namespace helovet

#endif  // HELOVET_CORE_STORE_REDIS_PASSWORD_H_
