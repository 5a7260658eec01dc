#include "base/own_host.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>

namespace helovet {
namespace {

struct FreeInterfaces {
  void operator()(ifaddrs* interfaces) const { freeifaddrs(interfaces); }
};
using Interfaces = std::unique_ptr<ifaddrs, FreeInterfaces>;

// Empty for addresses of other families, which interfaces have as well.
std::optional<IpAddress> AddressOf(const sockaddr* address) {
  if (address == nullptr) return std::nullopt;  // An interface without one.
  if (address->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof(v4));
    IpAddress::V4Bytes bytes{};
    std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
    return IpAddress::FromV4(bytes);
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof(v6));
    IpAddress::V6Bytes bytes{};
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return IpAddress::FromV6(bytes);
  }
  return std::nullopt;
}

}  // namespace

std::string OwnHostName() {
  std::array<char, 256>
      name{};  // POSIX: at most 255 octets, and no closing NUL where they are cut.
  if (gethostname(name.data(), name.size() - 1) != 0) return "";
  return name.data();
}

std::vector<IpAddress> OwnAddresses() {
  ifaddrs* found = nullptr;
  if (getifaddrs(&found) != 0) return {};
  const Interfaces interfaces(found);
  std::vector<IpAddress> addresses;
  for (const ifaddrs* each = interfaces.get(); each != nullptr; each = each->ifa_next) {
    const std::optional<IpAddress> address = AddressOf(each->ifa_addr);
    if (address) addresses.push_back(*address);
  }
  std::ranges::sort(addresses);
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  return addresses;
}

}  // namespace helovet
