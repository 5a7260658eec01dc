#include "config/suggestion.h"

#include <cstddef>
#include <string>
#include <vector>

#include "config/settings.h"
#include "config/spelling.h"

namespace helovet {
namespace {

std::string_view WordOf(std::string_view key) {
  return key.substr(key.rfind('.') + 1);  // npos + 1 is 0.
}

// "password" of "password_file".
bool IsPartOf(std::string_view word, std::string_view name) {
  const std::string padded = '_' + std::string(name) + '_';
  return padded.find('_' + std::string(word) + '_') != std::string::npos;
}

// The one of `keys` of whose word that of `key` is a part; empty for none and for several.
std::string_view FindWhole(std::string_view key, const std::vector<std::string_view>& keys) {
  std::string_view found;
  for (const std::string_view each : keys) {
    if (each == found || WordOf(key).empty() || !IsPartOf(WordOf(key), WordOf(each))) continue;
    if (!found.empty()) return {};
    found = each;
  }
  return found;
}

}  // namespace

std::string_view TableOf(std::string_view key) {
  const std::size_t dot = key.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : key.substr(0, dot);
}

std::string_view SuggestionFor(std::string_view key) {
  std::vector<std::string_view> beside;
  std::vector<std::string_view> known;
  std::string_view elsewhere;
  for (const Setting& setting : Settings()) {
    const std::string_view table = TableOf(setting.key);
    if (table == TableOf(key)) beside.push_back(setting.key);
    if (!table.empty() && TableOf(table) == TableOf(key)) beside.push_back(table);
    if (WordOf(setting.key) == WordOf(key) && elsewhere.empty()) elsewhere = setting.key;
    known.push_back(setting.key);
    known.push_back(table);
  }
  const std::string_view near = FindNearMiss(key, beside);
  if (!near.empty()) return near;
  const std::string_view whole = FindWhole(key, beside);
  if (!whole.empty()) return whole;
  return elsewhere.empty() ? FindNearMiss(key, known) : elsewhere;
}

}  // namespace helovet
