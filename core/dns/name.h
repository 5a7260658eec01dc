// Domain names.
#ifndef HELOVET_CORE_DNS_NAME_H_
#define HELOVET_CORE_DNS_NAME_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/shared_octets.h"

namespace helovet {

inline constexpr std::size_t kMaxNameWireOctets = 255;  // RFC 1035 §2.3.4, length octets included

// A domain name: any labels DNS can carry, letters folded to lower case, so that equal names
// (RFC 4343) are equal values. The default is the root. Immutable value type; copies share their
// octets, so that the name of a question may stand in all that deals with it.
class DnsName {
 public:
  DnsName() = default;

  // Presentation form, RFC 1035 §5.1: labels with dots between, one trailing dot tolerated, `\.`
  // and `\DDD` escapes; "." is the root. Empty for an empty text, an empty label, or a length
  // beyond the limits.
  [[nodiscard]] static std::optional<DnsName> Parse(std::string_view text);
  // Uncompressed wire form with its closing zero octet and nothing after it.
  [[nodiscard]] static std::optional<DnsName> FromWire(std::span<const std::uint8_t> wire);

  // `prefix` (presentation form, without a trailing dot) put before this name. Empty when `prefix`
  // is no name, or the result is longer than kMaxNameWireOctets.
  [[nodiscard]] std::optional<DnsName> WithPrefix(std::string_view prefix) const;
  // The name made of the last `labels` labels; the whole name if it has no more than that.
  [[nodiscard]] DnsName LastLabels(std::size_t labels) const;

  [[nodiscard]] bool is_root() const { return octets_.empty(); }
  [[nodiscard]] std::size_t label_count() const;
  // This name is `ancestor` or below it.
  [[nodiscard]] bool IsWithin(const DnsName& ancestor) const;

  // Presentation form without a trailing dot; the root is ".". Dots and backslashes in labels as
  // `\.` and `\\`, octets that are not printable ASCII as \DDD.
  [[nodiscard]] std::string ToString() const;
  // Wire form in lower case with its closing zero octet.
  [[nodiscard]] std::string_view wire() const {
    return is_root() ? std::string_view(&kRootWire, 1) : octets_.view();
  }

  // Of memory beside this object, without what malloc(3) adds; copies share them.
  [[nodiscard]] std::size_t shared_octets() const { return octets_.block_octets(); }
  // The two are copies of one.
  [[nodiscard]] bool SharesOctetsWith(const DnsName& other) const {
    return octets_.IsSharedWith(other.octets_);
  }

  friend bool operator==(const DnsName& a, const DnsName& b) {
    return a.octets_.IsSharedWith(b.octets_) || a.wire() == b.wire();
  }
  // Canonical DNS name order, RFC 4034 §6.1.
  friend std::strong_ordering operator<=>(const DnsName& a, const DnsName& b);

 private:
  static constexpr char kRootWire = '\0';

  // The name whose wire form is `front`, then `back`.
  explicit DnsName(std::string_view front, std::string_view back = "");

  SharedOctets octets_;  // The wire form; empty: the root.
};

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_NAME_H_
