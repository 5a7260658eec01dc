#include "config/lists.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/ascii.h"
#include "base/host_name.h"
#include "base/list_entry.h"

namespace helovet {
namespace {

constexpr std::string_view kAnyMail = "all";  // RFC 5518 §4

// Each item of a list by `read`, which returns a ValueErrorOr.
template <typename Item, typename Read>
ValueErrorOr<std::vector<Item>> ReadItems(const TomlValue& value, Read read) {
  const auto* const items = std::get_if<std::vector<TomlValue>>(&value.data);
  if (items == nullptr) return ErrorAt(value.position, "must be a list in brackets");
  std::vector<Item> result;
  result.reserve(items->size());
  for (const TomlValue& item : *items) {
    ValueErrorOr<Item> read_item = read(item);
    if (!read_item) return tl::make_unexpected(std::move(read_item.error()));
    result.push_back(std::move(*read_item));
  }
  return result;
}

// A text by `parse`, which returns an optional; `what` says what it should be.
template <typename Item, typename Parse>
ValueErrorOr<Item> ReadParsed(const TomlValue& value, std::string_view what, Parse parse) {
  const ValueErrorOr<std::string_view> text = ReadText(value, what);
  if (!text) return tl::make_unexpected(text.error());
  std::optional<Item> parsed = parse(*text);
  if (parsed) return *std::move(parsed);
  return ErrorAt(value.position, Quoted(*text) + " is not " + std::string(what));
}

template <typename Item, typename Parse>
ValueErrorOr<std::vector<Item>> ReadList(const TomlValue& value, std::string_view what,
                                         Parse parse) {
  return ReadItems<Item>(
      value, [&](const TomlValue& item) { return ReadParsed<Item>(item, what, parse); });
}

std::optional<std::string> ParseNamePattern(std::string_view text) {
  const bool suffix = text.starts_with('.');
  if (suffix) text.remove_prefix(1);
  std::optional<std::string> name = ParseHostName(text);
  if (name && suffix) name->insert(0, 1, '.');
  return name;
}

std::optional<std::string> ParseMailType(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, IsAsciiLetter)) return std::nullopt;
  return LowerCase(text);
}

ValueErrorOr<std::string> ReadListEntry(const TomlValue& value) {
  const ValueErrorOr<std::string_view> text = ReadText(value, "an entry or a file's path");
  if (!text) return tl::make_unexpected(text.error());
  if (IsFilePath(*text)) return ReadFilePath(value);
  const tl::expected<ListEntry, ListEntryError> entry = ParseListEntry(*text);
  if (!entry) return ErrorAt(value.position, entry.error().message);
  return std::string(*text);
}

}  // namespace

std::optional<std::string> ParseHostName(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.size() > kMaxHostNameOctets || FindBadLabel(text)) return std::nullopt;
  const std::string_view last_label = text.substr(text.rfind('.') + 1);  // npos + 1 is 0.
  if (std::ranges::all_of(last_label, IsAsciiDigit)) return std::nullopt;
  return LowerCase(text);
}

ValueErrorOr<std::string> ReadName(const TomlValue& value) {
  return ReadParsed<std::string>(value, "a host name", ParseHostName);
}

ValueErrorOr<std::string> ReadOptionalName(const TomlValue& value) {
  const auto* const text = std::get_if<std::string>(&value.data);
  if (text != nullptr && text->empty()) return std::string();
  return ReadName(value);
}

ValueErrorOr<std::vector<std::string>> ReadNames(const TomlValue& value) {
  return ReadItems<std::string>(value, ReadName);
}

ValueErrorOr<std::vector<std::string>> ReadDistinctNames(const TomlValue& value) {
  std::set<std::string> seen;
  return ReadItems<std::string>(value, [&](const TomlValue& item) {
    ValueErrorOr<std::string> name = ReadName(item);
    if (name && !seen.insert(*name).second) {
      name = ErrorAt(item.position, Quoted(*name) + " is there twice");
    }
    return name;
  });
}

ValueErrorOr<std::vector<std::string>> ReadNamePatterns(const TomlValue& value) {
  return ReadList<std::string>(value, "a host name or a \".suffix\"", ParseNamePattern);
}

ValueErrorOr<std::vector<IpAddress>> ReadAddresses(const TomlValue& value) {
  return ReadList<IpAddress>(value, "an IPv4 or IPv6 address", IpAddress::Parse);
}

ValueErrorOr<std::vector<IpNetwork>> ReadNetworks(const TomlValue& value) {
  return ReadList<IpNetwork>(value, "an address or a network without bits beyond its prefix",
                             IpNetwork::Parse);
}

ValueErrorOr<std::vector<DnsServer>> ReadDnsServers(const TomlValue& value) {
  return ReadList<DnsServer>(value, "\"ADDRESS\", \"IPV4:PORT\" or \"[IPV6]:PORT\"",
                             DnsServer::Parse);
}

ValueErrorOr<std::vector<std::string>> ReadMailTypes(const TomlValue& value) {
  return ReadItems<std::string>(value, [](const TomlValue& item) {
    ValueErrorOr<std::string> type =
        ReadParsed<std::string>(item, "a type of mail, a word of letters", ParseMailType);
    if (type && *type == kAnyMail) {
      type = ErrorAt(item.position, "\"all\" needs no mention: it counts in any case");
    }
    return type;
  });
}

ValueErrorOr<std::vector<CheckId>> ReadSenderChecks(const TomlValue& value) {
  std::vector<CheckId> seen;
  return ReadItems<CheckId>(value, [&](const TomlValue& item) {
    ValueErrorOr<CheckId> check = ReadWord(
        item, {CheckId::kDmp, CheckId::kDrip, CheckId::kRmx, CheckId::kSpf, CheckId::kCbv});
    if (!check) return check;
    if (std::ranges::count(seen, *check) > 0) {
      check = ErrorAt(item.position, Quoted(ToString(*check)) + " is there twice");
    } else if (!seen.empty() && seen.back() == CheckId::kCbv) {
      check = ErrorAt(item.position, Quoted(ToString(*check)) + " stands after \"cbv\", the last");
    } else {
      seen.push_back(*check);
    }
    return check;
  });
}

ValueErrorOr<std::vector<std::string>> ReadListEntries(const TomlValue& value) {
  return ReadItems<std::string>(value, ReadListEntry);
}

bool IsFilePath(std::string_view entry) { return entry.starts_with('/'); }

}  // namespace helovet
