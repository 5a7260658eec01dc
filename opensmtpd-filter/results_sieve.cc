#include "results_sieve.h"

#include <algorithm>

#include "helovet/authentication_results.h"

namespace helovet {
namespace {

constexpr std::string_view kFieldName = "authentication-results";

bool IsFolded(std::string_view line) { return line.starts_with(' ') || line.starts_with('\t'); }

// Control characters count as well: readers treat them as they like.
bool IsBlank(char octet) { return (octet >= '\0' && octet <= ' ') || octet == '\x7f'; }

char ToLower(char octet) {
  return octet >= 'A' && octet <= 'Z' ? static_cast<char>(octet - 'A' + 'a') : octet;
}

// As smtpd takes it (smtp_tx_dataline in its smtp_session.c). A lone dot is the end of the message.
std::string_view WithoutEscape(std::string_view line) {
  if (line.starts_with('.')) line.remove_prefix(1);
  return line;
}

// RFC 5322 §4.5.8 allows blanks before the colon; where there is no colon yet, the name may still
// be folded for some.
bool BeginsResults(std::string_view line) {
  if (IsFolded(line)) return false;
  std::string_view name = line.substr(0, line.find(':'));
  while (!name.empty() && IsBlank(name.front())) name.remove_prefix(1);
  while (!name.empty() && IsBlank(name.back())) name.remove_suffix(1);
  return std::ranges::equal(name, kFieldName, {}, ToLower);
}

// Takes the text up to one of `ends` off `rest`, and that octet as well.
std::string_view TakeUpTo(std::string_view ends, std::string_view& rest) {
  const std::size_t end = std::min(rest.find_first_of(ends), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

// `line`, or a part of it that a carriage return parts from the rest.
bool HasResults(std::string_view line) {
  std::string_view rest = WithoutEscape(line);
  while (!rest.empty()) {
    if (BeginsResults(TakeUpTo("\r", rest))) return true;
  }
  return false;
}

// `held` as readers get it.
std::string Unescaped(std::string_view held) {
  std::string text;
  while (!held.empty()) {
    text += WithoutEscape(TakeUpTo("\n", held));
    text += '\n';
  }
  return text;
}

// The same where a carriage return ends a line too, which makes several fields of one.
bool AnyFieldClaims(std::string_view text, std::string_view authserv_id) {
  std::size_t begin = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t at = text.size() - rest.size();
    if (IsFolded(TakeUpTo("\r\n", rest))) continue;
    if (ClaimsAuthservId(text.substr(begin, at - begin), authserv_id)) return true;
    begin = at;
  }
  return ClaimsAuthservId(text.substr(begin), authserv_id);
}

bool Claims(std::string_view held, std::string_view authserv_id) {
  const std::string text = Unescaped(held);
  return ClaimsAuthservId(text, authserv_id) ||
         (text.find('\r') != std::string::npos && AnyFieldClaims(text, authserv_id));
}

}  // namespace

void ResultsSieve::Feed(std::string_view line, std::string_view authserv_id, Pass pass) {
  if (holding_ && IsFolded(WithoutEscape(line))) {
    Hold(line);
    return;
  }
  End(authserv_id, pass);
  if (HasResults(line)) {
    holding_ = true;
    Hold(line);
  } else {
    pass(line);
  }
}

void ResultsSieve::Hold(std::string_view line) {
  if (too_long_) return;
  if (held_.size() + line.size() + 1 > kMaxHeldFieldOctets) {
    too_long_ = true;
    held_ = std::string();  // Also its memory.
    return;
  }
  held_ += line;
  held_ += '\n';
}

void ResultsSieve::End(std::string_view authserv_id, Pass pass) {
  if (!holding_) return;
  if (!too_long_ && !Claims(held_, authserv_id)) {
    std::string_view rest = held_;
    while (!rest.empty()) pass(TakeUpTo("\n", rest));
  }
  holding_ = false;
  too_long_ = false;
  held_ = std::string();
}

}  // namespace helovet
