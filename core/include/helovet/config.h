// Settings: one typed value, read from one TOML file, checked as a whole.
#ifndef HELOVET_CONFIG_H_
#define HELOVET_CONFIG_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "helovet/file_error.h"
#include "helovet/ip_address.h"

namespace helovet {

inline constexpr std::string_view kDefaultConfigPath = "/etc/helovet/helovet.toml";

// How trust becomes an action.
enum class Profile : std::uint8_t {
  kObserve,   // tag everything, refuse nothing
  kStandard,  // low: reject; unknown: tag; high: accept
  kStrict,    // only high is accepted
};
[[nodiscard]] std::string_view ToString(Profile profile);

// A DNS server.
struct DnsServer {
  IpAddress address;
  std::uint16_t port = 53;

  // "192.0.2.1", "192.0.2.1:5353", "2001:db8::1" or "[2001:db8::1]:5353". Empty for anything else.
  [[nodiscard]] static std::optional<DnsServer> Parse(std::string_view text);
  // "192.0.2.1:53" or "[2001:db8::1]:53".
  [[nodiscard]] std::string ToString() const;
  friend bool operator==(const DnsServer&, const DnsServer&) = default;
};

// Every setting with its default. core/config/settings.cc holds the one table of names, types,
// units, defaults and meanings that the parser and the manual are made from.
struct Config {
  Profile profile = Profile::kObserve;
  std::string authserv_id;  // Empty: the host's name (RFC 8601 §2.5).
  std::string explain_url;  // Empty: replies carry no pointer.
  bool header = true;       // Add Authentication-Results to messages that are let in.
  std::chrono::milliseconds deadline{5000};  // For the whole of a validation.

  std::vector<std::string> our_names;  // Lower case, no trailing dot.
  std::vector<IpAddress> our_addresses;

  struct Exempt {
    std::vector<IpNetwork> networks;  // Default: 127.0.0.0/8 and ::1.
    friend bool operator==(const Exempt&, const Exempt&) = default;
  } exempt;
  struct Helo {
    bool allow_underscore = false;  // Tolerate one label with a leading underscore.
    friend bool operator==(const Helo&, const Helo&) = default;
  } helo;
  struct Csa {
    bool explicit_search = true;  // CSA-02 §7: look for Explicit in the parents.
    bool reverse = false;         // Look in the reverse tree for literals and bare addresses.
    friend bool operator==(const Csa&, const Csa&) = default;
  } csa;
  struct LocalTrust {
    // Accredited by the administrator (CSV-02 §5.2): "name" exactly, ".suffix" everything below it.
    std::vector<std::string> names;  // Lower case, no trailing dot.
    friend bool operator==(const LocalTrust&, const LocalTrust&) = default;
  } local_trust;
  struct Dns {
    std::vector<DnsServer> servers;  // Empty: those of /etc/resolv.conf.
    std::vector<IpNetwork> trusted;  // Whose AD bit is believed; default: 127.0.0.0/8 and ::1.
    std::chrono::milliseconds query_timeout{2000};
    friend bool operator==(const Dns&, const Dns&) = default;
  } dns;

  Config();  // The defaults.
  friend bool operator==(const Config&, const Config&) = default;
};

// Reads and checks `path`. An unknown key, a value of the wrong type or out of range, and a file
// that cannot be read are errors; nothing is ignored. Thread-safe.
[[nodiscard]] FileErrorOr<Config> LoadConfig(const std::string& path);

// The same for a text; `file` names it in errors.
[[nodiscard]] FileErrorOr<Config> ParseConfig(std::string_view toml, const std::string& file);

// The file at kDefaultConfigPath, or the defaults where no such file exists. (A file that exists
// but cannot be read is an error.)
[[nodiscard]] FileErrorOr<Config> LoadDefaultConfig();

}  // namespace helovet

#endif  // HELOVET_CONFIG_H_
