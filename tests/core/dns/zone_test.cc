#include "dns/zone.h"

#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace helovet {
namespace {

constexpr std::string_view kSoa = "$TTL 300\n@ SOA ns.example.net. host 1 2 3 4 100\n";

std::string ZoneText(const std::string& origin, const std::string& records) {
  return "$ORIGIN " + origin + "\n" + std::string(kSoa) + records;
}

// Asks and waits, until the loop has nothing left to wait for.
std::optional<DnsReply> AskAndWait(Loop& loop, Dns& dns, const std::string& name, DnsType type) {
  std::optional<DnsReply> reply;
  const auto query =
      dns.Ask({*DnsName::Parse(name), type}, [&](DnsReply got) { reply = std::move(got); });
  EXPECT_FALSE(reply) << "called from inside Ask: " << name;
  loop.RunUntil([&] { return reply.has_value(); });
  return reply;
}

std::string Print(const std::vector<DnsRecord>& records) {
  std::string text;
  for (const DnsRecord& record : records) {
    text += "; " + record.owner.ToString() + ' ' + std::to_string(record.ttl) + ' ' +
            std::string(ToString(record.type)) + ' ' + record.DataToString();
  }
  return text;
}

// "OUTCOME; OWNER TTL TYPE DATA; ... negative TTL" and so on, what is empty left out.
std::string Print(const std::optional<DnsReply>& reply) {
  if (!reply) return "no reply";
  EXPECT_TRUE(reply->trusted);
  EXPECT_FALSE(reply->ad);
  std::string text(ToString(reply->outcome));
  text += Print(reply->answers);
  if (reply->negative_ttl != 0) text += "; negative " + std::to_string(reply->negative_ttl);
  if (!reply->additional.empty()) text += " +" + Print(reply->additional).substr(1);
  return text;
}

FileErrorOr<std::unique_ptr<ZoneDns>> ParseZones(Loop& loop, const std::vector<std::string>& zones,
                                                 std::unique_ptr<Dns> fallback = nullptr) {
  std::vector<ZoneDns::Text> texts;
  for (const std::string& zone : zones) {
    texts.push_back({"zone" + std::to_string(texts.size() + 1), zone});
  }
  return ZoneDns::Parse(loop, texts, std::move(fallback));
}

struct Case {
  std::string name;
  DnsType type;
  std::string want;
};

void Check(const std::vector<std::string>& zones, const std::vector<Case>& cases) {
  Loop loop;
  const auto dns = ParseZones(loop, zones);
  ASSERT_TRUE(dns) << dns.error().ToString();
  for (const Case& c : cases) {
    EXPECT_EQ(Print(AskAndWait(loop, **dns, c.name, c.type)), c.want)
        << c.name << ' ' << ToString(c.type);
  }
}

// RFC 1034 §4.3.2, RFC 2308 §2 and §5, RFC 8020 §2.
TEST(ZoneDnsTest, AnswersFromItsRecords) {
  Check({ZoneText("example.org.",
                  "@ NS ns.example.net.\n"
                  "mail A 192.0.2.2\nmail A 192.0.2.1\nmail 60 AAAA 2001:db8::1\n"
                  "mail A 192.0.2.1\nmail TXT \"b\" \"c\"\nmail TXT a\n"
                  "mx MX 10 mail\nmx MX 5 mail2\n"
                  "host HINFO cpu os\n"
                  "a.b.c PTR mail\n"
                  "*.x\\.y A 192.0.2.3\n")},
        {
            // Equal records are one (RFC 2181 §5).
            {"mail.example.org", DnsType::kA,
             "ok; mail.example.org 300 A 192.0.2.1; mail.example.org 300 A 192.0.2.2"},
            {"MAIL.Example.ORG", DnsType::kAaaa, "ok; mail.example.org 60 AAAA 2001:db8::1"},
            {"mail.example.org", DnsType::kTxt,
             "ok; mail.example.org 300 TXT \"a\"; mail.example.org 300 TXT \"bc\""},
            {"a.b.c.example.org", DnsType::kPtr, "ok; a.b.c.example.org 300 PTR mail.example.org"},
            {"mail.example.org", DnsType::kSrv, "ok; negative 100"},
            {"mail.example.org", DnsType::kCname, "ok; negative 100"},
            {"example.org", DnsType::kA, "ok; negative 100"},
            {"mx.example.org", DnsType::kMx,
             "ok; mx.example.org 300 MX 5 mail2.example.org; "
             "mx.example.org 300 MX 10 mail.example.org + mail.example.org 300 A 192.0.2.1; "
             "mail.example.org 300 A 192.0.2.2; mail.example.org 60 AAAA 2001:db8::1"},
            // It exists by a type that is not kept.
            {"host.example.org", DnsType::kA, "ok; negative 100"},
            // Empty non-terminals.
            {"b.c.example.org", DnsType::kPtr, "ok; negative 100"},
            {"c.example.org", DnsType::kPtr, "ok; negative 100"},
            {"d.example.org", DnsType::kA, "nxdomain; negative 100"},
            {"x.b.c.example.org", DnsType::kA, "nxdomain; negative 100"},
            {"x.a.b.c.example.org", DnsType::kA, "nxdomain; negative 100"},
            {"x.mail.example.org", DnsType::kA, "nxdomain; negative 100"},
            // A dot inside a label ends none.
            {"z.x\\.y.example.org", DnsType::kA, "ok; z.x\\.y.example.org 300 A 192.0.2.3"},
            {"z.x.y.example.org", DnsType::kA, "nxdomain; negative 100"},
            {"example.com", DnsType::kA, "refused"},
            {"org", DnsType::kA, "refused"},
            {".", DnsType::kA, "refused"},
            {"notexample.org", DnsType::kA, "refused"},
        });
}

// The zone and the answers of RFC 4592 §2.2.1.
TEST(ZoneDnsTest, AnswersTheExampleOfRfc4592) {
  Check(
      {ZoneText("example.",
                "example.                 3600     NS    ns.example.com.\n"
                "*.example.               3600     TXT   \"this is a wildcard\"\n"
                "*.example.               3600     MX    10 host1.example.\n"
                "sub.*.example.           3600     TXT   \"this is not a wildcard\"\n"
                "host1.example.           3600     A     192.0.2.1\n"
                "_ssh._tcp.host1.example. 3600     SRV   1 2 3 host1.example.\n"
                "_ssh._tcp.host2.example. 3600     SRV   1 2 3 host1.example.\n"
                "subdel.example.          3600     NS    ns.example.com.\n")},
      {
          {"host3.example", DnsType::kTxt, "ok; host3.example 3600 TXT \"this is a wildcard\""},
          {"host3.example", DnsType::kA, "ok; negative 100"},
          {"foo.bar.example", DnsType::kTxt, "ok; foo.bar.example 3600 TXT \"this is a wildcard\""},
          // The name exists.
          {"host1.example", DnsType::kTxt, "ok; negative 100"},
          // The wildcard's own name exists, and what is below it is no wildcard.
          {"sub.*.example", DnsType::kTxt, "ok; sub.*.example 3600 TXT \"this is not a wildcard\""},
          {"*.example", DnsType::kTxt, "ok; *.example 3600 TXT \"this is a wildcard\""},
          {"ghost.*.example", DnsType::kTxt, "nxdomain; negative 100"},
          // The closest encloser is host1.example or _tcp.host1.example, and has no wildcard.
          {"_telnet._tcp.host1.example", DnsType::kSrv, "nxdomain; negative 100"},
          {"x.host1.example", DnsType::kTxt, "nxdomain; negative 100"},
          {"host.subdel.example", DnsType::kA, "refused"},
          {"subdel.example", DnsType::kA, "refused"},
      });
}

// RFC 4592 §2.2.2: an empty non-terminal ends the search; §3.3.1: it can be the source as well.
TEST(ZoneDnsTest, LetsEmptyNonTerminalsBlockWildcards) {
  Check({ZoneText("example.", "* A 192.0.2.1\na.b A 192.0.2.2\nd.*.c A 192.0.2.3\n")},
        {
            {"x.example", DnsType::kA, "ok; x.example 300 A 192.0.2.1"},
            {"b.example", DnsType::kA, "ok; negative 100"},
            {"x.b.example", DnsType::kA, "nxdomain; negative 100"},
            {"x.c.example", DnsType::kA, "ok; negative 100"},
            {"d.x.c.example", DnsType::kA, "ok; negative 100"},
        });
}

// RFC 1034 §3.6.2 and §4.3.2, RFC 6604 §3.
TEST(ZoneDnsTest, FollowsAliases) {
  Check(
      {ZoneText("example.org.",
                "a 1 CNAME b\nb 2 CNAME c\nc A 192.0.2.1\n"
                "*.wild CNAME c\n"
                "gone CNAME nobody\nempty CNAME c\n"
                "out CNAME www.example.com.\nacross CNAME www.example.net.\n"
                "cut CNAME x.sub\nsub NS ns.example.com.\n"
                "self CNAME self\nping CNAME pong\npong CNAME ping\n"),
       ZoneText("example.net.", "www A 192.0.2.9\n")},
      {
          {"a.example.org", DnsType::kA,
           "ok; a.example.org 1 CNAME b.example.org; b.example.org 2 CNAME c.example.org; "
           "c.example.org 300 A 192.0.2.1"},
          {"a.example.org", DnsType::kCname, "ok; a.example.org 1 CNAME b.example.org"},
          {"x.y.wild.example.org", DnsType::kA,
           "ok; x.y.wild.example.org 300 CNAME c.example.org; c.example.org 300 A 192.0.2.1"},
          {"x.wild.example.org", DnsType::kCname, "ok; x.wild.example.org 300 CNAME c.example.org"},
          // NXDOMAIN and NODATA speak of the last name.
          {"gone.example.org", DnsType::kA,
           "nxdomain; gone.example.org 300 CNAME nobody.example.org; negative 100"},
          {"empty.example.org", DnsType::kTxt,
           "ok; empty.example.org 300 CNAME c.example.org; negative 100"},
          // Leaves the zones: the asker goes on.
          {"out.example.org", DnsType::kA, "ok; out.example.org 300 CNAME www.example.com"},
          {"across.example.org", DnsType::kA,
           "ok; across.example.org 300 CNAME www.example.net; www.example.net 300 A 192.0.2.9"},
          {"cut.example.org", DnsType::kA, "ok; cut.example.org 300 CNAME x.sub.example.org"},
      });
}

// RFC 6672 §3.2, and §2.2 for names that grow too long.
TEST(ZoneDnsTest, MakesAliasesFromDnames) {
  const std::string label(60, 'a');
  const std::string long_target = label + '.' + label + '.' + label;
  Check({ZoneText("example.org.",
                  "d 7 DNAME new\na.new A 192.0.2.1\nd A 192.0.2.2\n"
                  "long DNAME " +
                      long_target + "\n")},
        {
            {"a.d.example.org", DnsType::kA,
             "ok; a.d.example.org 7 CNAME a.new.example.org; a.new.example.org 300 A 192.0.2.1"},
            {"b.a.d.example.org", DnsType::kA,
             "nxdomain; b.a.d.example.org 7 CNAME b.a.new.example.org; negative 100"},
            {"a.d.example.org", DnsType::kCname, "ok; a.d.example.org 7 CNAME a.new.example.org"},
            {"d.example.org", DnsType::kA, "ok; d.example.org 300 A 192.0.2.2"},
            {label + ".long.example.org", DnsType::kA, "servfail"},
        });
}

TEST(ZoneDnsTest, BoundsChains) {
  std::string chain;
  for (int i = 0; i < 100; ++i) {
    chain += 'c' + std::to_string(i) + " CNAME c" + std::to_string(i + 1) + '\n';
  }
  Loop loop;
  const auto dns = ParseZones(loop, {ZoneText("example.org.", chain + "d DNAME x.d\n")});
  ASSERT_TRUE(dns);
  for (const char* name : {"c0.example.org", "x.d.example.org"}) {
    const auto reply = AskAndWait(loop, **dns, name, DnsType::kA);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->outcome, DnsOutcome::kOk) << name;
    EXPECT_EQ(reply->answers.size(), 16u) << name;
  }
}

TEST(ZoneDnsTest, ChoosesTheLongestZone) {
  Check({ZoneText("example.org.", "sub NS ns.sub\nx.sub A 192.0.2.1\nwww A 192.0.2.2\n"),
         ZoneText("sub.example.org.", "x A 192.0.2.3\n"), ZoneText("org.", "* A 192.0.2.4\n")},
        {
            {"x.sub.example.org", DnsType::kA, "ok; x.sub.example.org 300 A 192.0.2.3"},
            {"y.sub.example.org", DnsType::kA, "nxdomain; negative 100"},
            {"www.example.org", DnsType::kA, "ok; www.example.org 300 A 192.0.2.2"},
            {"y.example.org", DnsType::kA, "nxdomain; negative 100"},
            {"y.org", DnsType::kA, "ok; y.org 300 A 192.0.2.4"},
            {"y.com", DnsType::kA, "refused"},
        });
  Check({ZoneText(".", "org NS ns.org\ncom A 192.0.2.1\n")},
        {
            {"com", DnsType::kA, "ok; com 300 A 192.0.2.1"},
            {".", DnsType::kA, "ok; negative 100"},
            {"x.org", DnsType::kA, "refused"},
            {"x", DnsType::kA, "nxdomain; negative 100"},
        });
}

// RFC 2308 §5: the lesser of the SOA's TTL and its MINIMUM.
TEST(ZoneDnsTest, HasANegativeTtl) {
  Check({"a. 50 SOA ns host 1 2 3 4 100\n", "b. 100 SOA ns host 1 2 3 4 50\n"},
        {
            {"x.a", DnsType::kA, "nxdomain; negative 50"},
            {"x.b", DnsType::kA, "nxdomain; negative 50"},
        });
}

// RFC 2782, and RFC 1035 §3.3.9 likewise: the addresses of targets that are here.
TEST(ZoneDnsTest, AddsAddressesOfTargets) {
  Check({ZoneText("example.org.",
                  "a SRV 1 2 0 t\nb SRV 1 2 0 t\nb SRV 2 2 0 t\nb SRV 3 2 0 u.example.net.\n"
                  "b SRV 1 1 0 .\nc SRV 1 2 0 alias\nc SRV 1 2 0 x.sub\nc SRV 1 2 0 nobody\n"
                  "c SRV 1 2 0 example.com.\n"
                  "t A 192.0.2.1\nt TXT x\nt 5 AAAA 2001:db8::1\nalias CNAME t\n"
                  "sub NS x.sub\nx.sub A 192.0.2.2\n"),
         ZoneText("example.net.", "* A 192.0.2.3\n")},
        {
            {"a.example.org", DnsType::kSrv,
             "ok; a.example.org 300 SRV 1 2 0 t.example.org + t.example.org 300 A 192.0.2.1; "
             "t.example.org 5 AAAA 2001:db8::1"},
            {"b.example.org", DnsType::kSrv,
             "ok; b.example.org 300 SRV 1 1 0 .; b.example.org 300 SRV 1 2 0 t.example.org; "
             "b.example.org 300 SRV 2 2 0 t.example.org; "
             "b.example.org 300 SRV 3 2 0 u.example.net + t.example.org 300 A 192.0.2.1; "
             "t.example.org 5 AAAA 2001:db8::1"},
            // Neither behind an alias, nor below a delegation, nor in another zone, as NSD has it.
            {"c.example.org", DnsType::kSrv,
             "ok; c.example.org 300 SRV 1 2 0 example.com; "
             "c.example.org 300 SRV 1 2 0 alias.example.org; "
             "c.example.org 300 SRV 1 2 0 nobody.example.org; "
             "c.example.org 300 SRV 1 2 0 x.sub.example.org"},
        });
}

TEST(ZoneDnsTest, NamesItsFileAsServer) {
  Loop loop;
  const auto dns = ParseZones(
      loop, {ZoneText("a.", "x CNAME y.b.\ncut NS ns\n"), ZoneText("b.", "y A 192.0.2.1\n")});
  ASSERT_TRUE(dns);
  EXPECT_EQ(AskAndWait(loop, **dns, "x.a", DnsType::kA)->server, "zone1");
  EXPECT_EQ(AskAndWait(loop, **dns, "y.b", DnsType::kA)->server, "zone2");
  EXPECT_EQ(AskAndWait(loop, **dns, "cut.a", DnsType::kA)->server, "zone1");
  EXPECT_EQ(AskAndWait(loop, **dns, "y.c", DnsType::kA)->server, "");
}

class FakeDns final : public Dns {
 public:
  explicit FakeDns(std::vector<DnsQuestion>& asked) : asked_(asked) {}
  std::unique_ptr<Query> Ask(const DnsQuestion& question, Done) override {
    asked_.push_back(question);
    return std::make_unique<Query>();
  }

 private:
  std::vector<DnsQuestion>& asked_;
};

TEST(ZoneDnsTest, AsksItsFallbackForNamesOfOthers) {
  Loop loop;
  std::vector<DnsQuestion> asked;
  const auto dns =
      ParseZones(loop, {ZoneText("example.org.", "sub NS ns\n* CNAME x.example.com.\n")},
                 std::make_unique<FakeDns>(asked));
  ASSERT_TRUE(dns);
  const std::vector<DnsQuestion> others = {{*DnsName::Parse("example.com"), DnsType::kA},
                                           {*DnsName::Parse("sub.example.org"), DnsType::kSrv},
                                           {*DnsName::Parse("x.sub.example.org"), DnsType::kTxt}};
  for (const DnsQuestion& question : others) {
    EXPECT_NE((*dns)->Ask(question, [](DnsReply) { ADD_FAILURE(); }), nullptr);
  }
  EXPECT_EQ(asked, others);
  EXPECT_EQ(Print(AskAndWait(loop, **dns, "a.example.org", DnsType::kA)),
            "ok; a.example.org 300 CNAME x.example.com");
  EXPECT_EQ(Print(AskAndWait(loop, **dns, "example.org", DnsType::kA)), "ok; negative 100");
  EXPECT_EQ(asked.size(), others.size());
}

TEST(ZoneDnsTest, WithoutZonesAsksItsFallback) {
  Loop loop;
  std::vector<DnsQuestion> asked;
  const auto dns = ParseZones(loop, {}, std::make_unique<FakeDns>(asked));
  ASSERT_TRUE(dns);
  const auto query = (*dns)->Ask({*DnsName::Parse("a"), DnsType::kA}, [](DnsReply) {});
  EXPECT_EQ(asked.size(), 1u);
}

TEST(ZoneDnsTest, AnswersFromTheLoopAlone) {
  Loop loop;
  const auto dns = ParseZones(loop, {ZoneText("example.org.", "a A 192.0.2.1\n")});
  ASSERT_TRUE(dns);
  const DnsQuestion question{*DnsName::Parse("a.example.org"), DnsType::kA};

  int cancelled = 0;
  auto withdrawn = (*dns)->Ask(question, [&](DnsReply) { ++cancelled; });
  withdrawn.reset();
  loop.RunUntil([] { return false; });
  EXPECT_EQ(cancelled, 0);

  // The callback destroys its own query and asks again.
  int answered = 0;
  std::unique_ptr<Dns::Query> first;
  std::unique_ptr<Dns::Query> second;
  first = (*dns)->Ask(question, [&](DnsReply) {
    ++answered;
    first.reset();
    second = (*dns)->Ask(question, [&](DnsReply reply) {
      ++answered;
      EXPECT_EQ(reply.answers.size(), 1u);
    });
  });
  loop.RunUntil([&] { return answered == 2; });
  EXPECT_EQ(answered, 2);

  // Two at once, one of which the other withdraws.
  std::unique_ptr<Dns::Query> other;
  const auto one = (*dns)->Ask(question, [&](DnsReply) { other.reset(); });
  other = (*dns)->Ask(question, [](DnsReply) { ADD_FAILURE() << "withdrawn"; });
  loop.RunUntil([] { return false; });
}

struct ErrorCase {
  std::string what;
  std::vector<std::string> zones;
  std::string want;
};

TEST(ZoneDnsTest, RefusesWrongZones) {
  const std::string soa = ZoneText("example.org.", "");
  const std::vector<ErrorCase> cases = {
      {"no text", {""}, "zone1: has no SOA record"},
      {"no SOA", {"$ORIGIN example.org.\na 5 A 192.0.2.1\n"}, "zone1: has no SOA record"},
      {"an error of the file",
       {soa + "a A x\n"},
       "zone1:4:5: 'x' is not what this type of record holds"},
      {"the second file", {soa, soa + "a FOO\n"}, "zone2:4:3: 'FOO' is not a known record type"},
      {"outside",
       {soa + "a.example.com. A 192.0.2.1\n"},
       "zone1:4: a.example.com is outside the zone example.org"},
      {"outside, by labels",
       {soa + "notexample.org. A 192.0.2.1\n"},
       "zone1:4: notexample.org is outside the zone example.org"},
      {"outside, before the SOA",
       {"x.org. A 192.0.2.1\n$ORIGIN example.org.\n@ SOA a b 1 2 3 4 5\n"},
       "zone1:1: x.org is outside the zone example.org"},
      {"two SOA records",
       {soa + "@ SOA ns.example.net. host 2 2 3 4 100\n"},
       "zone1:4: a second SOA record; a file holds one zone"},
      {"two zones",
       {soa + "sub SOA ns.example.net. host 1 2 3 4 100\n"},
       "zone1:4: a second SOA record; a file holds one zone"},
      {"CNAME beside other data",
       {soa + "a A 192.0.2.1\na CNAME b\n"},
       "zone1:5: a.example.org has a CNAME and other records"},
      {"other data beside a CNAME",
       {soa + "a CNAME b\nc A 192.0.2.1\nA MX 1 c\n"},
       "zone1:6: a.example.org has a CNAME and other records"},
      {"CNAME at the apex",
       {soa + "@ CNAME b\n"},
       "zone1:4: example.org has a CNAME and other records"},
      {"CNAME beside a DNAME",
       {soa + "a DNAME b\na CNAME b\n"},
       "zone1:5: a.example.org has a CNAME and other records"},
      {"two CNAMEs",
       {soa + "a CNAME b\na CNAME c\n"},
       "zone1:5: a.example.org has two CNAME records"},
      {"two DNAMEs",
       {soa + "a DNAME b\na DNAME c\n"},
       "zone1:5: a.example.org has two DNAME records"},
      {"one zone twice",
       {soa, ZoneText("other.", ""), "\n\n" + ZoneText("Example.ORG.", "")},
       "zone3:5: the zone example.org is already in zone1"},
  };
  for (const ErrorCase& c : cases) {
    Loop loop;
    const auto dns = ParseZones(loop, c.zones);
    EXPECT_EQ(dns ? "no error" : dns.error().ToString(), c.want) << c.what;
  }
}

TEST(ZoneDnsTest, TakesWhatServersTake) {
  const std::string soa = ZoneText("example.org.", "");
  const std::vector<ErrorCase> cases = {
      // `dig axfr` prints the SOA twice.
      {"the same SOA again", {soa + "@ SOA ns.example.net. host 1 2 3 4 100\n"}, ""},
      {"the SOA last", {"$ORIGIN o.\na 5 A 192.0.2.1\n@ 5 SOA a b 1 2 3 4 5\n"}, ""},
      {"the same CNAME twice", {soa + "a CNAME b\na 5 CNAME b\n"}, ""},
      // RFC 4034 §2.5
      {"DNSSEC beside a CNAME",
       {soa + "a CNAME b\na NSEC b CNAME\n"
              "a RRSIG CNAME 8 3 5 20300101000000 20200101000000 1 @ AQID\n"},
       ""},
      {"DNSSEC before a CNAME", {soa + "a NSEC b CNAME\na CNAME b\n"}, ""},
  };
  for (const ErrorCase& c : cases) {
    Loop loop;
    const auto dns = ParseZones(loop, c.zones);
    EXPECT_EQ(dns ? "" : dns.error().ToString(), c.want) << c.what;
  }
}

TEST(ZoneDnsTest, LoadsFiles) {
  const std::string good = testing::TempDir() + "good.zone";
  const std::string bad = testing::TempDir() + "bad.zone";
  std::ofstream(good) << ZoneText("example.org.", "a A 192.0.2.1\n");
  std::ofstream(bad) << ZoneText("example.net.", "a A\n");
  Loop loop;
  const auto dns = ZoneDns::Load(loop, {good}, nullptr);
  ASSERT_TRUE(dns) << dns.error().ToString();
  const auto reply = AskAndWait(loop, **dns, "a.example.org", DnsType::kA);
  EXPECT_EQ(Print(reply), "ok; a.example.org 300 A 192.0.2.1");
  EXPECT_EQ(reply->server, good);

  const std::vector<std::pair<std::string, std::string>> cases = {
      {bad, bad + ":4:3: less data than type A needs"},
      {"/nowhere/zone", "/nowhere/zone: cannot be read: No such file or directory"},
      {"/tmp", "/tmp: is a directory"},
  };
  for (const auto& [file, want] : cases) {
    const auto refused = ZoneDns::Load(loop, {good, file}, nullptr);
    ASSERT_FALSE(refused) << file;
    EXPECT_EQ(refused.error().ToString(), want);
  }
}

}  // namespace
}  // namespace helovet
