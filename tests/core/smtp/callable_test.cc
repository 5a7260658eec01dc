// Which addresses may be called: each block's first and last address, and its neighbours outside
// (docs/rules.md §12.4).
#include "smtp/callable.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "testing/scripted_dns.h"

namespace helovet {
namespace {

using testing::Address;

struct BlockCase {
  std::string id = {};
  std::string source = {};
  std::string first = {};
  std::string last = {};
  // Empty: the neighbour is in a block as well.
  std::string before = {};
  std::string behind = {};
};
void PrintTo(const BlockCase& each, std::ostream* out) { *out << each.id; }

class BlockTest : public ::testing::TestWithParam<BlockCase> {};

bool IsCallable(const std::string& address) { return !WhyNotCalled(Address(address), {}); }

TEST_P(BlockTest, HasItsEdges) {
  const BlockCase& block = GetParam();
  SCOPED_TRACE(block.source);
  EXPECT_FALSE(IsCallable(block.first));
  EXPECT_FALSE(IsCallable(block.last));
  if (!block.before.empty()) {
    EXPECT_TRUE(IsCallable(block.before));
  }
  if (!block.behind.empty()) {
    EXPECT_TRUE(IsCallable(block.behind));
  }
}

std::string IdOf(const ::testing::TestParamInfo<BlockCase>& each) { return each.param.id; }

INSTANTIATE_TEST_SUITE_P(
    V4, BlockTest,
    ::testing::ValuesIn(std::vector<BlockCase>{
        {"Unspecified", "RFC 791 §3.2", "0.0.0.0", "0.255.255.255", "", "1.0.0.0"},
        {"Private10", "RFC 1918", "10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"},
        {"Shared", "RFC 6598", "100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0"},
        {"Loopback", "RFC 1122 §3.2.1.3", "127.0.0.0", "127.255.255.255", "126.255.255.255",
         "128.0.0.0"},
        {"LinkLocal", "RFC 3927", "169.254.0.0", "169.254.255.255", "169.253.255.255",
         "169.255.0.0"},
        {"Private172", "RFC 1918", "172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0"},
        {"Protocols", "RFC 6890 §2.1", "192.0.0.0", "192.0.0.255", "191.255.255.255", "192.0.1.0"},
        {"Documentation1", "RFC 5737", "192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0"},
        {"Relays6to4", "RFC 7526", "192.88.99.0", "192.88.99.255", "192.88.98.255", "192.88.100.0"},
        {"Private192", "RFC 1918", "192.168.0.0", "192.168.255.255", "192.167.255.255",
         "192.169.0.0"},
        {"Benchmarking", "RFC 2544", "198.18.0.0", "198.19.255.255", "198.17.255.255",
         "198.20.0.0"},
        {"Documentation2", "RFC 5737", "198.51.100.0", "198.51.100.255", "198.51.99.255",
         "198.51.101.0"},
        {"Documentation3", "RFC 5737", "203.0.113.0", "203.0.113.255", "203.0.112.255",
         "203.0.114.0"},
        {"Multicast", "RFC 5771", "224.0.0.0", "239.255.255.255", "223.255.255.255", ""},
        {"Reserved", "RFC 1112 §4", "240.0.0.0", "255.255.255.255", "", ""},
    }),
    IdOf);

INSTANTIATE_TEST_SUITE_P(
    V6, BlockTest,
    ::testing::ValuesIn(std::vector<BlockCase>{
        {"Unspecified", "RFC 4291 §2.5.2", "::", "::"},
        {"Loopback", "RFC 4291 §2.5.3", "::1", "::1"},
        {"V4Compatible", "RFC 4291 §2.5.5.1", "::0.0.0.2", "::255.255.255.255"},
        {"V4CompatiblePublic", "RFC 4291 §2.5.5.1", "::8.8.8.8", "::9.9.9.9"},
        {"V4Translated", "RFC 6052 §2: not in use", "::ffff:0:8.8.8.8", "::ffff:0:9.9.9.9"},
        {"PrivateNat64", "RFC 8215", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"},
        {"BeyondNat64", "RFC 6052 §2.1", "64:ff9b::1:0:0", "64:ff9b:0:ffff:ffff:ffff:ffff:ffff"},
        {"Discarded", "RFC 6666", "100::", "100::ffff:ffff:ffff:ffff"},
        {"BelowUnicast", "RFC 4291 §2.4", "1000::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "",
         "2000::"},
        {"Teredo", "RFC 4380", "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff",
         "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""},
        {"Protocols", "RFC 2928", "2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "",
         "2001:200::"},
        {"Documentation1", "RFC 3849", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
         "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"},
        {"Documentation2", "RFC 9637", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
         "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"},
        {"AboveUnicast", "RFC 4291 §2.4", "4000::", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
         "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""},
        {"Private", "RFC 4193", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"LinkLocal", "RFC 4291 §2.5.6", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"SiteLocal", "RFC 3879", "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"Multicast", "RFC 4291 §2.7", "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    }),
    IdOf);

// What leads to IPv4 is as callable as where it leads.
INSTANTIATE_TEST_SUITE_P(
    V4WithinV6, BlockTest,
    ::testing::ValuesIn(std::vector<BlockCase>{
        {"Nat64Private", "RFC 6052 §2.1", "64:ff9b::10.0.0.0", "64:ff9b::10.255.255.255",
         "64:ff9b::9.255.255.255", "64:ff9b::11.0.0.0"},
        {"Nat64Loopback", "RFC 6052 §2.1", "64:ff9b::127.0.0.1", "64:ff9b::127.255.255.255",
         "64:ff9b::126.255.255.255", "64:ff9b::128.0.0.0"},
        {"Nat64Edges", "RFC 6052 §2.1", "64:ff9b::", "64:ff9b::255.255.255.255", "64:ff9b::1.0.0.0",
         "64:ff9b::223.255.255.255"},
        {"From6to4Private", "RFC 3056 §2", "2002:a00::", "2002:aff:ffff:ffff::1",
         "2002:9ff:ffff::", "2002:b00::"},
        {"From6to4Loopback", "RFC 3056 §2", "2002:7f00:1::1",
         "2002:7fff:ffff::", "2002:7eff:ffff::", "2002:8000::"},
        {"From6to4Edges", "RFC 3056 §2", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
         "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"},
        {"Mapped", "docs/rules.md §1", "::ffff:10.0.0.0", "::ffff:10.255.255.255",
         "::ffff:9.255.255.255", "::ffff:11.0.0.0"},
    }),
    IdOf);

TEST(WhyNotCalled, SaysWhy) {
  EXPECT_EQ(WhyNotCalled(Address("10.1.2.3"), {}), "private (RFC 1918)");
  EXPECT_EQ(WhyNotCalled(Address("64:ff9b::7f00:1"), {}), "loopback (RFC 1122)");
  EXPECT_EQ(WhyNotCalled(Address("2001:0:1::"), {}), "Teredo (RFC 4380)");
  EXPECT_EQ(WhyNotCalled(Address("::1"), {}), "loopback (RFC 4291)");
}

TEST(WhyNotCalled, OurOwnAddressesNeither) {
  const std::vector<IpAddress> own = {Address("8.8.8.8"), Address("2a00::1")};
  EXPECT_EQ(WhyNotCalled(Address("8.8.8.8"), own), "our own");
  EXPECT_EQ(WhyNotCalled(Address("::ffff:8.8.8.8"), own), "our own");
  EXPECT_EQ(WhyNotCalled(Address("64:ff9b::8.8.8.8"), own), "our own");
  EXPECT_EQ(WhyNotCalled(Address("2002:808:808::1"), own), "our own");
  EXPECT_EQ(WhyNotCalled(Address("2a00::1"), own), "our own");
  EXPECT_EQ(WhyNotCalled(Address("8.8.8.9"), own), std::nullopt);
}

}  // namespace
}  // namespace helovet
