#include "helovet/ip_address.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <climits>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace helovet {
namespace {

constexpr int kV4Bits = 32;
constexpr int kV6Bits = 128;
constexpr int kMappedPrefixBits = 96;  // RFC 4291 §2.5.5.2
constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

// inet_pton(3), which wants a C string and stops at a NUL.
template <typename Bytes>
std::optional<Bytes> ParseBytes(int family, std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> c_string{};
  if (text.size() >= c_string.size() || text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  std::copy(text.begin(), text.end(), c_string.begin());
  Bytes bytes{};
  if (inet_pton(family, c_string.data(), bytes.data()) != 1) return std::nullopt;
  return bytes;
}

std::string V4ToString(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (std::uint8_t byte : bytes) {
    if (!text.empty()) text += '.';
    text += std::to_string(byte);
  }
  return text;
}

// The groups [begin, end) that "::" stands for.
struct ZeroRun {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// RFC 5952 §4.2: the longest run of two or more zero groups, the first one among equals.
ZeroRun LongestZeroRun(std::span<const std::uint16_t> groups) {
  ZeroRun longest;
  for (std::size_t begin = 0; begin < groups.size(); ++begin) {
    std::size_t end = begin;
    while (end < groups.size() && groups[end] == 0) ++end;
    if (end - begin >= 2 && end - begin > longest.end - longest.begin) longest = {begin, end};
    begin = end;
  }
  return longest;
}

std::string V6ToString(std::span<const std::uint8_t> bytes) {
  std::array<std::uint16_t, 8> groups{};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i] = static_cast<std::uint16_t>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  }
  const ZeroRun zeros = LongestZeroRun(groups);
  std::string text;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (i >= zeros.begin && i < zeros.end) {
      if (i == zeros.begin) text += "::";
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    std::array<char, 4> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), groups[i], 16);
    text.append(digits.data(), end.ptr);
  }
  return text;
}

// The number after the slash: decimal digits alone, no leading zero, at most `most`.
std::optional<int> ParsePrefixBits(std::string_view text, int most) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  int bits = 0;
  for (char digit : text) {
    if (digit < '0' || digit > '9') return std::nullopt;
    bits = bits * 10 + (digit - '0');
  }
  if (bits > most) return std::nullopt;
  return bits;
}

// The bits of octet `index` that a prefix of `bits` leaves open.
std::uint8_t HostMask(std::size_t index, int bits) {
  const int covered = std::clamp(bits - static_cast<int>(index) * 8, 0, 8);
  return static_cast<std::uint8_t>(0xff >> covered);
}

}  // namespace

std::optional<IpAddress> IpAddress::Parse(std::string_view text) {
  if (text.find(':') == std::string_view::npos) {
    const auto v4 = ParseBytes<V4Bytes>(AF_INET, text);
    if (!v4) return std::nullopt;
    return FromV4(*v4);
  }
  const auto v6 = ParseBytes<V6Bytes>(AF_INET6, text);
  if (!v6) return std::nullopt;
  return FromV6(*v6);
}

IpAddress IpAddress::FromV4(const V4Bytes& bytes) {
  IpAddress address;
  std::copy(bytes.begin(), bytes.end(), address.bytes_.begin());
  return address;
}

IpAddress IpAddress::FromV6(const V6Bytes& bytes) {
  IpAddress address;
  if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin())) {
    std::copy(bytes.begin() + kMappedPrefix.size(), bytes.end(), address.bytes_.begin());
    return address;
  }
  address.v4_ = false;
  address.bytes_ = bytes;
  return address;
}

std::string IpAddress::ToString() const { return v4_ ? V4ToString(bytes()) : V6ToString(bytes()); }

std::string IpAddress::ReverseName() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::size_t kMostOctets = 72;  // "f." for each half of 16, and the rest.
  std::string name;
  name.reserve(kMostOctets);
  const auto octets = bytes();
  for (auto octet = octets.rbegin(); octet != octets.rend(); ++octet) {
    if (v4_) {
      std::array<char, 3> digits;
      const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), *octet).ptr;
      name.append(digits.data(), end);
      name += '.';
    } else {
      name += {kDigits[*octet & 0xf], '.', kDigits[*octet >> 4], '.'};
    }
  }
  return name += v4_ ? "in-addr.arpa" : "ip6.arpa";
}

bool SharesPrefix(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b, int bits) {
  for (std::size_t i = 0; bits > 0; ++i, bits -= CHAR_BIT) {
    const int beyond = std::max(CHAR_BIT - bits, 0);
    if ((a[i] ^ b[i]) >> beyond != 0) return false;
  }
  return true;
}

std::optional<IpNetwork> IpNetwork::Parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view base_text = text.substr(0, slash);
  const std::optional<IpAddress> base = IpAddress::Parse(base_text);
  if (!base) return std::nullopt;
  const bool written_as_v6 = base_text.find(':') != std::string_view::npos;
  int bits = written_as_v6 ? kV6Bits : kV4Bits;
  if (slash != std::string_view::npos) {
    const std::optional<int> parsed = ParsePrefixBits(text.substr(slash + 1), bits);
    if (!parsed) return std::nullopt;
    bits = *parsed;
  }
  if (written_as_v6 && base->is_v4()) {
    bits -= kMappedPrefixBits;
    if (bits < 0) return std::nullopt;  // The ffff of the mapped prefix lies beyond the prefix.
  }
  const auto octets = base->bytes();
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if ((octets[i] & HostMask(i, bits)) != 0) return std::nullopt;
  }
  return IpNetwork(*base, bits);
}

bool IpNetwork::Contains(const IpAddress& address) const {
  return address.is_v4() == base_.is_v4() &&
         SharesPrefix(address.bytes(), base_.bytes(), prefix_bits_);
}

std::string IpNetwork::ToString() const {
  return base_.ToString() + '/' + std::to_string(prefix_bits_);
}

}  // namespace helovet
