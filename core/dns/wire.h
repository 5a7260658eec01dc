// DNS messages, written and parsed (RFC 1035 §4, RFC 6891).
#ifndef HELOVET_CORE_DNS_WIRE_H_
#define HELOVET_CORE_DNS_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "dns/dns.h"

namespace helovet {

inline constexpr std::uint16_t kEdnsUdpOctets = 1232;    // DNS flag day 2020; docs/rules.md §8.
inline constexpr std::size_t kDnsHeaderOctets = 12;      // RFC 1035 §4.1.1
inline constexpr std::size_t kMaxMessageOctets = 65535;  // RFC 1035 §4.2.2: 16 bits of length.

// A query message: RD and AD set (RFC 6840 §5.7 asks for AD in answers), an EDNS0 OPT record of
// kEdnsUdpOctets if `edns`. Its first two octets are `id` in network byte order.
[[nodiscard]] std::vector<std::uint8_t> EncodeQuery(const DnsQuestion& question, std::uint16_t id,
                                                    bool edns);

// The header fields and sections of a reply that matter here.
struct WireReply {
  // From the rcode: kOk, kNxDomain, kServFail, kRefused, kNotImp, kFormErr (BADVERS too); any other
  // rcode is kServFail. kMalformed: the sections cannot be parsed, or octets follow them.
  DnsOutcome outcome = DnsOutcome::kMalformed;
  // TC: the sections are cut short somewhere and have not been read (RFC 2181 §9).
  bool truncated = false;
  bool ad = false;
  // Of class IN and DnsType's types; others are passed over. Empty with an error's rcode.
  std::vector<DnsRecord> answers;
  std::vector<DnsRecord> additional;  // A and AAAA only.
  std::uint32_t negative_ttl = 0;     // Of the authority section's SOA.
};

// Parses `message` as the reply to `question` under `id`. Empty: it is none (too short, no response
// bit, other id, other question or class), so it must be passed over as if it had not come. A reply
// with the right id and no question section is one if its rcode is FORMERR or NOTIMP.
[[nodiscard]] std::optional<WireReply> DecodeReply(std::span<const std::uint8_t> message,
                                                   const DnsQuestion& question, std::uint16_t id);

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_WIRE_H_
