// Lists of texts: names, addresses, and what else settings have more than one of.
#ifndef HELOVET_CORE_CONFIG_LISTS_H_
#define HELOVET_CORE_CONFIG_LISTS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/values.h"

namespace helovet {

// A host name in lower case without its trailing dot. Labels may begin with an underscore, as some
// hosts' do; the last is not a number (RFC 1123 §2.1). Empty for anything else.
[[nodiscard]] std::optional<std::string> ParseHostName(std::string_view text);
// The same as a value.
[[nodiscard]] ValueErrorOr<std::string> ReadName(const TomlValue& value);
// The same, or empty.
[[nodiscard]] ValueErrorOr<std::string> ReadOptionalName(const TomlValue& value);

[[nodiscard]] ValueErrorOr<std::vector<std::string>> ReadNames(const TomlValue& value);
// None of them twice.
[[nodiscard]] ValueErrorOr<std::vector<std::string>> ReadDistinctNames(const TomlValue& value);
// The same as ReadNames, where ".example.com" stands for all names below example.com.
[[nodiscard]] ValueErrorOr<std::vector<std::string>> ReadNamePatterns(const TomlValue& value);
[[nodiscard]] ValueErrorOr<std::vector<IpAddress>> ReadAddresses(const TomlValue& value);
[[nodiscard]] ValueErrorOr<std::vector<IpNetwork>> ReadNetworks(const TomlValue& value);
[[nodiscard]] ValueErrorOr<std::vector<DnsServer>> ReadDnsServers(const TomlValue& value);
// RFC 5518 §5, §6: words of letters, in lower case; "all" is none of them.
[[nodiscard]] ValueErrorOr<std::vector<std::string>> ReadMailTypes(const TomlValue& value);
// Names of checks of senders, none of them twice; "cbv" is the last.
[[nodiscard]] ValueErrorOr<std::vector<CheckId>> ReadSenderChecks(const TomlValue& value);
// Entries of a local list (base/list_entry.h) and absolute paths of files of them, as they stand.
[[nodiscard]] ValueErrorOr<std::vector<std::string>> ReadListEntries(const TomlValue& value);
// One of them is a file's path and no entry.
[[nodiscard]] bool IsFilePath(std::string_view entry);

}  // namespace helovet

#endif  // HELOVET_CORE_CONFIG_LISTS_H_
