#include "smtp/callable.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace helovet {
namespace {

// The first octets of an address, of which `bits` count.
struct Block {
  std::array<std::uint8_t, 16> base;
  int bits;
  std::string_view purpose;  // With its source.
};

// RFC 6890 §2.2.2 and IANA's registry of IPv4 special-purpose addresses, as far as they are not
// globally reachable; RFC 5771 has those of multicast.
constexpr auto kV4Blocks = std::to_array<Block>({
    {{0}, 8, "unspecified (RFC 791)"},
    {{10}, 8, "private (RFC 1918)"},
    {{100, 64}, 10, "shared (RFC 6598)"},
    {{127}, 8, "loopback (RFC 1122)"},
    {{169, 254}, 16, "link-local (RFC 3927)"},
    {{172, 16}, 12, "private (RFC 1918)"},
    {{192, 0, 0}, 24, "for protocols (RFC 6890)"},
    {{192, 0, 2}, 24, "documentation (RFC 5737)"},
    {{192, 88, 99}, 24, "reserved (RFC 7526)"},
    {{192, 168}, 16, "private (RFC 1918)"},
    {{198, 18}, 15, "benchmarking (RFC 2544)"},
    {{198, 51, 100}, 24, "documentation (RFC 5737)"},
    {{203, 0, 113}, 24, "documentation (RFC 5737)"},
    {{224}, 4, "multicast (RFC 5771)"},
    {{240}, 4, "reserved (RFC 1112)"},
});

// RFC 6890 §2.2.3 and IANA's registry of IPv6 special-purpose addresses; RFC 4291. The first that
// contains an address counts. 2001::/23 has Teredo, ORCHIDv2 and others, none of them for mail.
constexpr auto kV6Blocks = std::to_array<Block>({
    {{0}, 128, "unspecified (RFC 4291)"},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, "loopback (RFC 4291)"},
    {{0}, 96, "IPv4-compatible (RFC 4291)"},
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, "private NAT64 (RFC 8215)"},
    {{0x01}, 64, "discarded (RFC 6666)"},
    {{0x20, 0x01, 0x00, 0x00}, 32, "Teredo (RFC 4380)"},
    {{0x20, 0x01, 0x00}, 23, "for protocols (RFC 2928)"},
    {{0x20, 0x01, 0x0d, 0xb8}, 32, "documentation (RFC 3849)"},
    {{0x3f, 0xff}, 20, "documentation (RFC 9637)"},
    {{0xfc}, 7, "private (RFC 4193)"},
    {{0xfe, 0x80}, 10, "link-local (RFC 4291)"},
    {{0xfe, 0xc0}, 10, "site-local (RFC 3879)"},
    {{0xff}, 8, "multicast (RFC 4291)"},
});

// What is given to hosts (RFC 4291 §2.4, IANA); all else is reserved.
constexpr Block kGlobalUnicast = {{0x20}, 3, "reserved (RFC 4291)"};
// Addresses that carry an IPv4 address, to which they lead.
constexpr Block kNat64 = {{0x00, 0x64, 0xff, 0x9b}, 96, "NAT64 (RFC 6052)"};
constexpr std::size_t kNat64Offset = 12;
constexpr Block k6to4 = {{0x20, 0x02}, 16, "6to4 (RFC 3056)"};
constexpr std::size_t k6to4Offset = 2;

bool Contains(const Block& block, std::span<const std::uint8_t> octets) {
  return SharesPrefix(block.base, octets, block.bits);
}

std::optional<IpAddress> CarriedV4(std::span<const std::uint8_t> octets) {
  std::size_t offset = 0;
  if (Contains(kNat64, octets)) offset = kNat64Offset;
  if (Contains(k6to4, octets)) offset = k6to4Offset;
  if (offset == 0) return std::nullopt;
  IpAddress::V4Bytes v4;
  std::copy_n(octets.begin() + static_cast<std::ptrdiff_t>(offset), v4.size(), v4.begin());
  return IpAddress::FromV4(v4);
}

std::optional<std::string_view> PurposeOf(std::span<const Block> blocks,
                                          std::span<const std::uint8_t> octets) {
  const auto found =
      std::ranges::find_if(blocks, [&](const Block& block) { return Contains(block, octets); });
  if (found == blocks.end()) return std::nullopt;
  return found->purpose;
}

}  // namespace

bool IsBehindNat64(const IpAddress& address) {
  return !address.is_v4() && Contains(kNat64, address.bytes());
}

std::optional<std::string_view> WhyNotCalled(const IpAddress& address,
                                             const std::vector<IpAddress>& own_addresses) {
  const auto octets = address.bytes();
  if (address.is_v4()) {
    if (const auto purpose = PurposeOf(kV4Blocks, octets)) return purpose;
  } else if (const std::optional<IpAddress> carried = CarriedV4(octets)) {
    if (const auto purpose = WhyNotCalled(*carried, own_addresses)) return purpose;
  } else if (const auto purpose = PurposeOf(kV6Blocks, octets)) {
    return purpose;
  } else if (!Contains(kGlobalUnicast, octets)) {
    return kGlobalUnicast.purpose;
  }
  const bool own = std::ranges::find(own_addresses, address) != own_addresses.end();
  return own ? std::optional<std::string_view>("our own") : std::nullopt;
}

}  // namespace helovet
