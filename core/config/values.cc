#include "config/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "base/ascii.h"
#include "base/host_name.h"

namespace helovet {
namespace {

using std::chrono::milliseconds;

tl::unexpected<ValueError> Error(const TomlValue& value, std::string message) {
  return tl::make_unexpected(ValueError{value.position, std::move(message)});
}

ValueErrorOr<std::string_view> ReadText(const TomlValue& value, std::string_view what) {
  const auto* const text = std::get_if<std::string>(&value.data);
  if (text == nullptr) return Error(value, "must be " + std::string(what) + " in quotes");
  return std::string_view(*text);
}

// Each item of a list by `parse`, which returns an optional; `what` says what an item should be.
template <typename Item, typename Parse>
ValueErrorOr<std::vector<Item>> ReadList(const TomlValue& value, std::string_view what,
                                         Parse parse) {
  const auto* const items = std::get_if<std::vector<TomlValue>>(&value.data);
  if (items == nullptr) return Error(value, "must be a list in brackets");
  std::vector<Item> result;
  result.reserve(items->size());
  for (const TomlValue& item : *items) {
    const ValueErrorOr<std::string_view> text = ReadText(item, what);
    if (!text) return tl::make_unexpected(text.error());
    std::optional<Item> parsed = parse(*text);
    if (!parsed) return Error(item, Quoted(*text) + " is not " + std::string(what));
    result.push_back(std::move(*parsed));
  }
  return result;
}

struct Unit {
  std::string_view name;
  milliseconds length;
};
constexpr std::array kUnits = {Unit{"m", std::chrono::minutes(1)},
                               Unit{"s", std::chrono::seconds(1)}, Unit{"ms", milliseconds(1)}};

// No value of a sane setting needs more digits, and their product with a minute cannot overflow.
constexpr std::size_t kMaxDurationDigits = 9;

std::optional<milliseconds> ParseDuration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const auto digits = static_cast<std::size_t>(end - text.data());
  if (error != std::errc() || count < 0 || digits > kMaxDurationDigits) return std::nullopt;
  for (const Unit& unit : kUnits) {
    if (text.substr(digits) == unit.name) return count * unit.length;
  }
  return std::nullopt;
}

std::optional<std::string> ParseHostName(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty() || text.size() > kMaxHostNameOctets || IpAddress::Parse(text)) {
    return std::nullopt;
  }
  for (std::string_view rest = text;;) {
    const std::size_t dot = rest.find('.');
    const std::string_view label = rest.substr(0, dot);
    // Some hosts' names have an underscore in front (helo.allow_underscore).
    if (!IsLdhLabel(label) && !IsUnderscoreLabel(label)) return std::nullopt;
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  return LowerCase(text);
}

std::optional<std::string> ParseNamePattern(std::string_view text) {
  const bool suffix = text.starts_with('.');
  if (suffix) text.remove_prefix(1);
  std::optional<std::string> name = ParseHostName(text);
  if (name && suffix) name->insert(0, 1, '.');
  return name;
}

// RFC 2045 §5.1.
bool IsTokenOctet(char octet) {
  return octet > ' ' && octet <= '~' &&
         std::string_view("()<>@,;:\\\"/[]?=").find(octet) == std::string_view::npos;
}

// RFC 3986 §2: printable ASCII without the characters that have no place in a URI.
bool IsUrlOctet(char octet) {
  return octet > ' ' && octet <= '~' &&
         std::string_view("\"<>\\^`{|}").find(octet) == std::string_view::npos;
}

bool IsUrl(std::string_view text) {
  if (!std::all_of(text.begin(), text.end(), IsUrlOctet)) return false;
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!text.starts_with(scheme)) continue;
    text.remove_prefix(scheme.size());
    return !text.empty() && (IsAsciiLetter(text[0]) || IsAsciiDigit(text[0]) || text[0] == '[');
  }
  return false;
}

}  // namespace

ValueErrorOr<bool> ReadBoolean(const TomlValue& value) {
  const bool* const boolean = std::get_if<bool>(&value.data);
  if (boolean == nullptr) return Error(value, "must be true or false");
  return *boolean;
}

ValueErrorOr<milliseconds> ReadDuration(const TomlValue& value, const DurationBounds& bounds) {
  constexpr std::string_view kForm = "a whole number with ms, s or m, such as \"5s\"";
  const auto* const text = std::get_if<std::string>(&value.data);
  if (text == nullptr) return Error(value, "must be " + std::string(kForm));
  const std::optional<milliseconds> duration = ParseDuration(*text);
  if (!duration) return Error(value, Quoted(*text) + " is not " + std::string(kForm));
  if (*duration < bounds.least || *duration > bounds.most) {
    return Error(value, Quoted(*text) + " is not between " + DurationToString(bounds.least) +
                            " and " + DurationToString(bounds.most));
  }
  return *duration;
}

ValueErrorOr<Profile> ReadProfile(const TomlValue& value) {
  constexpr std::string_view kForm = "\"observe\", \"standard\" or \"strict\"";
  const auto* const text = std::get_if<std::string>(&value.data);
  if (text == nullptr) return Error(value, "must be " + std::string(kForm));
  for (const Profile profile : {Profile::kObserve, Profile::kStandard, Profile::kStrict}) {
    if (*text == ToString(profile)) return profile;
  }
  return Error(value, Quoted(*text) + " is not " + std::string(kForm));
}

ValueErrorOr<std::string> ReadAuthservId(const TomlValue& value) {
  const ValueErrorOr<std::string_view> text = ReadText(value, "a name");
  if (!text) return tl::make_unexpected(text.error());
  if (text->size() > kMaxAuthservIdOctets) {
    return Error(value, "is longer than " + std::to_string(kMaxAuthservIdOctets) + " octets");
  }
  if (!std::all_of(text->begin(), text->end(), IsTokenOctet)) {
    return Error(value, Quoted(*text) + " is not a token as RFC 8601 wants it");
  }
  return std::string(*text);
}

ValueErrorOr<std::string> ReadUrl(const TomlValue& value) {
  const ValueErrorOr<std::string_view> text = ReadText(value, "a URL");
  if (!text) return tl::make_unexpected(text.error());
  if (text->size() > kMaxExplainUrlOctets) {
    return Error(value, "is longer than " + std::to_string(kMaxExplainUrlOctets) + " octets");
  }
  if (!text->empty() && !IsUrl(*text)) {
    return Error(value, Quoted(*text) + " is not an http or https URL in plain ASCII");
  }
  return std::string(*text);
}

ValueErrorOr<std::vector<std::string>> ReadNames(const TomlValue& value) {
  return ReadList<std::string>(value, "a host name", ParseHostName);
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

std::string Quoted(std::string_view text) {
  if (text.size() <= kMaxQuotedOctets) return '"' + std::string(text) + '"';
  return '"' + std::string(text.substr(0, kMaxQuotedOctets)) + "...\"";
}

std::string DurationToString(milliseconds duration) {
  for (const Unit& unit : kUnits) {
    if (duration % unit.length == milliseconds(0)) {
      return std::to_string(duration / unit.length) + std::string(unit.name);
    }
  }
  return std::to_string(duration.count()) + "ms";
}

}  // namespace helovet
