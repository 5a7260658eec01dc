#include "session_log/smtpd_sessions.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "session_log/words.h"

namespace helovet {
namespace {

constexpr std::size_t kIdDigits = 16;  // "%016"PRIx64 in smtpd and in the filter.
// A name of which RenderLogLine has cut something: 40 octets and "..." (docs/key-values.md).
constexpr std::size_t kCutOctets = 43;

bool IsId(std::string_view word) {
  return word.size() == kIdDigits && std::ranges::all_of(word, [](char octet) {
           return IsAsciiDigit(octet) || (octet >= 'a' && octet <= 'f');
         });
}

bool IsCut(std::string_view value) { return value.size() >= kCutOctets && value.ends_with("..."); }

// Removes `key=value` and a blank; a value in quotation marks has \" and \\ undone.
std::optional<std::pair<std::string_view, std::string>> TakePair(std::string_view& pairs) {
  pairs.remove_prefix(std::min(pairs.find_first_not_of(' '), pairs.size()));
  const std::size_t equals = pairs.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  const std::string_view key = pairs.substr(0, equals);
  pairs.remove_prefix(equals + 1);
  if (!TakePrefix(pairs, "\"")) return std::pair(key, std::string(TakeWord(pairs)));
  std::string value;
  while (!pairs.empty() && pairs.front() != '"') {
    if (pairs.front() == '\\' && pairs.size() > 1) pairs.remove_prefix(1);
    value += pairs.front();
    pairs.remove_prefix(1);
  }
  if (!TakePrefix(pairs, "\"")) return std::nullopt;
  return std::pair(key, std::move(value));
}

// What the pairs of a verdict say of its session. A value that was cut, or is missing, is none.
struct ToldSession {
  std::string id;
  std::optional<IpAddress> client;
  std::optional<std::string> helo;
  std::optional<std::string> mail_from;
  bool mail_from_cut = false;
  bool authenticated = false;
};

void Note(std::string_view key, const std::string& value, ToldSession& told) {
  if (key == "session" && IsId(value)) told.id = value;
  if (key == "ip") told.client = IpAddress::Parse(value);
  if (key == "decided_reason") told.authenticated = value == "authenticated-session";
  if (key == "helo_name" && !IsCut(value)) told.helo = UnescapeFromLog(value);
  if (key == "mail_from") {
    told.mail_from_cut = IsCut(value);
    told.mail_from = UnescapeFromLog(value);
  }
}

ToldSession ReadPairs(std::string_view pairs) {
  ToldSession told;
  while (const auto pair = TakePair(pairs)) Note(pair->first, pair->second, told);
  return told;
}

// What follows "helovet: " of filter-helovet, in front of which smtpd writes the filter's name.
std::optional<std::string_view> VerdictPairs(std::string_view message) {
  constexpr std::string_view kBegin = "helovet: session=";
  if (!message.starts_with(kBegin)) {
    const std::size_t name = message.find(": ");
    if (name == std::string_view::npos || message.substr(0, name).find(' ') < name) {
      return std::nullopt;
    }
    message.remove_prefix(name + 2);
    if (!message.starts_with(kBegin)) return std::nullopt;
  }
  message.remove_prefix(std::string_view("helovet: ").size());
  return message;
}

}  // namespace

std::optional<std::string_view> SmtpdMessage(std::string_view line) {
  if (const std::optional<std::string_view> tag = AfterSyslogTag(line, "smtpd[")) {
    std::string_view message = *tag;
    while (!message.empty() && IsAsciiDigit(message.front())) message.remove_prefix(1);
    if (TakePrefix(message, "]: ")) return message;
  }
  if (line.size() > kIdDigits && IsId(line.substr(0, kIdDigits)) && line[kIdDigits] == ' ') {
    return line;
  }
  return VerdictPairs(line) ? std::optional(line) : std::nullopt;
}

LogLine SessionLogReader::SmtpdSessions::Read(std::string_view message) {
  if (const std::optional<std::string_view> pairs = VerdictPairs(message)) {
    return ReadVerdict(*pairs);
  }
  const std::string_view id = TakeWord(message);
  if (!IsId(id) || !TakePrefix(message, " smtp connected address=")) return LogLine{};
  const std::string_view address = TakeWord(message);
  // "local" and "unix:..." are clients on the host itself.
  const bool bracketed = address.starts_with('[') && address.ends_with(']');
  if (IpAddress::Parse(bracketed ? address.substr(1, address.size() - 2) : address)) {
    Note(id, State::kNameless);
  }
  return LogLine{};
}

LogLine SessionLogReader::SmtpdSessions::ReadVerdict(std::string_view pairs) {
  ToldSession told = ReadPairs(pairs);
  if (told.id.empty() || !told.client || !told.helo || told.mail_from_cut) {
    if (!told.id.empty()) Note(told.id, State::kNameless);
    return LogLine{};
  }
  Note(told.id, State::kTold);
  Session session{.client = *told.client, .helo = *std::move(told.helo)};
  session.mail_from = std::move(told.mail_from);
  session.authenticated = told.authenticated;
  return LogLine{.kind = LogLine::Kind::kSession, .session = std::move(session)};
}

void SessionLogReader::SmtpdSessions::Note(std::string_view id, State state) {
  const auto [place, is_new] = sessions_.emplace(id, state);
  if (is_new) {
    order_.emplace_back(id);
    if (state == State::kNameless) ++nameless_;
  } else if (place->second == State::kNameless && state == State::kTold) {
    place->second = state;
    --nameless_;
  }
  if (order_.size() <= kMaxOpen) return;
  const auto oldest = sessions_.find(order_.front());
  if (oldest->second == State::kNameless) {
    --nameless_;
    ++forgotten_;
  }
  sessions_.erase(oldest);
  order_.pop_front();
}

}  // namespace helovet
