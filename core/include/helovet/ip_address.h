// IP addresses and networks of SMTP clients and DNS records.
#ifndef HELOVET_IP_ADDRESS_H_
#define HELOVET_IP_ADDRESS_H_

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace helovet {

// One IPv4 or IPv6 address. An IPv4-mapped IPv6 address (::ffff:0:0/96) is the IPv4 address it
// carries, so that the two forms of one client never compare unequal. Immutable value type.
class IpAddress {
 public:
  using V4Bytes = std::array<std::uint8_t, 4>;
  using V6Bytes = std::array<std::uint8_t, 16>;

  // Dotted quad (four decimal numbers, no leading zeros) or RFC 4291 §2.2 text, nothing around it
  // and no zone id. Empty for anything else.
  [[nodiscard]] static std::optional<IpAddress> Parse(std::string_view text);
  [[nodiscard]] static IpAddress FromV4(const V4Bytes& bytes);  // Network byte order.
  [[nodiscard]] static IpAddress FromV6(const V6Bytes& bytes);  // Network byte order.

  [[nodiscard]] bool is_v4() const { return v4_; }
  // 4 or 16 octets in network byte order; valid as long as the address.
  [[nodiscard]] std::span<const std::uint8_t> bytes() const {
    return {bytes_.data(), v4_ ? std::size_t{4} : std::size_t{16}};
  }
  // Dotted quad, or RFC 5952 text.
  [[nodiscard]] std::string ToString() const;
  // The name under which PTR records of the address live, without a trailing dot:
  // "1.2.0.192.in-addr.arpa" (RFC 1035 §3.5) or 32 nibbles under "ip6.arpa" (RFC 3596 §2.5).
  [[nodiscard]] std::string ReverseName() const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  IpAddress() = default;

  bool v4_ = true;
  V6Bytes bytes_{};  // The first four octets for IPv4, the rest zero.
};

// The first `bits` bits of both are the same. Each has at least so many.
[[nodiscard]] bool SharesPrefix(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b,
                                int bits);

// A network in CIDR form. A bare address is a network of one. Immutable value type.
class IpNetwork {
 public:
  // "192.0.2.0/24", "2001:db8::/32" or an address. Empty for anything else, also when bits are set
  // beyond the prefix: such an entry is more often a slip than meant.
  [[nodiscard]] static std::optional<IpNetwork> Parse(std::string_view text);

  // Never for an address of the other family; "::ffff:192.0.2.0/120" is the IPv4 /24.
  [[nodiscard]] bool Contains(const IpAddress& address) const;
  // Its first address: the IPv4 one where it was written as IPv4-mapped.
  [[nodiscard]] const IpAddress& base() const { return base_; }
  // 0 to 32, or to 128 for IPv6.
  [[nodiscard]] int prefix_bits() const { return prefix_bits_; }
  [[nodiscard]] std::string ToString() const;  // Always with its prefix length.

  friend bool operator==(const IpNetwork&, const IpNetwork&) = default;

 private:
  IpNetwork(IpAddress base, int prefix_bits) : base_(base), prefix_bits_(prefix_bits) {}

  IpAddress base_;
  int prefix_bits_;
};

}  // namespace helovet

#endif  // HELOVET_IP_ADDRESS_H_
