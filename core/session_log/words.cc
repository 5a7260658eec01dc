#include "session_log/words.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace helovet {
namespace {

constexpr std::string_view kBlanks = " \t";

// The octet of "xHH", or none.
std::optional<char> HexOctet(std::string_view text) {
  if (text.size() < 3 || text[0] != 'x') return std::nullopt;
  unsigned value = 0;
  const char* const end = text.data() + 3;
  const auto [stop, error] = std::from_chars(text.data() + 1, end, value, 16);
  if (error != std::errc() || stop != end) return std::nullopt;
  return static_cast<char>(value);
}

// Where a path that `text` begins with ends: at `end` outside of quotation marks, or at its end.
std::size_t EndOfPath(std::string_view text, char end) {
  bool quoted = false;
  std::size_t i = 0;
  for (; i < text.size() && (quoted || text[i] != end); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (quoted && text[i] == '\\') ++i;
  }
  return std::min(i, text.size());
}

}  // namespace

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::optional<std::string_view> AfterSyslogTag(std::string_view line, std::string_view program) {
  // The tag is the word before the first ": ", for what follows may be anybody's.
  const std::string_view head = line.substr(0, line.find(": "));
  const std::size_t blank = head.rfind(' ');
  if (blank == std::string_view::npos || !head.substr(blank + 1).starts_with(program)) {
    return std::nullopt;
  }
  return line.substr(blank + 1 + program.size());
}

std::string_view TakeWord(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
  text.remove_prefix(word.size());
  return word;
}

std::optional<std::string> TakePath(std::string_view& text) {
  const bool bracketed = TakePrefix(text, "<");
  const std::size_t end = EndOfPath(text, bracketed ? '>' : ' ');
  if (bracketed && end == text.size()) return std::nullopt;
  std::string path(text.substr(0, end));
  text.remove_prefix(bracketed ? end + 1 : end);
  return path;
}

std::optional<std::string> UnescapeFromLog(std::string_view text) {
  std::string octets;
  while (!text.empty()) {
    if (!TakePrefix(text, "\\")) {
      octets += text.front();
      text.remove_prefix(1);
    } else if (TakePrefix(text, "\\")) {
      octets += '\\';
    } else if (const std::optional<char> octet = HexOctet(text)) {
      octets += *octet;
      text.remove_prefix(3);
    } else {
      return std::nullopt;
    }
  }
  return octets;
}

}  // namespace helovet
