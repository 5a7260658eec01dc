// What the configuration leaves to the host (docs/rules.md §3).
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "base/own_host.h"
#include "config/lists.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "helovet/config.h"

namespace helovet {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

std::string SystemHostName() {
  std::array<char, 1024> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

// By the C library's own words.
std::set<std::string> SystemAddresses() {
  std::set<std::string> texts;
  ifaddrs* found = nullptr;
  if (getifaddrs(&found) != 0) return texts;
  for (const ifaddrs* each = found; each != nullptr; each = each->ifa_next) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (each->ifa_addr == nullptr) continue;
    const int family = each->ifa_addr->sa_family;
    const void* address = nullptr;
    if (family == AF_INET) address = &reinterpret_cast<sockaddr_in*>(each->ifa_addr)->sin_addr;
    if (family == AF_INET6) address = &reinterpret_cast<sockaddr_in6*>(each->ifa_addr)->sin6_addr;
    if (address != nullptr && inet_ntop(family, address, text.data(), text.size()) != nullptr) {
      texts.insert(text.data());
    }
  }
  freeifaddrs(found);
  return texts;
}

TEST(OwnHostTest, HasTheNameOfTheSystem) { EXPECT_EQ(OwnHostName(), SystemHostName()); }

TEST(OwnHostTest, HasTheAddressesOfTheSystem) {
  const std::vector<IpAddress> addresses = OwnAddresses();
  std::set<std::string> texts;
  for (const IpAddress& address : addresses) texts.insert(address.ToString());
  EXPECT_EQ(texts, SystemAddresses());
  EXPECT_EQ(texts.size(), addresses.size()) << "an address is there twice";
  EXPECT_TRUE(std::ranges::is_sorted(addresses));
}

TEST(HostDefaultsTest, FillInWhatIsNotSet) {
  const Config config = WithHostDefaults(Config(), "MX.Example.NET.");
  ASSERT_TRUE(config.our_names && config.our_addresses);
  EXPECT_THAT(*config.our_names, Contains("mx.example.net"));
  const std::optional<std::string> host = ParseHostName(SystemHostName());
  if (host && *host != "localhost") {
    EXPECT_THAT(*config.our_names, Contains(*host));
  }
  EXPECT_EQ(*config.our_addresses, OwnAddresses());
  EXPECT_EQ(config.authserv_id, "MX.Example.NET.");
}

TEST(HostDefaultsTest, AddTheServersNameOnce) {
  const Config alone = WithHostDefaults(Config(), "");
  const Config same = WithHostDefaults(Config(), SystemHostName());
  EXPECT_EQ(alone.our_names, same.our_names);
  EXPECT_EQ(alone.authserv_id, "");
}

TEST(HostDefaultsTest, LeaveOutWhatIsNoNameOfOneHost) {
  const Config alone = WithHostDefaults(Config(), "");
  for (const std::string server_name :
       {"localhost", "LOCALHOST.", "localhost.localdomain", "", ".", "192.0.2.1", "mx example"}) {
    const Config config = WithHostDefaults(Config(), server_name);
    EXPECT_EQ(config.our_names, alone.our_names) << '"' << server_name << '"';
    EXPECT_THAT(*config.our_names, Not(Contains("localhost")));
  }
}

TEST(HostDefaultsTest, KeepWhatIsSet) {
  Config config;
  config.our_names = std::vector<std::string>{"mail.example.org"};
  config.our_addresses = std::vector<IpAddress>{IpAddress::Parse("192.0.2.25").value()};
  config.authserv_id = "example.org";
  EXPECT_TRUE(WithHostDefaults(config, "mx.example.net") == config);

  config.our_names->clear();
  config.our_addresses->clear();
  EXPECT_TRUE(WithHostDefaults(config, "mx.example.net") == config) << "empty lists mean none";
}

}  // namespace
}  // namespace helovet
