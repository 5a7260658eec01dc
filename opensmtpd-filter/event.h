// What smtpd tells a filter, one line each (smtpd-filters(7)).
#ifndef HELOVET_OPENSMTPD_FILTER_EVENT_H_
#define HELOVET_OPENSMTPD_FILTER_EVENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "helovet/ip_address.h"

namespace helovet {

// The N of protocol 0.N, which stands in every report and request. Before 0.5 requests named the
// token before the session; minor versions after 0.7 are taken for additions; 1.0 would be another
// language.
using ProtocolVersion = unsigned;
inline constexpr ProtocolVersion kOldestProtocol = 5;
// OpenSMTPD 7.4: link-auth has its result first, and filters' lines are no longer cut.
inline constexpr ProtocolVersion kProtocol07 = 7;

// smtpd's 64-bit numbers, 16 hexadecimal digits in a line.
using SessionId = std::uint64_t;
[[nodiscard]] std::string FormatId(std::uint64_t id);
void AppendId(std::uint64_t id, std::string& text);

// What an answer must name. A token alone names nothing: smtpd uses one token a phase for all
// sessions, over and over.
struct RequestId {
  SessionId session = 0;
  std::uint64_t token = 0;
  friend bool operator==(const RequestId&, const RequestId&) = default;
};

// The views in events point into the line they were parsed from.

// config|KEY|VALUE, sent before anything else.
struct ConfigValue {
  std::string_view key;
  std::string_view value;
};
// config|ready: the filter may, and must, register now.
struct ConfigReady {};

struct LinkConnect {
  SessionId session = 0;
  // Empty: a submission on this host, through smtpd's own socket.
  std::optional<IpAddress> client;
};
struct LinkDisconnect {
  SessionId session = 0;
};
struct LinkAuth {
  SessionId session = 0;
  bool passed = false;
};
// A well-formed report of no interest here.
struct OtherReport {};

enum class Phase : std::uint8_t {
  kIdentify,  // helo and ehlo
  kMailFrom,  // Its argument is the path alone, without brackets or parameters.
  kRcptTo,    // The same.
  kData,
  kDataLine,
  kOther,  // any that was not asked for; every request needs an answer nevertheless
};
struct FilterRequest {
  ProtocolVersion version = 0;
  RequestId id;
  Phase phase = Phase::kOther;
  std::string_view argument;  // The rest of the line: any octets, `|` included.
};

// A line that fits nothing above. `problem` is a literal, for the log.
struct Malformed {
  std::string_view problem;
};

using Event = std::variant<Malformed, ConfigValue, ConfigReady, LinkConnect, LinkDisconnect,
                           LinkAuth, OtherReport, FilterRequest>;

// Parses a line without its line feed. Any octets are allowed.
[[nodiscard]] Event ParseEvent(std::string_view line);

}  // namespace helovet

#endif  // HELOVET_OPENSMTPD_FILTER_EVENT_H_
