#include "session_log/plain_line.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "session_log/words.h"

namespace helovet {
namespace {

constexpr std::string_view kNone = "-";

LogLine Malformed(std::string_view problem) {
  return LogLine{.kind = LogLine::Kind::kMalformed, .session = std::nullopt, .problem = problem};
}

bool IsControl(char octet) {
  return (static_cast<unsigned char>(octet) < 0x20 && octet != '\t') || octet == 0x7F;
}

// The next word that is not of a comment.
std::string_view TakeField(std::string_view& line) {
  const std::string_view word = TakeWord(line);
  if (!word.starts_with('#')) return word;
  line = {};
  return {};
}

// The path without brackets, escapes undone; none: it is malformed.
std::optional<std::string> ParseSender(std::string_view word) {
  if (word == "<>") return std::string();
  std::optional<std::string> path = UnescapeFromLog(word);
  if (!path) return std::nullopt;
  std::string_view rest = *path;
  path = TakePath(rest);
  if (!path || !rest.empty() || path->find('@') == std::string::npos) return std::nullopt;
  return path;
}

}  // namespace

LogLine ReadPlainLine(std::string_view line) {
  const std::string_view address = TakeField(line);
  if (address.empty()) return LogLine{};
  const std::string_view name = TakeField(line);
  const std::string_view sender = TakeField(line);
  if (!TakeField(line).empty()) return Malformed("it has more than three words");
  if (std::ranges::any_of(address, IsControl) || std::ranges::any_of(name, IsControl) ||
      std::ranges::any_of(sender, IsControl)) {
    return Malformed("it has a control character");
  }
  const std::optional<IpAddress> client = IpAddress::Parse(address);
  if (!client) return Malformed("its first word is no IPv4 or IPv6 address");
  if (name.empty()) return Malformed("it has no HELO name, nor \"-\" for none");
  std::optional<std::string> helo = name == kNone ? std::string() : UnescapeFromLog(name);
  if (!helo) return Malformed("its HELO name has a backslash that is neither \\\\ nor \\xHH");
  Session session{.client = *client, .helo = *std::move(helo)};
  if (!sender.empty() && sender != kNone) {
    session.mail_from = ParseSender(sender);
    if (!session.mail_from) return Malformed("its third word is no mail address");
  }
  return LogLine{.kind = LogLine::Kind::kSession, .session = std::move(session)};
}

}  // namespace helovet
