#include "config/return_codes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <utility>

#include "base/ascii.h"

namespace helovet {
namespace {

using Octet = ReturnCode::Octet;

constexpr std::uint8_t kFirstOctet = 127;  // RFC 5782 §2.1
// What lists answer instead of an answer: docs/rules.md §7.2.
constexpr std::array<std::uint8_t, 3> kErrorOctets = {127, 255, 255};

// A code where it stands in the text.
struct PlacedCode {
  ReturnCode code;
  std::string_view pattern;
  TextPosition position;
};

// 0 to 255 without leading zeros.
std::optional<std::uint8_t> ParseOctet(std::string_view text) {
  if (text.empty() || !IsAsciiDigit(text[0]) || (text[0] == '0' && text.size() > 1)) {
    return std::nullopt;
  }
  std::uint8_t octet = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), octet);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return octet;
}

std::optional<Octet> ParseOctets(std::string_view text) {
  if (text == "*") return Octet{};
  const std::size_t hyphen = text.find('-');
  const std::optional<std::uint8_t> least = ParseOctet(text.substr(0, hyphen));
  const std::optional<std::uint8_t> most =
      hyphen == std::string_view::npos ? least : ParseOctet(text.substr(hyphen + 1));
  if (!least || !most || *least > *most) return std::nullopt;
  return Octet{*least, *most};
}

bool IsOnly(const Octet& octet, std::uint8_t value) {
  return octet.least == value && octet.most == value;
}

bool IsErrorAlone(const ReturnCode& code) {
  return std::equal(kErrorOctets.begin(), kErrorOctets.end(), code.octets.begin(),
                    [](std::uint8_t value, const Octet& octet) { return IsOnly(octet, value); });
}

std::uint64_t CountAddresses(const ReturnCode& code) {
  std::uint64_t count = 1;
  for (const Octet& octet : code.octets) count *= octet.most - octet.least + std::uint64_t{1};
  return count;
}

bool Meet(const ReturnCode& a, const ReturnCode& b) {
  return std::ranges::equal(a.octets, b.octets, [](const Octet& x, const Octet& y) {
    return x.least <= y.most && y.least <= x.most;
  });
}

bool Contradict(const ReturnCode& a, const ReturnCode& b) {
  return a.rating != b.rating && CountAddresses(a) == CountAddresses(b) && Meet(a, b);
}

ValueErrorOr<ReturnCode> ReadReturnCode(const TomlEntry& entry) {
  std::optional<ReturnCode> code = ParseReturnCode(entry.key);
  if (!code) {
    const bool unquoted = std::holds_alternative<std::vector<TomlEntry>>(entry.value.data);
    return ErrorAt(entry.position,
                   unquoted ? "a code must stand in quotes, as in \"127.0.0.2\" = \"D\""
                            : Quoted(entry.key) +
                                  " is not four octets, each a number, * or a range such as 4-7");
  }
  if (!IsOnly(code->octets[0], kFirstOctet)) {
    return ErrorAt(entry.position, Quoted(entry.key) + " does not begin with 127");
  }
  if (IsErrorAlone(*code)) {
    return ErrorAt(
        entry.position,
        Quoted(entry.key) + " never rates: codes in 127.255.255.0/24 are errors of the list");
  }
  constexpr std::string_view kForm = "a rating from \"A\" to \"E\"";
  const auto* const letter = std::get_if<std::string>(&entry.value.data);
  const std::optional<Rating> rating = letter == nullptr ? std::nullopt : ParseRating(*letter);
  if (!rating) {
    return ErrorAt(entry.value.position,
                   letter == nullptr ? Quoted(entry.key) + " must have " + std::string(kForm)
                                     : Quoted(*letter) + " is not " + std::string(kForm));
  }
  code->rating = *rating;
  return *code;
}

// At the later of the two.
std::optional<ValueError> FindClash(const std::vector<PlacedCode>& codes) {
  for (auto later = codes.begin(); later != codes.end(); ++later) {
    const auto earlier = std::find_if(codes.begin(), later, [&](const PlacedCode& other) {
      return Contradict(other.code, later->code);
    });
    if (earlier == later) continue;
    return ValueError{later->position, Quoted(later->pattern) + " and " + Quoted(earlier->pattern) +
                                           " have codes in common and differ in their rating"};
  }
  return std::nullopt;
}

}  // namespace

std::optional<ReturnCode> ParseReturnCode(std::string_view pattern) {
  ReturnCode code = {};
  for (std::size_t i = 0; i < code.octets.size(); ++i) {
    const bool last = i + 1 == code.octets.size();
    const std::size_t dot = pattern.find('.');
    if (last != (dot == std::string_view::npos)) return std::nullopt;
    const std::optional<Octet> octet = ParseOctets(pattern.substr(0, dot));
    if (!octet) return std::nullopt;
    code.octets[i] = *octet;
    if (!last) pattern.remove_prefix(dot + 1);
  }
  return code;
}

ValueErrorOr<std::vector<ReturnCode>> ReadReturnCodes(const TomlValue& value) {
  const auto* const entries = std::get_if<std::vector<TomlEntry>>(&value.data);
  if (entries == nullptr || entries->empty()) {
    return ErrorAt(value.position,
                   "codes must be a table of ratings, such as { \"127.0.0.2\" = \"D\" }");
  }
  FirstMistake mistake;
  std::vector<PlacedCode> placed;
  placed.reserve(entries->size());
  for (const TomlEntry& entry : *entries) {
    const std::optional<ReturnCode> code = mistake.Take(ReadReturnCode(entry));
    if (code) placed.push_back({*code, entry.key, entry.position});
  }
  std::ranges::sort(placed, {}, &PlacedCode::position);
  if (std::optional<ValueError> clash = FindClash(placed)) mistake.Add(*std::move(clash));
  if (mistake.found()) return tl::make_unexpected(*mistake.found());
  std::ranges::stable_sort(placed, {},
                           [](const PlacedCode& each) { return CountAddresses(each.code); });
  std::vector<ReturnCode> codes;
  codes.reserve(placed.size());
  for (const PlacedCode& each : placed) codes.push_back(each.code);
  return codes;
}

}  // namespace helovet
