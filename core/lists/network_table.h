// A million networks, and which of them is the closest around an address.
#ifndef HELOVET_CORE_LISTS_NETWORK_TABLE_H_
#define HELOVET_CORE_LISTS_NETWORK_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "helovet/ip_address.h"

namespace helovet {

// Filled once: Add..., Seal, Find... 32 octets for each network.
class NetworkTable {
 public:
  struct Entry {
    IpNetwork network;
    std::uint32_t line;
    std::uint32_t around;  // The index of the closest network around this one, or kNone.
  };

  void Add(const IpNetwork& network, std::uint32_t line);
  // After the last Add.
  void Seal();

  // The one with the longest prefix that has `address`, with the first of its lines; null where
  // there is none. Valid as long as the table.
  [[nodiscard]] const Entry* Find(const IpAddress& address) const;
  [[nodiscard]] bool empty() const { return entries_.empty(); }

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;

  // From entry `index` outwards to the first network that has `address`.
  [[nodiscard]] std::uint32_t Outwards(std::uint32_t index, const IpAddress& address) const;

  // By first address and then by prefix length: networks lie within each other or apart, so those
  // that have an address are the last one that begins no later, and those around that one.
  std::vector<Entry> entries_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_LISTS_NETWORK_TABLE_H_
