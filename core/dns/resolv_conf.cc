#include <optional>

#include "dns/client.h"

namespace helovet {
namespace {

constexpr std::string_view kKeyword = "nameserver";
constexpr std::string_view kBlanks = " \t\r";

// The address of a "nameserver ADDRESS[%SCOPE] ..." line.
std::optional<IpAddress> ParseLine(std::string_view line) {
  if (!line.starts_with(kKeyword)) return std::nullopt;
  line.remove_prefix(kKeyword.size());
  const std::size_t start = line.find_first_not_of(kBlanks);
  if (start == std::string_view::npos || start == 0) return std::nullopt;
  line.remove_prefix(start);
  const std::string_view word = line.substr(0, line.find_first_of(kBlanks));
  return IpAddress::Parse(word.substr(0, word.find('%')));
}

}  // namespace

std::vector<DnsServer> ServersOfResolvConf(std::string_view text) {
  std::vector<DnsServer> servers;
  while (!text.empty() && servers.size() < kMaxResolvConfServers) {
    const std::size_t end = text.find('\n');
    if (const std::optional<IpAddress> address = ParseLine(text.substr(0, end))) {
      servers.push_back({*address});
    }
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  if (servers.empty()) servers.push_back({IpAddress::FromV4({127, 0, 0, 1})});
  return servers;
}

}  // namespace helovet
