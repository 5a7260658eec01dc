// The one table of settings: what the parser accepts is what the manual lists.
#ifndef HELOVET_CORE_CONFIG_SETTINGS_H_
#define HELOVET_CORE_CONFIG_SETTINGS_H_

#include <chrono>
#include <span>
#include <string_view>

#include "config/values.h"
#include "helovet/config.h"

namespace helovet {

inline constexpr DurationBounds kDeadlineBounds = {std::chrono::milliseconds(100),
                                                   std::chrono::seconds(60)};
// At most the deadline that is set, too.
inline constexpr DurationBounds kQueryTimeoutBounds = {std::chrono::milliseconds(50),
                                                       std::chrono::seconds(60)};

struct Setting {
  std::string_view key;            // With its table: "dns.query_timeout".
  std::string_view type;           // For people: "true or false", "duration", "list of networks".
  std::string_view default_value;  // As TOML.
  std::string_view meaning;        // Sentences, with bounds and what empty means.
  // Puts the value into its field, unless it is wrong.
  ValueErrorOr<void> (*set)(Config& config, const TomlValue& value);
};

// In the order of the manual: a table's settings stand together, and those without a table first.
[[nodiscard]] std::span<const Setting> Settings();

}  // namespace helovet

#endif  // HELOVET_CORE_CONFIG_SETTINGS_H_
