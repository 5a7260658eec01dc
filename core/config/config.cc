#include "helovet/config.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/read_file.h"
#include "config/contradictions.h"
#include "config/reading.h"
#include "config/settings.h"
#include "config/spelling.h"
#include "config/suggestion.h"
#include "config/toml.h"

namespace helovet {
namespace {

constexpr std::size_t kMaxFileOctets = std::size_t{1024} * 1024;

const Setting* FindSetting(std::string_view key) {
  for (const Setting& setting : Settings()) {
    if (setting.key == key) return &setting;
  }
  return nullptr;
}

bool IsTable(std::string_view key) {
  for (const Setting& setting : Settings()) {
    if (!key.empty() && TableOf(setting.key) == key) return true;
  }
  return false;
}

// Fills a Config from a parsed file. Whether settings agree is asked when each is right, for until
// then nobody knows what was meant.
class ConfigReader {
 public:
  explicit ConfigReader(ConfigReading& reading) : reading_(reading), config_(reading.config) {}

  void Read(const std::vector<TomlEntry>& entries) {
    ReadTable("", entries);
    if (mistakes_.empty()) mistakes_ = FindContradictions(config_, written_);
    // Of several in one place the first found is the one to tell.
    std::ranges::stable_sort(mistakes_, {}, &ValueError::position);
    for (ValueError& each : mistakes_) {
      reading_.mistakes.push_back(
          {reading_.file, each.position.line, each.position.column, std::move(each.message)});
    }
    // Only what the administrator wrote can be wrong; the defaults give way.
    for (std::chrono::milliseconds* const timeout :
         {&config_.dns.query_timeout, &config_.cbv.timeout, &config_.redis.timeout}) {
      *timeout = std::min(*timeout, config_.deadline);
    }
    config_.cbv.concurrent_per_domain =
        std::min(config_.cbv.concurrent_per_domain, config_.cbv.concurrent);
  }

 private:
  void ReadTable(const std::string& table, const std::vector<TomlEntry>& entries) {
    for (const TomlEntry& entry : entries) ReadEntry(table, entry);
  }

  void ReadEntry(const std::string& table, const TomlEntry& entry) {
    const std::string key = table.empty() ? entry.key : table + '.' + entry.key;
    // A quoted key may hold a dot of its own, and is none of ours then.
    const bool dotted = entry.key.find('.') != std::string::npos;
    if (const Setting* const setting = dotted ? nullptr : FindSetting(key)) {
      const ValueErrorOr<void> stored = setting->set(config_, entry.value);
      if (!stored) Add(stored.error().position, key + ": " + stored.error().message);
      written_.push_back({setting, &entry});
      reading_.places.push_back({setting->key, entry.position, entry.value.position});
    } else if (dotted || !IsTable(key)) {
      AddUnknown(entry.position, key);
    } else if (const auto* const entries = std::get_if<std::vector<TomlEntry>>(&entry.value.data)) {
      ReadTable(key, *entries);
    } else {
      Add(entry.value.position, key + ": must be a table of settings");
    }
  }

  void AddUnknown(TextPosition position, const std::string& key) {
    const std::string_view suggestion = SuggestionFor(key);
    Add(position,
        "unknown setting " + Quoted(key) + (suggestion == key ? "" : DidYouMean(suggestion)));
  }
  void Add(TextPosition position, std::string message) {
    mistakes_.push_back({position, std::move(message)});
  }

  ConfigReading& reading_;
  Config& config_;
  std::vector<ValueError> mistakes_;
  std::vector<WrittenSetting> written_;
};

ConfigReading ReadOrExplain(const tl::expected<std::string, int>& text, const std::string& path) {
  if (text) return ReadConfig(*text, path);
  ConfigReading reading = {.file = path};
  reading.mistakes.push_back({path, 0, 0, WhyUnreadable(text.error(), kMaxFileOctets)});
  return reading;
}

FileErrorOr<Config> ConfigOrFirstMistake(ConfigReading reading) {
  if (!reading.mistakes.empty()) return tl::make_unexpected(std::move(reading.mistakes.front()));
  return std::move(reading.config);
}

}  // namespace

std::string_view ToString(OverrideAction action) {
  switch (action) {
    case OverrideAction::kIgnore:
      return "ignore";
    case OverrideAction::kTag:
      return "tag";
    case OverrideAction::kDefer:
      return "defer";
    case OverrideAction::kReject:
      return "reject";
  }
  return "";
}

Config::Config() {
  // Both parse; a test compares the outcome with the table of settings.
  for (const std::string_view loopback : {"127.0.0.0/8", "::1"}) {
    if (const std::optional<IpNetwork> network = IpNetwork::Parse(loopback)) {
      exempt.networks.push_back(*network);
      dns.trusted.push_back(*network);
    }
  }
}

const SettingPlace* ConfigReading::Find(std::string_view key) const {
  const auto found = std::ranges::find(places, key, &SettingPlace::key);
  return found == places.end() ? nullptr : &*found;
}

ConfigReading ReadConfig(std::string_view toml, const std::string& file) {
  ConfigReading reading = {.file = file};
  const FileErrorOr<std::vector<TomlEntry>> entries = ParseToml(toml, file);
  if (entries) {
    ConfigReader(reading).Read(*entries);
  } else {
    reading.mistakes.push_back(entries.error());
  }
  return reading;
}

ConfigReading ReadConfigFile(const std::optional<std::string>& path) {
  const std::string file = path.value_or(std::string(kDefaultConfigPath));
  const tl::expected<std::string, int> text = ReadFile(file, kMaxFileOctets);
  if (!path && !text && text.error() == ENOENT) return {};
  return ReadOrExplain(text, file);
}

FileErrorOr<Config> LoadConfig(const std::string& path) {
  return ConfigOrFirstMistake(ReadConfigFile(path));
}

FileErrorOr<Config> ParseConfig(std::string_view toml, const std::string& file) {
  return ConfigOrFirstMistake(ReadConfig(toml, file));
}

FileErrorOr<Config> LoadDefaultConfig() {
  return ConfigOrFirstMistake(ReadConfigFile(std::nullopt));
}

}  // namespace helovet
