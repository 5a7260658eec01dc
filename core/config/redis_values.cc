#include "config/redis_values.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/ascii.h"
#include "config/lists.h"

namespace helovet {
namespace {

bool IsPrefixOctet(char octet) {
  return IsAsciiLetter(octet) || IsAsciiDigit(octet) ||
         std::string_view("-._:{}").find(octet) != std::string_view::npos;
}

std::optional<std::string> ParseServer(std::string_view text) {
  if (text.starts_with('/')) {
    const bool path = !text.ends_with('/') && text.find('\0') == std::string_view::npos &&
                      text.size() <= kMaxSocketPathOctets;
    return path ? std::optional(std::string(text)) : std::nullopt;
  }
  // An address alone has a port by default, as a resolver; here it must be written.
  if (const std::optional<DnsServer> server = DnsServer::Parse(text)) {
    return IpAddress::Parse(text) ? std::nullopt : std::optional(server->ToString());
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::optional<std::string> host = ParseHostName(text.substr(0, colon));
  const std::string port(text.substr(colon + 1));
  // The port is right where it is with any address.
  if (!host || !DnsServer::Parse("192.0.2.1:" + port)) return std::nullopt;
  return *host + ':' + port;
}

}  // namespace

ValueErrorOr<std::string> ReadRedisServer(const TomlValue& value) {
  const ValueErrorOr<std::string_view> text = ReadText(value, "a server");
  if (!text) return tl::make_unexpected(text.error());
  std::optional<std::string> server = ParseServer(*text);
  if (server) return *std::move(server);
  // A URL may have a password before its "@", which is not to be told.
  const bool secret = text->find('@') != std::string_view::npos;
  return ErrorAt(value.position, (secret ? "must be" : Quoted(*text) + " is not") +
                                     " \"HOST:PORT\", \"[IPV6]:PORT\" or a socket's path");
}

ValueErrorOr<std::string> ReadRedisPasswordFile(const TomlValue& value) {
  ValueErrorOr<std::string> path = ReadFilePath(value);
  // It may be the password itself, which is not to be told.
  if (!path) return ErrorAt(value.position, "must be the absolute path of a file in quotes");
  return path;
}

ValueErrorOr<std::string> ReadRedisPrefix(const TomlValue& value) {
  const ValueErrorOr<std::string_view> text = ReadText(value, "a prefix");
  if (!text) return tl::make_unexpected(text.error());
  if (text->empty() || text->size() > kMaxRedisPrefixOctets ||
      !std::ranges::all_of(*text, IsPrefixOctet)) {
    return ErrorAt(value.position,
                   Quoted(*text) + " is not 1 to 64 letters, digits and any of -._:{}");
  }
  return std::string(*text);
}

}  // namespace helovet
