#include "helovet/publication.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "dns/dns.h"
#include "publication/designations.h"
#include "publication/plan.h"
#include "publication/record_list.h"
#include "publication/zone_text.h"

namespace helovet {
namespace {

constexpr std::string_view kCsaLabels = "_client._smtp";  // CSA-02 §4
constexpr std::string_view kDnaLabels = "_vouch._smtp";   // DNA-02 §4
// The fields of the SRV record, CSA-02 §5.
constexpr std::uint16_t kVersion = 1;
constexpr std::uint16_t kNotAuthorized = 1;
constexpr std::uint16_t kAuthorized = 2;
constexpr std::uint16_t kExplicitBit = 1;
// Seconds. RFC 1912 §2.2; a negative answer is kept as RFC 2308 §5 has found to work well.
constexpr std::string_view kSoaTimes = "14400 3600 1209600 3600";
constexpr std::string_view kNoNameserver = "localhost";

constexpr std::array<std::string_view, 11> kParts = {
    "hosts", "no-mail", "explicit", "accreditors", "dmp",  "spf",
    "drip",  "ttl",     "apex",     "nameservers", "plan",
};

bool Holds(const std::vector<DnsName>& names, const DnsName& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The target is the name itself, also where nobody looks at it (CSA-02 §5).
void AddCsa(const ReadPlan& plan, const DnsName& name, std::uint16_t weight, RecordList& records) {
  const std::uint16_t port = Holds(plan.explicit_domains, name) ? kExplicitBit : 0;
  records.Add(name.WithPrefix(kCsaLabels), DnsType::kSrv, SrvData{kVersion, weight, port, name});
}

void AddHost(const ReadPlan& plan, const NamedHost& host, RecordList& records) {
  const std::string name = host.name.ToString();
  records.Begin(PlanPart::kHosts, host.name,
                name + " sends mail, from these addresses alone (CSA-02 4)");
  AddCsa(plan, host.name, kAuthorized, records);
  for (const IpAddress& address : host.addresses) records.AddAddress(host.name, address);
  records.Begin(PlanPart::kAccreditors, host.name,
                "who vouches for " + name + ", once they have agreed to (DNA-02 4)");
  for (const DnsName& accreditor : plan.accreditors) {
    const std::optional<DnsName> target = accreditor.WithPrefix(kDnaLabels);
    if (target) {
      records.Add(host.name, DnsType::kPtr, *target);
    } else {
      records.Begin(PlanPart::kAccreditors, accreditor, "");
      records.Add(std::nullopt, DnsType::kPtr, accreditor);
    }
  }
}

void AddSilentNames(const ReadPlan& plan, RecordList& records) {
  for (const DnsName& name : plan.no_mail) {
    records.Begin(PlanPart::kNoMail, name,
                  "no host says " + name.ToString() + " in HELO (CSA-02 4)");
    AddCsa(plan, name, kNotAuthorized, records);
  }
  for (const DnsName& name : plan.explicit_domains) {
    if (FindHost(plan.hosts, name) != nullptr || Holds(plan.no_mail, name)) continue;
    records.Begin(PlanPart::kExplicit, name,
                  "names below " + name.ToString() +
                      " send mail only where they have a record of their own, and it sends none "
                      "itself (CSA-02 7)");
    AddCsa(plan, name, kNotAuthorized, records);
  }
}

void AddReverse(const ReadPlan& plan, bool is_ours, RecordList& records) {
  for (const NamedHost& host : plan.hosts) {
    records.Begin(PlanPart::kHosts, host.name,
                  is_ours ? "the names of the addresses (RFC 1035 3.5)"
                          : "for whoever has the zones of the addresses (RFC 1035 3.5):",
                  !is_ours);
    for (const IpAddress& address : host.addresses) {
      records.Add(DnsName::Parse(address.ReverseName()), DnsType::kPtr, host.name);
    }
  }
}

void AddNameservers(const ReadPlan& plan, RecordList& records) {
  for (const NamedHost& server : plan.nameservers) {
    records.Begin(PlanPart::kNameservers, server.name, "the addresses of the name servers");
    for (const IpAddress& address : server.addresses) records.AddAddress(server.name, address);
  }
}

// SOA and NS. Empty: the apex is too long for them.
std::vector<ZoneRecord> ZoneHead(const ReadPlan& plan, std::uint32_t ttl, std::uint32_t serial) {
  const std::optional<DnsName> mailbox = plan.apex->WithPrefix("hostmaster");
  if (!mailbox) return {};
  std::vector<std::string> servers;
  for (const NamedHost& server : plan.nameservers) servers.push_back(ZoneName(server.name));
  if (servers.empty()) servers.push_back(std::string(kNoNameserver) + '.');
  const std::string owner = ZoneName(*plan.apex);
  std::vector<ZoneRecord> head = {{owner, ttl, "SOA",
                                   servers.front() + ' ' + ZoneName(*mailbox) + ' ' +
                                       std::to_string(serial) + ' ' + std::string(kSoaTimes)}};
  for (std::string& server : servers) head.push_back({owner, ttl, "NS", std::move(server)});
  return head;
}

}  // namespace

std::string_view ToString(PlanPart part) { return kParts[static_cast<std::size_t>(part)]; }

tl::expected<Publication, PlanRemark> MakePublication(const PublicationPlan& plan) {
  Publication publication;
  const auto read = ReadPlanOf(plan, publication.warnings);
  if (!read) return tl::make_unexpected(read.error());

  RecordList records(plan.ttl, read->apex);
  AddNameservers(*read, records);
  for (const NamedHost& host : read->hosts) AddHost(*read, host, records);
  AddSilentNames(*read, records);
  AddDesignations(*read, records);
  AddReverse(*read, plan.reverse, records);
  if (auto mistake = records.Mistake(publication.warnings)) {
    return tl::make_unexpected(*std::move(mistake));
  }
  if (read->apex) {
    publication.apex = ZoneName(*read->apex);
    publication.records = ZoneHead(*read, plan.ttl, plan.zone->serial);
    if (publication.records.empty()) {
      return tl::make_unexpected(
          PlanRemark{PlanPart::kApex, plan.zone->apex, "is too long for a zone's SOA record"});
    }
  }
  for (ZoneRecord& record : records.ToZoneRecords()) {
    publication.records.push_back(std::move(record));
  }
  return publication;
}

}  // namespace helovet
