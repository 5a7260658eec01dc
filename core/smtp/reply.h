// Replies of SMTP servers, octet by octet.
#ifndef HELOVET_CORE_SMTP_REPLY_H_
#define HELOVET_CORE_SMTP_REPLY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace helovet {

// Of one reply, docs/rules.md §12.3. RFC 5321 §4.5.3.1.5 allows 512 octets a line and sets no other
// limit; the rest is ours: nobody needs more to say yes or no.
inline constexpr std::size_t kMaxReplyLineOctets = 2000;  // Without its CRLF.
inline constexpr std::size_t kMaxReplyLines = 100;
inline constexpr std::size_t kMaxReplyOctets = std::size_t{16} * 1024;  // CRLFs included.

// The server closes the connection; it may say so at any time (RFC 5321 §3.8).
inline constexpr int kClosingCode = 421;

struct SmtpReply {
  int code = 0;                         // 200 to 599.
  std::vector<std::string> lines = {};  // With their codes, without CRLF; any other octets.

  // 2 to 5: the first digit, which says what came of the command (RFC 5321 §4.2.1).
  [[nodiscard]] int severity() const { return code / 100; }
};

// Reads one reply (RFC 5321 §4.2). Only CRLF ends a line (RFC 5321 §2.3.8); a line may consist of
// its code alone.
class ReplyReader {
 public:
  enum class State : std::uint8_t { kUnfinished, kComplete, kMalformed };

  // Takes the octets of `octets` that belong to the reply; returns their number. Where a reply is
  // complete, what follows is left. Takes nothing more after the end or a mistake.
  std::size_t Read(std::string_view octets);

  [[nodiscard]] State state() const { return state_; }
  // Of kUnfinished: its lines so far. Of kMalformed: with the line that is none as its last.
  [[nodiscard]] const SmtpReply& reply() const { return reply_; }
  // Of kMalformed: what is wrong, in a few words.
  [[nodiscard]] std::string_view fault() const { return fault_; }

 private:
  void ReadOctet(char octet);
  void EndLine();
  void Refuse(std::string_view fault);

  State state_ = State::kUnfinished;
  SmtpReply reply_;
  std::string line_;
  bool after_cr_ = false;
  std::size_t octets_ = 0;
  std::string_view fault_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_SMTP_REPLY_H_
