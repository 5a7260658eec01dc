#include "checks/rmx_record.h"

#include <algorithm>
#include <array>
#include <climits>
#include <span>
#include <string>
#include <utility>
#include <variant>

#include "base/host_name.h"
#include "dns/presentation.h"

namespace helovet {
namespace {

constexpr unsigned kV4Bits = 32;
constexpr unsigned kV6Bits = 128;
constexpr unsigned kMappedBits = kV6Bits - kV4Bits;      // ::ffff:0:0/96
constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";  // RMX-04 §4.1

using Type = RmxEntry::Type;

struct Tag {
  std::string_view mnemonic;
  Type type;
};
constexpr std::array<Tag, 8> kTags = {{{"ipv4", Type::kIpv4},
                                       {"ipv6", Type::kIpv6},
                                       {"host", Type::kHost},
                                       {"apl", Type::kApl},
                                       {"domain", Type::kDomain},
                                       {"unused", Type::kUnused},
                                       {"full", Type::kFull},
                                       {"mx", Type::kMx}}};

// RMX-04 §4.1: the mnemonic without case, or the decimal number.
std::optional<Type> ReadTag(std::string_view text) {
  const auto* const named = std::find_if(
      kTags.begin(), kTags.end(), [&](const Tag& tag) { return tag.mnemonic == LowerCase(text); });
  if (named != kTags.end()) return named->type;
  const auto number = ParseNumber(text, static_cast<std::uint32_t>(Type::kFull));
  if (!number || *number == 0) return std::nullopt;
  return static_cast<Type>(*number);
}

// RMX-04 §4.3: an address, and a mask length behind a slash.
std::optional<RmxRange> ReadRange(std::string_view text, bool is_v6) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const std::string_view address_text = text.substr(0, slash);
  const std::optional<IpAddress> address = IpAddress::Parse(address_text);
  if (!address || (address_text.find(':') != address_text.npos) != is_v6) return std::nullopt;
  const unsigned most = is_v6 ? kV6Bits : kV4Bits;
  if (slash == text.size()) return RmxRange(*address, is_v6, most);
  const std::optional<std::uint32_t> bits = ParseNumber(text.substr(slash + 1), most);
  if (!bits) return std::nullopt;
  return RmxRange(*address, is_v6, *bits);
}

// Fills `entry` with what stands behind the colon. False: its type has other data.
bool ReadData(std::string_view data, RmxEntry& entry) {
  switch (entry.type) {
    case Type::kIpv4:
    case Type::kIpv6:
      entry.range = ReadRange(data, entry.type == Type::kIpv6);
      return entry.range.has_value();
    case Type::kHost:
    case Type::kApl:
      entry.name = DnsName::Parse(data);
      return entry.name.has_value();
    case Type::kDomain:
      entry.name = DnsName::Parse(data);
      return entry.name.has_value() || data.empty();
    case Type::kUnused:
    case Type::kFull:
      return data.empty() && !entry.negated;
    case Type::kMx:
      return data.empty();
  }
  return false;
}

// Adds the entries of `text`. False: it holds something else, or too many.
bool AddEntries(std::string_view text, std::vector<RmxEntry>& list) {
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(kWhiteSpace), text.size()));
    if (text.empty()) return true;
    const std::size_t length = std::min(text.find_first_of(kWhiteSpace), text.size());
    std::optional<RmxEntry> entry = ReadRmxEntry(text.substr(0, length));
    if (!entry || list.size() == kMaxRmxEntries) return false;
    list.push_back(*std::move(entry));
    text.remove_prefix(length);
  }
}

}  // namespace

RmxRange::RmxRange(const IpAddress& base, bool is_v6, unsigned prefix_bits)
    : base_(base), prefix_bits_(prefix_bits) {
  if (is_v6 && base.is_v4()) prefix_bits_ -= std::min(prefix_bits, kMappedBits);
}

bool RmxRange::Contains(const IpAddress& address) const {
  return address.is_v4() == base_.is_v4() &&
         SharesPrefix(address.bytes(), base_.bytes(), static_cast<int>(prefix_bits_));
}

std::optional<RmxEntry> ReadRmxEntry(std::string_view word) {
  RmxEntry entry = {.negated = word.starts_with('!')};
  if (entry.negated) word.remove_prefix(1);
  const std::size_t colon = word.find(':');
  if (colon == word.npos) return std::nullopt;
  const std::optional<Type> type = ReadTag(word.substr(0, colon));
  if (!type) return std::nullopt;
  entry.type = *type;
  if (!ReadData(word.substr(colon + 1), entry)) return std::nullopt;
  return entry;
}

RmxEntries ReadRmxEntries(const DnsAnswer& answer) {
  std::vector<std::string_view> texts;
  for (const DnsRecord& record : answer.records) {
    if (const auto* text = std::get_if<std::string>(&record.data)) texts.emplace_back(*text);
  }
  std::sort(texts.begin(), texts.end());
  RmxEntries entries;
  entries.malformed = !std::all_of(texts.begin(), texts.end(), [&entries](std::string_view text) {
    return AddEntries(text, entries.list);
  });
  return entries;
}

}  // namespace helovet
