#include "publication/zone_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace helovet {
namespace {

DnsName Wire(const std::vector<std::string>& labels) {
  std::string wire;
  for (const std::string& label : labels) wire += static_cast<char>(label.size()) + label;
  wire += '\0';
  return *DnsName::FromWire({reinterpret_cast<const std::uint8_t*>(wire.data()), wire.size()});
}

TEST(ZoneNameTest, EscapesWhatMeansSomethingInAMasterFile) {  // RFC 1035 §5.1
  EXPECT_EQ(ZoneName(DnsName()), ".");
  EXPECT_EQ(ZoneName(Wire({"_client", "_smtp", "mail-1", "example"})),
            "_client._smtp.mail-1.example.");
  EXPECT_EQ(ZoneName(Wire({"*", "0/25", "example"})), "*.0/25.example.");
  EXPECT_EQ(ZoneName(Wire({"a.b", "c;d", "e f", "@"})), "a\\046b.c\\059d.e\\032f.\\064.");
  EXPECT_EQ(ZoneName(Wire({"\"(", "$\\", std::string("\x00\xff", 2)})),
            "\\034\\040.\\036\\092.\\000\\255.");
}

TEST(ZoneStringsTest, AreOf255OctetsAtMost) {  // RFC 1035 §3.3
  EXPECT_EQ(ZoneStrings(""), "\"\"");
  EXPECT_EQ(ZoneStrings("a \"b\\;"), R"("a \"b\\;")");
  EXPECT_EQ(ZoneStrings("\n\xff"), R"("\010\255")");
  const std::string full(255, 'a');
  EXPECT_EQ(ZoneStrings(full), '"' + full + '"');
  EXPECT_EQ(ZoneStrings(full + "b"), '"' + full + "\" \"b\"");
}

TEST(ZoneRecordOfTest, WritesEveryType) {
  struct Case {
    std::string source;
    DnsType type;
    DnsData data;
    std::string wanted;
  };
  const DnsName owner = *DnsName::Parse("a.example");
  const AplData apl = {{{kAplIpv4, 24, true, {192, 0, 2}}}};
  const std::vector<Case> cases = {
      {"RFC 1035 §3.4.1", DnsType::kA, *IpAddress::Parse("192.0.2.1"), "A 192.0.2.1"},
      {"RFC 3596 §2.4", DnsType::kAaaa, *IpAddress::Parse("2001:DB8::1"), "AAAA 2001:db8::1"},
      {"RFC 1035 §3.3.1", DnsType::kCname, owner, "CNAME a.example."},
      {"RFC 1035 §3.3.12", DnsType::kPtr, owner, "PTR a.example."},
      {"RFC 1035 §3.3.9", DnsType::kMx, MxData{10, DnsName()}, "MX 10 ."},
      {"RFC 2782", DnsType::kSrv, SrvData{1, 2, 0, owner}, "SRV 1 2 0 a.example."},
      {"RFC 3123 §5", DnsType::kApl, apl, "APL !1:192.0.2.0/24"},
      {"RFC 1035 §3.3.14", DnsType::kTxt, std::string("dmp="), "TXT \"dmp=\""},
  };
  for (const Case& each : cases) {
    const DnsRecord record = {.owner = owner, .type = each.type, .ttl = 60, .data = each.data};
    EXPECT_EQ(ToString(ZoneRecordOf(record)), "a.example. 60 IN " + each.wanted) << each.source;
  }
}

}  // namespace
}  // namespace helovet
