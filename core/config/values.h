// Values of settings: from TOML's types to ours, with their bounds.
#ifndef HELOVET_CORE_CONFIG_VALUES_H_
#define HELOVET_CORE_CONFIG_VALUES_H_

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "config/toml.h"
#include "helovet/config.h"
#include "tl/expected.hpp"

namespace helovet {

inline constexpr std::size_t kMaxAuthservIdOctets = 253;  // It is a host's name by custom.
inline constexpr std::size_t kMaxExplainUrlOctets = 200;  // Leaves room in a reply of 510 octets.
inline constexpr std::size_t kMaxQuotedOctets = 100;      // Of the file's words in a message.

// What is wrong with a value, and where: a list's item has a place of its own.
struct ValueError {
  TextPosition position;
  std::string message;
};

template <typename T>
using ValueErrorOr = tl::expected<T, ValueError>;

// From the least to the most, both allowed.
struct DurationBounds {
  std::chrono::milliseconds least;
  std::chrono::milliseconds most;
};

[[nodiscard]] ValueErrorOr<bool> ReadBoolean(const TomlValue& value);
// A whole number and its unit, "ms", "s" or "m": "500ms".
[[nodiscard]] ValueErrorOr<std::chrono::milliseconds> ReadDuration(const TomlValue& value,
                                                                   const DurationBounds& bounds);
[[nodiscard]] ValueErrorOr<Profile> ReadProfile(const TomlValue& value);
// RFC 8601 §2.2: an authserv-id in the form of a MIME token, or empty.
[[nodiscard]] ValueErrorOr<std::string> ReadAuthservId(const TomlValue& value);
// http or https, in the characters of RFC 3986, or empty.
[[nodiscard]] ValueErrorOr<std::string> ReadUrl(const TomlValue& value);

// Host names in lower case without a trailing dot.
[[nodiscard]] ValueErrorOr<std::vector<std::string>> ReadNames(const TomlValue& value);
// The same, where ".example.com" stands for all names below example.com.
[[nodiscard]] ValueErrorOr<std::vector<std::string>> ReadNamePatterns(const TomlValue& value);
[[nodiscard]] ValueErrorOr<std::vector<IpAddress>> ReadAddresses(const TomlValue& value);
[[nodiscard]] ValueErrorOr<std::vector<IpNetwork>> ReadNetworks(const TomlValue& value);
[[nodiscard]] ValueErrorOr<std::vector<DnsServer>> ReadDnsServers(const TomlValue& value);

// `text` in double quotes for a message, cut short if it is long.
[[nodiscard]] std::string Quoted(std::string_view text);
// "500ms", "5s" or "2m": the form that ReadDuration takes, in the largest unit that fits.
[[nodiscard]] std::string DurationToString(std::chrono::milliseconds duration);

}  // namespace helovet

#endif  // HELOVET_CORE_CONFIG_VALUES_H_
