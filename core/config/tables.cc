#include "config/tables.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

#include "config/lists.h"
#include "config/return_codes.h"
#include "config/spelling.h"
#include "helovet/result.h"

namespace helovet {
namespace {

const std::vector<TomlEntry>* EntriesOf(const TomlValue& value) {
  return std::get_if<std::vector<TomlEntry>>(&value.data);
}

// --- overrides

bool IsDecider(CheckId check) {
  return check == CheckId::kExempt || check == CheckId::kConfiguration;
}

std::vector<std::string_view> NamesOfChecks() {
  std::vector<std::string_view> names;
  for (const ResultRule& rule : ResultRules()) {
    if (!IsDecider(rule.check)) names.push_back(ToString(rule.check));
  }
  return names;
}

std::optional<CheckId> ParseCheck(std::string_view name) {
  for (const ResultRule& rule : ResultRules()) {
    if (ToString(rule.check) == name) return rule.check;
  }
  return std::nullopt;
}

ValueErrorOr<Override> ReadOverride(CheckId check, const TomlEntry& entry) {
  std::vector<std::string_view> names;
  std::optional<Result> result;
  for (const ResultRule& rule : ResultRules()) {
    // An override is of a result; what did not run has none.
    if (rule.check != check || rule.result == Result::kSkipped) continue;
    names.push_back(ToString(rule.result));
    if (names.back() == entry.key) result = rule.result;
  }
  const std::string check_name(ToString(check));
  if (!result) {
    return ErrorAt(entry.position, check_name + " never has the result " + Quoted(entry.key) +
                                       DidYouMean(FindNearMiss(entry.key, names)));
  }
  const std::string place = check_name + '.' + entry.key + ": ";
  const ValueErrorOr<OverrideAction> action =
      ReadWord(entry.value, {OverrideAction::kIgnore, OverrideAction::kTag, OverrideAction::kDefer,
                             OverrideAction::kReject});
  if (!action) return ErrorAt(action.error().position, place + action.error().message);
  if (*result == Result::kTemperror && *action == OverrideAction::kReject) {
    return ErrorAt(entry.value.position, place + "a temporary failure is never rejected");
  }
  return Override{check, *result, *action};
}

void ReadOverridesOf(const TomlEntry& entry, std::vector<Override>& overrides,
                     FirstMistake& mistake) {
  const std::optional<CheckId> check = ParseCheck(entry.key);
  if (!check) {
    return mistake.Add({entry.position, "unknown check " + Quoted(entry.key) +
                                            DidYouMean(FindNearMiss(entry.key, NamesOfChecks()))});
  }
  if (IsDecider(*check)) {
    return mistake.Add({entry.position, Quoted(entry.key) + " is no check that has results"});
  }
  const std::vector<TomlEntry>* const results = EntriesOf(entry.value);
  if (results == nullptr) {
    return mistake.Add({entry.value.position, entry.key + " must be a table of its results"});
  }
  for (const TomlEntry& result : *results) {
    const std::optional<Override> read = mistake.Take(ReadOverride(*check, result));
    if (read) overrides.push_back(*read);
  }
}

// --- tables of a few keys

// The values of the keys that a table has, in the order of `keys`, null where it lacks one. Other
// keys are mistakes.
template <std::size_t N>
std::array<const TomlValue*, N> ReadFields(const std::vector<TomlEntry>& entries,
                                           const std::array<std::string_view, N>& keys,
                                           FirstMistake& mistake) {
  std::array<const TomlValue*, N> fields{};
  for (const TomlEntry& entry : entries) {
    const auto key = std::ranges::find(keys, entry.key);
    if (key != keys.end()) {
      fields[static_cast<std::size_t>(key - keys.begin())] = &entry.value;
    } else {
      mistake.Add({entry.position,
                   "unknown key " + Quoted(entry.key) + DidYouMean(FindNearMiss(entry.key, keys))});
    }
  }
  return fields;
}

// Stores what `read` makes of `value`, if there is one; `key` names it in a mistake.
template <typename T, typename Read>
void TakeField(const TomlValue* value, std::string_view key, T& field, FirstMistake& mistake,
               Read read) {
  if (value == nullptr) return;
  ValueErrorOr<T> result = read(*value);
  if (!result) {
    result = ErrorAt(result.error().position, std::string(key) + ": " + result.error().message);
  }
  if (std::optional<T> taken = mistake.Take(std::move(result))) field = *std::move(taken);
}

// Each item of a list by `read`; `name` is the member that no two of them share.
template <typename Item, typename Read>
ValueErrorOr<std::vector<Item>> ReadDistinct(const TomlValue& value, std::string Item::*name,
                                             Read read) {
  const auto* const items = std::get_if<std::vector<TomlValue>>(&value.data);
  if (items == nullptr) return ErrorAt(value.position, "must be a list in brackets");
  std::vector<Item> result;
  std::set<std::string> seen;
  for (const TomlValue& item : *items) {
    ValueErrorOr<Item> read_item = read(item);
    if (!read_item) return tl::make_unexpected(std::move(read_item.error()));
    if (!seen.insert((*read_item).*name).second) {
      return ErrorAt(item.position, Quoted((*read_item).*name) + " is there twice");
    }
    result.push_back(std::move(*read_item));
  }
  return result;
}

ValueErrorOr<Accreditor> ReadAccreditor(const TomlValue& item) {
  if (std::holds_alternative<std::string>(item.data)) {
    return ReadName(item).map([](std::string name) { return Accreditor{.name = std::move(name)}; });
  }
  const std::vector<TomlEntry>* const entries = EntriesOf(item);
  if (entries == nullptr) {
    return ErrorAt(item.position, "must be a name in quotes or a table such as { name = \"...\" }");
  }
  FirstMistake mistake;
  constexpr std::array<std::string_view, 4> kKeys = {"name", "weight", "advisory", "always_ask"};
  const auto [name, weight, advisory, always_ask] = ReadFields(*entries, kKeys, mistake);
  Accreditor accreditor;
  if (name == nullptr) mistake.Add({item.position, "lacks a name"});
  TakeField(name, "name", accreditor.name, mistake, ReadName);
  TakeField(weight, "weight", accreditor.weight, mistake,
            [](const TomlValue& value) { return ReadNumber(value, kWeightBounds); });
  TakeField(advisory, "advisory", accreditor.advisory, mistake, ReadBoolean);
  TakeField(always_ask, "always_ask", accreditor.always_ask, mistake, ReadBoolean);
  if (accreditor.advisory && weight != nullptr) {
    mistake.Add({std::max(advisory->position, weight->position),
                 "weight and advisory contradict each other: what is advisory counts for nothing"});
  }
  if (mistake.found()) return tl::make_unexpected(*mistake.found());
  return accreditor;
}

ValueErrorOr<DnsList> ReadDnsList(const TomlValue& item) {
  const std::vector<TomlEntry>* const entries = EntriesOf(item);
  if (entries == nullptr) return ErrorAt(item.position, "must be a table of zone and codes");
  FirstMistake mistake;
  constexpr std::array<std::string_view, 2> kKeys = {"zone", "codes"};
  const auto [zone, codes] = ReadFields(*entries, kKeys, mistake);
  DnsList list;
  if (zone == nullptr) mistake.Add({item.position, "lacks a zone"});
  if (codes == nullptr) mistake.Add({item.position, "lacks codes"});
  TakeField(zone, "zone", list.zone, mistake, ReadName);
  if (codes != nullptr) {
    if (auto read = mistake.Take(ReadReturnCodes(*codes))) list.codes = *std::move(read);
  }
  if (mistake.found()) return tl::make_unexpected(*mistake.found());
  return list;
}

ValueErrorOr<DnsList> ReadAddressList(const TomlValue& item) {
  ValueErrorOr<DnsList> list = ReadDnsList(item);
  if (list && list->zone.size() > kMaxAddressZoneOctets) {
    list = ErrorAt(item.position, "zone: is longer than " + std::to_string(kMaxAddressZoneOctets) +
                                      " octets, which leaves no room for an address");
  }
  return list;
}

}  // namespace

ValueErrorOr<std::vector<Override>> ReadOverrides(const TomlValue& value) {
  const std::vector<TomlEntry>* const checks = EntriesOf(value);
  if (checks == nullptr) return ErrorAt(value.position, "must be a table of checks");
  std::vector<Override> overrides;
  FirstMistake mistake;
  for (const TomlEntry& check : *checks) ReadOverridesOf(check, overrides, mistake);
  if (mistake.found()) return tl::make_unexpected(*mistake.found());
  return overrides;
}

ValueErrorOr<std::vector<Accreditor>> ReadAccreditors(const TomlValue& value) {
  return ReadDistinct(value, &Accreditor::name, ReadAccreditor);
}

ValueErrorOr<std::vector<DnsList>> ReadAddressLists(const TomlValue& value) {
  return ReadDistinct(value, &DnsList::zone, ReadAddressList);
}

ValueErrorOr<std::vector<DnsList>> ReadNameLists(const TomlValue& value) {
  return ReadDistinct(value, &DnsList::zone, ReadDnsList);
}

}  // namespace helovet
