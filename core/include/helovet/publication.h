// The records that a sending domain publishes, made of a plan: which names send mail from which
// addresses, which names never do (CSA-02, DNA-02, DMP-01, DRIP-02, RFC 7208).
#ifndef HELOVET_PUBLICATION_H_
#define HELOVET_PUBLICATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tl/expected.hpp"

namespace helovet {

inline constexpr std::uint32_t kDefaultPublishedTtl = 3600;  // Seconds.

// One record as a master file has it (RFC 1035 §5.1), its text escaped: printable ASCII, no line
// end. Class IN.
struct ZoneRecord {
  std::string owner = {};                    // With its final dot: "mail.example.com."
  std::uint32_t ttl = kDefaultPublishedTtl;  // Seconds, at most 2^31 - 1 (RFC 2181 §8).
  std::string type = {};                     // "SRV"
  std::string data = {};                     // "1 2 0 mail.example.com."
  std::string note = {};  // What it is good for, one line; empty: nothing to say.
  // It belongs to a zone that is not ours, such as that of the addresses: shown as a comment.
  bool elsewhere = false;
};

// Seconds, as digits or with the units w, d, h, m and s, as master files have them: "3600",
// "1h30m". Empty: anything else, and what is more than 2^31 - 1 (RFC 2181 §8).
[[nodiscard]] std::optional<std::uint32_t> ParseTtl(std::string_view text);

// "OWNER TTL IN TYPE DATA": one line of a master file, without its end, the same under any $ORIGIN.
[[nodiscard]] std::string ToString(const ZoneRecord& record);

// A name and its addresses, as they were written.
struct PlannedHost {
  std::string name = {};                    // A host name, maybe with U-labels in UTF-8.
  std::vector<std::string> addresses = {};  // IPv4 or IPv6.
};

// What is to be published. Names may carry a final dot; case never matters; what is given twice
// counts once. Whatever is empty adds no record.
struct PublicationPlan {
  // Names that hosts say in HELO, with all addresses of each: CSA of weight 2, A and AAAA.
  std::vector<PlannedHost> hosts = {};
  // Names that no host says in HELO: CSA of weight 1 (CSA-02 §5).
  std::vector<std::string> no_mail = {};
  // Domains below which every name that sends has a record of its own (CSA-02 §7).
  std::vector<std::string> explicit_domains = {};
  // Accreditors that each host points to (DNA-02 §4).
  std::vector<std::string> accreditors = {};
  // Domains of senders, whose mail comes from the hosts alone (DMP-01 §4; RFC 7208).
  std::vector<std::string> dmp = {};
  std::vector<std::string> spf = {};
  // Names at and below which the hosts alone are relays (DRIP-02 §3).
  std::vector<std::string> drip = {};
  // PTR records of the addresses are among ours. Otherwise they are shown for whoever has them.
  bool reverse = false;
  std::uint32_t ttl = kDefaultPublishedTtl;  // Seconds, of every record; 1 to 2^31 - 1.

  // A whole zone, with its SOA and NS records.
  struct Zone {
    std::string apex = {};
    // Names inside the zone need addresses. Empty: `localhost`, for trying the zone only.
    std::vector<PlannedHost> nameservers = {};
    std::uint32_t serial = 1;
  };
  std::optional<Zone> zone = {};  // None: records to put into a zone that exists.
};

// The parts of a plan.
enum class PlanPart : std::uint8_t {
  kHosts,
  kNoMail,
  kExplicit,
  kAccreditors,
  kDmp,
  kSpf,
  kDrip,
  kTtl,
  kApex,
  kNameservers,
  kWhole,  // Nothing to publish.
};

// What is wrong with a plan, or unwise in it.
struct PlanRemark {
  PlanPart part = PlanPart::kWhole;
  std::string value = {};    // What was written there: a name or an address; any octets.
  std::string message = {};  // What is wrong with it, without a full stop; printable ASCII.
};

struct Publication {
  std::string apex = {};                 // With its final dot; empty: no whole zone.
  std::vector<ZoneRecord> records = {};  // No two the same; with an apex SOA is the first.
  std::vector<PlanRemark> warnings = {};
};

// Unexpected: the first part of the plan that cannot be published. Thread-safe; asks nothing.
[[nodiscard]] tl::expected<Publication, PlanRemark> MakePublication(const PublicationPlan& plan);

// The text of a master file, lines ended by "\n", the notes as comments. With an apex it has
// $ORIGIN and $TTL and can be loaded as it stands; without, it fits into any zone that has the
// names.
[[nodiscard]] std::string RenderZone(const Publication& publication);

// One JSON object (RFC 8259) on one line of printable ASCII: "apex" (null without), "records" with
// "owner", "ttl", "type", "data", "note" and "elsewhere", and "warnings" with "part", "value" and
// "message".
[[nodiscard]] std::string RenderPublicationJson(const Publication& publication);

// "hosts", "no-mail", "explicit", "accreditors", "dmp", "spf", "drip", "ttl", "apex",
// "nameservers", "plan".
[[nodiscard]] std::string_view ToString(PlanPart part);

}  // namespace helovet

#endif  // HELOVET_PUBLICATION_H_
