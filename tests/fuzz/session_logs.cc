// Lines of mail servers' logs (helovet/session_log.h).
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz.h"
#include "helovet/render.h"
#include "helovet/session_log.h"
#include "session_log/words.h"

namespace helovet::fuzz {
namespace {

constexpr std::size_t kMostLines = 64;

LogLine ReadOne(LogFormat format, std::string_view line) {
  return SessionLogReader(format).Read(line);
}

// The session as kPlain has it; empty where its words cannot say it.
std::string PlainLineOf(const Session& session) {
  if (session.helo == "-") return {};
  std::string line = session.client.ToString() + ' ';
  std::string helo = EscapeForLog(session.helo);
  // Blanks part words, and a "#" at a word's begin is a comment's.
  for (std::size_t at = 0; (at = helo.find(' ', at)) != helo.npos;) helo.replace(at, 1, "\\x20");
  if (helo.starts_with('#')) helo.replace(0, 1, "\\x23");
  return line + (helo.empty() ? "-" : helo);
}

void HoldSession(const LogLine& read, LogFormat format) {
  const Session& session = *read.session;
  const std::string line = PlainLineOf(session);
  if (!line.empty()) {
    const LogLine again = ReadOne(LogFormat::kPlain, line);
    if (!again.session || again.session->helo != session.helo) {
      std::fprintf(stderr, "%s\n", line.c_str());
    }
    Hold(again.session && again.session->helo == session.helo &&
             again.session->client == session.client,
         "a session that is written as a plain line is read as itself");
  }
  if (format == LogFormat::kPlain) {
    Hold(!session.authenticated && !session.smtputf8, "a plain line has three words");
  }
}

void HoldLine(const LogLine& read, LogFormat format) {
  Hold((read.kind == LogLine::Kind::kSession) == read.session.has_value(),
       "a line of a session has one");
  Hold((read.kind == LogLine::Kind::kMalformed) == !read.problem.empty(),
       "a line that is malformed has a problem");
  Hold(read.kind != LogLine::Kind::kMalformed || format == LogFormat::kPlain,
       "only plain lines can be malformed");
  Hold(IsPrintable(read.problem), "a problem is printable");
  if (read.session) HoldSession(read, format);
}

}  // namespace

void Try(std::string_view input) {
  Hold(UnescapeFromLog(EscapeForLog(input)) == input, "what is escaped for logs is read back");
  std::vector<std::string> lines;
  for (Choices rest(input); !rest.empty() && lines.size() < kMostLines;) {
    lines.emplace_back(rest.Line());
  }
  static_cast<void>(DetectLogFormat(lines));
  for (const LogFormat format : {LogFormat::kPlain, LogFormat::kExim, LogFormat::kOpenSmtpd}) {
    SessionLogReader reader(format);
    for (const std::string& line : lines) {
      HoldLine(reader.Read(line), format);
      Hold(reader.incomplete() <= lines.size(), "no more sessions are incomplete than there were");
      if (format == LogFormat::kOpenSmtpd) continue;
      // A carriage return at a line's end does not count; these formats remember nothing.
      const LogLine with_cr = ReadOne(format, line + '\r');
      const LogLine without = ReadOne(format, line);
      Hold(line.ends_with('\r') || with_cr.kind == without.kind, "a line may end in CRLF");
    }
  }
}

}  // namespace helovet::fuzz
