#include "dns/message_reader.h"

#include <array>
#include <cstring>

#include <stdbool.h>  // Or ldns makes `bool` and `true` macros.

#include <ldns/ldns.h>

#include "base/host_name.h"

namespace helovet {
namespace {

// A name of 255 octets has at most 127 labels, and an honest one no more pointers than labels.
constexpr int kMaxPointers = 127;
constexpr std::uint8_t kPointerBits = 0xc0;
constexpr std::size_t kFixedOctets = kMinRecordOctets - 1;

bool IsPointer(std::uint8_t length) { return (length & kPointerBits) == kPointerBits; }

}  // namespace

std::optional<std::span<const std::uint8_t>> MessageReader::Octets(std::size_t count) {
  if (count > remaining()) return std::nullopt;
  const auto octets = message_.subspan(position_, count);
  position_ += count;
  return octets;
}

bool MessageReader::SkipName() {
  while (remaining() > 0) {
    const std::uint8_t length = message_[position_];
    if (IsPointer(length)) return Octets(2).has_value();
    if (length > kMaxLabelOctets || !Octets(std::size_t{1} + length)) return false;
    if (length == 0) return true;
  }
  return false;
}

std::optional<DnsName> MessageReader::Name() {
  std::array<std::uint8_t, kMaxNameWireOctets> wire;
  std::size_t used = 0;
  std::size_t at = position_;
  if (!SkipName()) return std::nullopt;
  for (int pointers = 0; at < message_.size();) {
    const std::uint8_t length = message_[at];
    if (IsPointer(length)) {
      if (message_.size() - at < 2 || ++pointers > kMaxPointers) return std::nullopt;
      at = ldns_read_uint16(&message_[at]) & 0x3fffU;
      continue;
    }
    const std::size_t octets = std::size_t{1} + length;
    if (length > kMaxLabelOctets || octets > message_.size() - at || octets > wire.size() - used)
      return std::nullopt;
    std::memcpy(&wire[used], &message_[at], octets);
    used += octets;
    at += octets;
    if (length == 0) return DnsName::FromWire({wire.data(), used});
  }
  return std::nullopt;
}

std::optional<RecordFrame> MessageReader::Record() {
  RecordFrame frame{};
  frame.start = position_;
  if (!SkipName()) return std::nullopt;
  const auto fixed = Octets(kFixedOctets);
  if (!fixed) return std::nullopt;
  frame.type = ldns_read_uint16(&(*fixed)[0]);
  frame.record_class = ldns_read_uint16(&(*fixed)[2]);
  frame.ttl = ldns_read_uint32(&(*fixed)[4]);
  frame.data = position_;
  if (!Octets(ldns_read_uint16(&(*fixed)[8]))) return std::nullopt;
  frame.end = position_;
  return frame;
}

}  // namespace helovet
