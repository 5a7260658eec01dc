// Texts of effective settings and of what is wrong with a file.
#include <string>
#include <string_view>

#include "base/printable.h"
#include "config/suggestion.h"
#include "config/toml.h"
#include "helovet/effective_settings.h"
#include "helovet/settings_check.h"
#include "nlohmann/json.hpp"

namespace helovet {
namespace {

using Json = nlohmann::ordered_json;

std::string_view NameIn(std::string_view key) { return key.substr(key.rfind('.') + 1); }

std::string CommentOn(const EffectiveSetting& setting, const std::string& file) {
  std::string comment = "default";
  if (setting.origin == SettingOrigin::kHost) comment = "this host";
  if (setting.origin == SettingOrigin::kFile) {
    comment = Printable(file) + ':' + std::to_string(setting.line);
  }
  if (!setting.remark.empty()) comment += ", " + setting.remark;
  if (!setting.obstacle.empty()) comment += "; " + setting.obstacle;
  return comment;
}

bool IsChosen(const EffectiveSetting& setting, SettingChoice choice) {
  return choice == SettingChoice::kAll || setting.origin == SettingOrigin::kFile;
}

Json ToJson(const TomlValue& value);

Json ToJson(const std::vector<TomlValue>& items) {
  Json array = Json::array();
  for (const TomlValue& item : items) array.push_back(ToJson(item));
  return array;
}

Json ToJson(const std::vector<TomlEntry>& entries) {
  Json object = Json::object();
  for (const TomlEntry& entry : entries) object[entry.key] = ToJson(entry.value);
  return object;
}

// As deep as the values of settings are.
Json ToJson(const TomlValue& value) {
  if (const auto* const boolean = std::get_if<bool>(&value.data)) return *boolean;
  if (const auto* const number = std::get_if<std::int64_t>(&value.data)) return *number;
  if (const auto* const text = std::get_if<std::string>(&value.data)) return *text;
  if (const auto* const items = std::get_if<std::vector<TomlValue>>(&value.data)) {
    return ToJson(*items);
  }
  if (const auto* const entries = std::get_if<std::vector<TomlEntry>>(&value.data)) {
    return ToJson(*entries);
  }
  return nullptr;
}

Json JsonOfToml(const std::string& toml) {
  const FileErrorOr<std::vector<TomlEntry>> entries = ParseToml("value = " + toml, "");
  return entries ? ToJson(entries->front().value) : Json();
}

Json JsonOrNull(int number) { return number == 0 ? Json() : Json(number); }

// Paths and the file's words may have any octets.
std::string Dumped(const Json& json) {
  return json.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace) + '\n';
}

}  // namespace

std::string RenderEffectiveSettings(const EffectiveSettings& effective, SettingChoice choice) {
  std::string text;
  std::string_view table;
  for (const EffectiveSetting& setting : effective.settings) {
    if (!IsChosen(setting, choice)) continue;
    if (TableOf(setting.key) != table) {
      table = TableOf(setting.key);
      text += (text.empty() ? "[" : "\n[") + std::string(table) + "]\n";
    }
    if (!setting.obstacle.empty()) text += '#';
    text += std::string(NameIn(setting.key)) + " = " + setting.value + "  # " +
            CommentOn(setting, effective.file) + '\n';
  }
  return text;
}

std::string RenderEffectiveSettingsJson(const EffectiveSettings& effective, SettingChoice choice) {
  Json settings = Json::array();
  for (const EffectiveSetting& setting : effective.settings) {
    if (!IsChosen(setting, choice)) continue;
    settings.push_back({{"key", setting.key},
                        {"value", JsonOfToml(setting.value)},
                        {"toml", setting.value},
                        {"origin", ToString(setting.origin)},
                        {"line", JsonOrNull(setting.line)},
                        {"remark", setting.remark},
                        {"obstacle", setting.obstacle}});
  }
  const Json file = effective.file.empty() ? Json() : Json(effective.file);
  return Dumped({{"file", file}, {"settings", settings}});
}

std::string RenderSettingsCheck(const SettingsCheck& check) {
  std::string text;
  for (const FileError& mistake : check.mistakes) text += mistake.ToString() + '\n';
  if (check.mistakes.empty()) {
    text += Printable(check.file) + ": fine, " + std::to_string(check.settings) +
            (check.settings == 1 ? " setting\n" : " settings\n");
  }
  for (const std::string& remark : check.remarks) text += "note: " + remark + '\n';
  return text;
}

std::string RenderSettingsCheckJson(const SettingsCheck& check) {
  Json mistakes = Json::array();
  for (const FileError& mistake : check.mistakes) {
    mistakes.push_back({{"file", mistake.file},
                        {"line", JsonOrNull(mistake.line)},
                        {"column", JsonOrNull(mistake.column)},
                        {"message", Printable(mistake.message)}});
  }
  return Dumped({{"file", check.file},
                 {"fine", check.mistakes.empty()},
                 {"settings", check.settings},
                 {"mistakes", mistakes},
                 {"notes", check.remarks}});
}

}  // namespace helovet
