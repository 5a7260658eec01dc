// Sessions of the past, as mail servers' logs tell of them.
#ifndef HELOVET_SESSION_LOG_H_
#define HELOVET_SESSION_LOG_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "helovet/session.h"

namespace helovet {

enum class LogFormat : std::uint8_t {
  // "ADDRESS HELO [SENDER]" between blanks: "-" for no HELO name and for no MAIL FROM, "<>" for the
  // null sender, octets as EscapeForLog writes them; a word that begins with "#" begins a comment.
  kPlain,
  kExim,       // Exim's main log, in a file of its own or by syslog.
  kOpenSmtpd,  // What smtpd gives to syslog; the HELO names are in filter-helovet's lines alone.
};
// "plain", "exim", "opensmtpd".
[[nodiscard]] std::string_view ToString(LogFormat format);
// Empty for anything else.
[[nodiscard]] std::optional<LogFormat> ParseLogFormat(std::string_view token);

// The format of a log that begins with `lines`: that of most of those that can be told. Empty: none
// can be.
[[nodiscard]] std::optional<LogFormat> DetectLogFormat(std::span<const std::string> lines);

// Octets of a line without its end. Exim writes 8 KiB at most (its LOG_BUFFER_SIZE).
inline constexpr std::size_t kMaxSessionLineOctets = std::size_t{64} * 1024;

struct LogLine {
  enum class Kind : std::uint8_t {
    kSession,
    kOther,      // Empty, a comment, or about something else.
    kMalformed,  // Of kPlain alone: meant as a session, and none. `problem` says why.
  };
  Kind kind = Kind::kOther;
  std::optional<Session> session = std::nullopt;  // Of kSession.
  std::string_view problem = {};                  // Printable ASCII, for ever.
};

// Reads one log. A line can be of any octets. A session is told of as often as the log has lines
// that show a verdict's occasion: of Exim each message that arrived and each command or message
// that was rejected from HELO on; of filter-helovet each verdict. Not thread-safe.
class SessionLogReader {
 public:
  explicit SessionLogReader(LogFormat format);
  ~SessionLogReader();
  SessionLogReader(const SessionLogReader&) = delete;
  SessionLogReader& operator=(const SessionLogReader&) = delete;

  // `line`: the log's next one, without its end; a carriage return at its end does not count.
  [[nodiscard]] LogLine Read(std::string_view line);

  // Sessions that the log has had so far without telling all of their HELO name, so that nobody can
  // judge them: of OpenSMTPD those of which filter-helovet has written nothing, or cut the name.
  [[nodiscard]] std::uint64_t incomplete() const;

 private:
  class SmtpdSessions;

  LogFormat format_;
  std::unique_ptr<SmtpdSessions> smtpd_;  // Of kOpenSmtpd alone.
};

}  // namespace helovet

#endif  // HELOVET_SESSION_LOG_H_
