// All settings as a host has them, and where each comes from: for `helovet config show`.
#ifndef HELOVET_EFFECTIVE_SETTINGS_H_
#define HELOVET_EFFECTIVE_SETTINGS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "helovet/config.h"
#include "helovet/file_error.h"

namespace helovet {

enum class SettingOrigin : std::uint8_t {
  kDefault,
  kFile,
  kHost,  // The file leaves it to the host: its names, its addresses, its DNS servers.
};
[[nodiscard]] std::string_view ToString(SettingOrigin origin);

struct EffectiveSetting {
  std::string key;    // With its table: "dns.query_timeout".
  std::string value;  // As TOML, printable ASCII in one line. A password's file is named, not read.
  SettingOrigin origin = SettingOrigin::kDefault;
  int line = 0;  // In the file, from 1; 0 where it is not of the file.
  // What else there is to say, printable: where the host has it from, what has shortened a default.
  // Empty: nothing.
  std::string remark = {};
  // Why to write this value into a file would be an error, such as "has no effect without the
  // profile \"custom\"". Empty: it may be written.
  std::string obstacle = {};
};

struct EffectiveSettings {
  std::string file;  // Empty: there is none, and the defaults hold.
  Config config;     // Nothing is left to the host: what the values below say.
  std::vector<EffectiveSetting> settings = {};  // All, in the order of the manual.
};

// What the settings of `path` come to on this host now. `path` empty: kDefaultConfigPath, if it
// exists. `server_name` as in WithHostDefaults. Thread-safe.
[[nodiscard]] FileErrorOr<EffectiveSettings> LoadEffectiveSettings(
    const std::optional<std::string>& path, std::string_view server_name = {});

enum class SettingChoice : std::uint8_t { kAll, kOfFile };

// TOML with a comment behind each value that says where it comes from. Read back by ParseConfig,
// all are `effective.config`, and those of the file what the file alone says. What has an obstacle
// stands in a comment.
[[nodiscard]] std::string RenderEffectiveSettings(const EffectiveSettings& effective,
                                                  SettingChoice choice);
// An object with "file" (null for none) and "settings", an array of objects with "key", "value" (as
// JSON has it), "toml", "origin", "line" (null for none), "remark" and "obstacle"; ended by "\n".
[[nodiscard]] std::string RenderEffectiveSettingsJson(const EffectiveSettings& effective,
                                                      SettingChoice choice);

// `config` with the servers of this host's resolv.conf(5) where dns.servers names none, for
// programs that cannot read it later. Never fails: without such a file it is the server on this
// host.
[[nodiscard]] Config WithHostServers(Config config);

}  // namespace helovet

#endif  // HELOVET_EFFECTIVE_SETTINGS_H_
