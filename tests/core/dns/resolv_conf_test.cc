// resolv.conf(5), read as the C library reads it.
#include <string>
#include <vector>

#include "dns/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace helovet {
namespace {

using ::testing::ElementsAreArray;
using ::testing::SizeIs;

TEST(ServersOfResolvConf, TakesTheNameserverLines) {
  const struct {
    std::string text;
    std::vector<std::string> want;
  } cases[] = {
      {"nameserver 192.0.2.1\n", {"192.0.2.1:53"}},
      {"nameserver 192.0.2.1", {"192.0.2.1:53"}},
      {"nameserver\t2001:db8::1  \n", {"[2001:db8::1]:53"}},
      {"nameserver 192.0.2.1\r\nnameserver 192.0.2.2\r\n", {"192.0.2.1:53", "192.0.2.2:53"}},
      {"nameserver fe80::1%eth0\n", {"[fe80::1]:53"}},
      {"nameserver 192.0.2.1 # the first\nnameserver 192.0.2.2;the second\n", {"192.0.2.1:53"}},
      {"# nameserver 192.0.2.1\n; nameserver 192.0.2.2\nnameserver 192.0.2.3\n", {"192.0.2.3:53"}},
      {"search example\noptions edns0\nnameserver ::1\ndomain x\n", {"[::1]:53"}},
      {"nameserver nonsense\nnameserver 192.0.2\nnameserver 192.0.2.4\n", {"192.0.2.4:53"}},
      {"nameservers 192.0.2.1\nnameserver192.0.2.2\n nameserver 192.0.2.3\nnameserver ::2\n",
       {"[::2]:53"}},
      {"nameserver 192.0.2.1\nnameserver 192.0.2.1\n", {"192.0.2.1:53", "192.0.2.1:53"}},
      // "If no nameserver entries are present, the default is to use the name server on the local
      // machine."
      {"", {"127.0.0.1:53"}},
      {"nameserver\nnameserver \n", {"127.0.0.1:53"}},
      {std::string("nameserver 192.0.2.1\0\n", 22), {"127.0.0.1:53"}},
  };
  for (const auto& c : cases) {
    std::vector<std::string> got;
    for (const DnsServer& server : ServersOfResolvConf(c.text)) got.push_back(server.ToString());
    EXPECT_THAT(got, ElementsAreArray(c.want)) << c.text;
  }
}

TEST(ServersOfResolvConf, TakesABoundedNumber) {
  std::string text;
  for (int i = 1; i < 100; ++i) text += "nameserver 192.0.2." + std::to_string(i) + "\n";
  EXPECT_THAT(ServersOfResolvConf(text), SizeIs(kMaxResolvConfServers));
}

}  // namespace
}  // namespace helovet
