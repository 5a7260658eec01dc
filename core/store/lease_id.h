// What a lease is known by.
#ifndef HELOVET_CORE_STORE_LEASE_ID_H_
#define HELOVET_CORE_STORE_LEASE_ID_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace helovet {

inline constexpr std::size_t kLeaseIdOctets = 16;

// kLeaseIdOctets random octets, which no other lease has and nobody guesses; empty where the system
// has none, and errno(3) says why. Thread-safe.
[[nodiscard]] std::string DrawLeaseId();
// The same as text: two hexadecimal digits an octet, in lower case.
[[nodiscard]] std::string LeaseIdText(std::string_view octets);

}  // namespace helovet

#endif  // HELOVET_CORE_STORE_LEASE_ID_H_
