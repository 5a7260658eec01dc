#include "event.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>

namespace helovet {
namespace {

constexpr std::size_t kMaxIdDigits = 16;  // 64 bits in hexadecimal.

// Takes the field up to the next `|` off `rest`; empty when there is no field left.
std::optional<std::string_view> TakeField(std::optional<std::string_view>& rest) {
  if (!rest) return std::nullopt;
  const std::size_t bar = rest->find('|');
  const std::string_view field = rest->substr(0, bar);
  if (bar == std::string_view::npos) {
    rest.reset();
  } else {
    rest->remove_prefix(bar + 1);
  }
  return field;
}

template <typename Number>
std::optional<Number> ParseNumber(std::string_view text, int base) {
  Number number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, base);
  if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> ParseId(std::optional<std::string_view> text) {
  if (!text || text->size() > kMaxIdDigits) return std::nullopt;
  return ParseNumber<std::uint64_t>(*text, 16);
}

struct Version {
  unsigned major;
  unsigned minor;
};

std::optional<Version> ParseVersion(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto major = ParseNumber<unsigned>(text.substr(0, dot), 10);
  const auto minor = ParseNumber<unsigned>(text.substr(dot + 1), 10);
  if (!major || !minor) return std::nullopt;
  return Version{*major, *minor};
}

bool IsName(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

// "192.0.2.1:25" or "[2001:db8::1]:25", as lka_report_smtp_link_connect writes them. A zone id, as
// newer versions add to link-local addresses, is dropped.
std::optional<IpAddress> ParseAddressAndPort(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  if (!ParseNumber<std::uint16_t>(text.substr(colon + 1), 10)) return std::nullopt;
  std::string_view address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
    address = address.substr(0, address.find('%'));
  }
  return IpAddress::Parse(address);
}

// rdns|fcrdns|src|dest
Event ParseLinkConnect(SessionId session, std::optional<std::string_view> rest) {
  const auto rdns = TakeField(rest);
  const auto fcrdns = TakeField(rest);
  const auto source = TakeField(rest);
  if (!rdns || !fcrdns || !source || !rest) return Malformed{"link-connect lacks fields"};
  if (*fcrdns != "pass" && *fcrdns != "fail" && *fcrdns != "error") {
    return Malformed{"link-connect with an unknown state of the reverse name"};
  }
  if (source->starts_with("unix:") || *source == "local") return LinkConnect{session, std::nullopt};
  const auto client = ParseAddressAndPort(*source);
  if (!client) return Malformed{"link-connect without a client address"};
  return LinkConnect{session, client};
}

// The user name may hold `|`, and the client chooses it: the result is at the other end.
Event ParseLinkAuth(ProtocolVersion version, SessionId session,
                    std::optional<std::string_view> rest) {
  if (!rest) return Malformed{"link-auth lacks fields"};
  const bool result_first = version >= kProtocol07;
  const std::size_t bar = result_first ? rest->find('|') : rest->rfind('|');
  if (bar == std::string_view::npos) return Malformed{"link-auth lacks fields"};
  const std::string_view result = result_first ? rest->substr(0, bar) : rest->substr(bar + 1);
  return LinkAuth{session, result == "pass"};
}

Event ParseReport(ProtocolVersion version, std::optional<std::string_view> rest) {
  const auto name = TakeField(rest);
  const auto session = ParseId(TakeField(rest));
  if (!name || !IsName(*name)) return Malformed{"report without a name"};
  if (!session) return Malformed{"report without a session"};
  if (*name == "link-connect") return ParseLinkConnect(*session, rest);
  if (*name == "link-disconnect") return LinkDisconnect{*session};
  if (*name == "link-auth") return ParseLinkAuth(version, *session, rest);
  return OtherReport{};
}

Phase PhaseOf(std::string_view name) {
  if (name == "helo" || name == "ehlo") return Phase::kIdentify;
  if (name == "data-line") return Phase::kDataLine;
  if (name == "mail-from") return Phase::kMailFrom;
  if (name == "rcpt-to") return Phase::kRcptTo;
  if (name == "data") return Phase::kData;
  return Phase::kOther;
}

Event ParseRequest(ProtocolVersion version, std::optional<std::string_view> rest) {
  const auto name = TakeField(rest);
  const auto session = ParseId(TakeField(rest));
  const auto token = ParseId(TakeField(rest));
  if (!name || !IsName(*name)) return Malformed{"request without a phase"};
  if (!session) return Malformed{"request without a session"};
  if (!token) return Malformed{"request without a token"};
  return FilterRequest{version, RequestId{*session, *token}, PhaseOf(*name), rest.value_or("")};
}

Event ParseConfig(std::optional<std::string_view> rest) {
  const auto key = TakeField(rest);
  if (!key || key->empty()) return Malformed{"config without a key"};
  if (*key == "ready" && !rest) return ConfigReady{};
  return ConfigValue{*key, rest.value_or("")};
}

}  // namespace

void AppendId(std::uint64_t id, std::string& text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  text.append(kMaxIdDigits, '0');
  for (auto digit = text.rbegin(); id != 0; ++digit, id >>= 4) *digit = kDigits[id & 0xf];
}

std::string FormatId(std::uint64_t id) {
  std::string text;
  AppendId(id, text);
  return text;
}

// STREAM|VERSION|TIMESTAMP|SUBSYSTEM|NAME|SESSION..., or config|...
Event ParseEvent(std::string_view line) {
  std::optional<std::string_view> rest = line;
  const std::string_view stream = *TakeField(rest);
  if (stream == "config") return ParseConfig(rest);
  const bool report = stream == "report";
  if (!report && stream != "filter") return Malformed{"unknown kind of line"};

  const auto version_text = TakeField(rest);
  const auto timestamp = TakeField(rest);
  const auto subsystem = TakeField(rest);
  if (!version_text || !timestamp || !subsystem) return Malformed{"too few fields"};
  const auto version = ParseVersion(*version_text);
  if (!version) return Malformed{"no protocol version"};
  if (version->major != 0 || version->minor < kOldestProtocol) {
    return Malformed{"unsupported protocol version"};
  }
  if (*subsystem != "smtp-in") return Malformed{"unknown subsystem"};
  return report ? ParseReport(version->minor, rest) : ParseRequest(version->minor, rest);
}

}  // namespace helovet
