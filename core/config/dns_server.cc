#include <charconv>

#include "base/ascii.h"
#include "helovet/config.h"

namespace helovet {
namespace {

// 1 to 65535 in decimal digits without a leading zero.
std::optional<std::uint16_t> ParsePort(std::string_view text) {
  if (text.empty() || !IsAsciiDigit(text[0]) || text[0] == '0') return std::nullopt;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

}  // namespace

std::optional<DnsServer> DnsServer::Parse(std::string_view text) {
  if (const std::optional<IpAddress> bare = IpAddress::Parse(text)) return DnsServer{*bare};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::optional<std::uint16_t> port = ParsePort(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  // Brackets go with IPv6 and with nothing else: "2001:db8::1:53" is an address already.
  const bool colons = host.find(':') != std::string_view::npos;
  const std::optional<IpAddress> address = IpAddress::Parse(host);
  if (!port || !address || bracketed != colons) return std::nullopt;
  return DnsServer{*address, *port};
}

std::string DnsServer::ToString() const {
  const std::string host = address.ToString();
  return (address.is_v4() ? host : '[' + host + ']') + ':' + std::to_string(port);
}

}  // namespace helovet
