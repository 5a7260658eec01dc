#include "checks/spf/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "testing/scripted_dns.h"

namespace helovet::spf {
namespace {

using helovet::testing::Address;
using ::testing::ElementsAre;

TEST(SpfRecordTest, BeginsWithTheVersion) {
  const struct {
    std::string text;
    bool want;
  } cases[] = {
      {"v=spf1", true},        {"v=spf1 ", true},      {"v=spf1 -all", true},
      {"V=SpF1 -all", true},   {"v=spf10", false},     {"v=spf1-all", false},
      {"v=spf1\t-all", false}, {"v=spf2 -all", false}, {" v=spf1 -all", false},
      {"\"v=spf1\"", false},   {"v=spf", false},       {"", false},
  };
  for (const auto& c : cases) EXPECT_EQ(IsRecord(c.text), c.want) << "RFC 7208 §4.5: " << c.text;
}

TEST(SpfRecordTest, FollowsTheSyntax) {
  const struct {
    std::string source;
    std::vector<std::string> valid;
    std::vector<std::string> invalid;
  } cases[] = {
      {"RFC 7208 §4.6.1: terms",
       {"", " ", "   all   ", "all all -all", "A MX +aLL"},
       {"moo", "all\t-all", "all,-all",
        "\xc2\xa0"
        "all",
        "-", "+-all", "!all", "all\r", "=all", "all\x96", ":", "/", "%{d}"}},
      {"RFC 7208 §5.1",
       {"all", "+all", "-all", "~all", "?all"},
       {"all.", "all:x.com", "all/8", "-all=", "al"}},
      {"RFC 7208 §5.2",
       {"include:example.com", "include:%{d}"},
       {"include", "include:", "include:com", "include:example.com/24", "include/24"}},
      {"RFC 7208 §5.3, §5.6",
       {"a", "a:example.com", "a/24", "a//64", "a/24//64", "a:example.com/24//64", "a/0//0",
        "a/32//128", "a:foo:bar/baz.example.com", "a:%{d}/24"},
       {"a:",
        "a/",
        "a//",
        "a/33",
        "a//129",
        "a/024",
        "a/00",
        "a//00",
        "a/24/64",
        "a//64/24",
        "a///64",
        "a:/24",
        "a/24:example.com",
        "a:example.com:8080",
        "a:192.0.2.1",
        "a/-1",
        "a/+8",
        "a/2 4x",
        "a/999999999999999999999",
        "a:example.com/",
        "a:example.com/x"}},
      {"RFC 7208 §5.4",
       {"mx", "mx:example.com", "mx/24", "mx//64", "mx/24//64", "mx:example.com/24//64"},
       {"mx:", "mx/33", "mx//129", "mx:com", "mx24"}},
      {"RFC 7208 §5.5",
       {"ptr", "ptr:example.com"},
       {"ptr:", "ptr/24", "ptr:com", "ptr:example.com/24"}},
      {"RFC 7208 §5.6",
       {"ip4:192.0.2.1", "ip4:192.0.2.1/0", "ip4:192.0.2.1/32", "IP4:0.0.0.0"},
       {"ip4", "ip4:", "ip4:192.0.2", "ip4:192.0.2.256", "ip4:192.0.2.1/33", "ip4:192.0.2.1/",
        "ip4:192.0.2.1//32", "ip4:192.0.2.1/08", "ip4:192.0.2.01", "ip4:192.0.2.1.5", "ip4:::1",
        "ip4:2001:db8::1", "ip4:::ffff:192.0.2.1", "ip4:example.com", "ip4/24", "ip4:%{i}"}},
      {"RFC 7208 §5.6",
       {"ip6:::", "ip6:2001:db8::/32", "ip6:2001:DB8::1/128", "ip6:::/0", "ip6:::ffff:192.0.2.1",
        "ip6:1:2:3:4:5:6:7:8"},
       {"ip6", "ip6:", "ip6:192.0.2.1", "ip6:2001:db8::/129", "ip6:2001:db8::/",
        "ip6:2001:db8:://32", "ip6:1:2:3", "ip6:::1::", "ip6:2001:db8::1%eth0", "ip6:[::1]",
        "ip6:2001:db8::/032"}},
      {"RFC 7208 §5.7",
       {"exists:example.com", "exists:%{i}.%{d}"},
       {"exists", "exists:", "exists:example.com/24", "exists:%{c}"}},
      {"RFC 7208 §6, §12: known modifiers",
       {"redirect=example.com", "exp=example.com", "REDIRECT=%{d}", "all redirect=example.com",
        "exp=%{d} redirect=%{d}"},
       {"redirect=", "redirect", "redirect=com", "redirect:example.com", "exp=", "exp=-all",
        "exp=%{r}.example.com", "-redirect=example.com",
        "redirect=example.com redirect=example.com", "exp=a.com exp=a.com",
        "exp=a.com -all EXP=b.com"}},
      {"RFC 7208 §6, §12: unknown modifiers",
       {"moo=", "all=", "moo=cow", "m-o_o.2=man:dog/cat=bird", "moo=%{d}%%", "moo=a moo=a",
        "moo=%{c}"},
       {"moo=%", "moo=%{x}", "moo=%abc", "1up=foo", "-moo=cow", "m+o=cow", "_moo=cow", "moo=\x80"}},
      {"RFC 7208 §4.6: an error anywhere, after all as well",
       {},
       {"ip4:192.0.2.1 -all moo", "-all a:", "all ip4:192.0.2.1/33"}},
  };
  for (const auto& c : cases) {
    for (const std::string& terms : c.valid) {
      EXPECT_TRUE(Record::Parse("v=spf1 " + terms)) << c.source << ": " << terms;
    }
    for (const std::string& terms : c.invalid) {
      EXPECT_FALSE(Record::Parse("v=spf1 " + terms)) << c.source << ": " << terms;
    }
  }
}

TEST(SpfRecordTest, HasItsTermsInOrder) {
  const std::string text =
      "v=spf1 ?a:x.example/24//64  redirect=r.example ~mx -all exp=e.example moo=cow ";
  const std::optional<Record> record = Record::Parse(text);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->redirect(), "r.example");
  EXPECT_EQ(record->explanation(), "e.example");
  std::vector<std::string> terms;
  Record::Terms reader(*record);
  while (const std::optional<Term> term = reader.Next()) {
    terms.push_back(std::to_string(static_cast<int>(term->kind)) + " " +
                    std::string(ToString(term->qualifier)) + " " + std::string(term->domain_spec) +
                    " " + std::to_string(term->v4_bits) + " " + std::to_string(term->v6_bits));
  }
  EXPECT_THAT(terms, ElementsAre("2 neutral x.example 24 64", "8 pass r.example 32 128",
                                 "3 softfail  32 128", "0 fail  32 128", "9 pass e.example 32 128",
                                 "10 pass cow 32 128"));
}

TEST(SpfRecordTest, MatchesNetworks) {
  const struct {
    std::string term;
    std::string client;
    bool want;
  } cases[] = {
      {"ip4:192.0.2.1", "192.0.2.1", true},
      {"ip4:192.0.2.1", "192.0.2.2", false},
      {"ip4:192.0.2.77/24", "192.0.2.1", true},  // Bits after the prefix do not count.
      {"ip4:192.0.2.128/25", "192.0.2.127", false},
      {"ip4:192.0.2.0/31", "192.0.2.1", true},
      {"ip4:192.0.2.0/31", "192.0.2.2", false},
      {"ip4:10.0.0.0/0", "192.0.2.1", true},
      {"ip4:0.0.0.0/0", "2001:db8::1", false},
      {"ip6:2001:db8::/32", "2001:db8:ffff::1", true},
      {"ip6:2001:db8::/33", "2001:db8:ffff::1", false},
      {"ip6:2001:db8::1", "2001:db8::1", true},
      {"ip6:2001:db8::/127", "2001:db8::1", true},
      {"ip6:2001:db8::/127", "2001:db8::2", false},
      {"ip6:::/0", "2001:db8::1", true},
      // RFC 7208 §5: a mapped address is IPv4, and only "ip4" speaks of those.
      {"ip4:192.0.2.1", "::ffff:192.0.2.1", true},
      {"ip6:::ffff:192.0.2.1", "::ffff:192.0.2.1", false},
      {"ip6:::/0", "192.0.2.1", false},
      {"ip6:::ffff:192.0.2.1/64", "::1", true},
  };
  for (const auto& c : cases) {
    const std::string text = "v=spf1 " + c.term;
    const std::optional<Record> record = Record::Parse(text);
    ASSERT_TRUE(record) << c.term;
    EXPECT_EQ(Record::Terms(*record).Next()->HoldsClient(Address(c.client)), c.want)
        << "RFC 7208 §5.6: " << c.term << ' ' << c.client;
  }
}

}  // namespace
}  // namespace helovet::spf
