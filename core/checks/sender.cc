#include "checks/sender.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/host_name.h"
#include "base/idna.h"

namespace helovet {
namespace {

// RFC 5321 §4.1.2: something stands before the "@", and it is no part of a source route.
bool IsLocalPart(std::string_view text) {
  return !text.empty() && !text.ends_with(',') && !text.ends_with(':');
}

// RFC 1123 §2.1: the highest label is never a number, which tells names from addresses.
bool IsHostName(std::string_view name) {
  if (name.size() > kMaxHostNameOctets || FindBadLabel(name)) return false;
  const std::string_view highest = name.substr(name.rfind('.') + 1);
  return !std::all_of(highest.begin(), highest.end(), IsAsciiDigit);
}

// Only what needs it is converted: IDNA forbids ASCII labels, too, that DNS knows and lists can
// have.
std::optional<std::string> WithoutULabels(std::string_view domain) {
  const bool ascii =
      std::all_of(domain.begin(), domain.end(), [](char octet) { return (octet & 0x80) == 0; });
  return ascii ? std::string(domain) : ToALabels(domain);
}

}  // namespace

std::optional<std::string> DomainOfPath(std::string_view path) {
  // A quoted local part can have an "@", and a source route has several; a host name has none, nor
  // the quote that would follow one.
  const std::size_t at = path.rfind('@');
  if (at == std::string_view::npos || !IsLocalPart(path.substr(0, at))) return std::nullopt;
  std::optional<std::string> domain = WithoutULabels(path.substr(at + 1));
  if (!domain) return std::nullopt;
  if (domain->ends_with('.')) domain->pop_back();
  if (!IsHostName(*domain)) return std::nullopt;
  return LowerCase(*domain);
}

}  // namespace helovet
