#include "helovet/config.h"

#include <cerrno>
#include <tuple>
#include <utility>

#include "base/read_file.h"
#include "config/settings.h"
#include "config/spelling.h"
#include "config/toml.h"

namespace helovet {
namespace {

constexpr std::size_t kMaxFileOctets = std::size_t{1024} * 1024;
constexpr std::size_t kMaxSpellingEdits = 2;

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

// The setting or table that was meant by `key`: the same word in another table, or a near miss.
std::string_view Suggestion(std::string_view key) {
  const std::string_view word = key.substr(key.rfind('.') + 1);  // npos + 1 is 0.
  for (const Setting& setting : Settings()) {
    if (setting.key.substr(setting.key.rfind('.') + 1) == word) return setting.key;
  }
  // A short word is near to too many others.
  for (std::size_t edits = 1; edits <= kMaxSpellingEdits && 2 * edits < key.size(); ++edits) {
    for (const Setting& setting : Settings()) {
      for (const std::string_view known : {setting.key, TableOf(setting.key)}) {
        if (!known.empty() && IsNearMiss(key, known, edits)) return known;
      }
    }
  }
  return {};
}

// Fills a Config from a parsed file, and keeps the first mistake in the order of the text.
class ConfigReader {
 public:
  explicit ConfigReader(std::string file) : file_(std::move(file)) {}

  void ReadTable(const std::string& table, const std::vector<TomlEntry>& entries) {
    for (const TomlEntry& entry : entries) ReadEntry(table, entry);
  }

  FileErrorOr<Config> Finish() {
    if (!error_) CheckTimes();
    if (error_) return tl::make_unexpected(std::move(*error_));
    return std::move(config_);
  }

 private:
  void ReadEntry(const std::string& table, const TomlEntry& entry) {
    const std::string key = table.empty() ? entry.key : table + '.' + entry.key;
    // A quoted key may hold a dot of its own, and is none of ours then.
    const bool dotted = entry.key.find('.') != std::string::npos;
    if (const Setting* const setting = dotted ? nullptr : FindSetting(key)) {
      const ValueErrorOr<void> stored = setting->set(config_, entry.value);
      if (!stored) AddError(stored.error().position, key + ": " + stored.error().message);
      if (key == "dns.query_timeout") query_timeout_ = entry.value.position;
    } else if (dotted || !IsTable(key)) {
      AddUnknown(entry.position, key);
    } else if (const auto* const entries = std::get_if<std::vector<TomlEntry>>(&entry.value.data)) {
      ReadTable(key, *entries);
    } else {
      AddError(entry.value.position, key + ": must be a table of settings");
    }
  }

  void AddUnknown(TextPosition position, const std::string& key) {
    std::string message = "unknown setting " + Quoted(key);
    const std::string_view suggestion = Suggestion(key);
    if (!suggestion.empty() && suggestion != key) {
      message += "; did you mean " + std::string(suggestion) + "?";
    }
    AddError(position, std::move(message));
  }

  // A query may not outlast the validation it serves. Only what the administrator wrote can be
  // wrong; the default gives way.
  void CheckTimes() {
    if (config_.dns.query_timeout <= config_.deadline) return;
    if (!query_timeout_) {
      config_.dns.query_timeout = config_.deadline;
      return;
    }
    AddError(*query_timeout_,
             "dns.query_timeout: " + Quoted(DurationToString(config_.dns.query_timeout)) +
                 " is longer than the deadline, which is " + DurationToString(config_.deadline));
  }

  void AddError(TextPosition position, std::string message) {
    if (error_ &&
        std::tie(error_->line, error_->column) <= std::tie(position.line, position.column)) {
      return;
    }
    error_ = FileError{file_, position.line, position.column, std::move(message)};
  }

  std::string file_;
  Config config_;
  std::optional<FileError> error_;
  std::optional<TextPosition> query_timeout_;  // Where the file sets it.
};

FileErrorOr<Config> ParseOrExplain(const tl::expected<std::string, int>& text,
                                   const std::string& path) {
  if (text) return ParseConfig(*text, path);
  return tl::make_unexpected(FileError{path, 0, 0, WhyUnreadable(text.error(), kMaxFileOctets)});
}

}  // namespace

std::string_view ToString(Profile profile) {
  switch (profile) {
    case Profile::kObserve:
      return "observe";
    case Profile::kStandard:
      return "standard";
    case Profile::kStrict:
      return "strict";
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
  ConfigReader reader(file);
  reader.ReadTable("", *entries);
  return reader.Finish();
}

FileErrorOr<Config> LoadDefaultConfig() {
  const std::string path(kDefaultConfigPath);
  const tl::expected<std::string, int> text = ReadFile(path, kMaxFileOctets);
  if (!text && text.error() == ENOENT) return Config();
  return ParseOrExplain(text, path);
}

}  // namespace helovet
