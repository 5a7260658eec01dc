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

}  // namespace

bool IsAtoms(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char octet) { return octet == '.' || IsAtomOctet(octet); });
}

std::optional<CallableMailbox> ParseCallable(std::string_view mailbox, const DnsName& domain) {
  const std::size_t at = mailbox.rfind('@');
  if (at == std::string_view::npos) return std::nullopt;
  CallableMailbox callable = {.local_part = std::string(mailbox.substr(0, at)),
                              .domain = domain.ToString()};
  if (!IsAtoms(callable.local_part) && !IsQuotedString(callable.local_part)) return std::nullopt;
  if (FindBadLabel(callable.domain)) return std::nullopt;
  if (at + 1 + callable.domain.size() > kMaxMailboxOctets) return std::nullopt;
  return callable;
}

std::string EhloArgument(std::string_view name, const std::optional<IpAddress>& local) {
  if (name.ends_with('.')) name.remove_suffix(1);
  if (!name.empty() && !FindBadLabel(name)) return std::string(name);
  if (!local) return "[127.0.0.1]";
  return (local->is_v4() ? "[" : "[IPv6:") + local->ToString() + "]";
}

}  // namespace helovet
