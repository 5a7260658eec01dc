// The one table of settings: what the parser accepts is what the manual lists.
#ifndef HELOVET_CORE_CONFIG_SETTINGS_H_
#define HELOVET_CORE_CONFIG_SETTINGS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "helovet/config.h"

namespace helovet {

struct Setting {
  std::string_view key;            // Dotted, such as "dns.query_timeout".
  std::string_view type;           // For people: "string", "duration", "list of networks", ...
  std::string_view default_value;  // As TOML.
  std::string_view meaning;        // One or two sentences, with unit and what empty means.
  // Reads a value in TOML's own terms into its field; the message says what is wrong.
  tl::expected<void, std::string> (*set)(Config& config, const struct SettingValue& value);
};

[[nodiscard]] std::span<const Setting> Settings();

}  // namespace helovet

#endif  // HELOVET_CORE_CONFIG_SETTINGS_H_
