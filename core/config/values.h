// Values of settings: from TOML's types to ours, with their bounds.
#ifndef HELOVET_CORE_CONFIG_VALUES_H_
#define HELOVET_CORE_CONFIG_VALUES_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/toml.h"
#include "helovet/config.h"
#include "tl/expected.hpp"

namespace helovet {

inline constexpr std::size_t kMaxAuthservIdOctets = 253;  // It is a host's name by custom.
inline constexpr std::size_t kMaxExplainUrlOctets = 200;  // Leaves room in a reply of 510 octets.
inline constexpr std::size_t kMaxUserOctets = 128;
inline constexpr std::size_t kMaxQuotedOctets = 100;  // Of the file's words in a message.

// What is wrong with a value, and where: a list's item has a place of its own.
struct ValueError {
  TextPosition position;
  std::string message;
};

template <typename T>
using ValueErrorOr = tl::expected<T, ValueError>;

// `message` about something that stands at `position`.
[[nodiscard]] tl::unexpected<ValueError> ErrorAt(TextPosition position, std::string message);

// Keeps the first of several mistakes in the order of the text.
class FirstMistake {
 public:
  void Add(ValueError mistake);
  // The value, or nothing where there is a mistake instead.
  template <typename T>
  std::optional<T> Take(ValueErrorOr<T> value) {
    if (value) return std::move(*value);
    Add(std::move(value.error()));
    return std::nullopt;
  }
  [[nodiscard]] const std::optional<ValueError>& found() const { return first_; }

 private:
  std::optional<ValueError> first_;
};

// From the least to the most, both allowed.
struct DurationBounds {
  std::chrono::milliseconds least;
  std::chrono::milliseconds most;
};
struct NumberBounds {
  int least;
  int most;
};

[[nodiscard]] ValueErrorOr<bool> ReadBoolean(const TomlValue& value);
[[nodiscard]] ValueErrorOr<int> ReadNumber(const TomlValue& value, const NumberBounds& bounds);
// A whole number and its unit, "ms", "s", "m", "h" or "d": "500ms".
[[nodiscard]] ValueErrorOr<std::chrono::milliseconds> ReadDuration(const TomlValue& value,
                                                                   const DurationBounds& bounds);
// Any text; `what` says what it should be, in an error.
[[nodiscard]] ValueErrorOr<std::string_view> ReadText(const TomlValue& value,
                                                      std::string_view what);
// RFC 8601 §2.2: an authserv-id in the form of a MIME token, or empty.
[[nodiscard]] ValueErrorOr<std::string> ReadAuthservId(const TomlValue& value);
// http or https, in the characters of RFC 3986, or empty.
[[nodiscard]] ValueErrorOr<std::string> ReadUrl(const TomlValue& value);
// An absolute path that can be a file's, or empty.
[[nodiscard]] ValueErrorOr<std::string> ReadFilePath(const TomlValue& value);
// An absolute path that can be a directory's, without a slash at its end but that of "/".
[[nodiscard]] ValueErrorOr<std::string> ReadDirectoryPath(const TomlValue& value);
// A user's name in printable ASCII without blanks, or empty.
[[nodiscard]] ValueErrorOr<std::string> ReadUser(const TomlValue& value);
// A TCP port.
[[nodiscard]] ValueErrorOr<std::uint16_t> ReadPort(const TomlValue& value);

// The place in `words` of the one that `value` is.
[[nodiscard]] ValueErrorOr<std::size_t> ReadOneOf(const TomlValue& value,
                                                  std::span<const std::string_view> words);
// What the file calls the values of these.
[[nodiscard]] std::string_view ToString(Config::CsaDialect dialect);
[[nodiscard]] std::string_view ToString(Config::RejectAt reject_at);
[[nodiscard]] std::string_view ToString(Config::Confinement confinement);
[[nodiscard]] std::string_view ToString(Config::StoreKind kind);
// One of `values` by its name.
template <typename T>
[[nodiscard]] ValueErrorOr<T> ReadWord(const TomlValue& value, std::initializer_list<T> values) {
  std::vector<std::string_view> words;
  for (const T each : values) words.push_back(ToString(each));
  return ReadOneOf(value, words).map([&](std::size_t index) { return values.begin()[index]; });
}

// `text` in double quotes for a message, cut short if it is long.
[[nodiscard]] std::string Quoted(std::string_view text);
// "500ms", "5s", "2m", "3h" or "1d": the form that ReadDuration takes, in the largest unit that
// fits.
[[nodiscard]] std::string DurationToString(std::chrono::milliseconds duration);

}  // namespace helovet

#endif  // HELOVET_CORE_CONFIG_VALUES_H_
