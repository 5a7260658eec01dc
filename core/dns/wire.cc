#include "dns/wire.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <stdbool.h>  // Or ldns makes `bool` and `true` macros.

#include <ldns/ldns.h>

#include "base/ascii.h"
#include "dns/message_reader.h"
#include "dns/record_data.h"

namespace helovet {
namespace {

constexpr std::size_t kQuestionTailOctets = 4;  // QTYPE and QCLASS, RFC 1035 §4.1.2.
constexpr std::size_t kOptOctets = 11;          // Root name and fixed fields, RFC 6891 §6.1.2.

std::uint32_t ReadTtl(std::uint32_t ttl) { return ttl > kMaxTtl ? 0 : ttl; }

// RFC 2308 §5: the lesser of the SOA's own TTL and its MINIMUM.
std::optional<std::uint32_t> ReadNegativeTtl(std::span<const std::uint8_t> message,
                                             const RecordFrame& frame) {
  const auto minimum = ReadSoaMinimum(message, frame.data, frame.end);
  if (!minimum) return std::nullopt;
  return std::min(ReadTtl(frame.ttl), ReadTtl(*minimum));
}

// The sections after the question, read into a reply.
class SectionsReader {
 public:
  SectionsReader(std::span<const std::uint8_t> message, std::size_t position, const DnsName& asked,
                 WireReply& reply)
      : message_(message), reader_(message, position), owner_(asked), reply_(reply) {}

  // False for a message that breaks the format.
  bool Read() {
    const std::uint8_t* const header = message_.data();
    const std::size_t answers = LDNS_ANCOUNT(header);
    reply_.answers.reserve(std::min(answers, reader_.remaining() / kMinRecordOctets));
    return ReadSection(answers, &SectionsReader::ReadAnswer) &&
           ReadSection(LDNS_NSCOUNT(header), &SectionsReader::ReadAuthority) &&
           ReadSection(LDNS_ARCOUNT(header), &SectionsReader::ReadAdditional) &&
           reader_.remaining() == 0;
  }
  // The upper eight bits of the rcode, from the OPT record (RFC 6891 §6.1.3).
  [[nodiscard]] std::uint32_t extended_rcode() const { return extended_rcode_; }

 private:
  bool ReadSection(std::size_t records, bool (SectionsReader::*read)(const RecordFrame&)) {
    for (; records > 0; --records) {
      const std::optional<RecordFrame> frame = reader_.Record();
      if (!frame || !(this->*read)(*frame)) return false;
    }
    return true;
  }

  bool ReadAnswer(const RecordFrame& frame) {
    const std::optional<DnsType> type = KnownType(frame.type);
    return !type || AddRecord(frame, *type, reply_.answers);
  }

  bool ReadAuthority(const RecordFrame& frame) {
    if (frame.type != LDNS_RR_TYPE_SOA || frame.record_class != LDNS_RR_CLASS_IN) return true;
    const std::optional<std::uint32_t> ttl = ReadNegativeTtl(message_, frame);
    reply_.negative_ttl = ttl.value_or(0);
    return ttl.has_value();
  }

  bool ReadAdditional(const RecordFrame& frame) {
    // An OPT record's class is a size and its TTL holds flags.
    if (frame.type == LDNS_RR_TYPE_OPT) extended_rcode_ = frame.ttl >> 24U;
    const std::optional<DnsType> type = KnownType(frame.type);
    if (type != DnsType::kA && type != DnsType::kAaaa) return true;
    return AddRecord(frame, *type, reply_.additional);
  }

  bool AddRecord(const RecordFrame& frame, DnsType type, std::vector<DnsRecord>& records) {
    if (frame.record_class != LDNS_RR_CLASS_IN) return true;
    const std::optional<DnsName> owner = MessageReader(message_, frame.start).Name();
    std::optional<DnsData> data = ReadData(message_, frame.data, frame.end, type);
    if (!owner || !data) return false;
    // Most records belong to the name that was asked, or to that of the record before.
    if (owner != owner_) owner_ = *owner;
    records.push_back({owner_, type, ReadTtl(frame.ttl), *std::move(data)});
    return true;
  }

  std::span<const std::uint8_t> message_;
  MessageReader reader_;
  DnsName owner_;
  WireReply& reply_;
  std::uint32_t extended_rcode_ = 0;
};

DnsOutcome OutcomeOf(std::uint8_t rcode) {
  switch (rcode) {
    case LDNS_RCODE_NOERROR:
      return DnsOutcome::kOk;
    case LDNS_RCODE_NXDOMAIN:
      return DnsOutcome::kNxDomain;
    case LDNS_RCODE_FORMERR:
      return DnsOutcome::kFormErr;
    case LDNS_RCODE_NOTIMPL:
      return DnsOutcome::kNotImp;
    case LDNS_RCODE_REFUSED:
      return DnsOutcome::kRefused;
    default:
      return DnsOutcome::kServFail;
  }
}

// The question section repeats what was asked, in whatever case (RFC 4343). Length octets are below
// 'A', so folding leaves them alone; compression has nothing to point to yet.
bool RepeatsQuestion(std::span<const std::uint8_t> section, const DnsQuestion& question) {
  const std::string_view name = question.name.wire();
  if (section.size() < name.size() + kQuestionTailOctets) return false;
  const bool same_name =
      std::equal(name.begin(), name.end(), section.begin(),
                 [](char a, std::uint8_t b) { return a == ToAsciiLower(static_cast<char>(b)); });
  const std::uint8_t* const tail = &section[name.size()];
  return same_name && ldns_read_uint16(tail) == static_cast<std::uint16_t>(question.type) &&
         ldns_read_uint16(tail + 2) == LDNS_RR_CLASS_IN;
}

}  // namespace

std::vector<std::uint8_t> EncodeQuery(const DnsQuestion& question, std::uint16_t id, bool edns) {
  const std::string_view name = question.name.wire();
  std::vector<std::uint8_t> message(kDnsHeaderOctets + name.size() + kQuestionTailOctets +
                                    (edns ? kOptOctets : 0));
  std::uint8_t* const header = message.data();
  ldns_write_uint16(header, id);
  LDNS_RD_SET(header);
  LDNS_AD_SET(header);
  ldns_write_uint16(header + LDNS_QDCOUNT_OFF, 1);
  std::memcpy(header + kDnsHeaderOctets, name.data(), name.size());
  std::uint8_t* const tail = header + kDnsHeaderOctets + name.size();
  ldns_write_uint16(tail, static_cast<std::uint16_t>(question.type));
  ldns_write_uint16(tail + 2, LDNS_RR_CLASS_IN);
  if (edns) {
    ldns_write_uint16(header + LDNS_ARCOUNT_OFF, 1);
    // The root as owner, then TYPE and, as class, the size; flags and RDLENGTH stay 0.
    ldns_write_uint16(tail + kQuestionTailOctets + 1, LDNS_RR_TYPE_OPT);
    ldns_write_uint16(tail + kQuestionTailOctets + 3, kEdnsUdpOctets);
  }
  return message;
}

std::optional<WireReply> DecodeReply(std::span<const std::uint8_t> message,
                                     const DnsQuestion& question, std::uint16_t id) {
  if (message.size() < kDnsHeaderOctets) return std::nullopt;
  const std::uint8_t* const header = message.data();
  if (LDNS_ID_WIRE(header) != id || !LDNS_QR_WIRE(header) ||
      LDNS_OPCODE_WIRE(header) != LDNS_PACKET_QUERY) {
    return std::nullopt;
  }
  WireReply reply;
  const DnsOutcome outcome = OutcomeOf(LDNS_RCODE_WIRE(header));
  // Who cannot read a query cannot repeat it.
  const bool may_lack_question = outcome == DnsOutcome::kFormErr || outcome == DnsOutcome::kNotImp;
  const std::size_t questions = LDNS_QDCOUNT(header);
  if (questions != 0 || !may_lack_question) {
    if (questions != 1 || !RepeatsQuestion(message.subspan(kDnsHeaderOctets), question))
      return std::nullopt;
  }
  reply.truncated = LDNS_TC_WIRE(header) != 0;
  // An error says all in its header; servers that send one are not always exact about the rest.
  if (IsTemporary(outcome) || reply.truncated) {
    reply.outcome = outcome;
    return reply;
  }
  SectionsReader sections(message,
                          kDnsHeaderOctets + question.name.wire().size() + kQuestionTailOctets,
                          question.name, reply);
  if (!sections.Read()) return WireReply();
  reply.outcome = outcome;
  reply.ad = LDNS_AD_WIRE(header) != 0;
  if (sections.extended_rcode() == 0) return reply;
  // Rcodes from 16 on. BADVERS (RFC 6891 §6.1.3) is 16: the server wants no EDNS of this version.
  reply = WireReply();
  const bool bad_version = outcome == DnsOutcome::kOk && sections.extended_rcode() == 1;
  reply.outcome = bad_version ? DnsOutcome::kFormErr : DnsOutcome::kServFail;
  return reply;
}

}  // namespace helovet
