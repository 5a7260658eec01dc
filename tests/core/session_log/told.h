// What a line tells, as one text to compare.
#ifndef HELOVET_TESTS_CORE_SESSION_LOG_TOLD_H_
#define HELOVET_TESTS_CORE_SESSION_LOG_TOLD_H_

#include <string>

#include "helovet/session_log.h"

namespace helovet {

// "ADDRESS|HELO|SENDER" with "none" for no MAIL FROM, and "|authenticated", "|smtputf8" behind;
// "other"; or "malformed: PROBLEM".
inline std::string Told(const LogLine& line) {
  if (line.kind == LogLine::Kind::kMalformed) return "malformed: " + std::string(line.problem);
  if (line.kind == LogLine::Kind::kOther) return "other";
  const Session& session = line.session.value();
  return session.client.ToString() + '|' + session.helo + '|' + session.mail_from.value_or("none") +
         (session.authenticated ? "|authenticated" : "") + (session.smtputf8 ? "|smtputf8" : "");
}

// A line and what it tells.
struct LineCase {
  std::string line;
  std::string want;
};

}  // namespace helovet

#endif  // HELOVET_TESTS_CORE_SESSION_LOG_TOLD_H_
