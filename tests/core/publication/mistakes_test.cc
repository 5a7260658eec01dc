// What is refused of a plan, and what is published with a warning.
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "helovet/publication.h"

namespace helovet {
namespace {

struct RemarkCase {
  std::string id = {};
  std::string source = {};
  PublicationPlan plan = {};
  std::string wanted = {};  // "PART: VALUE: MESSAGE"
};
void PrintTo(const RemarkCase& each, std::ostream* out) { *out << each.id; }

std::string Text(const PlanRemark& remark) {
  return std::string(ToString(remark.part)) + ": " + remark.value + ": " + remark.message;
}

PublicationPlan Host(const std::string& name, const std::string& address = "192.0.2.1") {
  return {.hosts = {{name, {address}}}};
}

// A name of four labels, `octets` long.
std::string LongName(std::size_t octets) {
  const std::string label(63, 'a');
  return std::string(octets - 3 * 64, 'b') + "." + label + "." + label + "." + label;
}

std::vector<std::string> ManyAddresses(int count) {
  std::vector<std::string> addresses;
  for (int i = 1; i <= count; ++i) addresses.push_back("192.0.2." + std::to_string(i));
  return addresses;
}

class Refused : public ::testing::TestWithParam<RemarkCase> {};

TEST_P(Refused, IsTheFirstMistake) {
  const auto publication = MakePublication(GetParam().plan);
  ASSERT_FALSE(publication) << RenderZone(*publication);
  EXPECT_EQ(Text(publication.error()), GetParam().wanted) << GetParam().source;
}

std::vector<RemarkCase> NameCases() {
  const std::string hyphens =
      "has a label that is not letters, digits and inner hyphens (RFC 1123 2.1): ";
  const std::string no_host = "is not what receivers take for a host: ";
  return {
      {"empty", "RFC 1035 §2.3.1", Host(""), "hosts: : is no name"},
      {"dot", "RFC 1035 §2.3.1", Host("."), "hosts: .: has an empty label"},
      {"empty_label", "RFC 1035 §2.3.1", Host("a..example"),
       "hosts: a..example: has an empty label"},
      {"label", "RFC 1035 §2.3.4", Host(std::string(64, 'a') + ".example"),
       "hosts: " + std::string(64, 'a') +
           ".example: has a label of more than 63 octets (RFC 1035 2.3.4)"},
      {"too_long", "RFC 1035 §2.3.4", Host(LongName(254)),
       "hosts: " + LongName(254) + ": is longer than 253 octets (RFC 1035 2.3.4)"},
      {"no_room_for_csa", "docs/rules.md §4.1", Host(LongName(240)),
       "hosts: " + LongName(240) + ": is too long for the names of its records (RFC 1035 2.3.4)"},
      {"underscore", "RFC 1123 §2.1", Host("my_mail.example"),
       "hosts: my_mail.example: " + hyphens + "my_mail"},
      {"octets_of_a_terminal", "RFC 1123 §2.1", Host("a\x1b[31m.example"),
       "hosts: a\x1b[31m.example: " + hyphens + "a\\x1b[31m"},
      {"not_utf8", "RFC 5890 §2.3.2.1", Host("a\xff.example"),
       "hosts: a\xff.example: is no name in UTF-8 that IDNA2008 has"},
      {"address", "RFC 5321 §2.3.5", Host("192.0.2.1"),
       "hosts: 192.0.2.1: is an address, and no name"},
      {"number", "RFC 1123 §2.1", Host("mail.1"),
       "hosts: mail.1: ends in a number, which no name of a host does (RFC 1123 2.1)"},
      {"single_label", "docs/rules.md §3", Host("mail"),
       "hosts: mail: " + no_host + "the HELO name has a single label"},
      {"special_use", "docs/rules.md §3", Host("mail.local"),
       "hosts: mail.local: " + no_host +
           "the HELO name is under a domain for local or special use"},
  };
}
INSTANTIATE_TEST_SUITE_P(Names, Refused, ::testing::ValuesIn(NameCases()),
                         [](const auto& each) { return each.param.id; });

std::vector<RemarkCase> AddressCases() {
  const std::string host = "mail.example";
  return {
      {"none", "CSA-02 §4", {.hosts = {{host, {}}}}, "hosts: mail.example: has no address"},
      {"word", "RFC 1123 §2.1", Host(host, "192.0.2"),
       "hosts: 192.0.2: is not an IPv4 or IPv6 address"},
      {"empty", "RFC 1123 §2.1", Host(host, ""), "hosts: : is not an IPv4 or IPv6 address"},
      {"network", "CSA-02 §4", Host(host, "192.0.2.0/24"),
       "hosts: 192.0.2.0/24: is not an IPv4 or IPv6 address"},
      {"this_host", "RFC 1122 §3.2.1.3", Host(host, "0.0.0.0"),
       "hosts: 0.0.0.0: is \"this host\", which nobody sends from (RFC 1122)"},
      {"multicast", "RFC 4291 §2.7", Host(host, "ff02::1"),
       "hosts: ff02::1: is a group of hosts (RFC 4291)"},
      {"many_hosts",
       "BCP, Managing sending SMTP clients; CSA-02 §6",
       {.hosts = {{host, ManyAddresses(28)}}},
       "hosts: mail.example: takes 524 octets in the answer about SRV, more than the 512 that "
       "always arrive (RFC 1035 4.2.1); give each host a name of its own"},
  };
}
INSTANTIATE_TEST_SUITE_P(Addresses, Refused, ::testing::ValuesIn(AddressCases()),
                         [](const auto& each) { return each.param.id; });

std::vector<RemarkCase> PartCases() {
  PublicationPlan silent_host = Host("mail.example.com");
  silent_host.no_mail = {"mail.example.com"};
  PublicationPlan drip_elsewhere = Host("mail.example.com");
  drip_elsewhere.drip = {"example.net"};
  PublicationPlan outside = Host("mail.example.net");
  outside.zone = PublicationPlan::Zone{"example.com"};
  PublicationPlan server = Host("mail.example.com");
  server.zone = PublicationPlan::Zone{"example.com", {{"ns.example.com"}}};
  PublicationPlan glue = Host("mail.example.com");
  glue.zone = PublicationPlan::Zone{"example.com", {{"ns.example.net", {"192.0.2.53"}}}};
  PublicationPlan root = Host("mail.example.com");
  root.zone = PublicationPlan::Zone{"."};
  PublicationPlan long_accreditor = Host("mail.example.com");
  long_accreditor.accreditors = {LongName(245)};
  return {
      {"nothing", "CSA-02 §4", {}, "plan: : has nothing to publish"},
      {"host_without_mail", "docs/rules.md §4.3", silent_host,
       "no-mail: mail.example.com: is among the hosts that send mail, too"},
      {"accreditor_of_nobody",
       "DNA-02 §4",
       {.no_mail = {"a.example"}, .accreditors = {"b.example"}},
       "accreditors: b.example: has no host to vouch for"},
      {"accreditor_with_its_labels",
       "DNA-02 §4",
       {.hosts = {{"a.example", {"192.0.2.1"}}}, .accreditors = {"_VOUCH._smtp.b.example"}},
       "accreditors: _vouch._smtp.b.example: is to be written without _vouch._smtp."},
      {"accreditor_too_long", "RFC 1035 §2.3.4", long_accreditor,
       "accreditors: " + LongName(245) +
           ": is too long for the names of its records (RFC 1035 2.3.4)"},
      {"spf_of_nobody",
       "RFC 7208 §10.1.2",
       {.spf = {"a.example"}},
       "spf: a.example: has no host to send its mail, and is not said to send none"},
      {"name_server_with_an_address_that_sends_no_mail",
       "CSA-02 §4",
       {.hosts = {{"mail.a.example", {"192.0.2.1"}}},
        .zone = PublicationPlan::Zone{"a.example", {{"mail.a.example", {"192.0.2.53"}}}, 1}},
       "nameservers: mail.a.example: sends mail, too, and 192.0.2.53 is not one of its addresses"},
      {"dmp_of_nobody",
       "DMP-01 §4",
       {.dmp = {"a.example"}},
       "dmp: a.example: has no host to send its mail, and is not said to send none"},
      {"drip_of_nobody", "DRIP-02 §4.3", drip_elsewhere,
       "drip: example.net: has no host at or below it, and is not said to send no mail"},
      {"ttl",
       "RFC 2181 §8",
       {.no_mail = {"a.example"}, .ttl = 2147483648},
       "ttl: 2147483648: is not from 1 to 2147483647 (RFC 2181 8)"},
      {"no_ttl",
       "RFC 2181 §8",
       {.no_mail = {"a.example"}, .ttl = 0},
       "ttl: 0: is not from 1 to 2147483647 (RFC 2181 8)"},
      {"outside_the_zone", "RFC 1035 §5.2", outside,
       "hosts: mail.example.net: is not in the zone example.com"},
      {"server_without_address", "RFC 1035 §5.2", server,
       "nameservers: ns.example.com: is in the zone and needs an address"},
      {"address_of_another_zone", "RFC 1035 §5.2", glue,
       "nameservers: ns.example.net: is not in the zone example.com, which cannot have its "
       "addresses"},
      {"root", "RFC 1035 §5.2", root, "apex: .: is the root"},
  };
}
INSTANTIATE_TEST_SUITE_P(Parts, Refused, ::testing::ValuesIn(PartCases()),
                         [](const auto& each) { return each.param.id; });

class Warned : public ::testing::TestWithParam<RemarkCase> {};

TEST_P(Warned, AndPublishedAllTheSame) {
  const auto publication = MakePublication(GetParam().plan);
  ASSERT_TRUE(publication) << Text(publication.error());
  ASSERT_EQ(publication->warnings.size(), 1U) << GetParam().source;
  EXPECT_EQ(Text(publication->warnings[0]), GetParam().wanted) << GetParam().source;
}

std::vector<RemarkCase> WarningCases() {
  PublicationPlan accreditors = Host("mail.example.com");
  for (char name = 'a'; name <= 'g'; ++name) {
    accreditors.accreditors.push_back(std::string(1, name) + ".example");
  }
  PublicationPlan many = Host("h0.example", "2001:db8:1111:2222:3333:4444:5555:0");
  for (int i = 1; i < 12; ++i) {
    many.hosts.push_back({"h" + std::to_string(i) + ".example",
                          {"2001:db8:1111:2222:3333:4444:5555:" + std::to_string(i)}});
  }
  many.spf = {"example.com"};
  return {
      {"many_hosts",
       "BCP, Managing sending SMTP clients",
       {.hosts = {{"mail.example", {"192.0.2.1", "192.0.2.2", "2001:db8::1"}}}},
       "hosts: mail.example: has 2 addresses of one family: if that is one name for many hosts, "
       "give each a name of its own"},
      {"private_address", "RFC 1918", Host("mail.example", "10.0.0.1"),
       "hosts: 10.0.0.1: is private (RFC 1918): receivers see another address"},
      {"explicit_too_deep",
       "CSA-02 §6",
       {.explicit_domains = {"a.b.c.d.e.f.example"}},
       "explicit: a.b.c.d.e.f.example: has more than six labels: nobody asks so deep for what "
       "holds "
       "below (CSA-02 6)"},
      {"explicit_top_level",
       "CSA-02 §6",
       {.explicit_domains = {"example"}},
       "explicit: example: is a top-level domain, which nobody asks (CSA-02 7)"},
      {"seven_accreditors", "BCP, Managing sending SMTP clients", accreditors,
       "accreditors: g.example: is one more than the six that receivers ask"},
      {"long_ttl",
       "docs/rules.md §8",
       {.no_mail = {"a.example"}, .ttl = 86401},
       "ttl: 86401: is more than a day: a change takes as long"},
      {"no_server",
       "RFC 1035 §5.2",
       {.no_mail = {"a.example"}, .zone = PublicationPlan::Zone{"a.example"}},
       "nameservers: a.example: has no name server: with localhost it is good for trying alone"},
      {"long_spf", "RFC 7208 §3.4", many,
       "spf: example.com: takes 536 octets in the answer about TXT, more than the 512 that always "
       "arrive (RFC 1035 4.2.1)"},
  };
}
INSTANTIATE_TEST_SUITE_P(Plans, Warned, ::testing::ValuesIn(WarningCases()),
                         [](const auto& each) { return each.param.id; });

TEST(LimitsTest, WhatJustFitsIsPublished) {
  // docs/rules.md §4.1: 239 octets, the dot and `_client._smtp` before them are 253.
  EXPECT_TRUE(MakePublication({.no_mail = {LongName(239)}}));
  // CSA-02 §6: 508 octets. RFC 1035 §4.2.1.
  EXPECT_TRUE(MakePublication({.hosts = {{"mail.example", ManyAddresses(27)}}}));
}

}  // namespace
}  // namespace helovet
