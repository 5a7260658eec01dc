// Settings: one typed value, read from one TOML file, checked as a whole.
#ifndef HELOVET_CONFIG_H_
#define HELOVET_CONFIG_H_

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "helovet/file_error.h"
#include "helovet/ip_address.h"
#include "helovet/result.h"
#include "helovet/verdict.h"

namespace helovet {

inline constexpr std::string_view kDefaultConfigPath = "/etc/helovet/helovet.toml";

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

// What an override makes of one result of one check, whatever the trust (docs/rules.md §10).
enum class OverrideAction : std::uint8_t {
  kIgnore,  // the result does not count for the action
  kTag,
  kDefer,
  kReject,
};
[[nodiscard]] std::string_view ToString(OverrideAction action);

struct Override {
  CheckId check;
  Result result;
  OverrideAction action;
  friend bool operator==(const Override&, const Override&) = default;
};

// An accreditor that is trusted (DNA-02 §3: the receiver judges the judges).
struct Accreditor {
  std::string name;         // Lower case, no trailing dot.
  int weight = 1;           // 1 to 100; what its recommendation adds to Config::Dna's sum.
  bool advisory = false;    // Its report is told and decides nothing.
  bool always_ask = false;  // Also about names that do not name it.
  friend bool operator==(const Accreditor&, const Accreditor&) = default;
};

// Which A records of a DNS list mean which rating: octet by octet, from the least to the most.
struct ReturnCode {
  struct Octet {
    std::uint8_t least = 0;
    std::uint8_t most = 255;
    friend bool operator==(const Octet&, const Octet&) = default;
  };
  std::array<Octet, 4> octets;
  Rating rating = Rating::kC;
  friend bool operator==(const ReturnCode&, const ReturnCode&) = default;
};

// A list of addresses or names that is asked over DNS (RFC 5782).
struct DnsList {
  std::string zone;               // Lower case, no trailing dot.
  std::vector<ReturnCode> codes;  // The first that fits counts; never empty.
  friend bool operator==(const DnsList&, const DnsList&) = default;
};

// Questions that the configuration has every session ask: accreditors that are always asked,
// certifiers and DNS lists. What a session may ask at most leaves room for no more (docs/rules.md
// §8).
inline constexpr std::size_t kMaxConfiguredQuestions = 8;

// Every setting with its default. core/config/settings.cc holds the one table of names, types,
// units, defaults and meanings that the parser and the manual are made from.
struct Config {
  Profile profile = Profile::kObserve;
  struct Custom {  // The profile custom. Less trust never gets a milder action.
    Action low = Action::kReject;
    Action unknown = Action::kTag;
    Action high = Action::kAccept;
    bool skip_address_blocklists = true;  // Verdict::skip_address_blocklists with high trust.
    friend bool operator==(const Custom&, const Custom&) = default;
  } custom;
  bool header = true;       // Add Authentication-Results to messages that are let in.
  std::string authserv_id;  // Empty: the host's name (RFC 8601 §2.5).
  std::string explain_url;  // Empty: replies carry no pointer.
  std::chrono::milliseconds deadline{5000};  // For the whole of a validation.

  // Names and addresses that count as ourselves. Empty optional: the host's own, see
  // WithHostDefaults; until then as if none.
  std::optional<std::vector<std::string>> our_names;  // Lower case, no trailing dot.
  std::optional<std::vector<IpAddress>> our_addresses;

  std::vector<Override> overrides;  // At most one for a pair of check and result.
  // BCP's alternate server: recipients of these domains have a profile of their own.
  struct Alternate {
    std::vector<std::string> domains;  // Lower case: "name", or ".suffix" for all below. None.
    Profile profile = Profile::kStrict;
    friend bool operator==(const Alternate&, const Alternate&) = default;
  } alternate;

  struct Exempt {
    std::vector<IpNetwork> networks;  // Default: 127.0.0.0/8 and ::1.
    friend bool operator==(const Exempt&, const Exempt&) = default;
  } exempt;
  struct Helo {
    bool allow_underscore = false;  // Tolerate one label with a leading underscore.
    friend bool operator==(const Helo&, const Helo&) = default;
  } helo;
  enum class CsaDialect : std::uint8_t { kCsa02, kDsar00 };
  struct Csa {
    CsaDialect dialect = CsaDialect::kCsa02;
    bool explicit_search = true;  // CSA-02 §7: look for Explicit in the parents.
    bool reverse = false;         // Look in the reverse tree for literals and bare addresses.
    friend bool operator==(const Csa&, const Csa&) = default;
  } csa;
  struct WellKnown {
    // Domains whose records are known to be accurate (DSAR-00 §3.2.2): they and all names below.
    std::vector<std::string> domains;  // Lower case, no trailing dot.
    friend bool operator==(const WellKnown&, const WellKnown&) = default;
  } well_known;
  struct Dna {
    std::vector<Accreditor> trusted;  // Empty: the check does not run.
    int required_weight = 1;          // Of the recommending accreditors together.
    friend bool operator==(const Dna&, const Dna&) = default;
  } dna;
  struct Vbr {
    std::vector<std::string> certifiers;  // Lower case. Empty: the check does not run.
    std::vector<std::string> types;       // That count beside "all", RFC 5518 §6; lower case.
    friend bool operator==(const Vbr&, const Vbr&) = default;
  } vbr;
  struct Lists {
    // Entries, and files of entries by their absolute paths; see helovet/local_lists.h.
    std::vector<std::string> allow;
    std::vector<std::string> deny;
    std::vector<DnsList> address;  // DNS lists of addresses. Empty: the check does not run.
    std::vector<DnsList> name;     // DNS lists of names. Empty: the check does not run.
    friend bool operator==(const Lists&, const Lists&) = default;
  } lists;
  // Who may send for a domain, and whether its sender exists (docs/rules.md §11, §12).
  struct Senders {
    // kDmp, kDrip, kRmx, kSpf (which stands for kSpfHelo, too) and kCbv, each once at most, in the
    // order in which they are heeded: the first that decides ends the series. kCbv is the last.
    // Empty: none runs.
    std::vector<CheckId> checks = {CheckId::kSpf};
    friend bool operator==(const Senders&, const Senders&) = default;
  } senders;
  struct Dmp {
    // Domains that are asked, and all names below them; lower case. Empty: every domain is.
    std::vector<std::string> domains;
    bool refuse_allow_all = false;  // DMP-01 §9.3: a domain that allows every address is no proof.
    friend bool operator==(const Dmp&, const Dmp&) = default;
  } dmp;
  struct Spf {
    bool explanation = true;  // Ask for the domain's explanation of a failure (RFC 7208 §6.2).
    friend bool operator==(const Spf&, const Spf&) = default;
  } spf;
  struct Cbv {
    std::string helo_name;  // What callbacks say in EHLO. Empty: the first of our_names.
    std::uint16_t port = 25;
    std::chrono::milliseconds timeout{5000};  // One callback, with its questions; see `deadline`.
    int hosts = 3;                            // Addresses that are tried, 1 to 10.
    bool noop = false;       // Send NOOP after the greeting, as the author of CBV did.
    bool catch_all = false;  // Ask for a random local part, too.
    // Networks that may be called although they are private or our own (docs/rules.md §12.4).
    std::vector<IpNetwork> allow_networks;
    int concurrent = 20;            // Callbacks at once, of all that share the store.
    int concurrent_per_domain = 2;  // Of them, to one domain; no more than `concurrent`.
    int per_domain = 60;            // Callbacks to one domain within `per_domain_interval`.
    std::chrono::milliseconds per_domain_interval{std::chrono::minutes(1)};
    // How long is remembered: that an address is accepted or refused; what holds for a domain.
    std::chrono::milliseconds address_success{std::chrono::hours(24)};
    std::chrono::milliseconds address_failure{std::chrono::hours(2)};
    std::chrono::milliseconds domain_success{std::chrono::hours(24 * 7)};
    std::chrono::milliseconds domain_failure{std::chrono::hours(3)};
    friend bool operator==(const Cbv&, const Cbv&) = default;
  } cbv;
  // Where callbacks' findings and the statistics are kept (docs/rules.md §13).
  enum class StoreKind : std::uint8_t { kNone, kLmdb, kRedis };
  struct Store {
    StoreKind kind = StoreKind::kLmdb;
    // Of this host's files. The directory must exist; where the default one does not, and no check
    // needs it, nothing is kept.
    std::string directory = "/var/lib/helovet";
    int size = 64;  // Of the embedded store, in MiB: what it may grow to. 1 to 4096.
    friend bool operator==(const Store&, const Store&) = default;
  } store;
  struct Redis {
    // "host:port", "address:port", "[IPv6 address]:port" or a socket's absolute path; names in
    // lower case without a trailing dot.
    std::string server = "127.0.0.1:6379";
    std::string user;           // Empty: the server's default user. With a password only.
    std::string password_file;  // Its first line. Empty: no password.
    bool tls = false;
    std::string ca_file;                     // PEM. Empty: the system's certificates.
    std::string prefix = "helovet";          // Of all keys: "helovet:...".
    std::chrono::milliseconds timeout{500};  // For a connection, and for a command.
    friend bool operator==(const Redis&, const Redis&) = default;
  } redis;
  // What only filter-helovet can do.
  enum class RejectAt : std::uint8_t { kMailFrom, kRcptTo };
  enum class Confinement : std::uint8_t { kOff, kOn, kRequired };
  struct OpenSmtpd {
    RejectAt reject_at = RejectAt::kMailFrom;
    bool junk = false;  // Have smtpd mark what is tagged as junk (X-Spam).
    Confinement confinement = Confinement::kOn;
    // Of a filter that root has started: whom it becomes, and the empty directory that becomes its
    // root. Empty: it stays as it is. Printable ASCII; an absolute path.
    std::string user = "opensmtpd";
    std::string chroot = "/var/lib/opensmtpd/empty";
    friend bool operator==(const OpenSmtpd&, const OpenSmtpd&) = default;
  } opensmtpd;
  struct Metrics {
    std::string file;                           // For Prometheus, by filter-helovet. Empty: none.
    std::chrono::milliseconds interval{15000};  // Between two writes.
    friend bool operator==(const Metrics&, const Metrics&) = default;
  } metrics;
  struct Dns {
    std::vector<DnsServer> servers;  // Empty: those of /etc/resolv.conf.
    std::vector<IpNetwork> trusted;  // Whose AD bit is believed; default: 127.0.0.0/8 and ::1.
    std::chrono::milliseconds query_timeout{2000};
    friend bool operator==(const Dns&, const Dns&) = default;
  } dns;

  Config();  // The defaults.
  friend bool operator==(const Config&, const Config&) = default;
};

// `config` with what it leaves to the host filled in: our_names by the host's name and
// `server_name`, our_addresses by the addresses of the host's interfaces, authserv_id by
// `server_name`. `server_name` is the mail server's own name for itself, such as Exim's
// primary_hostname; empty: it has none.
[[nodiscard]] Config WithHostDefaults(Config config, std::string_view server_name);

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
