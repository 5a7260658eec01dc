// DNS messages octet by octet, the wrong ones too.
#ifndef HELOVET_TESTS_CORE_DNS_REPLY_BUILDER_H_
#define HELOVET_TESTS_CORE_DNS_REPLY_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dns/name.h"

namespace helovet::testing {

using Octets = std::vector<std::uint8_t>;

enum class Section : std::size_t { kQuestion = 4, kAnswer = 6, kAuthority = 8, kAdditional = 10 };

inline constexpr std::string_view kPointerToQuestion = "\xc0\x0c";

inline Octets ToOctets(std::string_view text) { return {text.begin(), text.end()}; }
inline std::string Uint16(unsigned value) {
  return {static_cast<char>(value >> 8U & 0xffU), static_cast<char>(value & 0xffU)};
}
inline std::string Uint32(std::uint32_t value) {
  return Uint16(value >> 16U) + Uint16(value & 0xffffU);
}
// The wire form of a name in presentation form.
inline std::string WireName(std::string_view name) {
  return std::string(DnsName::Parse(name)->wire());
}

// Grows from the header on; counts follow by themselves.
class ReplyBuilder {
 public:
  // The reply to `query` without any record: QR, RD, RA, its id and its question.
  static ReplyBuilder To(std::span<const std::uint8_t> query) {
    ReplyBuilder reply(static_cast<unsigned>(query[0] << 8U | query[1]));
    std::size_t end = 12;
    while (query[end] != 0) end += std::size_t{1} + query[end];
    reply.Question({reinterpret_cast<const char*>(&query[12]), end + 5 - 12});
    return reply;
  }
  // A reply that starts with its header alone.
  explicit ReplyBuilder(unsigned id) : message_(12) {
    Put16(0, id);
    message_[2] = 0x81;
    message_[3] = 0x80;
  }

  ReplyBuilder& Rcode(unsigned rcode) {
    message_[3] = static_cast<std::uint8_t>((message_[3] & 0xf0U) | rcode);
    return *this;
  }
  ReplyBuilder& Truncated() {
    message_[2] |= 0x02U;
    return *this;
  }
  ReplyBuilder& Authenticated() {
    message_[3] |= 0x20U;
    return *this;
  }
  ReplyBuilder& Octet(std::size_t at, unsigned value) {
    message_[at] = static_cast<std::uint8_t>(value);
    return *this;
  }
  // A name with type and class.
  ReplyBuilder& Question(std::string_view octets) {
    Count(Section::kQuestion);
    return Raw(octets);
  }
  // `owner` in wire form.
  ReplyBuilder& Record(Section section, std::string_view owner, unsigned type, std::uint32_t ttl,
                       const std::string& data, unsigned record_class = 1) {
    Count(section);
    return Raw(std::string(owner) + Uint16(type) + Uint16(record_class) + Uint32(ttl) +
               Uint16(static_cast<unsigned>(data.size())) + data);
  }
  ReplyBuilder& Answer(unsigned type, const std::string& data, std::uint32_t ttl = 300) {
    return Record(Section::kAnswer, kPointerToQuestion, type, ttl, data);
  }
  // A SOA of "example." for negative answers.
  ReplyBuilder& Soa(std::uint32_t ttl, std::uint32_t minimum) {
    return Record(Section::kAuthority, WireName("example"), 6, ttl,
                  WireName("ns.example") + WireName("hostmaster.example") + Uint32(1) + Uint32(2) +
                      Uint32(3) + Uint32(4) + Uint32(minimum));
  }
  ReplyBuilder& Opt(unsigned extended_rcode = 0) {
    return Record(Section::kAdditional, std::string_view("\0", 1), 41, extended_rcode << 24U, "",
                  1232);
  }
  ReplyBuilder& Raw(std::string_view octets) {
    message_.insert(message_.end(), octets.begin(), octets.end());
    return *this;
  }
  // Says that there is one more record in `section`, whether or not there is.
  ReplyBuilder& Count(Section section) {
    const auto at = static_cast<std::size_t>(section);
    Put16(at, (message_[at] << 8U | message_[at + 1]) + 1U);
    return *this;
  }

  [[nodiscard]] const Octets& message() const { return message_; }
  [[nodiscard]] std::size_t size() const { return message_.size(); }

 private:
  void Put16(std::size_t at, unsigned value) {
    message_[at] = static_cast<std::uint8_t>(value >> 8U);
    message_[at + 1] = static_cast<std::uint8_t>(value);
  }

  Octets message_;
};

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_CORE_DNS_REPLY_BUILDER_H_
