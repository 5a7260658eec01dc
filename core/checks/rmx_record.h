// RMX records in their TXT form: entries, one after the other (RMX-04 §4, §6.2; docs/rules.md
// §11.4).
#ifndef HELOVET_CORE_CHECKS_RMX_RECORD_H_
#define HELOVET_CORE_CHECKS_RMX_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "dns/session_dns.h"
#include "helovet/ip_address.h"

namespace helovet {

// Entries of the records of one name; what stands behind them cannot be used. Ours: enough for any
// organisation's networks, and too few to keep a mail server busy.
inline constexpr std::size_t kMaxRmxEntries = 500;

// Addresses with the same first bits. Unlike IpNetwork it may be written with bits set beyond its
// prefix, which RMX-04 §6.1.3 cuts off. Immutable value type.
class RmxRange {
 public:
  // `is_v6`: written in the form of IPv6, to which `prefix_bits` then refers although an
  // IPv4-mapped `base` is an IPv4 address (docs/rules.md §1).
  RmxRange(const IpAddress& base, bool is_v6, unsigned prefix_bits);

  // Never for an address of the other family.
  [[nodiscard]] bool Contains(const IpAddress& address) const;

 private:
  IpAddress base_;
  unsigned prefix_bits_;
};

struct RmxEntry {
  // The numbers are those of RMX-04 §6.1; kMx has none there.
  enum class Type : std::uint8_t {
    kIpv4 = 1,
    kIpv6 = 2,
    kHost = 3,
    kApl = 4,
    kDomain = 5,
    kUnused = 6,
    kFull = 7,
    kMx,
  };
  Type type = Type::kUnused;
  bool negated = false;                        // Never of kUnused and kFull.
  std::optional<RmxRange> range = {};          // Of kIpv4 and kIpv6, and only of these.
  std::optional<DnsName> name = std::nullopt;  // Of kHost, kApl, and kDomain where it names one.
};

// "[!]TAG:DATA". Empty: an unknown type, or another form.
[[nodiscard]] std::optional<RmxEntry> ReadRmxEntry(std::string_view word);

struct RmxEntries {
  std::vector<RmxEntry> list;
  // Behind the list comes something that cannot be read, which ends everything (RMX-04 §6.1.1).
  bool malformed = false;
};

// The TXT records of `answer` as one record (RMX-04 §4.1). Their order is that of their octets.
[[nodiscard]] RmxEntries ReadRmxEntries(const DnsAnswer& answer);

}  // namespace helovet

#endif  // HELOVET_CORE_CHECKS_RMX_RECORD_H_
