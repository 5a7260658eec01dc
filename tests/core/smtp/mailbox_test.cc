#include "smtp/mailbox.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "testing/scripted_dns.h"

namespace helovet {
namespace {

using testing::Address;
using testing::Name;

TEST(ParseCallable, TakesTheDomainThatWasAskedFor) {
  const auto got = ParseCallable("Joe@ex\xc3\xa4mple.com", Name("xn--exmple-cua.com"));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->local_part, "Joe");
  EXPECT_EQ(got->domain, "xn--exmple-cua.com");
}

// RFC 5321 §4.5.3.1.3: 256 octets with the brackets.
TEST(ParseCallable, TakesWhatFitsAPath) {
  const std::string domain = "@example.com";
  EXPECT_TRUE(ParseCallable(std::string(kMaxMailboxOctets - domain.size(), 'j') + domain,
                            Name("example.com")));
  EXPECT_FALSE(ParseCallable(std::string(kMaxMailboxOctets - domain.size() + 1, 'j') + domain,
                             Name("example.com")));
}

TEST(ParseCallable, WantsADomainOfHostNames) {
  EXPECT_TRUE(ParseCallable("joe@_x.example.com", Name("_x.example.com")));
  EXPECT_FALSE(ParseCallable("joe@a b.com", Name("a\\032b.com")));
  EXPECT_FALSE(ParseCallable("joe@.", DnsName()));
}

// RFC 5321 §4.1.4: a client without a name says its address.
TEST(EhloArgument, IsANameOrAnAddress) {
  EXPECT_EQ(EhloArgument("mail.example.org", Address("192.0.2.1")), "mail.example.org");
  EXPECT_EQ(EhloArgument("mail.example.org.", Address("192.0.2.1")), "mail.example.org");
  EXPECT_EQ(EhloArgument("", Address("192.0.2.1")), "[192.0.2.1]");
  EXPECT_EQ(EhloArgument("", Address("2001:db8::1")), "[IPv6:2001:db8::1]");
  EXPECT_EQ(EhloArgument("no name", Address("2001:db8::1")), "[IPv6:2001:db8::1]");
  EXPECT_EQ(EhloArgument("", std::nullopt), "[127.0.0.1]");
}

}  // namespace
}  // namespace helovet
