#include <cstddef>
#include <string>
#include <vector>

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
                 DNS does not give the HELO name and the client's address to each other
                 CSV-02 §B.3
                   mail.example.com A 192.0.2.10, TTL 300, AD
  iprev          permerror, no-ptr
                 the client's address has no name
                 RFC 8601 §2.7.3, §3
                   9.2.0.192.in-addr.arpa PTR nxdomain, TTL 3600
  local-list     none, not-listed
                 no list that this server uses has it
                 CSV-02 §5.2

Verdict
  trust          low
  authenticated  no
  action         reject, by profile standard
  would be       standard reject, strict reject
  blocklists     to be asked
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
                  x-local-list=none reason="not-listed" smtp.helo=mail.example.com;
                  x-csv=fail reason="csa: address-mismatch" policy.trust=low
                    policy.action=reject policy.standard=reject policy.strict=reject
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
  would be       standard accept, strict accept
  blocklists     to be asked
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
  would be       standard reject, strict reject
  blocklists     to be asked
  decided by     helo fail, syntax
                 the HELO name is neither a domain name nor an address literal
                 RFC 5321 §4.1.2
  reply          550 5.7.1 192.0.2.9 is not accepted as a\x1b[2J\x0aVerdict: helo fail syntax (the HELO name is neither a domain name nor an address literal); see https://mx.example.net/csv
  header         Authentication-Results: mx.example.net;
                  x-helo=fail reason="syntax" smtp.helo="a\\x1b[2J\\x0aVerdict";
                  x-csv=fail reason="helo: syntax" policy.trust=low policy.action=reject
                    policy.standard=reject policy.strict=reject
)x");
}

// The part of the explanation between two of its lines.
std::string Part(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t begin = text.find(from);
  return text.substr(begin, text.find(to, begin) - begin);
}

TEST(ExplanationTest, SessionWithMailAndRecipient) {
  EXPECT_EQ(Part(RenderExplanation(sample::Full(), sample::Settings()), "Session", "\nDNS"),
            R"x(Session
  client         192.0.2.9
  HELO           mail.example.com
  MAIL FROM      <info@example.com>
  RCPT TO        <postmaster@example.net>
  logged in      no
)x");
}

TEST(ExplanationTest, AnswersFromMemory) {
  EXPECT_EQ(Part(RenderExplanation(sample::Full(), sample::Settings()), "  2  ", "  3  "),
            R"x(  2              mail.example.com A
                 ok, TTL 300, AD, from 127.0.0.1:53 (from memory), 12.007 ms
                   mail.example.com 300 A 192.0.2.10
)x");
}

TEST(ExplanationTest, Opinions) {
  EXPECT_EQ(Part(RenderExplanation(sample::Full(), sample::Settings()), "  dna  ", "  name-list"),
            R"x(  dna            fail, not-recommended
                 a trusted accreditor does not recommend the name
                 DNA-02 §5, §6
                 by judge.example, rating E, contact ask.judge.example:587
                   advice.example: pass, recommended, rating B, advisory: MARID,1,B
                   judge.example: fail, not-recommended, rating E: MARID,1,E;spam
                   stranger.example: not asked, unknown here or one too many
                   mail.example.com.judge.example TXT "MARID,1,E;spam", TTL 600
  vbr            pass, vouched
                 a trusted certifier vouches for the name
                 RFC 5518 §5, §6
                 by certifier.example
  local-list     neutral, not-verified
                 a list has the name, but the client is not proven to be the host it names
                 CSV-02 §5.2
                 by lists.allow
                   lists.allow: neutral, not-verified: mail.example.com
  address-list   fail, listed
                 a list that this server uses has it
                 RFC 5782 §2.1
                 by bad.example, rating D
                   bad.example: fail, listed, rating D: 127.0.0.2 127.0.0.4
                   good.example: none, not-listed
                   9.2.0.192.bad.example A 127.0.0.2, TTL 60, AD
                   9.2.0.192.bad.example A 127.0.0.4, TTL 60, AD
)x");
}

// Whose word was judged, what the domain says of it, and whether a callback was made.
TEST(ExplanationTest, ChecksOfSenders) {
  Verdict verdict = sample::Senders();
  verdict.checks[5].explanation = "go\nVerdict \xff";
  EXPECT_EQ(Part(RenderExplanation(verdict, sample::Settings()), "  dmp  ", "\nVerdict"),
            R"x(  dmp            pass, designated
                 the domain designates the client's address
                 DMP-01 §5, §5.1
                 of the HELO name mail.example.com
  drip           none, not-participating
                 the domain takes no part in designating its clients
                 DRIP-02 §4.2, §4.3
  rmx            none, no-record
                 the domain publishes no record for the name
                 RMX-04 §7
                 of the sender at example.org
  spf-helo       softfail, probably-not-designated
                 the domain believes that the client's address is none of its own
                 RFC 7208 §2.6.5
  spf            fail, not-designated
                 the domain designates its clients and the client's address is none of them
                 RFC 7208 §2.6.4
                 of the sender at example.org
                 example.org explains: go\x0aVerdict \xff
                   example.org TXT "v=spf1 -all exp=why.example.org", TTL 60
  cbv            pass, accepted
                 the sender's mail server accepts mail to the sender
                 docs/rules.md §12.3
                 of the sender at example.org
                 found out earlier, and remembered
)x");
}

TEST(ExplanationTest, CallbacksThatWereNotMade) {
  Verdict verdict = sample::Senders();
  verdict.checks.back() = {.check = CheckId::kCbv, .reason = Reason::kNoStore};
  EXPECT_EQ(Part(RenderExplanation(verdict, sample::Settings()), "  cbv  ", "\nVerdict"),
            R"x(  cbv            not run, no-store
                 the store that bounds callbacks cannot be used
                 docs/rules.md §12.4
)x");
}

TEST(ExplanationTest, SkippedChecks) {
  EXPECT_EQ(Part(RenderExplanation(sample::Deferred(), sample::Settings()), "  forward", "  iprev"),
            "  forward        not run\n");
}

// docs/rules.md §10
struct ActionCase {
  Verdict verdict;
  std::string wanted;
};

TEST(ExplanationTest, WhatMadeTheAction) {
  Verdict overridden = sample::Mismatch();
  overridden.decided_by = {CheckId::kIprev, Reason::kNoPtr};
  overridden.action = Action::kDefer;
  overridden.overridden = true;
  Verdict alternate = sample::Mismatch();
  alternate.profile = Profile::kStrict;
  const std::vector<ActionCase> cases = {
      {sample::Mismatch(), "reject, by profile standard"},
      {alternate, "reject, by profile strict"},
      {overridden, "defer, by profile standard and the override of iprev permerror"},
      {sample::Exempt(), "accept"},
  };
  for (const ActionCase& test : cases) {
    EXPECT_EQ(
        Part(RenderExplanation(test.verdict, sample::Settings()), "  action ", "\n  would be"),
        "  action         " + test.wanted);
  }
}

TEST(ExplanationTest, NameProofAndBlocklists) {
  const std::string high = RenderExplanation(sample::High(), sample::Settings());
  EXPECT_NE(high.find("  authenticated  yes\n"), std::string::npos) << high;
  EXPECT_NE(high.find("  blocklists     may be skipped\n"), std::string::npos) << high;
  const std::string deferred = RenderExplanation(sample::Deferred(), sample::Settings());
  EXPECT_NE(deferred.find("  authenticated  no, it could not be found out for now\n"),
            std::string::npos)
      << deferred;
}

}  // namespace
}  // namespace helovet
