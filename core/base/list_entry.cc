#include "base/list_entry.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/host_name.h"

namespace helovet {
namespace {

constexpr std::size_t kMaxQuotedOctets = 100;  // Of an entry in a message.

tl::unexpected<ListEntryError> Error(std::string_view text, std::size_t offset,
                                     std::string_view what) {
  std::string message = '"' + std::string(text.substr(0, kMaxQuotedOctets));
  if (text.size() > kMaxQuotedOctets) message += "...";
  message += "\" ";
  message += what;
  return tl::make_unexpected(ListEntryError{offset, std::move(message)});
}

tl::unexpected<ListEntryError> NoEntry(std::string_view text, std::size_t offset) {
  return Error(text, offset,
               "is not an address, a network, a host name, \".suffix\", \"@domain\" or "
               "\"@.suffix\"");
}

// RFC 1123 §2.1: that is how an address is told from a name.
bool EndsInNumber(std::string_view text) {
  const std::string_view label = text.substr(text.rfind('.') + 1);
  return !label.empty() && std::all_of(label.begin(), label.end(), IsAsciiDigit);
}

tl::expected<ListEntry, ListEntryError> ParseNetwork(std::string_view text) {
  std::optional<IpNetwork> network = IpNetwork::Parse(text);
  if (network) return ListEntry{network, ""};
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || !IpAddress::Parse(text.substr(0, slash))) {
    return NoEntry(text, 0);
  }
  return Error(text, slash + 1,
               "has no prefix length of its kind of address, or has bits beyond it");
}

}  // namespace

tl::expected<ListEntry, ListEntryError> ParseListEntry(std::string_view text) {
  const bool of_senders = text.starts_with('@');
  const bool suffix = text.substr(of_senders ? 1 : 0).starts_with('.');
  const std::size_t begin = (of_senders ? 1U : 0U) + (suffix ? 1U : 0U);
  std::string_view name = text.substr(begin);
  if (name.ends_with('.')) name.remove_suffix(1);

  const bool number = EndsInNumber(name);
  if (begin == 0 && (number || text.find_first_of(":/") != std::string_view::npos)) {
    return ParseNetwork(text);
  }
  if (const std::optional<std::size_t> bad = FindBadLabel(name)) return NoEntry(text, begin + *bad);
  if (number) return NoEntry(text, begin + name.rfind('.') + 1);
  if (name.size() > kMaxHostNameOctets) {
    return Error(text, begin + kMaxHostNameOctets,
                 "is a name of more than " + std::to_string(kMaxHostNameOctets) + " octets");
  }
  return ListEntry{std::nullopt, LowerCase(text.substr(0, begin + name.size()))};
}

}  // namespace helovet
