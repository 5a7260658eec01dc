#include <string_view>

#include "gtest/gtest.h"
#include "helovet/config.h"

namespace helovet {
namespace {

struct Case {
  std::string_view text;
  std::string_view wanted;  // DnsServer::ToString(); empty: refused.
};

TEST(DnsServerTest, Parses) {
  constexpr Case kCases[] = {
      {"192.0.2.1", "192.0.2.1:53"},
      {"192.0.2.1:5353", "192.0.2.1:5353"},
      {"192.0.2.1:1", "192.0.2.1:1"},
      {"192.0.2.1:65535", "192.0.2.1:65535"},
      {"2001:db8::1", "[2001:db8::1]:53"},
      {"2001:db8::1:53", "[2001:db8::1:53]:53"},
      {"[2001:db8::1]:5353", "[2001:db8::1]:5353"},
      {"::ffff:192.0.2.1", "192.0.2.1:53"},
      {"[::ffff:192.0.2.1]:54", "192.0.2.1:54"},
      {"", ""},
      {":", ""},
      {":53", ""},
      {"[]:53", ""},
      {"[:53", ""},
      {"192.0.2.1:", ""},
      {"192.0.2.1:0", ""},
      {"192.0.2.1:053", ""},
      {"192.0.2.1:65536", ""},
      {"192.0.2.1:99999999999999999999", ""},
      {"192.0.2.1:+53", ""},
      {"192.0.2.1:-1", ""},
      {"192.0.2.1:53 ", ""},
      {" 192.0.2.1", ""},
      {"192.0.2.1:dns", ""},
      {"[192.0.2.1]:53", ""},
      {"[192.0.2.1]", ""},
      {"[2001:db8::1]", ""},
      {"[2001:db8::1]:", ""},
      {"[2001:db8::1]53", ""},
      {"2001:db8::1]:53", ""},
      {"[[2001:db8::1]]:53", ""},
      {"localhost", ""},
      {"localhost:53", ""},
  };
  for (const Case& test : kCases) {
    const std::optional<DnsServer> got = DnsServer::Parse(test.text);
    EXPECT_EQ(got ? got->ToString() : "", test.wanted) << "for \"" << test.text << '"';
  }
}

}  // namespace
}  // namespace helovet
