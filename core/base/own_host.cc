#include "base/own_host.h"

#include <ifaddrs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "base/system_calls.h"

namespace helovet {
namespace {

struct FreeInterfaces {
  void operator()(ifaddrs* interfaces) const { freeifaddrs(interfaces); }
};
using Interfaces = std::unique_ptr<ifaddrs, FreeInterfaces>;

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
    const std::optional<IpAddress> address = AddressIn(each->ifa_addr);
    if (address) addresses.push_back(*address);
  }
  std::ranges::sort(addresses);
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  return addresses;
}

}  // namespace helovet
