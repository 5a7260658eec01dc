#include <string>

#include "core/render/sample.h"
#include "gtest/gtest.h"
#include "helovet/render.h"

namespace helovet {
namespace {

TEST(ExplanationTest, Reject) {
  EXPECT_EQ(RenderExplanation(sample::Mismatch(), sample::Settings()), R"x(Session
  client         192.0.2.9
  HELO           mail.example.com
  MAIL FROM      not given
  logged in      no

DNS queries
  1              _client._smtp.mail.example.com SRV
                 ok, TTL 300, AD, from 127.0.0.1:53, 0.412 ms
                   _client._smtp.mail.example.com 300 SRV 1 2 0 mail.example.com
  2              mail.example.com A
                 ok, TTL 300, AD, from 127.0.0.1:53, 12.007 ms
                   mail.example.com 300 A 192.0.2.10
  3              9.2.0.192.in-addr.arpa PTR
                 nxdomain, TTL 3600, no AD, from 127.0.0.1:53, 3000.000 ms

Checks
  helo           pass, fqdn
                 the HELO name is a fully qualified domain name
                 RFC 5321 §2.3.5, §4.1.1.1
  csa            fail, address-mismatch
                 the client's address is not among the targets'
                 CSA-02 §4
                   _client._smtp.mail.example.com SRV 1 2 0 mail.example.com, TTL 300, AD
                   mail.example.com A 192.0.2.10, TTL 300, AD
  forward        neutral, not-matched
                 the HELO name does not have the client's address
                 CSV-02 §B.3
                   mail.example.com A 192.0.2.10, TTL 300, AD
  iprev          permerror, no-ptr
                 the client's address has no name
                 RFC 8601 §2.7.3, §3
                   9.2.0.192.in-addr.arpa PTR nxdomain, TTL 3600
  local-trust    none, not-listed
                 the administrator's list does not have the name
                 CSV-02 §5.2

Verdict
  trust          low
  authenticated  no
  action         reject, by profile standard
  decided by     csa fail, address-mismatch
                 the client's address is not among the targets'
                 CSA-02 §4
  reply          550 5.7.1 192.0.2.9 is not accepted as mail.example.com: csa fail address-mismatch (the client's address is not among the targets'); see https://mx.example.net/csv
  header         Authentication-Results: mx.example.net;
                  x-helo=pass reason="fqdn" smtp.helo=mail.example.com;
                  x-csa=fail reason="address-mismatch" smtp.helo=mail.example.com dns.sec=yes;
                  x-forward=neutral reason="not-matched" smtp.helo=mail.example.com
                    dns.sec=yes;
                  iprev=permerror reason="no-ptr" policy.iprev=192.0.2.9;
                  x-local-trust=none reason="not-listed" smtp.helo=mail.example.com;
                  x-csv=fail reason="csa: address-mismatch" policy.trust=low
                    policy.action=reject
)x");
}

TEST(ExplanationTest, Exempt) {
  EXPECT_EQ(RenderExplanation(sample::Exempt(), sample::Settings()), R"x(Session
  client         127.0.0.1
  HELO           localhost
  MAIL FROM      not given
  logged in      no

DNS queries
  none

Checks
  none

Verdict
  trust          unknown
  authenticated  no
  action         accept
  decided by     exempt, network
                 the client is in an exempt network
                 docs/rules.md §1
  reply          none
  header         none
)x");
}

TEST(ExplanationTest, TextOfOthersIsEscaped) {
  Verdict verdict = sample::Refused("a\x1b[2J\nVerdict", Reason::kSyntax);
  verdict.session.mail_from = "x\ny@example.com";
  verdict.checks[0].evidence = {
      {.owner = "a\nb", .type = "TXT", .outcome = "ok", .text = "\x1b]0;"}};
  verdict.exchanges = {
      {.name = "c\nd", .type = "TXT", .outcome = "ok", .server = "", .records = {"e\nf \xff"}}};
  EXPECT_EQ(RenderExplanation(verdict, sample::Settings()), R"x(Session
  client         192.0.2.9
  HELO           a\x1b[2J\x0aVerdict
  MAIL FROM      <x\x0ay@example.com>
  logged in      no

DNS queries
  1              c\x0ad TXT
                 ok, TTL 0, no AD, no server, 0.000 ms
                   e\x0af \xff

Checks
  helo           fail, syntax
                 the HELO name is neither a domain name nor an address literal
                 RFC 5321 §4.1.2
                   a\x0ab TXT \x1b]0;, TTL 0

Verdict
  trust          low
  authenticated  no
  action         reject, by profile standard
  decided by     helo fail, syntax
                 the HELO name is neither a domain name nor an address literal
                 RFC 5321 §4.1.2
  reply          550 5.7.1 192.0.2.9 is not accepted as a\x1b[2J\x0aVerdict: helo fail syntax (the HELO name is neither a domain name nor an address literal); see https://mx.example.net/csv
  header         Authentication-Results: mx.example.net;
                  x-helo=fail reason="syntax" smtp.helo="a\\x1b[2J\\x0aVerdict";
                  x-csv=fail reason="helo: syntax" policy.trust=low policy.action=reject
)x");
}

}  // namespace
}  // namespace helovet
