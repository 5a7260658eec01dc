// DNS replies as name servers send them (RFC 1035 §4). The first octet chooses the type that was
// asked. The second one: whether the rest is a message, or the sections behind a header and a
// question that fit, of which it then has the counts.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dns/dns.h"
#include "dns/message_reader.h"
#include "dns/record_data.h"
#include "dns/wire.h"
#include "fuzz.h"
#include "publication/zone_text.h"

namespace helovet::fuzz {
namespace {

constexpr std::uint16_t kId = 0x6d78;
constexpr DnsType kTypes[] = {DnsType::kA,   DnsType::kCname, DnsType::kPtr, DnsType::kMx,
                              DnsType::kTxt, DnsType::kAaaa,  DnsType::kSrv, DnsType::kApl};

using Octets = std::vector<std::uint8_t>;

Octets MessageOf(Choices& choices, const DnsQuestion& question) {
  const std::uint8_t form = choices.Octet();
  Octets message;
  if ((form & 1U) != 0) {
    message = EncodeQuery(question, kId, false);
    message[2] |= 0x80U;
    message[3] = choices.Octet();                              // AD and the rcode.
    message[7] = static_cast<std::uint8_t>(form >> 1U & 7U);   // ANCOUNT
    message[9] = static_cast<std::uint8_t>(form >> 4U & 3U);   // NSCOUNT
    message[11] = static_cast<std::uint8_t>(form >> 6U & 3U);  // ARCOUNT
  }
  for (const char octet : choices.rest()) message.push_back(static_cast<std::uint8_t>(octet));
  return message;
}

void HoldRecord(const DnsRecord& record) {
  Hold(record.ttl <= kMaxTtl, "a TTL fits RFC 2181 §8");
  Hold(record.owner.wire().size() <= kMaxNameWireOctets, "a name fits RFC 1035 §2.3.4");
  Hold(DnsName::Parse(record.owner.ToString()) == record.owner, "a name reads as it is written");
  Hold(IsPrintable(record.owner.ToString()), "a name is written in printable ASCII");
  // Texts are shown by those who escape them.
  Hold(record.type == DnsType::kTxt || IsPrintable(record.DataToString()), "data are printable");
  Hold(IsPrintable(ToString(ZoneRecordOf(record))), "a record of a zone is one printable line");
}

void HoldReply(const WireReply& reply, const Octets& message) {
  const bool says_nothing = IsTemporary(reply.outcome) || reply.truncated;
  const std::size_t records = reply.answers.size() + reply.additional.size();
  Hold(!says_nothing || records == 0, "nothing is taken from an error or a part of an answer");
  Hold(records <= message.size() / kMinRecordOctets, "no more records than a message has room for");
  Hold(reply.negative_ttl <= kMaxTtl, "a negative TTL fits RFC 2181 §8");
  for (const DnsRecord& record : reply.answers) HoldRecord(record);
  for (const DnsRecord& record : reply.additional) {
    HoldRecord(record);
    Hold(record.type == DnsType::kA || record.type == DnsType::kAaaa, "additional are addresses");
  }
}

// Whoever guesses has to guess everything.
void HoldOthers(const Octets& message, const DnsQuestion& question) {
  Hold(!DecodeReply(message, question, kId ^ 1U), "another id is no reply");
  const DnsQuestion other = {*DnsName::Parse("nail.example"), question.type};
  const std::optional<WireReply> reply = DecodeReply(message, other, kId);
  Hold(!reply || reply->outcome == DnsOutcome::kFormErr || reply->outcome == DnsOutcome::kNotImp,
       "another question's is no reply");
}

// What the counts of the header say is all that there is.
void HoldLength(Octets message, const DnsQuestion& question) {
  message.push_back(0);
  const std::optional<WireReply> longer = DecodeReply(message, question, kId);
  Hold(longer && longer->outcome == DnsOutcome::kMalformed, "an octet too much is a mistake");
  message.resize(message.size() - 2);
  const std::optional<WireReply> shorter = DecodeReply(message, question, kId);
  Hold(!shorter || shorter->outcome == DnsOutcome::kMalformed, "an octet too few is a mistake");
}

}  // namespace

void Try(std::string_view input) {
  Choices choices(input);
  const DnsQuestion question = {*DnsName::Parse("mail.example"),
                                kTypes[choices.Below(std::size(kTypes))]};
  const Octets message = MessageOf(choices, question);
  for (std::size_t at = 0; at < message.size() && at < 64; ++at) {
    const std::optional<DnsName> name = MessageReader(message, at).Name();
    Hold(!name || name->wire().size() <= kMaxNameWireOctets, "a name fits RFC 1035 §2.3.4");
  }
  const std::optional<WireReply> reply = DecodeReply(message, question, kId);
  if (!reply) return;
  HoldReply(*reply, message);
  HoldOthers(message, question);
  if (!reply->truncated && !IsTemporary(reply->outcome)) HoldLength(message, question);
}

}  // namespace helovet::fuzz
