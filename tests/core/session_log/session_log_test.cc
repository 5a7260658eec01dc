// What is common to all formats.
#include "helovet/session_log.h"

#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "told.h"

namespace helovet {
namespace {

std::string Detected(const std::vector<std::string>& lines) {
  const std::optional<LogFormat> format = DetectLogFormat(lines);
  return format ? std::string(ToString(*format)) : "none";
}

TEST(SessionLogTest, TellsTheFormat) {
  struct Case {
    std::vector<std::string> lines;
    std::string want;
  };
  const std::string exim = "2026-11-22 10:31:18 exim 4.96 daemon started: pid=2";
  const std::string smtpd = "Nov 22 10:31:18 mx smtpd[12]: info: OpenSMTPD 6.8.0p2 starting";
  const std::string plain = "192.0.2.1 mail.example";
  const std::vector<Case> cases = {
      {{exim}, "exim"},
      {{smtpd}, "opensmtpd"},
      {{plain + "\r"}, "plain"},
      {{"# sessions of Monday", "", "192.0.2.256 typo", plain}, "plain"},
      // mail.log has the lines of others, too.
      {{"Nov 22 10:31:18 mx dovecot: x", smtpd, smtpd, "Nov 22 10:31:18 mx exim[1]: Start"},
       "opensmtpd"},
      {{"Nov 22 10:31:18 mx postfix/smtpd[12]: connect from x"}, "none"},
      {{""}, "none"},
      {{}, "none"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Detected(c.lines), c.want) << (c.lines.empty() ? "(no line)" : c.lines.front());
  }
}

TEST(SessionLogTest, HasNamesForFormats) {
  for (const LogFormat format : {LogFormat::kPlain, LogFormat::kExim, LogFormat::kOpenSmtpd}) {
    EXPECT_EQ(ParseLogFormat(ToString(format)), format);
  }
  EXPECT_EQ(ParseLogFormat("auto"), std::nullopt);
  EXPECT_EQ(ParseLogFormat(""), std::nullopt);
}

TEST(SessionLogTest, TakesNoLineThatIsTooLong) {
  const std::string line = "192.0.2.1 ";
  const std::string longest = line + std::string(kMaxSessionLineOctets - line.size(), 'a');
  SessionLogReader plain(LogFormat::kPlain);
  EXPECT_EQ(plain.Read(longest).kind, LogLine::Kind::kSession);
  EXPECT_EQ(Told(plain.Read(longest + 'a')), "malformed: it is longer than 65536 octets");
  SessionLogReader exim(LogFormat::kExim);
  EXPECT_EQ(Told(exim.Read(longest + 'a')), "other");
}

TEST(SessionLogTest, LeavesOutACarriageReturn) {
  SessionLogReader plain(LogFormat::kPlain);
  EXPECT_EQ(Told(plain.Read("192.0.2.1 a.example\r")), "192.0.2.1|a.example|none");
  SessionLogReader exim(LogFormat::kExim);
  EXPECT_EQ(Told(exim.Read("2026-11-22 10:31:18 H=(m) [192.0.2.1] F=<> rejected DATA\r")),
            "192.0.2.1|m|");
}

}  // namespace
}  // namespace helovet
