// An entry of the local lists, wherever it is written (docs/rules.md, local lists).
#ifndef HELOVET_CORE_BASE_LIST_ENTRY_H_
#define HELOVET_CORE_BASE_LIST_ENTRY_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "helovet/ip_address.h"
#include "tl/expected.hpp"

namespace helovet {

// Either a network or a name.
struct ListEntry {
  std::optional<IpNetwork> network;  // Of clients; a bare address is a network of one.
  // In lower case without a trailing dot, empty beside a network:
  //   "mail.example.com"  that HELO name
  //   ".example.com"      every HELO name below example.com, not itself
  //   "@example.org"      that domain of a sender
  //   "@.example.org"     every domain of a sender below example.org, not itself
  std::string name;
};

// Why a text is no entry.
struct ListEntryError {
  std::size_t offset = 0;  // Where in the text the mistake is, from 0.
  std::string message;     // Quotes the text, shortened if it is long, with any octets it has.
};

// One entry with nothing around it. Names may have labels with an underscore in front, as
// elsewhere in the configuration; their last label is not a number, for those are slips of
// addresses. Networks are as IpNetwork::Parse has them. Thread-safe.
[[nodiscard]] tl::expected<ListEntry, ListEntryError> ParseListEntry(std::string_view text);

}  // namespace helovet

#endif  // HELOVET_CORE_BASE_LIST_ENTRY_H_
