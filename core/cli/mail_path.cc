#include "mail_path.h"

#include <algorithm>
#include <utility>

#include "helovet/ip_address.h"

namespace helovet::cli {
namespace {

constexpr bool IsAlphanumeric(char octet) {
  return (octet >= '0' && octet <= '9') || (octet >= 'A' && octet <= 'Z') ||
         (octet >= 'a' && octet <= 'z');
}
// RFC 6531 §3.3: UTF8-non-ascii counts as a letter.
constexpr bool IsBeyondAscii(char octet) { return static_cast<unsigned char>(octet) >= 0x80; }
constexpr bool IsAtomOctet(char octet) {
  return IsAlphanumeric(octet) || IsBeyondAscii(octet) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(octet) != std::string_view::npos;
}
constexpr bool IsLabelOctet(char octet) {
  return IsAlphanumeric(octet) || IsBeyondAscii(octet) || octet == '-' || octet == '_';
}
constexpr bool IsPrintable(char octet) { return octet >= ' ' && octet <= '~'; }

// One or more parts with dots between, each of one or more octets that `is_allowed`.
template <typename IsAllowed>
bool IsDotted(std::string_view text, IsAllowed is_allowed) {
  for (;;) {
    const std::size_t dot = text.find('.');
    const std::string_view part = text.substr(0, dot);
    if (part.empty() || !std::all_of(part.begin(), part.end(), is_allowed)) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

// The length of the quoted string at the beginning of `text`; 0: there is none.
std::size_t QuotedStringOctets(std::string_view text) {
  if (!text.starts_with('"')) return 0;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    if (text[at] == '\\' && ++at == text.size()) return 0;
    if (!IsPrintable(text[at]) && !IsBeyondAscii(text[at])) return 0;
  }
  return 0;
}

bool IsLiteral(std::string_view text) {
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return false;
  text = text.substr(1, text.size() - 2);
  constexpr std::string_view kIpv6Tag = "IPv6:";
  if (text.starts_with(kIpv6Tag)) text.remove_prefix(kIpv6Tag.size());
  return IpAddress::Parse(text).has_value();
}

bool IsDomain(std::string_view text) {
  return text.size() <= kMaxDomainOctets && (IsDotted(text, IsLabelOctet) || IsLiteral(text));
}

bool IsMailbox(std::string_view text) {
  const std::size_t quoted = QuotedStringOctets(text);
  const std::size_t at = quoted > 0 ? quoted : text.find('@');
  if (at >= text.size() || text[at] != '@' || at > kMaxLocalPartOctets) return false;
  return (quoted > 0 || IsDotted(text.substr(0, at), IsAtomOctet)) && IsDomain(text.substr(at + 1));
}

// Takes "@one,@two:" off the front of `text`. False: it begins so, and goes on otherwise.
bool TakeSourceRoute(std::string_view& text) {
  while (text.starts_with('@')) {
    const std::size_t end = text.find_first_of(",:");
    if (end == std::string_view::npos || !IsDotted(text.substr(1, end - 1), IsLabelOctet)) {
      return false;
    }
    const bool last = text[end] == ':';
    text.remove_prefix(end + 1);
    if (last) return true;
    if (!text.starts_with('@')) return false;
  }
  return true;
}

std::string_view WithoutBrackets(std::string_view text) {
  const bool bracketed = text.size() >= 2 && text.front() == '<' && text.back() == '>';
  return bracketed ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

std::optional<std::string> ParsePath(std::string_view text) {
  const std::string_view path = WithoutBrackets(text);
  if (path.empty()) return std::string();
  std::string_view mailbox = path;
  if (path.size() + 2 > kMaxPathOctets || !TakeSourceRoute(mailbox) || !IsMailbox(mailbox)) {
    return std::nullopt;
  }
  return std::string(path);
}

std::optional<std::string> ParseForwardPath(std::string_view text) {
  constexpr std::string_view kPostmaster = "postmaster";
  const std::string_view path = WithoutBrackets(text);
  if (path.empty()) return std::nullopt;
  const auto equal_without_case = [](char a, char b) { return (a | 0x20) == b; };
  if (std::equal(path.begin(), path.end(), kPostmaster.begin(), kPostmaster.end(),
                 equal_without_case)) {
    return std::string(path);
  }
  return ParsePath(text);
}

}  // namespace helovet::cli
