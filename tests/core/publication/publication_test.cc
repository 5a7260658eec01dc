#include "helovet/publication.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace helovet {
namespace {

using ::testing::ElementsAreArray;

const PlannedHost kMail = {"mail.example.com", {"192.0.2.1"}};
const PlannedHost kBoth = {"mail.example.com", {"192.0.2.1", "2001:db8::1"}};

// The lines of records, those for elsewhere with a semicolon before them; or the mistake.
std::vector<std::string> Lines(const PublicationPlan& plan) {
  const auto publication = MakePublication(plan);
  if (!publication) return {publication.error().value + ": " + publication.error().message};
  std::vector<std::string> lines;
  for (const ZoneRecord& record : publication->records) {
    lines.push_back((record.elsewhere ? "; " : "") + ToString(record));
  }
  return lines;
}

struct PlanCase {
  std::string id = {};
  std::string source = {};
  PublicationPlan plan = {};
  std::vector<std::string> wanted = {};
};
void PrintTo(const PlanCase& each, std::ostream* out) { *out << each.id; }

class Plans : public ::testing::TestWithParam<PlanCase> {};

TEST_P(Plans, GiveRecords) {
  const PlanCase& each = GetParam();
  EXPECT_THAT(Lines(each.plan), ElementsAreArray(each.wanted)) << each.source;
}

const std::string kMailPtr = "; 1.2.0.192.in-addr.arpa. 3600 IN PTR mail.example.com.";
const std::string kMailCsa = "_client._smtp.mail.example.com. 3600 IN SRV 1 2 0 mail.example.com.";
const std::string kMailA = "mail.example.com. 3600 IN A 192.0.2.1";

std::vector<PlanCase> CsaCases() {
  return {
      {"host",
       "CSA-02 §5; BCP, Managing sending SMTP clients",
       {.hosts = {kMail}},
       {kMailCsa, kMailA, kMailPtr}},
      {"host_of_both_families",
       "CSA-02 §5; RFC 3596 §2.5",
       {.hosts = {kBoth}},
       {kMailCsa, kMailA, "mail.example.com. 3600 IN AAAA 2001:db8::1", kMailPtr,
        "; 1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. 3600 IN PTR "
        "mail.example.com."}},
      {"reverse_zones_are_ours",
       "RFC 1035 §3.5",
       {.hosts = {kMail}, .reverse = true},
       {kMailCsa, kMailA, kMailPtr.substr(2)}},
      {"spelling_of_names_and_addresses",
       "docs/rules.md §1; RFC 4343",
       {.hosts = {{"Mail.EXAMPLE.com.", {"::ffff:192.0.2.1"}}}},
       {kMailCsa, kMailA, kMailPtr}},
      {"what_is_given_twice_counts_once",
       "docs/rules.md §4.3",
       {.hosts = {kMail, kMail}, .no_mail = {"a.example", "A.example."}},
       {kMailCsa, kMailA, "_client._smtp.a.example. 3600 IN SRV 1 1 0 a.example.", kMailPtr}},
      {"u_labels",
       "RFC 5890 §2.3.2.1",
       {.no_mail = {"b\xc3\xbc"
                    "cher.example"}},
       {"_client._smtp.xn--bcher-kva.example. 3600 IN SRV 1 1 0 xn--bcher-kva.example."}},
      {"name_without_mail",
       "CSA-02 §5, Weight",
       {.no_mail = {"www.example.com"}, .ttl = 60},
       {"_client._smtp.www.example.com. 60 IN SRV 1 1 0 www.example.com."}},
      {"explicit_domain_sends_nothing_itself",
       "CSA-02 §7",
       {.explicit_domains = {"example.com"}},
       {"_client._smtp.example.com. 3600 IN SRV 1 1 1 example.com."}},
      {"explicit_domain_that_is_a_host",
       "CSA-02 §7",
       {.hosts = {{"example.com", {"192.0.2.1"}}}, .explicit_domains = {"example.com"}},
       {"_client._smtp.example.com. 3600 IN SRV 1 2 1 example.com.",
        "example.com. 3600 IN A 192.0.2.1", "; 1.2.0.192.in-addr.arpa. 3600 IN PTR example.com."}},
      {"explicit_domain_that_sends_no_mail",
       "CSA-02 §7",
       {.no_mail = {"example.com"}, .explicit_domains = {"example.com"}},
       {"_client._smtp.example.com. 3600 IN SRV 1 1 1 example.com."}},
      {"accreditors",
       "DNA-02 §4",
       {.hosts = {kMail}, .accreditors = {"judge.example", "dna.example.net"}},
       {kMailCsa, kMailA, "mail.example.com. 3600 IN PTR _vouch._smtp.judge.example.",
        "mail.example.com. 3600 IN PTR _vouch._smtp.dna.example.net.", kMailPtr}},
  };
}
INSTANTIATE_TEST_SUITE_P(Csa, Plans, ::testing::ValuesIn(CsaCases()),
                         [](const auto& each) { return each.param.id; });

std::vector<PlanCase> DesignationCases() {
  const std::string drip = "relays._email_.";
  return {
      {"dmp",
       "DMP-01 §4; RFC 4592 §2.2.3: a wildcard reaches no further than the next name that exists",
       {.hosts = {kMail}, .dmp = {"example.com"}},
       {kMailCsa, kMailA, "_smtp-client.example.com. 3600 IN TXT \"dmp=\"",
        "*._smtp-client.example.com. 3600 IN TXT \"dmp=deny\"",
        "1.2.0.192.in-addr._smtp-client.example.com. 3600 IN TXT \"dmp=allow\"",
        "*.2.0.192.in-addr._smtp-client.example.com. 3600 IN TXT \"dmp=deny\"",
        "*.0.192.in-addr._smtp-client.example.com. 3600 IN TXT \"dmp=deny\"",
        "*.192.in-addr._smtp-client.example.com. 3600 IN TXT \"dmp=deny\"",
        "*.in-addr._smtp-client.example.com. 3600 IN TXT \"dmp=deny\"",
        // DMP-01 §4: the host's own, which null senders are judged by.
        "_smtp-client.mail.example.com. 3600 IN TXT \"dmp=\"",
        "*._smtp-client.mail.example.com. 3600 IN TXT \"dmp=deny\"",
        "1.2.0.192.in-addr._smtp-client.mail.example.com. 3600 IN TXT \"dmp=allow\"",
        "*.2.0.192.in-addr._smtp-client.mail.example.com. 3600 IN TXT \"dmp=deny\"",
        "*.0.192.in-addr._smtp-client.mail.example.com. 3600 IN TXT \"dmp=deny\"",
        "*.192.in-addr._smtp-client.mail.example.com. 3600 IN TXT \"dmp=deny\"",
        "*.in-addr._smtp-client.mail.example.com. 3600 IN TXT \"dmp=deny\"", kMailPtr}},
      {"dmp_without_mail",
       "DMP-01 §4",
       {.no_mail = {"a.example"}, .dmp = {"a.example"}},
       {"_client._smtp.a.example. 3600 IN SRV 1 1 0 a.example.",
        "_smtp-client.a.example. 3600 IN TXT \"dmp=\"",
        "*._smtp-client.a.example. 3600 IN TXT \"dmp=deny\""}},
      {"drip_of_a_parent_has_its_hosts",
       "DRIP-02 §3.3, §3.5.2, §4.3",
       {.hosts = {kMail, {"mail.example.net", {"192.0.2.2"}}}, .drip = {"example.com"}},
       {kMailCsa, kMailA, "_client._smtp.mail.example.net. 3600 IN SRV 1 2 0 mail.example.net.",
        "mail.example.net. 3600 IN A 192.0.2.2",
        "*.ipv4." + drip + "example.com. 3600 IN A 0.0.0.0",
        "*.ipv6." + drip + "example.com. 3600 IN AAAA ::",
        "*.ipv4." + drip + "mail.example.com. 3600 IN A 0.0.0.0",
        "*.ipv6." + drip + "mail.example.com. 3600 IN AAAA ::",
        "192_0_2_1.ipv4." + drip + "mail.example.com. 3600 IN A 192.0.2.1", kMailPtr,
        "; 2.2.0.192.in-addr.arpa. 3600 IN PTR mail.example.net."}},
      {"drip_of_a_host",
       "DRIP-02 §3.4",
       {.hosts = {{"m.example", {"2001:db8::1"}}}, .drip = {"m.example"}, .reverse = false},
       {"_client._smtp.m.example. 3600 IN SRV 1 2 0 m.example.",
        "m.example. 3600 IN AAAA 2001:db8::1", "*.ipv4." + drip + "m.example. 3600 IN A 0.0.0.0",
        "*.ipv6." + drip + "m.example. 3600 IN AAAA ::",
        "2001_0db8_0000_0000_0000_0000_0000_0001.ipv6." + drip +
            "m.example. 3600 IN AAAA 2001:db8::1",
        "; 1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. 3600 IN PTR "
        "m.example."}},
      {"spf",
       "RFC 7208 §5.6, §10.1.3",
       {.hosts = {kBoth}, .no_mail = {"www.example.com", "example.net"}, .spf = {"example.com"}},
       {kMailCsa, kMailA, "mail.example.com. 3600 IN AAAA 2001:db8::1",
        "_client._smtp.www.example.com. 3600 IN SRV 1 1 0 www.example.com.",
        "_client._smtp.example.net. 3600 IN SRV 1 1 0 example.net.",
        "example.com. 3600 IN TXT \"v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 -all\"",
        "mail.example.com. 3600 IN TXT \"v=spf1 a -all\"",
        "www.example.com. 3600 IN TXT \"v=spf1 -all\"", kMailPtr,
        "; 1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. 3600 IN PTR "
        "mail.example.com."}},
      {"spf_without_hosts",
       "RFC 7208 §10.1.2",
       {.no_mail = {"a.example"}, .spf = {"a.example"}},
       {"_client._smtp.a.example. 3600 IN SRV 1 1 0 a.example.",
        "a.example. 3600 IN TXT \"v=spf1 -all\""}},
      {"domain_that_no_host_is_named_after_still_has_mail",
       "CSA-02 §4: weight 1 is about the HELO name and not about senders",
       {.hosts = {kMail}, .no_mail = {"example.com"}, .spf = {"example.com"}},
       {kMailCsa, kMailA, "_client._smtp.example.com. 3600 IN SRV 1 1 0 example.com.",
        "example.com. 3600 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"",
        "mail.example.com. 3600 IN TXT \"v=spf1 a -all\"", kMailPtr}},
  };
}
INSTANTIATE_TEST_SUITE_P(Designations, Plans, ::testing::ValuesIn(DesignationCases()),
                         [](const auto& each) { return each.param.id; });

std::vector<PlanCase> ZoneCases() {
  const PublicationPlan::Zone zone = {"example.com", {{"ns.example.com", {"192.0.2.53"}}}, 7};
  const PublicationPlan::Zone reverse = {"2.0.192.in-addr.arpa", {{"ns.example.com"}}, 7};
  return {
      {"zone",
       "RFC 1035 §5.2",
       {.hosts = {kMail}, .zone = zone},
       {"example.com. 3600 IN SOA ns.example.com. hostmaster.example.com. 7 14400 3600 1209600 "
        "3600",
        "example.com. 3600 IN NS ns.example.com.", "ns.example.com. 3600 IN A 192.0.2.53", kMailCsa,
        kMailA, kMailPtr}},
      {"zone_of_addresses_has_the_reverse_names_alone",
       "RFC 1035 §3.5",
       {.hosts = {kMail}, .reverse = true, .zone = reverse},
       {"2.0.192.in-addr.arpa. 3600 IN SOA ns.example.com. hostmaster.2.0.192.in-addr.arpa. 7 "
        "14400 "
        "3600 1209600 3600",
        "2.0.192.in-addr.arpa. 3600 IN NS ns.example.com.", "; " + kMailCsa, "; " + kMailA,
        kMailPtr.substr(2)}},
      {"zone_without_servers",
       "RFC 6303 §3: nobody looks there",
       {.no_mail = {"example.com"}, .zone = PublicationPlan::Zone{"example.com"}},
       {"example.com. 3600 IN SOA localhost. hostmaster.example.com. 1 14400 3600 1209600 3600",
        "example.com. 3600 IN NS localhost.",
        "_client._smtp.example.com. 3600 IN SRV 1 1 0 example.com."}},
  };
}
INSTANTIATE_TEST_SUITE_P(Zones, Plans, ::testing::ValuesIn(ZoneCases()),
                         [](const auto& each) { return each.param.id; });

TEST(RenderZoneTest, AWholeZoneHasRelativeOwners) {
  const auto publication =
      MakePublication({.hosts = {kMail}, .zone = PublicationPlan::Zone{"example.com"}});
  ASSERT_TRUE(publication);
  EXPECT_EQ(RenderZone(*publication),
            "$ORIGIN example.com.\n"
            "$TTL 3600\n"
            "@ IN SOA localhost. hostmaster.example.com. 1 14400 3600 1209600 3600\n"
            "@ IN NS localhost.\n"
            "; mail.example.com sends mail, from these addresses alone (CSA-02 4)\n"
            "_client._smtp.mail IN SRV 1 2 0 mail.example.com.\n"
            "mail IN A 192.0.2.1\n"
            "; for whoever has the zones of the addresses (RFC 1035 3.5):\n"
            "; 1.2.0.192.in-addr.arpa. 3600 IN PTR mail.example.com.\n");
}

TEST(RenderZoneTest, LinesToPasteAreAbsolute) {
  const auto publication = MakePublication({.no_mail = {"www.example.com"}});
  ASSERT_TRUE(publication);
  EXPECT_EQ(RenderZone(*publication),
            "; no host says www.example.com in HELO (CSA-02 4)\n"
            "_client._smtp.www.example.com. 3600 IN SRV 1 1 0 www.example.com.\n");
}

TEST(RenderPublicationJsonTest, HasRecordsAndWarnings) {
  const auto publication = MakePublication({.no_mail = {"a.example"}, .ttl = 90000});
  ASSERT_TRUE(publication);
  const std::string note = "no host says a.example in HELO (CSA-02 4)";
  EXPECT_EQ(RenderPublicationJson(*publication),
            R"({"apex":null,"records":[{"owner":"_client._smtp.a.example.","ttl":90000,)"
            R"("type":"SRV","data":"1 1 0 a.example.","note":")" +
                note +
                R"(","elsewhere":false}],"warnings":[{"part":"ttl","value":"90000",)"
                R"("message":"is more than a day: a change takes as long"}]})");
}

}  // namespace
}  // namespace helovet
