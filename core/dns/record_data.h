// RDATA in wire form as values.
#ifndef HELOVET_CORE_DNS_RECORD_DATA_H_
#define HELOVET_CORE_DNS_RECORD_DATA_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "dns/dns.h"

namespace helovet {

inline constexpr std::uint32_t kMaxTtl = 0x7fffffff;  // RFC 2181 §8

// The type whose number is `type`; empty for those that DnsType leaves out.
[[nodiscard]] std::optional<DnsType> KnownType(std::uint16_t type);

// Reads message[begin, end) as the RDATA of `type`. Names in it may point elsewhere into `message`
// (RFC 1035 §4.1.4). Empty: it is not what the type needs, or more.
[[nodiscard]] std::optional<DnsData> ReadData(std::span<const std::uint8_t> message,
                                              std::size_t begin, std::size_t end, DnsType type);

// MINIMUM of a SOA's RDATA, read in the same way.
[[nodiscard]] std::optional<std::uint32_t> ReadSoaMinimum(std::span<const std::uint8_t> message,
                                                          std::size_t begin, std::size_t end);

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_RECORD_DATA_H_
