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
#include "config/settings.h"
#include "config/spelling.h"
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

std::string_view TableOf(std::string_view key) {
  const std::size_t dot = key.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : key.substr(0, dot);
}

bool IsTable(std::string_view key) {
  for (const Setting& setting : Settings()) {
    if (!key.empty() && TableOf(setting.key) == key) return true;
  }
  return false;
}

// The setting or table that was meant by `key`: a near miss in its own table, the same word in
// another, or a near miss of any.
std::string_view Suggestion(std::string_view key) {
  const std::string_view word = key.substr(key.rfind('.') + 1);  // npos + 1 is 0.
  std::vector<std::string_view> beside;
  std::vector<std::string_view> known;
  std::string_view elsewhere;
  for (const Setting& setting : Settings()) {
    const std::string_view table = TableOf(setting.key);
    if (table == TableOf(key)) beside.push_back(setting.key);
    if (!table.empty() && TableOf(table) == TableOf(key)) beside.push_back(table);
    const bool same = setting.key.substr(setting.key.rfind('.') + 1) == word;
    if (same && elsewhere.empty()) elsewhere = setting.key;
    known.push_back(setting.key);
    known.push_back(table);
  }
  const std::string_view near = FindNearMiss(key, beside);
  if (!near.empty()) return near;
  return elsewhere.empty() ? FindNearMiss(key, known) : elsewhere;
}

// Fills a Config from a parsed file, and keeps the first mistake in the order of the text. Whether
// settings agree is asked when each is right, for until then nobody knows what was meant.
class ConfigReader {
 public:
  ValueErrorOr<Config> Read(const std::vector<TomlEntry>& entries) {
    ReadTable("", entries);
    if (!mistake_.found()) {
      std::optional<ValueError> contradiction = FindContradiction(config_, written_);
      if (contradiction) mistake_.Add(*std::move(contradiction));
    }
    if (mistake_.found()) return tl::make_unexpected(*mistake_.found());
    // Only what the administrator wrote can be wrong; the defaults give way.
    for (std::chrono::milliseconds* const timeout :
         {&config_.dns.query_timeout, &config_.cbv.timeout, &config_.redis.timeout}) {
      *timeout = std::min(*timeout, config_.deadline);
    }
    config_.cbv.concurrent_per_domain =
        std::min(config_.cbv.concurrent_per_domain, config_.cbv.concurrent);
    return std::move(config_);
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
      if (!stored) mistake_.Add({stored.error().position, key + ": " + stored.error().message});
      written_.push_back({setting, &entry});
    } else if (dotted || !IsTable(key)) {
      AddUnknown(entry.position, key);
    } else if (const auto* const entries = std::get_if<std::vector<TomlEntry>>(&entry.value.data)) {
      ReadTable(key, *entries);
    } else {
      mistake_.Add({entry.value.position, key + ": must be a table of settings"});
    }
  }

  void AddUnknown(TextPosition position, const std::string& key) {
    const std::string_view suggestion = Suggestion(key);
    mistake_.Add({position, "unknown setting " + Quoted(key) +
                                (suggestion == key ? "" : DidYouMean(suggestion))});
  }

  Config config_;
  FirstMistake mistake_;
  std::vector<WrittenSetting> written_;
};

FileErrorOr<Config> ParseOrExplain(const tl::expected<std::string, int>& text,
                                   const std::string& path) {
  if (text) return ParseConfig(*text, path);
  return tl::make_unexpected(FileError{path, 0, 0, WhyUnreadable(text.error(), kMaxFileOctets)});
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

FileErrorOr<Config> LoadConfig(const std::string& path) {
  return ParseOrExplain(ReadFile(path, kMaxFileOctets), path);
}

FileErrorOr<Config> ParseConfig(std::string_view toml, const std::string& file) {
  const FileErrorOr<std::vector<TomlEntry>> entries = ParseToml(toml, file);
  if (!entries) return tl::make_unexpected(entries.error());
  return ConfigReader().Read(*entries).map_error([&file](ValueError error) {
    return FileError{file, error.position.line, error.position.column, std::move(error.message)};
  });
}

FileErrorOr<Config> LoadDefaultConfig() {
  const std::string path(kDefaultConfigPath);
  const tl::expected<std::string, int> text = ReadFile(path, kMaxFileOctets);
  if (!text && text.error() == ENOENT) return Config();
  return ParseOrExplain(text, path);
}

}  // namespace helovet
