#include "lists/network_table.h"

#include <algorithm>
#include <compare>

namespace helovet {
namespace {

bool IsBefore(const NetworkTable::Entry& a, const NetworkTable::Entry& b) {
  if (const auto order = a.network.base() <=> b.network.base(); order != 0) return order < 0;
  if (a.network.prefix_bits() != b.network.prefix_bits()) {
    return a.network.prefix_bits() < b.network.prefix_bits();
  }
  return a.line < b.line;
}

}  // namespace

void NetworkTable::Add(const IpNetwork& network, std::uint32_t line) {
  entries_.push_back({network, line, kNone});
}

void NetworkTable::Seal() {
  std::sort(entries_.begin(), entries_.end(), IsBefore);
  const auto is_same = [](const Entry& a, const Entry& b) { return a.network == b.network; };
  entries_.erase(std::unique(entries_.begin(), entries_.end(), is_same), entries_.end());
  for (std::uint32_t i = 1; i < entries_.size(); ++i) {
    entries_[i].around = Outwards(i - 1, entries_[i].network.base());
  }
}

const NetworkTable::Entry* NetworkTable::Find(const IpAddress& address) const {
  const auto after = std::upper_bound(
      entries_.begin(), entries_.end(), address,
      [](const IpAddress& key, const Entry& entry) { return key < entry.network.base(); });
  if (after == entries_.begin()) return nullptr;
  const auto last = static_cast<std::uint32_t>(after - entries_.begin() - 1);
  const std::uint32_t found = Outwards(last, address);
  return found == kNone ? nullptr : &entries_[found];
}

std::uint32_t NetworkTable::Outwards(std::uint32_t index, const IpAddress& address) const {
  while (index != kNone && !entries_[index].network.Contains(address)) {
    index = entries_[index].around;
  }
  return index;
}

}  // namespace helovet
