// Zones of any octets: an error or an answer, and never an end of the process (built with ASan).
#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "dns/zone.h"
#include "gtest/gtest.h"

// ldns 1.8 loses a few octets when a CERT or IPSECKEY record is wrong; what is ours must not leak.
extern "C" __attribute__((visibility("default"))) const char* __lsan_default_suppressions();
const char* __lsan_default_suppressions() { return "leak:libldns"; }

namespace helovet {
namespace {

constexpr int kRounds = 4000;
constexpr unsigned kSeed = 20261122;

// Something of each syntax and of each form of data that ldns parses.
constexpr std::string_view kSample = R"($ORIGIN example.org.
$TTL 1h ; comment (
@ IN SOA ns host\.master ( 1 2h ; "serial"
   3 4 5 )
  NS ns
ns 300 IN A 192.0.2.1
   AAAA 2001:db8::1
_client._smtp.mail SRV 1 2 0 mail
mail IN 60 A 192.0.2.25
*.wild CNAME mail
old DNAME new
t TXT "a \"b\" \065" c\;d "" ( "e" f
 )
$ORIGIN sub
@ MX 10 mail.example.org.
p PTR @
n NAPTR 1 2 "u" "E2U+sip" "!^.*$!sip:x!" .
h HTTPS 1 . alpn="h2,h3" port=8443 ipv4hint=192.0.2.1 ech=AQID key65000=x
l LOC 51 30 12.748 N 0 7 39.612 W 0.00m 1m 2m 3m
k DNSKEY 256 3 8 AwEAAQ==
d DS 1 8 2 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
r RRSIG A 8 3 60 20300101000000 20200101000000 1 @ AQID
x NSEC a A MX TYPE1234
y NSEC3 1 0 1 aabb 2t7b4g4vsa5smi47k61mv5bv1a22bojr A
z NSEC3PARAM 1 0 1 -
i IPSECKEY 10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
w WKS 192.0.2.1 TCP 25
q APL 1:192.0.2.0/24 !2:2001:db8::/32
c CAA 0 issue "ca.example.net"
v CERT PGP 1 0 AQID
s SSHFP 1 1 0123456789abcdef0123456789abcdef01234567
o HIP 2 200100107B1A74DF365639CC39F1D578 AwEAAQ== rvs
e EUI48 00-00-5e-00-53-2a
f EUI64 00-00-5e-ef-10-00-00-2a
g L64 10 2001:0DB8:1140:1000
a GPOS -32.6882 116.8652 10.0
b TLSA 3 1 1 00
u URI 10 1 "https://example.org/"
generic TYPE65280 \# 3 0102 03
known A \# 4 c0000201
)";

constexpr std::string_view kPieces[] = {
    "\n",   "\r\n",  "\\",  "\"",   "(",     ")",    ";",     "$ORIGIN ", "$TTL ", "$INCLUDE x\n",
    "@",    ".",     "..",  "*",    "\\#",   "\\# ", "\\000", "\\256",    "-1",    "99999999999",
    "0x10", "65536", "IN ", " CH ", "TYPE0", "TYPE", "A ",    "\t",       "=\"",   "\xff",
};

class Mutator {
 public:
  std::string Mutate(std::string text) {
    for (std::size_t count = 1 + Below(4); count > 0; --count) MutateOnce(text);
    return text;
  }

 private:
  std::size_t Below(std::size_t bound) { return random_() % bound; }

  void MutateOnce(std::string& text) {
    if (text.empty()) return;
    const std::size_t at = Below(text.size());
    const std::size_t count = 1 + Below(std::min<std::size_t>(text.size() - at, 40));
    switch (Below(7)) {
      case 0:
        text[at] = static_cast<char>(Below(256));
        break;
      case 1:
        text.insert(at, 1, static_cast<char>(Below(256)));
        break;
      case 2:
        text.erase(at, count);
        break;
      case 3:
        text.insert(at, std::string(text.substr(Below(text.size()), count)));
        break;
      case 4:
        text.insert(at, kPieces[Below(std::size(kPieces))]);
        break;
      case 5:
        text.resize(at);
        break;
      default:
        text.insert(at, Below(3) == 0 ? 70000 : 300, text[at]);
        break;
    }
  }

  std::mt19937 random_{kSeed};
};

// Loads `text` and asks about the names in it. True: it was a zone.
bool LoadAndAsk(const std::string& text) {
  Loop loop;
  const auto dns = ZoneDns::Parse(loop, {{"zone", text}}, nullptr);
  if (!dns) {
    const std::string error = dns.error().ToString();
    EXPECT_TRUE(error.starts_with("zone:")) << error;
    EXPECT_LT(error.size(), 400u) << error;
    EXPECT_TRUE(std::all_of(error.begin(), error.end(), [](char octet) {
      return octet >= ' ' && octet <= '~';
    })) << error;
    return false;
  }
  int answered = 0;
  std::vector<std::unique_ptr<Dns::Query>> queries;
  for (const char* name : {"example.org", "_client._smtp.mail.example.org", "a.b.wild.example.org",
                           "x.old.example.org", "t.example.org", "p.sub.example.org"}) {
    for (const DnsType type : {DnsType::kA, DnsType::kSrv, DnsType::kTxt}) {
      queries.push_back((*dns)->Ask({*DnsName::Parse(name), type}, [&](DnsReply reply) {
        ++answered;
        for (const DnsRecord& record : reply.answers) (void)record.DataToString();
      }));
    }
  }
  loop.RunUntil([] { return false; });
  EXPECT_EQ(answered, 18);
  return true;
}

TEST(ZoneOctetsTest, TakesTheSample) { EXPECT_TRUE(LoadAndAsk(std::string(kSample))); }

TEST(ZoneOctetsTest, SurvivesMutations) {
  Mutator mutator;
  int zones = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::string text = mutator.Mutate(std::string(kSample));
    zones += LoadAndAsk(text) ? 1 : 0;
    if (HasFailure()) FAIL() << "round " << round << ":\n" << text;
  }
  // Both outcomes must be common, or the test tests little.
  EXPECT_GT(zones, kRounds / 20);
  EXPECT_LT(zones, kRounds * 19 / 20);
}

TEST(ZoneOctetsTest, SurvivesRandomOctets) {
  std::mt19937 random(kSeed);
  for (int round = 0; round < 2000; ++round) {
    std::string text(random() % 500, '\0');
    for (char& octet : text) octet = static_cast<char>(random());
    EXPECT_FALSE(LoadAndAsk(text));
  }
}

// Mutations of one field at a time, of the data of every type, pass the scanner more often.
TEST(ZoneOctetsTest, SurvivesWrongFields) {
  std::mt19937 random(kSeed);
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < kSample.size();) {
    const std::size_t end = kSample.find('\n', at);
    lines.emplace_back(kSample.substr(at, end - at));
    at = end + 1;
  }
  const std::string values[] = {"0",
                                "-",
                                "255",
                                "65535",
                                "4294967295",
                                "a",
                                "AQID",
                                "00",
                                "::",
                                "1:",
                                "!1:",
                                "=",
                                ",",
                                "/",
                                "+",
                                "20300101000000",
                                std::string(600, 'a'),
                                std::string(70000, '1'),
                                "192.0.2.1",
                                "",
                                "\\",
                                "\\1",
                                "N",
                                "TCP",
                                "key1=",
                                "mandatory=alpn"};
  for (int round = 0; round < kRounds; ++round) {
    std::string line = lines[random() % lines.size()];
    const std::size_t begin = random() % (line.size() + 1);
    const std::size_t end = std::min(line.find(' ', begin), line.size());
    line.replace(begin, end - begin, values[random() % std::size(values)]);
    (void)LoadAndAsk("example.org. 5 SOA a b 1 2 3 4 5\n$ORIGIN example.org.\n" + line + "\n");
  }
}

}  // namespace
}  // namespace helovet
