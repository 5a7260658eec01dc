#include "dns/record_data.h"

#include <algorithm>
#include <string>
#include <utility>

#include "dns/message_reader.h"

namespace helovet {
namespace {

constexpr std::size_t kSrvNumbersOctets = 6;   // RFC 2782: priority, weight, port.
constexpr std::size_t kMxNumberOctets = 2;     // RFC 1035 §3.3.9: PREFERENCE.
constexpr std::size_t kAplHeadOctets = 4;      // RFC 3123 §4: family, prefix, N and AFDLENGTH.
constexpr std::uint8_t kAplNegation = 0x80;    // RFC 3123 §4: N
constexpr std::size_t kSoaNumbersOctets = 20;  // RFC 1035 §3.3.13: SERIAL to MINIMUM.

std::uint16_t Read16(std::span<const std::uint8_t> octets) {
  return static_cast<std::uint16_t>(octets[0] << 8 | octets[1]);
}

template <typename Bytes>
std::optional<Bytes> ReadAddress(std::span<const std::uint8_t> data) {
  Bytes bytes{};
  if (data.size() != bytes.size()) return std::nullopt;
  std::copy(data.begin(), data.end(), bytes.begin());
  return bytes;
}

// One or more character-strings (RFC 1035 §3.3.14), joined.
std::optional<std::string> ReadText(std::span<const std::uint8_t> data) {
  if (data.empty()) return std::nullopt;
  std::string text;
  text.reserve(data.size());
  while (!data.empty()) {
    const std::size_t length = data.front();
    data = data.subspan(1);
    if (length > data.size()) return std::nullopt;
    text.append(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(length));
    data = data.subspan(length);
  }
  return text;
}

// The name at `begin`, which must end at `end`.
std::optional<DnsName> ReadLastName(std::span<const std::uint8_t> message, std::size_t begin,
                                    std::size_t end) {
  MessageReader reader(message, begin);
  std::optional<DnsName> name = reader.Name();
  if (reader.position() != end) return std::nullopt;
  return name;
}

std::optional<SrvData> ReadSrv(std::span<const std::uint8_t> message, std::size_t begin,
                               std::size_t end) {
  if (end - begin < kSrvNumbersOctets) return std::nullopt;
  std::optional<DnsName> target = ReadLastName(message, begin + kSrvNumbersOctets, end);
  if (!target) return std::nullopt;
  SrvData srv;
  srv.priority = Read16(message.subspan(begin, 2));
  srv.weight = Read16(message.subspan(begin + 2, 2));
  srv.port = Read16(message.subspan(begin + 4, 2));
  srv.target = *std::move(target);
  return srv;
}

std::optional<MxData> ReadMx(std::span<const std::uint8_t> message, std::size_t begin,
                             std::size_t end) {
  if (end - begin < kMxNumberOctets) return std::nullopt;
  std::optional<DnsName> exchange = ReadLastName(message, begin + kMxNumberOctets, end);
  if (!exchange) return std::nullopt;
  MxData mx;
  mx.preference = Read16(message.subspan(begin, 2));
  mx.exchange = *std::move(exchange);
  return mx;
}

// The address in an item of RFC 3123 §4, whose zero octets at the end are left out; zeros for
// families that nobody here knows. False: more octets or bits than the family has.
bool ReadAplAddress(std::span<const std::uint8_t> octets, AplData::Item& item) {
  if (item.family != kAplIpv4 && item.family != kAplIpv6) return true;
  const std::size_t most = item.family == kAplIpv4 ? 4 : item.address.size();
  if (octets.size() > most || item.prefix_bits > 8 * most) return false;
  std::copy(octets.begin(), octets.end(), item.address.begin());
  return true;
}

std::optional<AplData> ReadApl(std::span<const std::uint8_t> data) {
  AplData apl;
  while (!data.empty()) {
    if (data.size() < kAplHeadOctets) return std::nullopt;
    AplData::Item item = {
        .family = Read16(data), .prefix_bits = data[2], .negated = (data[3] & kAplNegation) != 0};
    const std::size_t length = data[3] & ~kAplNegation;
    data = data.subspan(kAplHeadOctets);
    if (length > data.size() || !ReadAplAddress(data.first(length), item)) return std::nullopt;
    data = data.subspan(length);
    apl.items.push_back(item);
  }
  return apl;
}

}  // namespace

std::optional<DnsType> KnownType(std::uint16_t type) {
  switch (static_cast<DnsType>(type)) {
    case DnsType::kA:
    case DnsType::kCname:
    case DnsType::kPtr:
    case DnsType::kMx:
    case DnsType::kTxt:
    case DnsType::kAaaa:
    case DnsType::kSrv:
    case DnsType::kApl:
      return static_cast<DnsType>(type);
  }
  return std::nullopt;
}

std::optional<DnsData> ReadData(std::span<const std::uint8_t> message, std::size_t begin,
                                std::size_t end, DnsType type) {
  const auto data = message.subspan(begin, end - begin);
  switch (type) {
    case DnsType::kA:
      if (const auto bytes = ReadAddress<IpAddress::V4Bytes>(data))
        return IpAddress::FromV4(*bytes);
      return std::nullopt;
    case DnsType::kAaaa:
      if (const auto bytes = ReadAddress<IpAddress::V6Bytes>(data))
        return IpAddress::FromV6(*bytes);
      return std::nullopt;
    case DnsType::kCname:
    case DnsType::kPtr:
      return ReadLastName(message, begin, end);
    case DnsType::kMx:
      return ReadMx(message, begin, end);
    case DnsType::kTxt:
      return ReadText(data);
    case DnsType::kSrv:
      return ReadSrv(message, begin, end);
    case DnsType::kApl:
      return ReadApl(data);
  }
  return std::nullopt;
}

std::optional<std::uint32_t> ReadSoaMinimum(std::span<const std::uint8_t> message,
                                            std::size_t begin, std::size_t end) {
  MessageReader reader(message, begin);
  if (!reader.SkipName() || !reader.SkipName()) return std::nullopt;
  const auto numbers = reader.Octets(kSoaNumbersOctets);
  if (!numbers || reader.position() != end) return std::nullopt;
  const auto minimum = numbers->last(4);
  return std::uint32_t{Read16(minimum.first(2))} << 16 | Read16(minimum.last(2));
}

}  // namespace helovet
