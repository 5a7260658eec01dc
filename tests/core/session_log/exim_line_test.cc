// Exim's main log: its specification, chapter "Log files", and host_build_sender_fullhost() and
// smtp_handle_acl_fail() of Exim 4.96.
#include "session_log/exim_line.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "told.h"

namespace helovet {
namespace {

const std::string kTime = "2026-11-22 10:31:18 ";
const std::string kId = "1xV4qs-000004-1B ";

void ExpectEach(const std::vector<LineCase>& cases, const std::string& before) {
  for (const LineCase& c : cases) {
    EXPECT_EQ(Told(ReadEximLine(before + c.line)), c.want) << before + c.line;
  }
}

// "Logging message reception": H= in all its forms.
TEST(EximLineTest, HasHostsInEveryForm) {
  ExpectEach(
      {
          {"H=mail.example [192.0.2.1] P=esmtp S=215", "192.0.2.1|mail.example|joe@example.org"},
          {"H=(mail.example) [192.0.2.1] P=esmtp S=215", "192.0.2.1|mail.example|joe@example.org"},
          {"H=host.example (mail.example) [192.0.2.1] P=smtp S=215",
           "192.0.2.1|mail.example|joe@example.org"},
          {"H=[192.0.2.1] P=smtp S=215", "192.0.2.1||joe@example.org"},
          {"H=([192.0.2.1]) [192.0.2.1] P=smtp S=215", "192.0.2.1|[192.0.2.1]|joe@example.org"},
          {"H=([IPv6:2001:db8::1]) [2001:db8::1] P=esmtp S=192",
           "2001:db8::1|[IPv6:2001:db8::1]|joe@example.org"},
          {"H=host.example ([10.0.0.1]) [192.0.2.1] P=esmtp",
           "192.0.2.1|[10.0.0.1]|joe@example.org"},
          // log_selector = +incoming_port +incoming_interface
          {"H=(mail.example) [192.0.2.1]:40000 I=[127.0.0.1]:26566 P=esmtp L.- S=226",
           "192.0.2.1|mail.example|joe@example.org"},
          {"H=mail.example [2001:db8::1]:40000 P=esmtp",
           "2001:db8::1|mail.example|joe@example.org"},
          {"H=(mail.example) [192.0.2.1] U=ident P=esmtp S=1",
           "192.0.2.1|mail.example|joe@example.org"},
          // log_selector = +dnssec
          {"DS H=mail.example [192.0.2.1] P=esmtp", "192.0.2.1|mail.example|joe@example.org"},
          // helo_allow_chars, helo_accept_junk_hosts; string_printing() escapes.
          {"H=(OTHER_x.example) [192.0.2.1] P=esmtp", "192.0.2.1|OTHER_x.example|joe@example.org"},
          {"H=(foo bar) [192.0.2.1] P=esmtp", "192.0.2.1|foo bar|joe@example.org"},
          {"H=(a) [x] (b) [192.0.2.1] P=esmtp", "192.0.2.1|a) [x] (b|joe@example.org"},
          {R"(H=(h\344lo\x41\177\101) [192.0.2.1] P=smtp)",
           "192.0.2.1|h\xe4lo\\x41\x7f\\101|joe@example.org"},
          {"H=() [192.0.2.1] P=smtp", "192.0.2.1||joe@example.org"},
      },
      kTime + kId + "<= joe@example.org ");
}

TEST(EximLineTest, HasSenders) {
  const std::string host = "H=(m.example) [192.0.2.1] P=esmtp S=202";
  ExpectEach(
      {
          {"<= <> " + host, "192.0.2.1|m.example|"},
          {"<= <> R=1xV4qs-000004-1B " + host, "192.0.2.1|m.example|"},
          {R"(<= "a H=(x) [1.2.3.4] b"@y.example )" + host,
           R"(192.0.2.1|m.example|"a H=(x) [1.2.3.4] b"@y.example)"},
          {R"(<= "a\" b"@y.example )" + host, R"(192.0.2.1|m.example|"a\" b"@y.example)"},
      },
      kTime + kId);
}

// "The field P= specifies the protocol"; RFC 3848, and smtp_in.c for the others.
TEST(EximLineTest, KnowsWhoHasAuthenticated) {
  ExpectEach(
      {
          {"P=esmtpa A=plain:user S=1", "192.0.2.1|m.example|joe@example.org|authenticated"},
          {"P=esmtpsa X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no A=plain:user S=1",
           "192.0.2.1|m.example|joe@example.org|authenticated"},
          {"P=asmtp A=login:user S=1", "192.0.2.1|m.example|joe@example.org|authenticated"},
          {"P=utf8esmtpsa A=login:user S=1",
           "192.0.2.1|m.example|joe@example.org|authenticated|smtputf8"},
          {"P=utf8esmtp S=1", "192.0.2.1|m.example|joe@example.org|smtputf8"},
          {"P=esmtps X=TLS1.3:x:256 DN=\"/CN=a A=b\" S=1", "192.0.2.1|m.example|joe@example.org"},
          {"P=smtp S=1 T=\"P=esmtpa H=(x) [9.9.9.9]\"", "192.0.2.1|m.example|joe@example.org"},
      },
      kTime + kId + "<= joe@example.org H=(m.example) [192.0.2.1] ");
}

// "Reject log", and policy rejections in the main log.
TEST(EximLineTest, HasWhatWasRejected) {
  ExpectEach(
      {
          {"F=<joe@example.org> rejected RCPT <a@bad.example>: no",
           "192.0.2.1|m.example|joe@example.org"},
          {"F=<> rejected RCPT <a@bad.example>: no", "192.0.2.1|m.example|"},
          {"F=<joe@example.org> temporarily rejected RCPT <a@later.example>",
           "192.0.2.1|m.example|joe@example.org"},
          {"F=<joe@example.org> A=plain:user rejected RCPT <a@bad.example>: no",
           "192.0.2.1|m.example|joe@example.org|authenticated"},
          {"I=[127.0.0.1]:25 U=x X=TLS1.3:y:256 CV=no DN=\"/CN=a b\" F=<j@e.org> rejected RCPT "
           "<a@b>",
           "192.0.2.1|m.example|j@e.org"},
          {R"(F=<"a> rejected RCPT"@y.example> rejected RCPT <a@b>)",
           R"(192.0.2.1|m.example|"a> rejected RCPT"@y.example)"},
          {"F=<j@e.org> rejected after DATA: spam", "192.0.2.1|m.example|j@e.org"},
          {"F=<j@e.org> rejected DATA: spam", "192.0.2.1|m.example|j@e.org"},
          {"F=<j@e.org> rejected DKIM : no", "192.0.2.1|m.example|j@e.org"},
          {"F=<j@e.org> temporarily rejected by local_scan(): no", "192.0.2.1|m.example|j@e.org"},
          {"F=<j@e.org> rejected during MIME ACL checks", "192.0.2.1|m.example|j@e.org"},
          {"rejected MAIL <j@e.org>: no", "192.0.2.1|m.example|j@e.org"},
          {"rejected MAIL <> SIZE=100", "192.0.2.1|m.example|"},
          {"rejected EHLO or HELO m.example: no", "192.0.2.1|m.example|none"},
      },
      kTime + "H=(m.example) [192.0.2.1] ");
  ExpectEach({{"H=h.example (m.example) [192.0.2.1] F=<j@e.org> rejected after DATA",
               "192.0.2.1|m.example|j@e.org"}},
             kTime + kId);
}

// log_timezone, timestamps with milliseconds, +pid; syslog with and without Exim's own time.
TEST(EximLineTest, HasEveryTime) {
  const std::string rest = kId + "<= <> H=(m.example) [192.0.2.1] P=smtp S=1";
  const std::vector<std::string> beginnings = {
      "2026-11-22 10:31:18 ",
      "2026-11-22 10:31:18 +0000 ",
      "2026-11-22 10:31:18 -0330 ",
      "2026-11-22 10:31:18.683 ",
      "2026-11-22 10:31:18.683 +0100 [1234] ",
      "2026-11-22 10:31:18 [1234] ",
      "Nov 22 10:31:18 mx exim[1234]: 2026-11-22 10:31:18 ",
      "Nov  2 10:31:18 mx exim4[1234]: ",
      "2026-11-22T10:31:18.683+01:00 mx exim[1234]: [1234] ",
      "<22>Nov 22 10:31:18 mx exim: ",
      "Nov 22 10:31:18 exim1.example exim[1234]: ",
  };
  for (const std::string& beginning : beginnings) {
    EXPECT_EQ(Told(ReadEximLine(beginning + rest)), "192.0.2.1|m.example|") << beginning;
  }
  // Ids of Exim 4.97 and later.
  EXPECT_EQ(Told(ReadEximLine(kTime + "1tQx4p-00000001abc-2DeF <= <> H=(m) [192.0.2.1] P=smtp")),
            "192.0.2.1|m|");
}

// No session of ours, none that gave a name, or none that got as far as a verdict.
TEST(EximLineTest, SkipsTheRest) {
  ExpectEach(
      {
          {kId + "=> a <a@mx.example> R=everyone T=smtp H=mx.example [192.0.2.9] X=TLS", "other"},
          {kId + "-> a@mx.example R=dns T=smtp H=mx.example [192.0.2.9]", "other"},
          {kId + "== a@mx.example R=dns T=smtp defer (-53) H=mx.example [192.0.2.9]: retry",
           "other"},
          {kId + "** a@mx.example F=<x@y> R=dns T=smtp H=mx.example [192.0.2.9]: 550 no", "other"},
          {kId + "Completed", "other"},
          {kId + "<= local@mx.example U=root P=local S=287", "other"},
          {kId + "<= <> R=1xV4qs-000004-1B U=Debian-exim P=local S=287", "other"},
          {"H=[192.0.2.66] rejected connection in \"connect\" ACL", "other"},
          {"H=(m.example) [192.0.2.1] Warning: had it been rejected RCPT would", "other"},
          {"H=(m.example) [192.0.2.1] sender verify fail for <j@e.org>: Unrouteable", "other"},
          {"H=(m.example) [192.0.2.1] incomplete transaction (QUIT) from <j@e.org>", "other"},
          {"H=(m.example) [192.0.2.1] rejected VRFY joe", "other"},
          {"rejected EHLO from [192.0.2.1]: syntactically invalid argument(s): foo bar", "other"},
          {"rejected MAIL from [192.0.2.1]: no HELO/EHLO given", "other"},
          {"SMTP protocol synchronization error (next input sent too soon): rejected \"Subject: "
           "ok\" "
           "H=[192.0.2.1] next input=\"\\r\\n\"",
           "other"},
          {"no host name found for IP address 192.0.2.2", "other"},
          {"exim 4.96 daemon started: pid=2, listening for SMTP on [127.0.0.1]:25", "other"},
          {"SMTP connection from (mail.example) [192.0.2.1]:40000 closed by QUIT", "other"},
          {kId + "<= joe@example.org H=(mail.example) [192.0.2] P=esmtp", "other"},
          {kId + "<= joe@example.org H=(mail.example", "other"},
          {kId + "<= \"joe", "other"},
          {"H=(m) [192.0.2.1] F=<joe", "other"},
          {"H=(m) [192.0.2.1] DN=\"x", "other"},
          {"H=", "other"},
          {"", "other"},
      },
      kTime);
  ExpectEach({{"192.0.2.1 mail.example", "other"},
              {"<= joe@example.org H=(mail.example) [192.0.2.1] P=esmtp", "other"},
              {"Nov 22 10:31:18 mx exim[12: " + kId + "<= <> H=(m) [192.0.2.1]", "other"},
              // What a client of another program says.
              {"Nov 22 10:31:18 mx sshd[12]: Invalid user exim: " + kId + "<= <> H=(m) [192.0.2.1]",
               "other"}},
             "");
}

}  // namespace
}  // namespace helovet
