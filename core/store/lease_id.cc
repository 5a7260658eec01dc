#include "store/lease_id.h"

#include <array>
#include <cstdint>

#include "base/system_calls.h"

namespace helovet {

std::string DrawLeaseId() {
  std::array<std::uint8_t, kLeaseIdOctets> octets{};
  if (!FillWithRandom(octets)) return "";
  return {octets.begin(), octets.end()};
}

std::string LeaseIdText(std::string_view octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char octet : octets) {
    const auto value = static_cast<unsigned char>(octet);
    text += kDigits[value >> 4U];
    text += kDigits[value & 0xFU];
  }
  return text;
}

}  // namespace helovet
