#include "protocol_checker.h"

#include <array>
#include <cstddef>
#include <set>

namespace helovet::testing {
namespace {

constexpr std::size_t kSmtpdBufferOctets = 65536;
constexpr std::size_t kFieldDigits = 16;

bool IsId(std::string_view text) {
  return text.size() == kFieldDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool IsReply(std::string_view text) {
  if (text.size() < 5 || text.size() > 510) return false;
  if (text[0] != '4' && text[0] != '5') return false;
  for (const char c : text) {
    if (c < ' ' || c > '~') return false;
  }
  return text[1] >= '0' && text[1] <= '9' && text[2] >= '0' && text[2] <= '9' && text[3] == ' ' &&
         text.substr(0, 3) != "421";
}

std::string_view Take(std::string_view& rest) {
  const std::size_t bar = rest.find('|');
  const std::string_view field = rest.substr(0, bar);
  rest = bar == std::string_view::npos ? std::string_view() : rest.substr(bar + 1);
  return field;
}

}  // namespace

void ProtocolChecker::Feed(std::string_view output) {
  while (!output.empty()) {
    const std::size_t end = output.find('\n');
    if (end == std::string_view::npos) {
      complaints_.push_back("unfinished line: " + std::string(output.substr(0, 100)));
      return;
    }
    if (end + 1 > kSmtpdBufferOctets) {
      complaints_.push_back("line of " + std::to_string(end + 1) + " octets");
    }
    Line(output.substr(0, end));
    output.remove_prefix(end + 1);
  }
}

void ProtocolChecker::Line(std::string_view line) {
  if (line.starts_with("register|")) {
    Registration(line);
  } else if (!registered_) {
    complaints_.push_back("before register|ready: " + std::string(line));
  } else {
    Response(line);
  }
}

void ProtocolChecker::Registration(std::string_view line) {
  static const std::set<std::string_view> kReports = {
      "link-connect", "link-disconnect", "link-greeting", "link-identify",  "link-tls",
      "link-auth",    "tx-reset",        "tx-begin",      "tx-mail",        "tx-rcpt",
      "tx-envelope",  "tx-data",         "tx-commit",     "tx-rollback",    "protocol-client",
      "timeout",      "protocol-server", "filter-report", "filter-response"};
  static const std::set<std::string_view> kPhases = {
      "connect",   "helo", "ehlo", "starttls", "auth", "mail-from", "rcpt-to", "data",
      "data-line", "rset", "quit", "noop",     "help", "wiz",       "commit"};
  std::string_view rest = line;
  Take(rest);
  if (registered_) complaints_.push_back("after register|ready: " + std::string(line));
  if (rest == "ready") {
    registered_ = true;
    return;
  }
  registrations_.emplace_back(rest);
  const std::string_view stream = Take(rest);
  const std::string_view subsystem = Take(rest);
  const bool known = (stream == "report" && kReports.contains(rest)) ||
                     (stream == "filter" && kPhases.contains(rest));
  if (!known || subsystem != "smtp-in") {
    complaints_.push_back("unknown registration: " + std::string(line));
  }
}

void ProtocolChecker::Response(std::string_view line) {
  std::string_view rest = line;
  const std::string_view kind = Take(rest);
  const std::string_view session = Take(rest);
  const std::string_view token = Take(rest);
  const bool ids = IsId(session) && IsId(token);
  Answer answer;
  bool valid = ids;
  if (kind == "filter-dataline") {
    answer.kind = Answer::Kind::kDataLine;
    answer.text = rest;
  } else if (kind == "filter-result" && rest == "proceed") {
    answer.kind = Answer::Kind::kProceed;
  } else if (kind == "filter-result" && rest == "junk") {
    answer.kind = Answer::Kind::kJunk;
  } else if (kind == "filter-result" && rest.starts_with("reject|")) {
    answer.kind = Answer::Kind::kReject;
    answer.text = rest.substr(7);
    valid = valid && IsReply(answer.text);
  } else {
    valid = false;
  }
  if (!valid) {
    complaints_.push_back("invalid: " + std::string(line.substr(0, 200)));
    return;
  }
  answer.session = std::stoull(std::string(session), nullptr, 16);
  answer.token = std::stoull(std::string(token), nullptr, 16);
  answers_.push_back(answer);
}

}  // namespace helovet::testing
