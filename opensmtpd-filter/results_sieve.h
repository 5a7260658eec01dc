// Removes from a message's header what claims to be our own results (RFC 8601 §5).
#ifndef HELOVET_OPENSMTPD_FILTER_RESULTS_SIEVE_H_
#define HELOVET_OPENSMTPD_FILTER_RESULTS_SIEVE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"

namespace helovet {

// Octets of an Authentication-Results field, as many as the longest line that smtpd takes has
// (SMTP_LINE_MAX in its smtp_session.c). A longer field is removed unread: nobody means it well.
inline constexpr std::size_t kMaxHeldFieldOctets = 65536;

// Goes through the header section of one message, and holds each Authentication-Results field back
// until it is whole, for only then is it known whose it says it is. All other lines pass at once,
// and all that pass are what they were.
//
// A line is dot-escaped, as smtpd sends it; before it is looked at, one dot at its beginning is
// taken off, as smtpd does with any line. A carriage return within a line counts as the end of a
// line as well, for there are readers that take it so.
class ResultsSieve {
 public:
  using Pass = absl::FunctionRef<void(std::string_view line)>;

  // Takes the next line of the header section and passes on what is ready. `authserv_id` is ours.
  void Feed(std::string_view line, std::string_view authserv_id, Pass pass);

  // Passes on what is held, or drops it: the header section has ended.
  void End(std::string_view authserv_id, Pass pass);

  // Octets held at present, line ends included.
  [[nodiscard]] std::size_t held() const { return held_.size(); }

 private:
  void Hold(std::string_view line);

  bool holding_ = false;
  bool too_long_ = false;
  std::string held_;  // Lines of the field, each with a line feed.
};

}  // namespace helovet

#endif  // HELOVET_OPENSMTPD_FILTER_RESULTS_SIEVE_H_
