#include "output.h"

#include <algorithm>

#include "helovet/render.h"

namespace helovet {
namespace {

constexpr std::string_view kPlainRefusal = "550 5.7.1 Access denied";

// What stands around a message's line: its kind, session and token with a bar each, and its end.
constexpr std::size_t kDataLineOctets =
    std::string_view("filter-dataline|").size() + std::size_t{2} * (16 + 1) + 1;

bool IsPrintable(char c) { return c >= ' ' && c <= '~'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// What smtpd takes as a reply (valid_smtp_response in its util.c), and fit for one line.
bool IsRefusal(std::string_view reply) {
  return reply.size() >= 5 && reply.size() <= kMaxReplyOctets &&
         (reply[0] == '4' || reply[0] == '5') && IsDigit(reply[1]) && IsDigit(reply[2]) &&
         reply[3] == ' ' && std::all_of(reply.begin(), reply.end(), IsPrintable);
}

// How many octets of `text` go into a line with room for `room`: all before the last white space
// of the second half that fits, so that what follows begins with it; else as many as fit.
std::size_t SplitAt(std::string_view text, std::size_t room) {
  const std::size_t space = text.find_last_of(" \t", room);
  return space != std::string_view::npos && space > room / 2 ? space : room;
}

// What must stand before the rest of a split line, lest it change its meaning.
std::string_view Continuation(std::string_view rest, Section section) {
  const char first = rest.front();
  if (section == Section::kHeader && first != ' ' && first != '\t') return " ";  // RFC 5322 §2.2.3
  if (first == '.') return ".";                                                  // RFC 5321 §4.5.2
  return "";
}

}  // namespace

void Output::Register(const Phases& phases) {
  queue_ +=
      "register|report|smtp-in|link-connect\n"
      "register|report|smtp-in|link-disconnect\n"
      "register|report|smtp-in|link-auth\n"
      "register|filter|smtp-in|helo\n"
      "register|filter|smtp-in|ehlo\n"
      "register|filter|smtp-in|mail-from\n";
  if (phases.rcpt_to) queue_ += "register|filter|smtp-in|rcpt-to\n";
  if (phases.data) queue_ += "register|filter|smtp-in|data\n";
  if (phases.data_line) queue_ += "register|filter|smtp-in|data-line\n";
  queue_ += "register|ready\n";
}

void Output::Begin(std::string_view kind, const RequestId& id) {
  queue_ += kind;
  AppendId(id.session, queue_);
  queue_ += '|';
  AppendId(id.token, queue_);
  queue_ += '|';
}

void Output::BeginDataLine(const RequestId& id) {
  if (data_line_begin_.empty() || id != data_line_id_) {
    const std::size_t at = queue_.size();
    Begin("filter-dataline|", id);
    data_line_begin_ = queue_.substr(at);
    data_line_id_ = id;
    return;
  }
  queue_ += data_line_begin_;
}

void Output::Proceed(const RequestId& id) {
  Begin("filter-result|", id);
  queue_ += "proceed\n";
}

void Output::Junk(const RequestId& id) {
  Begin("filter-result|", id);
  queue_ += "junk\n";
}

void Output::Reject(const RequestId& id, std::string_view reply) {
  Begin("filter-result|", id);
  queue_ += "reject|";
  queue_ += IsRefusal(reply) ? reply : kPlainRefusal;
  queue_ += '\n';
}

void Output::DataLine(const RequestId& id, ProtocolVersion version, std::string_view text,
                      Section section) {
  const std::size_t max = version < kProtocol07 ? kMaxLineOctetsBefore07 : kMaxLineOctets;
  const std::size_t room = max - kDataLineOctets;
  std::string_view continuation;
  while (true) {
    const std::size_t left = room - continuation.size();
    const std::size_t taken = text.size() <= left ? text.size() : SplitAt(text, left);
    BeginDataLine(id);
    queue_ += continuation;
    queue_ += text.substr(0, taken);
    queue_ += '\n';
    text.remove_prefix(taken);
    if (text.empty()) return;
    continuation = Continuation(text, section);
  }
}

void Output::HeaderLine(const RequestId& id, ProtocolVersion version, std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return !IsPrintable(c); }, '?');
  if (!line.empty()) DataLine(id, version, line, Section::kHeader);
}

void Output::Drop(std::size_t octets) {
  sent_ += octets;
  if (sent_ == queue_.size()) {
    queue_.clear();
    sent_ = 0;
    return;
  }
  // Moving what is left only when that is the smaller part keeps the cost of it linear.
  if (sent_ > queue_.size() / 2) {
    queue_.erase(0, sent_);
    sent_ = 0;
  }
}

}  // namespace helovet
