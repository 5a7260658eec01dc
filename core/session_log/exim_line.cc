#include "session_log/exim_line.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include "base/ascii.h"
#include "session_log/words.h"

namespace helovet {
namespace {

// Whether `text` is like `form`, in which "0" is a digit, "a" a letter or digit, and all else is
// itself.
bool HasForm(std::string_view text, std::string_view form) {
  return std::ranges::equal(text, form, [](char octet, char wanted) {
    if (wanted == '0') return IsAsciiDigit(octet);
    if (wanted == 'a') return IsAsciiDigit(octet) || IsAsciiLetter(octet);
    return octet == wanted;
  });
}

bool TakeForm(std::string_view& text, std::string_view form) {
  if (!HasForm(text.substr(0, form.size()), form)) return false;
  text.remove_prefix(form.size());
  return true;
}

// "2026-11-22 10:31:18 ", with ".123" and " +0100" where they are logged.
bool TakeTime(std::string_view& text) {
  std::string_view rest = text;
  if (!TakeForm(rest, "0000-00-00 00:00:00")) return false;
  static_cast<void>(TakeForm(rest, ".000"));
  if (!TakePrefix(rest, " ")) return false;
  static_cast<void>(TakeForm(rest, "+0000 ") || TakeForm(rest, "-0000 "));
  text = rest;
  return true;
}

void TakeDigits(std::string_view& text) {
  while (!text.empty() && IsAsciiDigit(text.front())) text.remove_prefix(1);
}

// "[123] ".
void TakeProcessId(std::string_view& text) {
  std::string_view rest = text;
  if (!TakePrefix(rest, "[")) return;
  TakeDigits(rest);
  if (TakePrefix(rest, "] ")) text = rest;
}

// "Nov 22 10:31:18 mx exim[123]: ", as syslog daemons write it.
bool TakeSyslogTag(std::string_view& text) {
  const std::optional<std::string_view> after = AfterSyslogTag(text, "exim");
  if (!after) return false;
  std::string_view rest = *after;
  TakeDigits(rest);  // Debian's exim4.
  if (TakePrefix(rest, "[")) {
    TakeDigits(rest);
    if (!TakePrefix(rest, "]")) return false;
  }
  if (!TakePrefix(rest, ": ")) return false;
  text = rest;
  return true;
}

// Both forms of ids: until Exim 4.96 and since.
bool TakeMessageId(std::string_view& text) {
  return TakeForm(text, "aaaaaa-aaaaaa-aa ") || TakeForm(text, "aaaaaa-aaaaaaaaaaa-aaaa ");
}

// Exim writes what is not printable as \ooo, and a backslash as it is.
std::string WithoutEscapes(std::string_view text) {
  std::string octets;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view digits = text.substr(i + 1, 3);
    const bool octal = text[i] == '\\' && HasForm(digits, "000") && digits[0] <= '3' &&
                       digits[1] <= '7' && digits[2] <= '7';
    const int value =
        octal ? (digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0') : 0;
    if (octal && !IsAsciiPrintable(static_cast<char>(value))) {
      octets += static_cast<char>(value);
      i += digits.size();
    } else {
      octets += text[i];
    }
  }
  return octets;
}

// "[192.0.2.1]" or "[192.0.2.1]:40000", and a blank or nothing behind.
std::optional<IpAddress> TakeAddress(std::string_view& text) {
  std::string_view rest = text;
  if (!TakePrefix(rest, "[")) return std::nullopt;
  const std::size_t end = rest.find(']');
  if (end == std::string_view::npos) return std::nullopt;
  const std::optional<IpAddress> address = IpAddress::Parse(rest.substr(0, end));
  rest.remove_prefix(end + 1);
  if (TakePrefix(rest, ":")) TakeDigits(rest);
  if (!address || (!rest.empty() && rest.front() != ' ')) return std::nullopt;
  text = rest;
  return address;
}

// "(helo) [ip]". A name that Exim was told to take in spite of its characters can have blanks and
// brackets; what could be its end is.
std::optional<Session> TakeNameInParentheses(std::string_view& text) {
  if (!text.starts_with('(')) return std::nullopt;
  for (std::size_t end = text.find(") ["); end != std::string_view::npos;
       end = text.find(") [", end + 1)) {
    std::string_view rest = text.substr(end + 2);
    const std::optional<IpAddress> client = TakeAddress(rest);
    if (!client) continue;
    Session session{.client = *client, .helo = WithoutEscapes(text.substr(1, end - 1))};
    text = rest;
    return session;
  }
  return std::nullopt;
}

// What follows "H=".
std::optional<Session> TakeHost(std::string_view& text) {
  std::string name;
  if (!text.starts_with('(') && !text.starts_with('[')) {
    name = TakeWord(text);
    if (!TakePrefix(text, " ")) return std::nullopt;
  }
  if (text.starts_with('(')) return TakeNameInParentheses(text);
  const std::optional<IpAddress> client = TakeAddress(text);
  if (!client) return std::nullopt;
  return Session{.client = *client, .helo = std::move(name)};
}

// Goes on to what follows "H="; before it stand "DS" (the name was found with DNSSEC) and, for
// bounces, "R=".
bool TakeUpToHost(std::string_view& text) {
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (TakePrefix(text, "H=")) return true;
    if (!text.starts_with("DS ") && !text.starts_with("R=")) return false;
    static_cast<void>(TakeWord(text));
  }
}

// Of P=: "esmtp", "esmtps", "esmtpa", "esmtpsa", "smtp", "lmtpa", "asmtp", "utf8esmtpsa", ...
void NoteProtocol(std::string_view protocol, Session& session) {
  session.smtputf8 = TakePrefix(protocol, "utf8");
  session.authenticated =
      protocol.starts_with("asmtp") || protocol.ends_with("mtpa") || protocol.ends_with("mtpsa");
}

LogLine SessionLine(Session session) {
  return LogLine{.kind = LogLine::Kind::kSession, .session = std::move(session)};
}

// `<= sender H=... P=esmtp ...`; a message from this host has no H=.
LogLine ReadArrival(std::string_view text) {
  std::optional<std::string> sender = TakePath(text);
  if (!sender || !TakeUpToHost(text)) return LogLine{};
  std::optional<Session> session = TakeHost(text);
  if (!session) return LogLine{};
  session->mail_from = std::move(sender);
  if (const std::size_t protocol = text.find(" P="); protocol != std::string_view::npos) {
    text.remove_prefix(protocol + std::string_view(" P=").size());
    NoteProtocol(TakeWord(text), *session);
  }
  return SessionLine(*std::move(session));
}

// What was rejected: a command of a session that has given its name, or a message.
LogLine ReadRejected(std::string_view text, Session session) {
  constexpr std::array<std::string_view, 7> kOccasions = {
      "EHLO or HELO",           "RCPT ",          "DATA", "after DATA", "DKIM ",
      "during MIME ACL checks", "by local_scan()"};
  if (TakePrefix(text, "MAIL ")) {
    session.mail_from = TakePath(text);
    return SessionLine(std::move(session));
  }
  if (std::ranges::none_of(kOccasions,
                           [&](std::string_view occasion) { return text.starts_with(occasion); })) {
    return LogLine{};
  }
  return SessionLine(std::move(session));
}

// Removes a field such as `X=TLS1.3:...` or `DN="/CN=a b"`. False: this is none.
bool TakeField(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find(' '));
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) return word == "DS" && TakePrefix(text, "DS");
  if (!word.substr(equals + 1).starts_with('"')) return TakePrefix(text, word);
  const std::size_t end = text.find('"', equals + 2);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return true;
}

// `H=... F=<sender> A=plain:user [temporarily ]rejected RCPT <recipient>: why`.
LogLine ReadHostLine(std::string_view text) {
  std::optional<Session> session = TakeHost(text);
  if (!session) return LogLine{};
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    static_cast<void>(TakePrefix(text, "temporarily "));
    if (TakePrefix(text, "rejected ")) return ReadRejected(text, *std::move(session));
    if (TakePrefix(text, "F=")) {
      session->mail_from = TakePath(text);
      continue;
    }
    if (text.starts_with("A=")) session->authenticated = true;
    if (!TakeField(text)) return LogLine{};
  }
}

}  // namespace

std::optional<std::string_view> EximMessage(std::string_view line) {
  std::string_view text = line;
  if (!TakeTime(text)) {
    if (!TakeSyslogTag(text)) return std::nullopt;
    static_cast<void>(TakeTime(text));
  }
  TakeProcessId(text);
  return text;
}

LogLine ReadEximLine(std::string_view line) {
  std::optional<std::string_view> message = EximMessage(line);
  if (!message) return LogLine{};
  std::string_view text = *message;
  const bool has_id = TakeMessageId(text);
  if (has_id && TakePrefix(text, "<= ")) return ReadArrival(text);
  if (!TakeUpToHost(text)) return LogLine{};
  return ReadHostLine(text);
}

}  // namespace helovet
