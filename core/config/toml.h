// TOML text as plain values that know where they stand.
#ifndef HELOVET_CORE_CONFIG_TOML_H_
#define HELOVET_CORE_CONFIG_TOML_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "helovet/file_error.h"

namespace helovet {

// Parts of a dotted key. The parser recurses once a part, so it has to end somewhere; ours have
// two.
inline constexpr std::size_t kMaxKeyParts = 16;

// A place in the file, both counted from 1; columns in characters.
struct TextPosition {
  int line = 0;
  int column = 0;

  friend auto operator<=>(const TextPosition&, const TextPosition&) = default;
};

struct TomlEntry;

// A value of a type that no setting has.
struct TomlOther {
  std::string_view type;  // "a fraction", "a date or time"
};

struct TomlValue {
  TextPosition position;
  // A number is a whole one. A list is also what [[tables]] of one name make.
  std::variant<TomlOther, bool, std::int64_t, std::string, std::vector<TomlValue>,
               std::vector<TomlEntry>>
      data;
};

// A key of a table; `a.b = 1` is the key a with a table that holds the key b.
struct TomlEntry {
  std::string key;
  TextPosition position;  // Of the key.
  TomlValue value;
};

// Parses a TOML 1.0 text; `file` names it in errors. The entries of a table are in no particular
// order; no key occurs twice. Thread-safe.
[[nodiscard]] FileErrorOr<std::vector<TomlEntry>> ParseToml(std::string_view text,
                                                            const std::string& file);

}  // namespace helovet

#endif  // HELOVET_CORE_CONFIG_TOML_H_
