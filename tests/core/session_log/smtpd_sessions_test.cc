// What OpenSMTPD gives to syslog: smtp_session.c and lka_filter.c of 6.8.0p2; filter-helovet's
// line: docs/key-values.md, "The log line".
#include "session_log/smtpd_sessions.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "told.h"

namespace helovet {
namespace {

const std::string kId = "146cbf7d7254e0c8";
const std::string kVerdict = "helovet: helovet: session=" + kId +
                             " action=tag trust=unknown decided_by=local-list "
                             "decided_reason=not-listed profile=standard ";

TEST(SmtpdSessionsTest, HasVerdicts) {
  const std::vector<LineCase> cases = {
      {"ip=192.0.2.1 helo_name=good.example mail_from=\"joe@good.example\" queries=3 ms=40",
       "192.0.2.1|good.example|joe@good.example"},
      {"ip=2001:db8::1 helo_name=good.example mail_from=\"\" queries=3",
       "2001:db8::1|good.example|"},
      {"ip=192.0.2.1 helo_name=\"\" queries=3", "192.0.2.1||none"},
      {"ip=192.0.2.1 helo_name=\"h\\\\xe4\\\"x\\\\\\\\\" queries=3 mail_from=a",
       "192.0.2.1|h\xe4\"x\\|a"},
      {"decided_reason=authenticated-session ip=192.0.2.1 helo_name=a.example",
       "192.0.2.1|a.example|none|authenticated"},
      // Nobody knows what was cut.
      {"ip=192.0.2.1 helo_name=" + std::string(40, 'a') + "...", "other"},
      {"ip=192.0.2.1 helo_name=a.example mail_from=" + std::string(40, 'a') + "...", "other"},
      {"ip=192.0.2.1 cut=yes", "other"},
      {"helo_name=a.example", "other"},
      {"ip=192.0.2.1 helo_name=a\\q", "other"},
      {"ip=192.0.2.1 helo_name=\"a.example", "other"},
  };
  for (const LineCase& c : cases) {
    SessionLogReader reader(LogFormat::kOpenSmtpd);
    EXPECT_EQ(Told(reader.Read("Nov 22 10:31:18 mx smtpd[12]: " + kVerdict + c.line)), c.want)
        << c.line;
    EXPECT_EQ(reader.incomplete(), c.want == "other" ? 1U : 0U) << c.line;
  }
}

TEST(SmtpdSessionsTest, JoinsLinesByTheSession) {
  struct Case {
    std::vector<std::string> lines;
    std::uint64_t sessions;
    std::uint64_t incomplete;
  };
  const std::string connected = kId + " smtp connected address=192.0.2.1 host=<unknown>";
  const std::string connected_6 = kId + " smtp connected address=[2001:db8::1] host=mail.example";
  const std::string verdict = kVerdict + "ip=192.0.2.1 helo_name=a.example";
  const std::string end = kId + " smtp disconnected reason=quit";
  const std::vector<Case> cases = {
      {{connected, verdict, end}, 1, 0},
      {{connected, end}, 0, 1},
      {{connected_6, end}, 0, 1},
      // Two processes of smtpd write.
      {{verdict, connected, end}, 1, 0},
      {{connected, end, verdict}, 1, 0},
      {{connected, verdict, verdict}, 2, 0},
      {{connected, connected}, 0, 1},
      {{kId + " smtp connected address=local host=mx.example"}, 0, 0},
      {{kId + " smtp event=proxy address=127.0.0.2"}, 0, 0},
      {{kId + " smtp failed-command command=\"EHLO x\" result=\"helovet: session=" + kId +
        " ip=192.0.2.1 helo_name=b\""},
       0,
       0},
      {{"other: text helovet: session=" + kId + " ip=192.0.2.1 helo_name=b"}, 0, 0},
      {{"146CBF7D7254E0C8 smtp connected address=192.0.2.1 host=x"}, 0, 0},
      {{"session=1 ip=192.0.2.1", ""}, 0, 0},
  };
  for (const Case& c : cases) {
    SessionLogReader reader(LogFormat::kOpenSmtpd);
    std::uint64_t sessions = 0;
    for (const std::string& line : c.lines) {
      if (reader.Read("Nov 22 10:31:18 mx smtpd[12]: " + line).session) ++sessions;
    }
    EXPECT_EQ(sessions, c.sessions) << c.lines.front();
    EXPECT_EQ(reader.incomplete(), c.incomplete) << c.lines.front();
  }
}

// smtpd -d, and syslog in other forms.
TEST(SmtpdSessionsTest, HasEveryTime) {
  const std::string line = kVerdict + "ip=192.0.2.1 helo_name=a.example";
  for (const std::string beginning :
       {"", "2026-11-22T10:31:18.683+01:00 mx smtpd[1]: ", "<22>Nov 22 10:31:18 mx smtpd[123]: ",
        "Nov 22 10:31:18 smtpd[1] smtpd[12]: "}) {
    SessionLogReader reader(LogFormat::kOpenSmtpd);
    EXPECT_EQ(Told(reader.Read(beginning + line)), "192.0.2.1|a.example|none") << beginning;
  }
}

TEST(SmtpdSessionsTest, IsBounded) {
  SessionLogReader reader(LogFormat::kOpenSmtpd);
  constexpr std::uint64_t kSessions = 50'000;
  for (std::uint64_t i = 0; i < kSessions; ++i) {
    const std::string digits = std::to_string(i);
    const std::string id = std::string(16 - digits.size(), '0') + digits;
    EXPECT_EQ(Told(reader.Read(id + " smtp connected address=192.0.2.1 host=x")), "other");
  }
  EXPECT_EQ(reader.incomplete(), kSessions);
}

}  // namespace
}  // namespace helovet
