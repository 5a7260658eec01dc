// An accreditor's zone: what stands in it (DNA-02 §4, §6; RFC 1035 §5.1), and what the check dna
// reads there.
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checks/dna.h"
#include "dns/session_dns.h"
#include "dns/zone.h"
#include "gtest/gtest.h"
#include "helovet/accreditation.h"
#include "loop/task.h"
#include "testing/directory_test.h"

namespace helovet::testing {
namespace {

const AccreditationZoneText kPlain = {.name = "judge.example", .servers = {"ns.example.net"}};

// It names no accreditor.
const std::string kSender = "$ORIGIN example.com.\n@ SOA ns hostmaster 1 1h 1h 1w 1h\n";

class AccreditationZoneTest : public DirectoryTest {
 protected:
  [[nodiscard]] AccreditationList List(const std::string& text) const {
    auto list = AccreditationList::Read(Write("list", text), "judge.example", std::nullopt);
    if (!list) ADD_FAILURE() << list.error().front().ToString();
    return *std::move(list);
  }
  [[nodiscard]] std::string Zone(const AccreditationZoneText& text, const std::string& list) const {
    const auto zone = ParseAccreditationZone(text);
    if (!zone) {
      ADD_FAILURE() << zone.error().value;
      return "";
    }
    std::string written;
    EXPECT_TRUE(WriteAccreditationZone(List(list), *zone, 7, [&](std::string_view piece) {
      written += piece;
      return true;
    }));
    return written;
  }
};

TEST_F(AccreditationZoneTest, RecordsInTheirOrder) {
  AccreditationZoneText text = {
      .name = "Judge.Example.",
      .servers = {"ns.judge.example", "ns.example.net"},
      .mailbox = "ann.b@example.net",
      .contact = "Ask.Judge.Example:443",
      .addresses = {"ns.judge.example=192.0.2.53", "ask.judge.example=2001:db8::1"},
      .ttl = "1h30m"};
  EXPECT_EQ(Zone(text, "z.example E\na.example A member; says \"good\\bad\"\n"),
            "; An accreditor's reports (draft-ietf-marid-csv-dna-02 section 6).\n"
            "$ORIGIN judge.example.\n"
            "$TTL 5400\n"
            "@ SOA ns.judge.example. ann\\.b.example.net. 7 3600 900 1209600 900\n"
            "@ NS ns.judge.example.\n"
            "@ NS ns.example.net.\n"
            "ns A 192.0.2.53\n"
            "ask AAAA 2001:db8::1\n"
            "_vouch._smtp SRV 0 0 443 ask.judge.example.\n"
            "a.example TXT \"MARID,1,A;member; says \\\"good\\\\bad\\\"\"\n"
            "z.example TXT \"MARID,1,E\"\n");
}

TEST_F(AccreditationZoneTest, AbsenceIsRememberedNoLongerThanReports) {
  AccreditationZoneText text = kPlain;
  text.ttl = "60";
  EXPECT_NE(Zone(text, "").find(
                "@ SOA ns.example.net. hostmaster.judge.example. 7 3600 900 1209600 60\n"),
            std::string::npos);
}

TEST_F(AccreditationZoneTest, ASinkThatTakesNoMoreEndsIt) {
  EXPECT_FALSE(WriteAccreditationZone(List("a.example A\n"), *ParseAccreditationZone(kPlain), 1,
                                      [](std::string_view) { return false; }));
}

TEST(AccreditationZoneTextTest, Mistakes) {
  struct Case {
    AccreditationZoneText text;
    ZoneMistakeKind kind;
    std::string value;
  };
  const auto with = [](auto change) {
    AccreditationZoneText text = kPlain;
    change(text);
    return text;
  };
  const std::string label(63, 'a');
  const std::string long_zone = label + '.' + label + '.' + label + '.' + std::string(49, 'a');
  using Text = AccreditationZoneText;
  using Kind = ZoneMistakeKind;
  const std::vector<Case> cases = {
      {with([](Text& t) { t.name = ""; }), Kind::kName, ""},
      {with([](Text& t) { t.name = "a..b"; }), Kind::kName, "a..b"},
      {with([](Text& t) { t.name = "a b"; }), Kind::kName, "a b"},
      {with([&](Text& t) { t.name = long_zone; }), Kind::kName, long_zone},
      {with([](Text& t) {
         t.servers = {"ns.example", "\n"};
       }),
       Kind::kServer, "\n"},
      {with([](Text& t) { t.servers = {"ns.judge.example"}; }), Kind::kNoAddress,
       "ns.judge.example"},
      {with([](Text& t) { t.mailbox = "hostmaster"; }), Kind::kMailbox, "hostmaster"},
      {with([](Text& t) { t.mailbox = "@example.com"; }), Kind::kMailbox, "@example.com"},
      {with([](Text& t) { t.mailbox = ".a@example.com"; }), Kind::kMailbox, ".a@example.com"},
      {with([](Text& t) { t.mailbox = "a\"@example.com"; }), Kind::kMailbox, "a\"@example.com"},
      {with([](Text& t) { t.contact = "ask.example"; }), Kind::kContact, "ask.example"},
      {with([](Text& t) { t.contact = "ask.example:0"; }), Kind::kContact, "ask.example:0"},
      {with([](Text& t) { t.contact = "ask.example:65536"; }), Kind::kContact, "ask.example:65536"},
      {with([](Text& t) { t.contact = ":443"; }), Kind::kContact, ":443"},
      {with([](Text& t) { t.contact = "ask.judge.example:443"; }), Kind::kNoAddress,
       "ask.judge.example"},
      {with([](Text& t) { t.addresses = {"ns.judge.example"}; }), Kind::kAddress,
       "ns.judge.example"},
      {with([](Text& t) { t.addresses = {"ns.judge.example=x"}; }), Kind::kAddress,
       "ns.judge.example=x"},
      {with([](Text& t) { t.addresses = {"ns.example.net=192.0.2.1"}; }), Kind::kForeignAddress,
       "ns.example.net=192.0.2.1"},
      {with([](Text& t) { t.addresses = {"xjudge.example=192.0.2.1"}; }), Kind::kForeignAddress,
       "xjudge.example=192.0.2.1"},
      {with([](Text& t) { t.ttl = "1x"; }), Kind::kTtl, "1x"},
      {with([](Text& t) { t.ttl = "2147483648"; }), Kind::kTtl, "2147483648"},  // RFC 2181 §8
  };
  for (const Case& c : cases) {
    const auto zone = ParseAccreditationZone(c.text);
    ASSERT_FALSE(zone) << c.value;
    EXPECT_EQ(zone.error().kind, c.kind) << c.value;
    EXPECT_EQ(zone.error().value, c.value);
  }
}

TEST(AccreditationSerialTest, OfADate) {
  using namespace std::chrono_literals;
  const auto noon = std::chrono::sys_days{2026y / 11 / 22} + 12h;
  EXPECT_EQ(SerialOfDate(noon, std::nullopt), 2026112200U);
  EXPECT_EQ(SerialOfDate(noon, 2026112199), 2026112200U);
  EXPECT_EQ(SerialOfDate(noon, 2026112200), 2026112201U);
  EXPECT_EQ(SerialOfDate(noon, 2026112299), 2026112300U);
  EXPECT_EQ(SerialOfDate(noon, 1), 2026112200U);
}

// The way of a list into a verdict. DNA-02 §6: A and B recommend, D and E do not.
TEST_F(AccreditationZoneTest, TheCheckReadsTheRating) {
  struct Case {
    std::string line;
    std::string want;
  };
  const std::vector<Case> cases = {
      {"mail.example.com A", "pass recommended A \"MARID,1,A\""},
      {"mail.example.com b member; since \"2004\" \\o/",
       "pass recommended B \"MARID,1,B;member; since \"2004\" \\o/\""},
      {"mail.example.com C", "none unknown - \"MARID,1,C\""},
      {"mail.example.com D", "fail not-recommended D \"MARID,1,D\""},
      {"mail.example.com E " + std::string(kMaxAccreditedInfoOctets, 'i'),
       "fail not-recommended E \"MARID,1,E;" + std::string(kMaxAccreditedInfoOctets - 55, 'i')},
      {"example.com E", "none unknown - \"\""},
  };
  for (const Case& c : cases) {
    AccreditationZoneText text = kPlain;
    text.contact = "ask.example.net:443";
    Loop loop;
    auto zones = ZoneDns::Parse(
        loop, {{"judge.zone", Zone(text, c.line + '\n')}, {"sender.zone", kSender}}, nullptr);
    ASSERT_TRUE(zones) << zones.error().ToString();
    SessionDns dns(loop, **zones, loop.Now() + std::chrono::seconds(5));
    HeloFinding helo;
    helo.name = DnsName::Parse("mail.example.com");
    Config::Dna settings;
    settings.trusted = {{.name = "judge.example", .always_ask = true}};
    Task<CheckResult> check = CheckDna(helo, settings, dns);
    CheckResult result = {.check = CheckId::kDna};
    const auto keep = [](Task<CheckResult> task, CheckResult& kept) -> Task<bool> {
      kept = co_await task;
      co_return true;
    };
    Task<bool> root = keep(std::move(check), result);
    root.Start();
    loop.RunUntil([&root] { return root.done(); });
    ASSERT_EQ(result.opinions.size(), 1U) << c.line;
    const std::string rating = result.rating ? std::string(ToString(*result.rating)) : "-";
    const std::string got = std::string(ToString(result.result)) + ' ' +
                            std::string(ToString(result.reason)) + ' ' + rating + " \"" +
                            result.opinions[0].text + '"';
    EXPECT_TRUE(got.starts_with(c.want)) << got << "\nwant " << c.want;
    EXPECT_EQ(result.contact, result.result == Result::kFail ? "ask.example.net:443" : "");
  }
}

}  // namespace
}  // namespace helovet::testing
