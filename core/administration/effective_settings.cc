#include "helovet/effective_settings.h"

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/printable.h"
#include "config/reading.h"
#include "config/settings.h"
#include "dns/network.h"
#include "helovet/authentication_results.h"

namespace helovet {
namespace {

// `config` with everything filled in that hosts leave open until they need it.
Config Filled(Config config, std::string_view server_name) {
  config = WithHostDefaults(std::move(config), server_name);
  config.authserv_id = AuthservIdOf(config);
  return WithHostServers(std::move(config));
}

std::string HostRemark(std::string_view key) {
  if (key == "dns.servers") return std::string("of ") + kResolvConf;
  if (key == "our_addresses") return "of its interfaces";
  return "its name";
}

bool IsMissing(const std::string& path) {
  return access(path.c_str(), F_OK) != 0 && errno == ENOENT;
}

// Why a default is not that of the manual, or has no effect on this host.
std::string DefaultRemark(const Setting& setting, const Config& config) {
  if (setting.key == "store.directory" && config.store.kind == Config::StoreKind::kLmdb &&
      IsMissing(config.store.directory)) {
    return "does not exist, so nothing is kept";
  }
  if (setting.show(config) == setting.show(Config())) return {};
  return setting.key == "cbv.concurrent_per_domain" ? "lowered to cbv.concurrent"
                                                    : "shortened to the deadline";
}

EffectiveSetting Describe(const Setting& setting, const ConfigReading& reading,
                          const Config& effective) {
  EffectiveSetting described = {.key = std::string(setting.key), .value = setting.show(effective)};
  const SettingPlace* const place = reading.Find(setting.key);
  if (setting.show(reading.config) != described.value) {
    described.origin = SettingOrigin::kHost;
    described.remark = HostRemark(setting.key);
  } else if (place != nullptr) {
    described.origin = SettingOrigin::kFile;
    described.line = place->position.line;
  } else {
    described.remark = DefaultRemark(setting, effective);
  }
  return described;
}

// A text with one line for each, as a comment where it may not be written.
std::string LineForLine(const std::vector<EffectiveSetting>& settings) {
  std::string text;
  for (const EffectiveSetting& each : settings) {
    text += (each.obstacle.empty() ? "" : "#") + each.key + " = " + each.value + '\n';
  }
  return text;
}

// Says of each value that may not be written why: the parser knows. What it says of single values
// comes before what it says of them together.
void FindObstacles(std::vector<EffectiveSetting>& settings) {
  for (std::vector<FileError> mistakes;
       !(mistakes = ReadConfig(LineForLine(settings), "").mistakes).empty();) {
    for (const FileError& mistake : mistakes) {
      EffectiveSetting& setting = settings[static_cast<std::size_t>(mistake.line) - 1];
      std::string_view why = mistake.message;
      if (why.starts_with(setting.key)) why.remove_prefix(why.find(": ") + 2);
      if (setting.obstacle.empty()) setting.obstacle = Printable(why);
    }
  }
}

}  // namespace

std::string_view ToString(SettingOrigin origin) {
  switch (origin) {
    case SettingOrigin::kDefault:
      return "default";
    case SettingOrigin::kFile:
      return "file";
    case SettingOrigin::kHost:
      return "host";
  }
  return "";
}

FileErrorOr<EffectiveSettings> LoadEffectiveSettings(const std::optional<std::string>& path,
                                                     std::string_view server_name) {
  const ConfigReading reading = ReadConfigFile(path);
  if (!reading.mistakes.empty()) return tl::make_unexpected(reading.mistakes.front());
  EffectiveSettings effective = {.file = reading.file,
                                 .config = Filled(reading.config, server_name)};
  for (const Setting& setting : Settings()) {
    effective.settings.push_back(Describe(setting, reading, effective.config));
  }
  FindObstacles(effective.settings);
  return effective;
}

Config WithHostServers(Config config) {
  config.dns.servers = ServersOf(config);
  return config;
}

}  // namespace helovet
