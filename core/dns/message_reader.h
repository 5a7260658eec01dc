// The octets of a DNS message, read with every bound checked.
#ifndef HELOVET_CORE_DNS_MESSAGE_READER_H_
#define HELOVET_CORE_DNS_MESSAGE_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "dns/name.h"

namespace helovet {

// The root as owner and the fields from TYPE to RDLENGTH (RFC 1035 §4.1.3).
inline constexpr std::size_t kMinRecordOctets = 11;

// A record's fixed fields, and where in the message the record stands.
struct RecordFrame {
  std::size_t start;  // Its owner name.
  std::size_t data;   // Its RDATA.
  std::size_t end;    // The octet after it.
  std::uint16_t type;
  std::uint16_t record_class;
  std::uint32_t ttl;
};

// Reads a message from front to end; past its end everything fails. `message` must outlive this.
// (docs/decisions.md: why ldns does not do it.)
class MessageReader {
 public:
  MessageReader(std::span<const std::uint8_t> message, std::size_t position)
      : message_(message), position_(position) {}

  [[nodiscard]] std::size_t position() const { return position_; }
  [[nodiscard]] std::size_t remaining() const { return message_.size() - position_; }

  // The next `count` octets.
  [[nodiscard]] std::optional<std::span<const std::uint8_t>> Octets(std::size_t count);
  // Passes a name without looking where its pointers lead.
  [[nodiscard]] bool SkipName();
  // A name, its pointers followed (RFC 1035 §4.1.4).
  [[nodiscard]] std::optional<DnsName> Name();
  // Passes a whole record.
  [[nodiscard]] std::optional<RecordFrame> Record();

 private:
  std::span<const std::uint8_t> message_;
  std::size_t position_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_MESSAGE_READER_H_
