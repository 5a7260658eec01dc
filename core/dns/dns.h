// Questions to the DNS and their answers, whoever gives them.
#ifndef HELOVET_CORE_DNS_DNS_H_
#define HELOVET_CORE_DNS_DNS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "dns/name.h"
#include "helovet/ip_address.h"

namespace helovet {

enum class DnsType : std::uint16_t {
  kA = 1,
  kCname = 5,
  kPtr = 12,
  kMx = 15,
  kTxt = 16,
  kAaaa = 28,
  kSrv = 33,
  kApl = 42,
};
// "A", "SRV", ...
[[nodiscard]] std::string_view ToString(DnsType type);

// What came of a question. Everything from kTimeout on is temporary: it says nothing about what
// the zone holds.
enum class DnsOutcome : std::uint8_t {
  kOk,          // records of the asked type
  kNoData,      // the name exists, without records of the type
  kNxDomain,    // the name does not exist
  kAliasChain,  // more than kMaxAliases CNAMEs on the way
  kTimeout,     // silence until the query's or the validation's deadline
  kServFail,
  kRefused,
  kNotImp,
  kFormErr,      // with and without EDNS
  kMalformed,    // an answer that cannot be parsed
  kUnreachable,  // no server is known, or the network refuses to carry the question
  kQueryLimit,   // not asked: kMaxQueries of this validation are spent
  kTooLarge,     // not kept: more than is left of what this validation keeps
};
// "ok", "nodata", "nxdomain", "alias-chain", "timeout", "servfail", "refused", "notimp", "formerr",
// "malformed", "unreachable", "query-limit", "too-large".
[[nodiscard]] std::string_view ToString(DnsOutcome outcome);
[[nodiscard]] constexpr bool IsTemporary(DnsOutcome outcome) {
  return outcome >= DnsOutcome::kTimeout;
}

struct DnsQuestion {
  DnsName name;
  DnsType type = DnsType::kA;
  friend auto operator<=>(const DnsQuestion&, const DnsQuestion&) = default;
};

struct SrvData {
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
  std::uint16_t port = 0;
  DnsName target;
  friend auto operator<=>(const SrvData&, const SrvData&) = default;
};

struct MxData {
  std::uint16_t preference = 0;
  DnsName exchange;  // The root: the domain takes no mail (RFC 7505 §3).
  friend auto operator<=>(const MxData&, const MxData&) = default;
};

inline constexpr std::uint16_t kAplIpv4 = 1;  // RFC 3123 §4.1
inline constexpr std::uint16_t kAplIpv6 = 2;  // RFC 3123 §4.2

// A list of address prefixes (RFC 3123 §4), in its order.
struct AplData {
  struct Item {
    std::uint16_t family = 0;
    std::uint8_t prefix_bits = 0;  // At most 32 of IPv4, 128 of IPv6.
    bool negated = false;          // "!"
    IpAddress::V6Bytes address{};  // Filled up with zeros; all zero in any other family.
    friend auto operator<=>(const Item&, const Item&) = default;
  };
  std::vector<Item> items;
  friend auto operator<=>(const AplData&, const AplData&) = default;
};

// A or AAAA: IpAddress. CNAME or PTR: DnsName. SRV: SrvData. MX: MxData. APL: AplData. TXT: its
// strings, joined.
using DnsData = std::variant<IpAddress, DnsName, SrvData, MxData, AplData, std::string>;

struct DnsRecord {
  DnsName owner;
  DnsType type = DnsType::kA;
  std::uint32_t ttl = 0;  // Seconds, at most 2^31 - 1 (RFC 2181 §8).
  DnsData data = std::string();

  // The data in presentation form, such as "1 2 0 mail.example.com".
  [[nodiscard]] std::string DataToString() const;
};

// One answer as its server gave it: aliases are not followed.
struct DnsReply {
  // kOk stands for NOERROR, whatever the sections hold; kNoData and kAliasChain never occur here.
  DnsOutcome outcome = DnsOutcome::kUnreachable;
  std::vector<DnsRecord> answers;     // The answer section's records of the types above.
  std::vector<DnsRecord> additional;  // A and AAAA of the additional section.
  std::uint32_t negative_ttl = 0;     // Seconds, RFC 2308 §5; 0 without a SOA.
  bool ad = false;                    // AD bit of a trusted server; false from any other.
  bool trusted = false;               // The server is in dns.trusted, or the answer is from a file.
  std::string server;                 // "127.0.0.1:53" or the zone file; empty: none answered.
  bool cached = false;                // From memory (AnswerCache): no server was asked for it.
  std::uint32_t kept_for = 0;         // Seconds that memory goes on giving it; 0: a new one.
};

// A source of answers. Implementations: DnsClient (network), ZoneDns (master files), and those of
// the tests.
class Dns {
 public:
  // A question under way; destroying it withdraws the question, and its callback is never called.
  class Query {
   public:
    virtual ~Query() = default;
  };
  using Done = absl::AnyInvocable<void(DnsReply)>;

  virtual ~Dns() = default;

  // Asks `question` and calls `done` exactly once, from the loop and never from inside Ask, within
  // the implementation's own time limit. `done` may call Ask and may destroy the Query. The Query
  // must not outlive this.
  [[nodiscard]] virtual std::unique_ptr<Query> Ask(const DnsQuestion& question, Done done) = 0;
};

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_DNS_H_
