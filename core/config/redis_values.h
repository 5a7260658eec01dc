// Values of the settings of a Redis server.
#ifndef HELOVET_CORE_CONFIG_REDIS_VALUES_H_
#define HELOVET_CORE_CONFIG_REDIS_VALUES_H_

#include <cstddef>
#include <string>

#include "config/values.h"

namespace helovet {

inline constexpr std::size_t kMaxRedisPrefixOctets = 64;  // Leaves room for keys.
inline constexpr std::size_t kMaxSocketPathOctets = 107;  // unix(7): sun_path, with its NUL.

// "host:port", "address:port", "[IPv6 address]:port" or the absolute path of a socket. Names are in
// lower case and without a trailing dot, addresses in their canonical form.
[[nodiscard]] ValueErrorOr<std::string> ReadRedisServer(const TomlValue& value);
// As ReadFilePath, but no mistake tells the text.
[[nodiscard]] ValueErrorOr<std::string> ReadRedisPasswordFile(const TomlValue& value);
// What keys can begin with: no character that a pattern of keys gives a meaning.
[[nodiscard]] ValueErrorOr<std::string> ReadRedisPrefix(const TomlValue& value);

}  // namespace helovet

#endif  // HELOVET_CORE_CONFIG_REDIS_VALUES_H_
