// DNS messages, written and parsed; the only place that knows ldns packets.
#ifndef HELOVET_CORE_DNS_WIRE_H_
#define HELOVET_CORE_DNS_WIRE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dns/dns.h"

namespace helovet {

inline constexpr std::uint16_t kEdnsUdpOctets = 1232;  // DNS flag day 2020; spec §11.

// A query message: RD and AD set (RFC 6840 §5.7 asks for AD in answers), an EDNS0 OPT record of
// kEdnsUdpOctets if `edns`.
[[nodiscard]] std::vector<std::uint8_t> EncodeQuery(const DnsQuestion& question, std::uint16_t id,
                                                    bool edns);

// The header fields and sections of a reply that matter here.
struct WireReply {
  // From the rcode: kOk, kNxDomain, kServFail, kRefused, kNotImp, kFormErr (BADVERS too); any other
  // rcode is kServFail. kMalformed: the sections cannot be parsed.
  DnsOutcome outcome = DnsOutcome::kMalformed;
  bool truncated = false;
  bool ad = false;
  std::vector<DnsRecord> answers;
  std::vector<DnsRecord> additional;
  std::uint32_t negative_ttl = 0;
};

// Parses `message` as the reply to `question` under `id`. Empty: it is none (too short, no response
// bit, other id, other question or class), so it must be passed over as if it had not come. A reply
// with the right id and no question section is one if its rcode is FORMERR or NOTIMP.
[[nodiscard]] std::optional<WireReply> DecodeReply(std::span<const std::uint8_t> message,
                                                   const DnsQuestion& question, std::uint16_t id);

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_WIRE_H_
