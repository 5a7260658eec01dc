// Sessions of OpenSMTPD, whose lines are joined by the session's id.
#ifndef HELOVET_CORE_SESSION_LOG_SMTPD_SESSIONS_H_
#define HELOVET_CORE_SESSION_LOG_SMTPD_SESSIONS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "helovet/session_log.h"

namespace helovet {

// What smtpd or one of its filters has written: what follows "smtpd[123]: " of syslog, or all of a
// line that smtpd writes in the foreground. None: neither.
[[nodiscard]] std::optional<std::string_view> SmtpdMessage(std::string_view line);

// smtpd writes when a session begins and ends, and never its HELO name (6.8.0p2, smtp_session.c);
// filter-helovet writes the name with the session's id (docs/key-values.md, "The log line").
class SessionLogReader::SmtpdSessions {
 public:
  // Sessions that are remembered as long as their HELO name may still be told; with more of them
  // the oldest counts as incomplete. smtpd has some ten thousand at most, bound by its descriptors.
  static constexpr std::size_t kMaxOpen = 20'000;

  [[nodiscard]] LogLine Read(std::string_view message);

  [[nodiscard]] std::uint64_t incomplete() const { return forgotten_ + nameless_; }

 private:
  enum class State : std::uint8_t { kNameless, kTold };

  LogLine ReadVerdict(std::string_view pairs);
  void Note(std::string_view id, State state);

  std::unordered_map<std::string, State> sessions_;
  std::deque<std::string> order_;  // The ids in sessions_, oldest first.
  std::uint64_t nameless_ = 0;     // Of those in sessions_.
  std::uint64_t forgotten_ = 0;    // Former ones, without a name.
};

}  // namespace helovet

#endif  // HELOVET_CORE_SESSION_LOG_SMTPD_SESSIONS_H_
