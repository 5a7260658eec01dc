#include "config/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "base/ascii.h"
#include "config/spelling.h"

namespace helovet {
namespace {

using std::chrono::milliseconds;

struct Unit {
  std::string_view name;
  milliseconds length;
};
constexpr std::array kUnits = {Unit{"d", std::chrono::hours(24)}, Unit{"h", std::chrono::hours(1)},
                               Unit{"m", std::chrono::minutes(1)},
                               Unit{"s", std::chrono::seconds(1)}, Unit{"ms", milliseconds(1)}};

// No value of a sane setting needs more digits, and their product with a day cannot overflow.
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

// "a", "b" or "c", in quotes each.
std::string Alternatives(std::span<const std::string_view> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 < words.size() ? ", " : " or ";
    text += Quoted(words[i]);
  }
  return text;
}

}  // namespace

tl::unexpected<ValueError> ErrorAt(TextPosition position, std::string message) {
  return tl::make_unexpected(ValueError{position, std::move(message)});
}

void FirstMistake::Add(ValueError mistake) {
  if (!first_ || mistake.position < first_->position) first_ = std::move(mistake);
}

ValueErrorOr<bool> ReadBoolean(const TomlValue& value) {
  const bool* const boolean = std::get_if<bool>(&value.data);
  if (boolean == nullptr) return ErrorAt(value.position, "must be true or false");
  return *boolean;
}

ValueErrorOr<int> ReadNumber(const TomlValue& value, const NumberBounds& bounds) {
  const std::string least = std::to_string(bounds.least);
  const std::string most = std::to_string(bounds.most);
  const auto* const number = std::get_if<std::int64_t>(&value.data);
  if (number == nullptr) {
    return ErrorAt(value.position, "must be a whole number from " + least + " to " + most);
  }
  if (*number < bounds.least || *number > bounds.most) {
    return ErrorAt(value.position,
                   std::to_string(*number) + " is not between " + least + " and " + most);
  }
  return static_cast<int>(*number);
}

ValueErrorOr<milliseconds> ReadDuration(const TomlValue& value, const DurationBounds& bounds) {
  constexpr std::string_view kForm = "a whole number with ms, s, m, h or d, such as \"5s\"";
  const auto* const text = std::get_if<std::string>(&value.data);
  if (text == nullptr) return ErrorAt(value.position, "must be " + std::string(kForm));
  const std::optional<milliseconds> duration = ParseDuration(*text);
  if (!duration) return ErrorAt(value.position, Quoted(*text) + " is not " + std::string(kForm));
  if (*duration < bounds.least || *duration > bounds.most) {
    return ErrorAt(value.position, Quoted(*text) + " is not between " +
                                       DurationToString(bounds.least) + " and " +
                                       DurationToString(bounds.most));
  }
  return *duration;
}

ValueErrorOr<std::string_view> ReadText(const TomlValue& value, std::string_view what) {
  const auto* const text = std::get_if<std::string>(&value.data);
  if (text == nullptr) {
    return ErrorAt(value.position, "must be " + std::string(what) + " in quotes");
  }
  return std::string_view(*text);
}

ValueErrorOr<std::string> ReadAuthservId(const TomlValue& value) {
  const ValueErrorOr<std::string_view> text = ReadText(value, "a name");
  if (!text) return tl::make_unexpected(text.error());
  if (text->size() > kMaxAuthservIdOctets) {
    return ErrorAt(value.position,
                   "is longer than " + std::to_string(kMaxAuthservIdOctets) + " octets");
  }
  if (!std::all_of(text->begin(), text->end(), IsTokenOctet)) {
    return ErrorAt(value.position, Quoted(*text) + " is not a token as RFC 8601 wants it");
  }
  return std::string(*text);
}

ValueErrorOr<std::string> ReadUrl(const TomlValue& value) {
  const ValueErrorOr<std::string_view> text = ReadText(value, "a URL");
  if (!text) return tl::make_unexpected(text.error());
  if (text->size() > kMaxExplainUrlOctets) {
    return ErrorAt(value.position,
                   "is longer than " + std::to_string(kMaxExplainUrlOctets) + " octets");
  }
  if (!text->empty() && !IsUrl(*text)) {
    return ErrorAt(value.position, Quoted(*text) + " is not an http or https URL in plain ASCII");
  }
  return std::string(*text);
}

ValueErrorOr<std::string> ReadFilePath(const TomlValue& value) {
  const ValueErrorOr<std::string_view> text = ReadText(value, "a file's path");
  if (!text) return tl::make_unexpected(text.error());
  if (text->empty()) return std::string();
  if (!text->starts_with('/') || text->ends_with('/') || text->find('\0') != std::string::npos) {
    return ErrorAt(value.position, Quoted(*text) + " is not the absolute path of a file");
  }
  return std::string(*text);
}

ValueErrorOr<std::string> ReadDirectoryPath(const TomlValue& value) {
  const ValueErrorOr<std::string_view> text = ReadText(value, "a directory's path");
  if (!text) return tl::make_unexpected(text.error());
  std::string_view path = *text;
  if (!path.starts_with('/') || path.find('\0') != std::string_view::npos) {
    return ErrorAt(value.position, Quoted(path) + " is not the absolute path of a directory");
  }
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return std::string(path);
}

ValueErrorOr<std::string> ReadUser(const TomlValue& value) {
  const ValueErrorOr<std::string_view> text = ReadText(value, "a user's name");
  if (!text) return tl::make_unexpected(text.error());
  const auto fits = [](char octet) { return octet > ' ' && octet <= '~'; };
  if (text->size() > kMaxUserOctets || !std::ranges::all_of(*text, fits)) {
    return ErrorAt(value.position, Quoted(*text) + " is not a user's name in printable ASCII");
  }
  return std::string(*text);
}

ValueErrorOr<std::uint16_t> ReadPort(const TomlValue& value) {
  constexpr NumberBounds kPortBounds = {1, 65535};
  return ReadNumber(value, kPortBounds).map([](int port) {
    return static_cast<std::uint16_t>(port);
  });
}

ValueErrorOr<std::size_t> ReadOneOf(const TomlValue& value,
                                    std::span<const std::string_view> words) {
  const auto* const text = std::get_if<std::string>(&value.data);
  if (text == nullptr) return ErrorAt(value.position, "must be " + Alternatives(words));
  const auto found = std::ranges::find(words, *text);
  if (found == words.end()) {
    return ErrorAt(value.position, Quoted(*text) + " is not " + Alternatives(words) +
                                       DidYouMean(FindNearMiss(*text, words)));
  }
  return static_cast<std::size_t>(found - words.begin());
}

std::string_view ToString(Config::CsaDialect dialect) {
  switch (dialect) {
    case Config::CsaDialect::kCsa02:
      return "csa-02";
    case Config::CsaDialect::kDsar00:
      return "dsar-00";
  }
  return "";
}

std::string_view ToString(Config::RejectAt reject_at) {
  switch (reject_at) {
    case Config::RejectAt::kMailFrom:
      return "mail-from";
    case Config::RejectAt::kRcptTo:
      return "rcpt-to";
  }
  return "";
}

std::string_view ToString(Config::Confinement confinement) {
  switch (confinement) {
    case Config::Confinement::kOff:
      return "off";
    case Config::Confinement::kOn:
      return "on";
    case Config::Confinement::kRequired:
      return "required";
  }
  return "";
}

std::string_view ToString(Config::StoreKind kind) {
  switch (kind) {
    case Config::StoreKind::kNone:
      return "none";
    case Config::StoreKind::kLmdb:
      return "lmdb";
    case Config::StoreKind::kRedis:
      return "redis";
  }
  return "";
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
