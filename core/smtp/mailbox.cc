#include "smtp/mailbox.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/host_name.h"

namespace helovet {
namespace {

// RFC 5322 §3.2.3.
bool IsAtomOctet(char octet) {
  return IsAsciiLetter(octet) || IsAsciiDigit(octet) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(octet) != std::string_view::npos;
}

// RFC 5321 §4.1.2: Quoted-string.
bool IsQuotedString(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return false;
  text = text.substr(1, text.size() - 2);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') return false;
    if (text[at] == '\\' && ++at == text.size()) return false;
    if (!IsAsciiPrintable(text[at])) return false;
  }
  return true;
}

// With underscores, which some domains have.
bool IsDomain(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char octet) {
    return IsAsciiLetter(octet) || IsAsciiDigit(octet) || octet == '-' || octet == '.' ||
           octet == '_';
  });
}

}  // namespace

bool IsAtoms(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char octet) { return octet == '.' || IsAtomOctet(octet); });
}

std::optional<CallableMailbox> ParseCallable(std::string_view mailbox) {
  if (mailbox.ends_with('.')) mailbox.remove_suffix(1);
  const std::size_t at = mailbox.rfind('@');
  if (at == std::string_view::npos || mailbox.size() > kMaxMailboxOctets) return std::nullopt;
  const std::string_view local_part = mailbox.substr(0, at);
  const std::string_view domain = mailbox.substr(at + 1);
  if (!IsAtoms(local_part) && !IsQuotedString(local_part)) return std::nullopt;
  if (!IsDomain(domain)) return std::nullopt;
  return CallableMailbox{.local_part = std::string(local_part), .domain = std::string(domain)};
}

std::string EhloArgument(std::string_view name, const std::optional<IpAddress>& local) {
  if (name.ends_with('.')) name.remove_suffix(1);
  if (!name.empty() && !FindBadLabel(name)) return std::string(name);
  if (!local) return "[127.0.0.1]";
  return (local->is_v4() ? "[" : "[IPv6:") + local->ToString() + "]";
}

}  // namespace helovet
