#include "smtp/reply.h"

#include <optional>
#include <utility>

#include "base/ascii.h"

namespace helovet {
namespace {

constexpr std::size_t kCodeDigits = 3;

// The code in front of `line`: 200 to 599. No command of a callback has an answer of 1yz, which RFC
// 5321 §4.2.1 does not use at all.
std::optional<int> CodeOf(std::string_view line) {
  if (line.size() < kCodeDigits || line[0] < '2' || line[0] > '5') return std::nullopt;
  if (!IsAsciiDigit(line[1]) || !IsAsciiDigit(line[2])) return std::nullopt;
  return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

}  // namespace

std::size_t ReplyReader::Read(std::string_view octets) {
  std::size_t taken = 0;
  while (taken < octets.size() && state_ == State::kUnfinished) ReadOctet(octets[taken++]);
  return taken;
}

void ReplyReader::ReadOctet(char octet) {
  if (++octets_ > kMaxReplyOctets) return Refuse("more octets than a reply may have");
  if (after_cr_) {
    after_cr_ = false;
    return octet == '\n' ? EndLine() : Refuse("CR without LF");
  }
  if (octet == '\n') return Refuse("LF without CR");
  if (octet == '\r') {
    after_cr_ = true;
    return;
  }
  if (line_.size() == kMaxReplyLineOctets) return Refuse("a line of too many octets");
  line_ += octet;
}

void ReplyReader::EndLine() {
  const std::optional<int> code = CodeOf(line_);
  if (!code) return Refuse("a line without a code");
  const char separator = line_.size() == kCodeDigits ? ' ' : line_[kCodeDigits];
  if (separator != ' ' && separator != '-') return Refuse("a code that goes on");
  if (!reply_.lines.empty() && *code != reply_.code) return Refuse("two codes in one reply");
  reply_.code = *code;
  reply_.lines.push_back(std::exchange(line_, {}));
  if (separator == ' ') {
    state_ = State::kComplete;
  } else if (reply_.lines.size() == kMaxReplyLines) {
    Refuse("more lines than a reply may have");
  }
}

void ReplyReader::Refuse(std::string_view fault) {
  state_ = State::kMalformed;
  fault_ = fault;
  if (!line_.empty()) reply_.lines.push_back(std::exchange(line_, {}));
}

}  // namespace helovet
