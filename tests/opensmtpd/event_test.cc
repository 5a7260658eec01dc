// Lines of smtpd's as smtpd 6.7 to 7.8 print them (usr.sbin/smtpd/lka_filter.c, smtpd-filters(7)),
// and lines that nobody should print.
#include "event.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace helovet {
namespace {

std::string Describe(const Malformed& e) { return "malformed: " + std::string(e.problem); }
std::string Describe(const ConfigValue& e) {
  return "config " + std::string(e.key) + "=" + std::string(e.value);
}
std::string Describe(const ConfigReady&) { return "ready"; }
std::string Describe(const LinkConnect& e) {
  return "connect " + std::to_string(e.session) + " " +
         (e.client ? e.client->ToString() : std::string("local"));
}
std::string Describe(const LinkDisconnect& e) { return "disconnect " + std::to_string(e.session); }
std::string Describe(const LinkAuth& e) {
  return "auth " + std::to_string(e.session) + (e.passed ? " pass" : " no");
}
std::string Describe(const OtherReport&) { return "other report"; }
std::string Describe(const FilterRequest& e) {
  constexpr std::string_view kPhases[] = {"identify", "mail-from", "rcpt-to",
                                          "data",     "data-line", "other"};
  return std::string(kPhases[static_cast<std::size_t>(e.phase)]) + " " + std::to_string(e.version) +
         " " + std::to_string(e.id.session) + " " + std::to_string(e.id.token) + " [" +
         std::string(e.argument) + "]";
}

std::string Describe(const Event& event) {
  return std::visit([](const auto& e) { return Describe(e); }, event);
}

struct Case {
  std::string line;
  std::string want;
};

const std::vector<Case>& Cases() {
  static const std::vector<Case> cases = {
      // config
      {"config|smtpd-version|6.8.0p2", "config smtpd-version=6.8.0p2"},
      {"config|admd|mx.example", "config admd=mx.example"},
      {"config|protocol|0.7", "config protocol=0.7"},
      {"config|key|a|b", "config key=a|b"},
      {"config|key|", "config key="},
      {"config|key", "config key="},
      {"config|ready", "ready"},
      {"config|ready|x", "config ready=x"},
      {"config", "malformed: config without a key"},
      {"config|", "malformed: config without a key"},
      {"config||x", "malformed: config without a key"},

      // link-connect: rdns|fcrdns|src|dest
      {"report|0.5|1576146008.006099|smtp-in|link-connect|7641df9771b4ed00|mail.openbsd.org|pass|"
       "199.185.178.25:33174|45.77.67.80:25",
       "connect 8521337811502427392 199.185.178.25"},
      {"report|0.6|1.0|smtp-in|link-connect|000000000000000a|<unknown>|fail|[2001:db8::1]:25|"
       "[2001:db8::2]:25",
       "connect 10 2001:db8::1"},
      {"report|0.7|1.0|smtp-in|link-connect|a||error|192.0.2.1:0|192.0.2.2:25",
       "connect 10 192.0.2.1"},
      {"report|0.7|1.0|smtp-in|link-connect|a|x|fail|[::ffff:192.0.2.1]:9|[::1]:25",
       "connect 10 192.0.2.1"},
      {"report|0.7|1.0|smtp-in|link-connect|a|x|fail|[fe80::1%eth0]:9|[fe80::2%eth0]:25",
       "connect 10 fe80::1"},
      {"report|0.7|1.0|smtp-in|link-connect|a|localhost|pass|unix:/var/run/smtpd.sock|"
       "unix:/var/run/smtpd.sock",
       "connect 10 local"},
      {"report|0.7|1.0|smtp-in|link-connect|a|localhost|pass|local|local", "connect 10 local"},
      {"report|0.9|1.0|smtp-in|link-connect|a|x|pass|192.0.2.1:25|192.0.2.2:25|later|fields",
       "connect 10 192.0.2.1"},
      {"report|0.7|1.0|smtp-in|link-connect|a|x|pass|192.0.2.1:25",
       "malformed: link-connect lacks fields"},
      {"report|0.7|1.0|smtp-in|link-connect|a", "malformed: link-connect lacks fields"},
      {"report|0.7|1.0|smtp-in|link-connect|a|x|maybe|192.0.2.1:25|192.0.2.2:25",
       "malformed: link-connect with an unknown state of the reverse name"},
      // A reverse name with `|` must not put another address in the client's place.
      {"report|0.7|1.0|smtp-in|link-connect|a|x|y|192.0.2.1:25|fail|192.0.2.9:25|192.0.2.2:25",
       "malformed: link-connect with an unknown state of the reverse name"},
      {"report|0.7|1.0|smtp-in|link-connect|a|x|fail|[(unknown)]:25|192.0.2.2:25",
       "malformed: link-connect without a client address"},
      {"report|0.7|1.0|smtp-in|link-connect|a|x|fail|192.0.2.1|192.0.2.2:25",
       "malformed: link-connect without a client address"},
      {"report|0.7|1.0|smtp-in|link-connect|a|x|fail|192.0.2.1:99999|192.0.2.2:25",
       "malformed: link-connect without a client address"},
      {"report|0.7|1.0|smtp-in|link-connect|a|x|fail|:25|192.0.2.2:25",
       "malformed: link-connect without a client address"},
      {"report|0.7|1.0|smtp-in|link-connect|a|x|fail||192.0.2.2:25",
       "malformed: link-connect without a client address"},

      // link-auth: username|result before 0.7, result|username from it
      {"report|0.5|1.0|smtp-in|link-auth|a|joe|pass", "auth 10 pass"},
      {"report|0.6|1.0|smtp-in|link-auth|a|joe|fail", "auth 10 no"},
      {"report|0.6|1.0|smtp-in|link-auth|a|joe|error", "auth 10 no"},
      {"report|0.6|1.0|smtp-in|link-auth|a|pass|fail", "auth 10 no"},
      {"report|0.6|1.0|smtp-in|link-auth|a|a|b|pass", "auth 10 pass"},
      {"report|0.6|1.0|smtp-in|link-auth|a|x|pass|fail", "auth 10 no"},
      {"report|0.6|1.0|smtp-in|link-auth|a||pass", "auth 10 pass"},
      {"report|0.7|1.0|smtp-in|link-auth|a|pass|joe", "auth 10 pass"},
      {"report|0.7|1.0|smtp-in|link-auth|a|fail|joe", "auth 10 no"},
      {"report|0.7|1.0|smtp-in|link-auth|a|fail|x|pass", "auth 10 no"},
      {"report|0.7|1.0|smtp-in|link-auth|a|pass|a|b", "auth 10 pass"},
      {"report|0.8|1.0|smtp-in|link-auth|a|pass|", "auth 10 pass"},
      {"report|0.7|1.0|smtp-in|link-auth|a|pass", "malformed: link-auth lacks fields"},
      {"report|0.7|1.0|smtp-in|link-auth|a", "malformed: link-auth lacks fields"},

      // other reports
      {"report|0.7|1.0|smtp-in|link-disconnect|a", "disconnect 10"},
      {"report|0.9|1.0|smtp-in|link-disconnect|a|why", "disconnect 10"},
      {"report|0.7|1.0|smtp-in|tx-begin|a|1234", "other report"},
      {"report|0.7|1.0|smtp-in|invented-later|a", "other report"},
      {"report|0.7|1.0|smtp-in|link-disconnect", "malformed: report without a session"},
      {"report|0.7|1.0|smtp-in|link-disconnect|", "malformed: report without a session"},
      {"report|0.7|1.0|smtp-in|link-disconnect|xyz", "malformed: report without a session"},
      {"report|0.7|1.0|smtp-in|link-disconnect|0a 1", "malformed: report without a session"},
      {"report|0.7|1.0|smtp-in|link-disconnect|-1", "malformed: report without a session"},
      {"report|0.7|1.0|smtp-in|link-disconnect|0x1", "malformed: report without a session"},
      {"report|0.7|1.0|smtp-in|link-disconnect|00000000000000001",
       "malformed: report without a session"},
      {"report|0.7|1.0|smtp-in||a", "malformed: report without a name"},
      {"report|0.7|1.0|smtp-in|Link|a", "malformed: report without a name"},
      {"report|0.7|1.0|smtp-in", "malformed: report without a name"},
      {"report|0.7|1.0|smtp-out|link-connect|a|x|pass|192.0.2.1:25|192.0.2.2:25",
       "malformed: unknown subsystem"},

      // requests
      {"filter|0.5|1576146008.006099|smtp-in|helo|7641df9771b4ed00|1ef1c203cc576e5d|mx.example",
       "identify 5 8521337811502427392 2229776612094078557 [mx.example]"},
      {"filter|0.7|1.0|smtp-in|ehlo|a|b|mx.example", "identify 7 10 11 [mx.example]"},
      {"filter|0.7|1.0|smtp-in|ehlo|A|B|mx.example", "identify 7 10 11 [mx.example]"},
      {"filter|0.7|1.0|smtp-in|ehlo|a|b|a|b|c", "identify 7 10 11 [a|b|c]"},
      {"filter|0.7|1.0|smtp-in|ehlo|a|b|", "identify 7 10 11 []"},
      {"filter|0.7|1.0|smtp-in|ehlo|a|b", "identify 7 10 11 []"},
      {"filter|0.7|1.0|smtp-in|mail-from|a|b|joe@example.org",
       "mail-from 7 10 11 [joe@example.org]"},
      {"filter|0.7|1.0|smtp-in|mail-from|a|b|", "mail-from 7 10 11 []"},
      {"filter|0.7|1.0|smtp-in|rcpt-to|a|b|joe@example.org", "rcpt-to 7 10 11 [joe@example.org]"},
      {"filter|0.7|1.0|smtp-in|data|a|b|", "data 7 10 11 []"},
      {"filter|0.7|1.0|smtp-in|data-line|a|b|.", "data-line 7 10 11 [.]"},
      {"filter|0.7|1.0|smtp-in|data-line|a|b|", "data-line 7 10 11 []"},
      {"filter|0.7|1.0|smtp-in|data-line|a|b| x\r", "data-line 7 10 11 [ x\r]"},
      {"filter|0.7|1.0|smtp-in|rset|a|b|", "other 7 10 11 []"},
      {"filter|0.7|1.0|smtp-in|invented-later|a|b|", "other 7 10 11 []"},
      {"filter|0.12|1.0|smtp-in|helo|a|b|x", "identify 12 10 11 [x]"},
      {"filter|0.7||smtp-in|helo|ffffffffffffffff|ffffffffffffffff|x",
       "identify 7 18446744073709551615 18446744073709551615 [x]"},
      {"filter|0.7|1.0|smtp-in|helo|a|", "malformed: request without a token"},
      {"filter|0.7|1.0|smtp-in|helo|a", "malformed: request without a token"},
      {"filter|0.7|1.0|smtp-in|helo|a|xyz|x", "malformed: request without a token"},
      {"filter|0.7|1.0|smtp-in|helo||b|x", "malformed: request without a session"},
      {"filter|0.7|1.0|smtp-in|helo", "malformed: request without a session"},
      {"filter|0.7|1.0|smtp-in||a|b|x", "malformed: request without a phase"},
      {"filter|0.7|1.0|smtp-in|he lo|a|b|x", "malformed: request without a phase"},
      {"filter|0.7|1.0|smtp-out|helo|a|b|x", "malformed: unknown subsystem"},
      {"filter|0.7|1.0|", "malformed: unknown subsystem"},
      {"filter|0.7|1.0", "malformed: too few fields"},
      {"filter|0.7", "malformed: too few fields"},
      {"filter|", "malformed: too few fields"},
      {"filter", "malformed: too few fields"},

      // versions
      {"filter|0.4|1.0|smtp-in|helo|b|a|x", "malformed: unsupported protocol version"},
      {"filter|1.0|1.0|smtp-in|helo|a|b|x", "malformed: unsupported protocol version"},
      {"filter|7|1.0|smtp-in|helo|a|b|x", "malformed: no protocol version"},
      {"filter||1.0|smtp-in|helo|a|b|x", "malformed: no protocol version"},
      {"filter|0.|1.0|smtp-in|helo|a|b|x", "malformed: no protocol version"},
      {"filter|.7|1.0|smtp-in|helo|a|b|x", "malformed: no protocol version"},
      {"filter|0.7x|1.0|smtp-in|helo|a|b|x", "malformed: no protocol version"},
      {"filter|-0.7|1.0|smtp-in|helo|a|b|x", "malformed: no protocol version"},
      {"filter|0.99999999999|1.0|smtp-in|helo|a|b|x", "malformed: no protocol version"},

      // neither
      {"", "malformed: unknown kind of line"},
      {"|", "malformed: unknown kind of line"},
      {"Config|ready", "malformed: unknown kind of line"},
      {" config|ready", "malformed: unknown kind of line"},
      {"register|ready", "malformed: unknown kind of line"},
      {std::string("\0\xff\x80", 3), "malformed: unknown kind of line"},
  };
  return cases;
}

TEST(ParseEvent, TakesEveryShapeForWhatItIs) {
  ASSERT_FALSE(Cases().empty());
  for (const Case& c : Cases()) {
    EXPECT_EQ(Describe(ParseEvent(c.line)), c.want) << "line: " << c.line;
  }
}

TEST(ParseEvent, SurvivesEveryBeginningOfEveryLine) {
  for (const Case& c : Cases()) {
    for (std::size_t length = 0; length < c.line.size(); ++length) {
      static_cast<void>(ParseEvent(std::string_view(c.line).substr(0, length)));
    }
  }
}

}  // namespace
}  // namespace helovet
