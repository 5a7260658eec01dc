// What the filter tells smtpd. smtpd ends, mail server and all, at a line it does not expect, so
// lines are made here and nowhere else.
#ifndef HELOVET_OPENSMTPD_FILTER_OUTPUT_H_
#define HELOVET_OPENSMTPD_FILTER_OUTPUT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "event.h"

namespace helovet {

// A line's octets, line feed included. More than smtpd's buffer holds (IOBUF_MAX in its iobuf.c)
// stops the channel for all sessions, in 6.8 and 7.8 alike.
inline constexpr std::size_t kMaxLineOctets = 65536;
// Before protocol 0.7 smtpd cut what a filter returned to LINE_MAX, the line's end included
// (lka_filter_process_response in its lka_filter.c).
inline constexpr std::size_t kMaxLineOctetsBefore07 = 2048;

// Where in a message a line stands; it decides how a line too long for the protocol is split.
enum class Section : std::uint8_t { kHeader, kBody };

// What a filter may ask for beside HELO, EHLO, MAIL FROM and the state of connections.
struct Phases {
  bool rcpt_to = false;
  bool data = false;
  bool data_line = false;
};

// The queue of lines for smtpd. It knows no session: the order and the number of answers are its
// caller's.
class Output {
 public:
  // Registers the reports and phases the filter lives on and those of `phases`, and ends the
  // registration. To be called once, after config|ready and before everything else.
  void Register(const Phases& phases);

  // Lets the command pass.
  void Proceed(const RequestId& id);

  // Lets DATA pass and has smtpd mark the message with `X-Spam: Yes`. At other phases it would mark
  // the session (MAIL FROM) or end smtpd (after DATA).
  void Junk(const RequestId& id);

  // Refuses the command with `reply`, an SMTP reply line of 4xx or 5xx without line end. A text
  // that smtpd would not take is replaced by a plain refusal.
  void Reject(const RequestId& id, std::string_view reply);

  // Puts one line, dot-escaped and without a line feed, into the message. A line that is too long
  // for smtpd of `version` is split, losing no octet: before white space where there is some, else
  // anywhere; a header field stays one field, the dot-escape stays right.
  void DataLine(const RequestId& id, ProtocolVersion version, std::string_view text,
                Section section);

  // Adds a line of our own to a message's header: printable ASCII, not empty. Other octets are
  // replaced by `?`.
  void HeaderLine(const RequestId& id, ProtocolVersion version, std::string_view text);

  // What smtpd has not got yet. Valid until the next call of anything else.
  [[nodiscard]] std::string_view queued() const { return std::string_view(queue_).substr(sent_); }
  // Removes the first `octets` of queued().
  void Drop(std::size_t octets);

 private:
  void Begin(std::string_view kind, const RequestId& id);
  void BeginDataLine(const RequestId& id);

  std::string queue_;
  std::size_t sent_ = 0;  // Octets at the beginning of queue_ that smtpd has.
  // How the latest data-line began, and whose it was: those that follow it are mostly of the same.
  std::string data_line_begin_;
  RequestId data_line_id_;
};

}  // namespace helovet

#endif  // HELOVET_OPENSMTPD_FILTER_OUTPUT_H_
