#include "helovet/ip_address.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace helovet {
namespace {

struct TextCase {
  std::string text;
  std::string want;  // ToString() of what it parses to; empty: it does not parse.
  bool v4 = false;
};

std::string Parsed(const std::string& text) {
  const auto address = IpAddress::Parse(text);
  return address ? address->ToString() : "";
}

TEST(IpAddressTest, ParsesAndPrints) {
  const std::vector<TextCase> cases = {
      {"192.0.2.1", "192.0.2.1", true},
      {"0.0.0.0", "0.0.0.0", true},
      {"255.255.255.255", "255.255.255.255", true},
      // RFC 4291 §2.2
      {"2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a"},
      {"FF01:0:0:0:0:0:0:101", "ff01::101"},
      {"0:0:0:0:0:0:0:1", "::1"},
      {"::", "::"},
      {"::13.1.68.3", "::d01:4403"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
      // RFC 4291 §2.5.5.2: a mapped address is the IPv4 address.
      {"::ffff:192.0.2.1", "192.0.2.1", true},
      {"::FFFF:C000:201", "192.0.2.1", true},
      {"0:0:0:0:0:ffff:c000:0201", "192.0.2.1", true},
      {"::ffff:0:0", "0.0.0.0", true},
      {"::fffe:192.0.2.1", "::fffe:c000:201"},
      {"1::ffff:c000:201", "1::ffff:c000:201"},
      // RFC 5952 §4.1: leading zeros; §4.2.1 to §4.2.3: the longest run, the first of equals, never
      // one group alone; §4.3: lower case.
      {"2001:0db8::0001", "2001:db8::1"},
      {"2001:db8:0:0:0:0:2:1", "2001:db8::2:1"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"2001:db8:0:0:1:0:0:0", "2001:db8:0:0:1::"},
      {"2001:DB8::AAAA", "2001:db8::aaaa"},
      // RFC 6943 §3.1.1: the forms of inet_aton.
      {"192.0.2", ""},
      {"3221225985", ""},
      {"0xc0000201", ""},
      {"0xc0.0.2.1", ""},
      {"192.0.2.01", ""},
      {"192.0.2.001", ""},
      {"00.0.0.0", ""},
      {"192.0.2.256", ""},
      {"192.0.2.1.", ""},
      {"192.0.2.1.1", ""},
      {".192.0.2.1", ""},
      {"192..2.1", ""},
      {"+192.0.2.1", ""},
      {"192.0.2.-1", ""},
      {" 192.0.2.1", ""},
      {"192.0.2.1 ", ""},
      {"192.0.2.1\n", ""},
      {"192.0.2.1/32", ""},
      {"192.0.2.1:25", ""},
      {"[192.0.2.1]", ""},
      {"", ""},
      {".", ""},
      {":", ""},
      {":::", ""},
      {"1", ""},
      {"1::2::3", ""},
      {"1:2:3:4:5:6:7", ""},
      {"1:2:3:4:5:6:7:8:9", ""},
      {"1:2:3:4::5:6:7:8", ""},
      {"12345::", ""},
      {"00001::", ""},
      {"g::", ""},
      {":1::2", ""},
      {"1::2:", ""},
      {"::1.2.3", ""},
      {"::1.2.3.04", ""},
      {"::1.2.3.4:5", ""},
      {"1:2:3:4:5:6:7:1.2.3.4", ""},
      {"IPv6:::1", ""},
      {"[::1]", ""},
      // RFC 4007 §11: a zone id is not part of an address.
      {"fe80::1%eth0", ""},
      {"fe80::1%", ""},
      {std::string("192.0.2.1\0", 10), ""},
      {std::string("\0", 1), ""},
      {std::string("::1\0x", 5), ""},
      {"\xff\xfe::", ""},
      {std::string(1000, '1'), ""},
      {"0000:0000:0000:0000:0000:0000:0000:0000:0000", ""},
      {"0001:0002:0003:0004:0005:0006:255.255.255.255", "1:2:3:4:5:6:ffff:ffff"},
  };
  for (const TextCase& c : cases) {
    EXPECT_EQ(Parsed(c.text), c.want) << c.text;
    const auto address = IpAddress::Parse(c.text);
    if (!address) continue;
    EXPECT_EQ(address->is_v4(), c.v4) << c.text;
    EXPECT_EQ(address->bytes().size(), c.v4 ? 4u : 16u) << c.text;
    EXPECT_EQ(IpAddress::Parse(address->ToString()), address) << c.text;
  }
}

TEST(IpAddressTest, MakesMappedBytesIpv4) {
  const auto v4 = IpAddress::FromV4({192, 0, 2, 1});
  const auto mapped = IpAddress::FromV6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1});
  EXPECT_EQ(mapped, v4);
  EXPECT_TRUE(mapped.is_v4());
  const auto compatible = IpAddress::FromV6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1});
  EXPECT_NE(compatible, v4);
}

TEST(IpAddressTest, HasAReverseName) {
  struct Case {
    std::string address;
    std::string want;
  };
  const std::vector<Case> cases = {
      {"192.0.2.1", "1.2.0.192.in-addr.arpa"},         // RFC 1035 §3.5
      {"::ffff:192.0.2.1", "1.2.0.192.in-addr.arpa"},  // Mapped.
      // The example of RFC 3596 §2.5.
      {"4321:0:1:2:3:4:567:89ab",
       "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa"},
  };
  for (const Case& c : cases) {
    const auto address = IpAddress::Parse(c.address);
    ASSERT_TRUE(address) << c.address;
    EXPECT_EQ(address->ReverseName(), c.want) << c.address;
  }
}

TEST(IpNetworkTest, ParsesAndPrints) {
  const std::vector<TextCase> cases = {
      {"192.0.2.0/24", "192.0.2.0/24"},
      {"192.0.2.1", "192.0.2.1/32"},
      {"0.0.0.0/0", "0.0.0.0/0"},
      {"128.0.0.0/1", "128.0.0.0/1"},
      {"10.0.0.0/9", "10.0.0.0/9"},
      {"2001:DB8::/32", "2001:db8::/32"},
      {"2001:db8::1", "2001:db8::1/128"},
      {"::/0", "::/0"},
      {"2001:db8:0:0:8000::/65", "2001:db8:0:0:8000::/65"},
      // A mapped prefix is the IPv4 network.
      {"::ffff:192.0.2.0/120", "192.0.2.0/24"},
      {"::ffff:192.0.2.1", "192.0.2.1/32"},
      {"::ffff:0:0/96", "0.0.0.0/0"},
      // Bits beyond the prefix.
      {"192.0.2.1/24", ""},
      {"192.0.2.128/24", ""},
      {"192.0.2.0/22", ""},
      {"10.128.0.0/8", ""},
      {"1.0.0.0/0", ""},
      {"2001:db8::1/64", ""},
      {"2001:db8:0:0:8000::/64", ""},
      {"::ffff:192.0.2.1/120", ""},
      {"::ffff:0:0/95", ""},
      {"::ffff:0:0/0", ""},
      // Not a prefix length.
      {"192.0.2.0/33", ""},
      {"192.0.2.0/120", ""},
      {"2001:db8::/129", ""},
      {"192.0.2.0/", ""},
      {"192.0.2.0/024", ""},
      {"192.0.2.0/+24", ""},
      {"192.0.2.0/-1", ""},
      {"192.0.2.0/ 24", ""},
      {"192.0.2.0/24 ", ""},
      {"192.0.2.0/2x", ""},
      {"192.0.2.0/24/24", ""},
      {"192.0.2.0/255.255.255.0", ""},
      {"192.0.2.0/4294967320", ""},
      // Not an address.
      {"", ""},
      {"/24", ""},
      {"192.0.2/24", ""},
      {"fe80::%1/64", ""},
  };
  for (const TextCase& c : cases) {
    const auto network = IpNetwork::Parse(c.text);
    EXPECT_EQ(network ? network->ToString() : "", c.want) << c.text;
    if (network) {
      EXPECT_EQ(IpNetwork::Parse(network->ToString()), network) << c.text;
    }
  }
}

TEST(IpNetworkTest, ContainsItsAddressesAlone) {
  struct Case {
    std::string network;
    std::string address;
    bool want;
  };
  const std::vector<Case> cases = {
      {"192.0.2.0/24", "192.0.2.0", true},
      {"192.0.2.0/24", "192.0.2.255", true},
      {"192.0.2.0/24", "192.0.3.0", false},
      {"192.0.2.0/24", "192.0.1.255", false},
      {"192.0.2.128/25", "192.0.2.128", true},
      {"192.0.2.128/25", "192.0.2.127", false},
      {"192.0.2.4/30", "192.0.2.7", true},
      {"192.0.2.4/30", "192.0.2.8", false},
      {"192.0.2.1", "192.0.2.1", true},
      {"192.0.2.1", "192.0.2.2", false},
      {"0.0.0.0/0", "255.255.255.255", true},
      {"2001:db8::/33", "2001:db8:7fff::1", true},
      {"2001:db8::/33", "2001:db8:8000::", false},
      {"2001:db8::1", "2001:db8::1", true},
      {"2001:db8::1", "2001:db8::2", false},
      // The other family is never within.
      {"0.0.0.0/0", "::", false},
      {"0.0.0.0/0", "::1", false},
      {"::/0", "192.0.2.1", false},
      {"::/0", "::ffff:192.0.2.1", false},
      {"::/0", "2001:db8::1", true},
      {"::/96", "192.0.2.1", false},
      {"192.0.2.0/24", "c000:0200::", false},
      // Mapped ones are IPv4.
      {"192.0.2.0/24", "::ffff:192.0.2.77", true},
      {"::ffff:192.0.2.0/120", "192.0.2.77", true},
      {"::ffff:192.0.2.0/120", "192.0.3.77", false},
      {"::ffff:0:0/96", "198.51.100.1", true},
      {"::ffff:0:0/96", "2001:db8::1", false},
  };
  for (const Case& c : cases) {
    const auto network = IpNetwork::Parse(c.network);
    const auto address = IpAddress::Parse(c.address);
    ASSERT_TRUE(network && address) << c.network << ' ' << c.address;
    EXPECT_EQ(network->Contains(*address), c.want) << c.network << ' ' << c.address;
  }
}

// What sorted containers and output rely on.
TEST(IpAddressTest, HasATotalOrder) {
  std::vector<std::string> texts = {"::2", "192.0.2.2", "::1", "10.0.0.1", "192.0.2.1"};
  std::vector<IpAddress> addresses;
  for (const std::string& text : texts) addresses.push_back(*IpAddress::Parse(text));
  std::sort(addresses.begin(), addresses.end());
  EXPECT_TRUE(std::is_sorted(addresses.begin(), addresses.end()));
  EXPECT_EQ(std::adjacent_find(addresses.begin(), addresses.end()), addresses.end());
  EXPECT_LT(*IpAddress::Parse("10.0.0.1"), *IpAddress::Parse("192.0.2.1"));
  EXPECT_LT(*IpAddress::Parse("::1"), *IpAddress::Parse("::2"));
}

}  // namespace
}  // namespace helovet
