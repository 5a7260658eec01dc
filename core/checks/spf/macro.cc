#include "checks/spf/macro.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/host_name.h"

namespace helovet::spf {
namespace {

constexpr std::string_view kLetters = "slodiphvcrt";
constexpr std::string_view kExplanationLetters = "crt";  // RFC 7208 §7.2
constexpr std::string_view kDelimiters = ".-+,/_=";      // RFC 7208 §7.1
// More parts than any value has. RFC 7208 §7.3 wants 127 at least.
constexpr std::size_t kAllParts = kMaxMacroValueOctets + 1;
// Of a name under way: what is left of it after a trailing dot is still too long, so that the
// label that was cut goes as a whole.
constexpr std::size_t kNameTailOctets = kMaxHostNameOctets + 2;

// A run of literal octets, or one macro.
struct Token {
  std::string_view literal = {};
  char letter = '\0';             // In lower case; '\0': a literal.
  bool escapes = false;           // The letter was a capital: as in a URL (RFC 7208 §7.3).
  std::size_t parts = kAllParts;  // How many, from the right.
  bool reverses = false;
  std::string_view delimiters = {};  // Empty: the dot.
};

// The inside of "%{...}".
std::optional<Token> ParseMacro(std::string_view text) {
  Token token;
  if (text.empty()) return std::nullopt;
  token.letter = ToAsciiLower(text[0]);
  token.escapes = token.letter != text[0];
  if (kLetters.find(token.letter) == std::string_view::npos) return std::nullopt;
  text.remove_prefix(1);
  if (!text.empty() && IsAsciiDigit(text[0])) {
    token.parts = 0;
    for (; !text.empty() && IsAsciiDigit(text[0]); text.remove_prefix(1)) {
      const auto digit = static_cast<std::size_t>(text[0] - '0');
      token.parts = std::min(token.parts * 10 + digit, kAllParts);
    }
    if (token.parts == 0) return std::nullopt;
  }
  if (!text.empty() && ToAsciiLower(text[0]) == 'r') {
    token.reverses = true;
    text.remove_prefix(1);
  }
  if (text.find_first_not_of(kDelimiters) != std::string_view::npos) return std::nullopt;
  token.delimiters = text;
  return token;
}

// Takes a token off the front of `text`, which must not be empty. Empty: a broken macro.
std::optional<Token> TakeToken(std::string_view& text) {
  if (text[0] != '%') {
    Token token;
    token.literal = text.substr(0, text.find('%'));
    text.remove_prefix(token.literal.size());
    return token;
  }
  if (text.size() < 2) return std::nullopt;
  const char kind = text[1];
  if (kind != '{') {
    Token token;
    if (kind == '%') token.literal = "%";
    if (kind == '_') token.literal = " ";
    if (kind == '-') token.literal = "%20";
    if (token.literal.empty()) return std::nullopt;
    text.remove_prefix(2);
    return token;
  }
  const std::size_t end = text.find('}');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view inside = text.substr(2, end - 2);
  text.remove_prefix(end + 1);
  return ParseMacro(inside);
}

bool IsVisible(char octet) { return octet > ' ' && octet <= '~'; }

bool MayStand(const Token& token, std::string_view written, MacroPlace place) {
  if (token.letter != '\0') {
    return place != MacroPlace::kDomainSpec ||
           kExplanationLetters.find(token.letter) == std::string_view::npos;
  }
  return std::all_of(written.begin(), written.end(), [place](char octet) {
    return IsVisible(octet) || (octet == ' ' && place == MacroPlace::kExplanation);
  });
}

// RFC 7208 §7.1: as a label of a host name, and not of digits alone.
bool IsTopLabel(std::string_view label) {
  return IsLdhLabel(label) && !std::all_of(label.begin(), label.end(), IsAsciiDigit);
}

// RFC 7208 §7.3: nibbles with dots between for IPv6.
std::string DottedAddress(const IpAddress& address) {
  if (address.is_v4()) return address.ToString();
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (std::uint8_t octet : address.bytes()) {
    text += {digits[octet >> 4U], '.', digits[octet & 0xfU], '.'};
  }
  text.pop_back();
  return text;
}

std::string Seconds(std::chrono::system_clock::time_point now) {
  return std::to_string(
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
}

std::string_view Sent(const std::string& text) {
  return std::string_view(text).substr(0, kMaxMacroValueOctets);
}

std::string ValueOf(char letter, const MacroValues& values) {
  switch (letter) {
    case 's':
      return std::string(Sent(values.local_part)) + '@' + values.sender_domain;
    case 'l':
      return std::string(Sent(values.local_part));
    case 'o':
      return values.sender_domain;
    case 'd':
      return values.domain;
    case 'i':
      return DottedAddress(values.client);
    case 'p':
      return values.validated_name;
    case 'h':
      return std::string(Sent(values.helo));
    case 'v':
      return values.client.is_v4() ? "in-addr" : "ip6";
    case 'c':
      return values.client.ToString();
    case 'r':
      return values.receiver;
    default:
      return Seconds(values.now);
  }
}

// RFC 7208 §7.3: split, reversed, cut to the last parts, joined by dots.
std::string Transformed(const std::string& value, const Token& token) {
  if (token.parts == kAllParts && !token.reverses && token.delimiters.empty()) return value;
  const std::string_view delimiters = token.delimiters.empty() ? "." : token.delimiters;
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0;;) {
    const std::size_t end = value.find_first_of(delimiters, begin);
    parts.push_back(std::string_view(value).substr(begin, end - begin));
    if (end == std::string::npos) break;
    begin = end + 1;
  }
  if (token.reverses) std::reverse(parts.begin(), parts.end());
  std::string text;
  const std::size_t kept = std::min(token.parts, parts.size());
  for (std::size_t i = parts.size() - kept; i < parts.size(); ++i) {
    if (i != parts.size() - kept) text += '.';
    text += parts[i];
  }
  return text;
}

// RFC 7208 §7.3, RFC 3986 §2.3: everything but unreserved octets as "%HH".
std::string UrlEscaped(const std::string& value) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  for (char octet : value) {
    if (IsAsciiLetter(octet) || IsAsciiDigit(octet) ||
        std::string_view("-._~").find(octet) != std::string_view::npos) {
      text += octet;
      continue;
    }
    const auto number = static_cast<std::uint8_t>(octet);
    text += {'%', digits[number >> 4U], digits[number & 0xfU]};
  }
  return text;
}

void Append(const Token& token, const MacroValues& values, std::string& text) {
  if (token.letter == '\0') {
    text += token.literal;
    return;
  }
  const std::string value = Transformed(ValueOf(token.letter, values), token);
  text += token.escapes ? UrlEscaped(value) : value;
}

// A broken macro counts and is the last.
std::size_t CountTokens(std::string_view text) {
  std::size_t count = 0;
  for (bool valid = true; valid && !text.empty(); ++count) valid = TakeToken(text).has_value();
  return count;
}

}  // namespace

bool IsMacroString(std::string_view text, MacroPlace place) {
  while (!text.empty()) {
    const std::string_view before = text;
    const std::optional<Token> token = TakeToken(text);
    if (!token) return false;
    if (!MayStand(*token, before.substr(0, before.size() - text.size()), place)) return false;
  }
  return true;
}

bool IsDomainSpec(std::string_view text) {
  if (text.empty() || !IsMacroString(text, MacroPlace::kDomainSpec)) return false;
  bool ends_in_macro = false;
  for (std::string_view rest = text; !rest.empty();) {
    ends_in_macro = rest[0] == '%';
    if (!TakeToken(rest)) return false;
  }
  if (ends_in_macro) return true;
  if (text.back() == '.') text.remove_suffix(1);
  const std::size_t dot = text.rfind('.');
  return dot != std::string_view::npos && IsTopLabel(text.substr(dot + 1));
}

bool NeedsValidatedName(std::string_view text) {
  while (!text.empty()) {
    const std::optional<Token> token = TakeToken(text);
    if (!token) return false;
    if (token->letter == 'p') return true;
  }
  return false;
}

std::string TextOfName(const DnsName& name) {
  std::string text;
  const std::string_view wire = name.wire();
  for (std::size_t at = 0; wire[at] != '\0';) {
    const auto length = static_cast<std::uint8_t>(wire[at]);
    if (at != 0) text += '.';
    text += wire.substr(at + 1, length);
    at += std::size_t{1} + length;
  }
  return text;
}

std::optional<DnsName> NameOfText(std::string_view text) {
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  if (text.empty() || text.size() > kMaxHostNameOctets) return std::nullopt;
  std::vector<std::uint8_t> wire;
  wire.reserve(text.size() + 2);
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('.', begin), text.size());
    const std::string_view label = text.substr(begin, end - begin);
    if (label.empty() || label.size() > kMaxLabelOctets) return std::nullopt;
    wire.push_back(static_cast<std::uint8_t>(label.size()));
    wire.insert(wire.end(), label.begin(), label.end());
    begin = end + 1;
  }
  wire.push_back(0);
  return DnsName::FromWire(wire);
}

std::optional<DnsName> ExpandName(std::string_view domain_spec, const MacroValues& values) {
  const std::size_t tokens = CountTokens(domain_spec);
  std::string text;
  for (std::size_t left = tokens; left > 0; --left) {
    const std::optional<Token> token = TakeToken(domain_spec);
    if (!token) return std::nullopt;
    if (left > kNameTailOctets) continue;
    Append(*token, values, text);
    if (text.size() > kNameTailOctets) text.erase(0, text.size() - kNameTailOctets);
  }
  if (text.ends_with('.')) text.pop_back();
  while (text.size() > kMaxHostNameOctets) {
    const std::size_t dot = text.find('.');
    if (dot == std::string::npos) return std::nullopt;
    text.erase(0, dot + 1);
  }
  return NameOfText(text);
}

std::string ExpandText(std::string_view explanation, const MacroValues& values, std::size_t most) {
  std::string text;
  for (std::size_t tokens = 0; tokens < most && text.size() < most; ++tokens) {
    if (explanation.empty()) break;
    const std::optional<Token> token = TakeToken(explanation);
    if (!token) break;
    Append(*token, values, text);
  }
  if (text.size() > most) text.resize(most);
  return text;
}

}  // namespace helovet::spf
