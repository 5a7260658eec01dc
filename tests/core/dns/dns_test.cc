#include "dns/dns.h"

#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace helovet {
namespace {

TEST(DnsTypeTest, HasTheRegistrysName) {
  struct Case {
    DnsType type;
    int number;  // RFC 1035 §3.2.2, RFC 3596 §2.1, RFC 2782, RFC 3123 §4.
    std::string want;
  };
  const Case cases[] = {
      {DnsType::kA, 1, "A"},      {DnsType::kCname, 5, "CNAME"}, {DnsType::kPtr, 12, "PTR"},
      {DnsType::kMx, 15, "MX"},   {DnsType::kTxt, 16, "TXT"},    {DnsType::kAaaa, 28, "AAAA"},
      {DnsType::kSrv, 33, "SRV"}, {DnsType::kApl, 42, "APL"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(ToString(c.type), c.want);
    EXPECT_EQ(static_cast<int>(c.type), c.number) << c.want;
  }
}

TEST(DnsOutcomeTest, HasItsOwnTokenAndSaysWhetherItIsTemporary) {
  struct Case {
    DnsOutcome outcome;
    std::string want;
    bool temporary;
  };
  const Case cases[] = {
      {DnsOutcome::kOk, "ok", false},
      {DnsOutcome::kNoData, "nodata", false},
      {DnsOutcome::kNxDomain, "nxdomain", false},
      {DnsOutcome::kAliasChain, "alias-chain", false},
      {DnsOutcome::kTimeout, "timeout", true},
      {DnsOutcome::kServFail, "servfail", true},
      {DnsOutcome::kRefused, "refused", true},
      {DnsOutcome::kNotImp, "notimp", true},
      {DnsOutcome::kFormErr, "formerr", true},
      {DnsOutcome::kMalformed, "malformed", true},
      {DnsOutcome::kUnreachable, "unreachable", true},
      {DnsOutcome::kQueryLimit, "query-limit", true},
      {DnsOutcome::kTooLarge, "too-large", true},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(ToString(c.outcome), c.want);
    EXPECT_EQ(IsTemporary(c.outcome), c.temporary) << c.want;
  }
}

TEST(DnsRecordTest, PrintsItsData) {
  struct Case {
    DnsType type;
    DnsData data;
    std::string want;
  };
  const DnsName mail = *DnsName::Parse("Mail.example.com.");
  const std::vector<Case> cases = {
      {DnsType::kA, *IpAddress::Parse("192.0.2.1"), "192.0.2.1"},
      {DnsType::kAaaa, *IpAddress::Parse("2001:DB8::0:1"), "2001:db8::1"},
      {DnsType::kCname, mail, "mail.example.com"},
      {DnsType::kPtr, DnsName(), "."},
      {DnsType::kSrv, SrvData{1, 2, 0, mail}, "1 2 0 mail.example.com"},
      {DnsType::kSrv, SrvData{65535, 65535, 65535, DnsName()}, "65535 65535 65535 ."},
      {DnsType::kMx, MxData{10, mail}, "10 mail.example.com"},
      {DnsType::kMx, MxData{65535, DnsName()}, "65535 ."},
      // RFC 3123 §5.
      {DnsType::kApl, AplData{{{kAplIpv4, 24, true, {192, 0, 2}}, {kAplIpv6, 8, false, {0xff}}}},
       "!1:192.0.2.0/24 2:ff00::/8"},
      {DnsType::kApl, AplData{{{3, 16, false, {}}}}, "3:/16"},
      {DnsType::kApl, AplData{}, ""},
      // RFC 1035 §5.1: a quoted character-string and its escapes.
      {DnsType::kTxt, std::string("v=spf1 -all"), "\"v=spf1 -all\""},
      {DnsType::kTxt, std::string(), "\"\""},
      {DnsType::kTxt, std::string("a\"b\\c"), "\"a\\\"b\\\\c\""},
      {DnsType::kTxt, std::string("\0\t\r\n\x1f ~\x7f\x80\xff", 10),
       "\"\\000\\009\\013\\010\\031 ~\\127\\128\\255\""},
      {DnsType::kTxt, std::string("a;b(c)"), "\"a;b(c)\""},
      {DnsType::kTxt, std::string(1000, 'x'), '"' + std::string(1000, 'x') + '"'},
  };
  for (const Case& c : cases) {
    const DnsRecord record{.owner = mail, .type = c.type, .ttl = 60, .data = c.data};
    EXPECT_EQ(record.DataToString(), c.want);
  }
}

}  // namespace
}  // namespace helovet
