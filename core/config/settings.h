// The one table of settings: what the parser accepts is what the manual lists.
#ifndef HELOVET_CORE_CONFIG_SETTINGS_H_
#define HELOVET_CORE_CONFIG_SETTINGS_H_

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "config/values.h"
#include "helovet/config.h"

namespace helovet {

inline constexpr DurationBounds kDeadlineBounds = {std::chrono::milliseconds(100),
                                                   std::chrono::seconds(60)};
// Of what is a part of a validation: at most the deadline that is set, too.
inline constexpr DurationBounds kStepTimeoutBounds = {std::chrono::milliseconds(50),
                                                      std::chrono::seconds(60)};
inline constexpr DurationBounds kMetricsIntervalBounds = {std::chrono::seconds(1),
                                                          std::chrono::hours(1)};
inline constexpr DurationBounds kPerDomainIntervalBounds = {std::chrono::seconds(1),
                                                            std::chrono::hours(24)};
inline constexpr DurationBounds kRememberedBounds = {std::chrono::seconds(1),
                                                     std::chrono::hours(24 * 30)};
inline constexpr NumberBounds kHostsBounds = {1, 10};
inline constexpr NumberBounds kConcurrentBounds = {1, 1000};
inline constexpr NumberBounds kPerDomainBounds = {1, 100000};
inline constexpr NumberBounds kStoreSizeBounds = {1, 4096};  // MiB

// What a setting has no effect without; to set it all the same is a mistake.
struct Need {
  std::string_view words;  // "without dna.trusted". Empty: it needs nothing.
  std::string_view toml;   // An example of a file that meets the need.
  bool (*is_met)(const Config& config) = nullptr;  // Null where it needs nothing.
};

struct Setting {
  std::string_view key;   // With its table: "dns.query_timeout".
  std::string_view type;  // For people: "true or false", "duration", "list of networks".
  // As TOML; empty where leaving the setting out means what no value of it says.
  std::string_view default_value;
  std::string_view meaning;  // Sentences, with bounds and what empty means.
  // Puts the value into its field, unless it is wrong.
  ValueErrorOr<void> (*set)(Config& config, const TomlValue& value);
  // The field's value as TOML; empty where no value of TOML says it.
  std::string (*show)(const Config& config);
  std::string_view example = {};        // As TOML, where the type alone does not show the form.
  std::string_view default_words = {};  // For people, where default_value is empty.
  Need need = {};

  // This setting with one of the three.
  [[nodiscard]] constexpr Setting Example(std::string_view toml) const {
    Setting changed = *this;
    changed.example = toml;
    return changed;
  }
  [[nodiscard]] constexpr Setting DefaultWords(std::string_view words) const {
    Setting changed = *this;
    changed.default_words = words;
    return changed;
  }
  [[nodiscard]] constexpr Setting Needs(const Need& what) const {
    Setting changed = *this;
    changed.need = what;
    return changed;
  }
};

// In the order of the manual: a table's settings stand together, and those without a table first.
[[nodiscard]] std::span<const Setting> Settings();

}  // namespace helovet

#endif  // HELOVET_CORE_CONFIG_SETTINGS_H_
