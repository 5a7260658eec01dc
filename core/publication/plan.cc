#include "publication/plan.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "checks/csa.h"
#include "dns/presentation.h"
#include "dns/record_data.h"
#include "publication/published_name.h"
#include "publication/zone_text.h"

namespace helovet {
namespace {

constexpr std::size_t kUsefulAccreditors = 6;     // BCP, "Managing sending SMTP clients"
constexpr std::uint32_t kLongTtl = 24 * 60 * 60;  // Seconds.
constexpr std::size_t kTopLevelLabels = 1;
constexpr std::string_view kReverseTop = "arpa";

// Empty: none.
using Mistake = std::optional<PlanRemark>;

PlanRemark Remark(PlanPart part, std::string_view value, std::string message) {
  return {part, std::string(value), std::move(message)};
}

Mistake ReadNames(PlanPart part, const std::vector<std::string>& texts, NameKind kind,
                  std::vector<DnsName>& names) {
  for (const std::string& text : texts) {
    const auto name = ReadPublishedName(text, kind);
    if (!name) return Remark(part, text, name.error());
    if (std::find(names.begin(), names.end(), *name) == names.end()) names.push_back(*name);
  }
  return std::nullopt;
}

Mistake ReadAddresses(PlanPart part, const PlannedHost& planned, NamedHost& host) {
  for (const std::string& text : planned.addresses) {
    const auto address = ReadPublishedAddress(text);
    if (!address) return Remark(part, text, address.error());
    auto& known = host.addresses;
    if (std::find(known.begin(), known.end(), *address) == known.end()) known.push_back(*address);
  }
  return std::nullopt;
}

// A host that is given twice has the addresses of both.
Mistake ReadHosts(PlanPart part, const std::vector<PlannedHost>& planned, NameKind kind,
                  std::vector<NamedHost>& hosts) {
  for (const PlannedHost& each : planned) {
    const auto name = ReadPublishedName(each.name, kind);
    if (!name) return Remark(part, each.name, name.error());
    auto host = std::find_if(hosts.begin(), hosts.end(),
                             [&name](const NamedHost& known) { return known.name == *name; });
    if (host == hosts.end()) host = hosts.insert(host, NamedHost{*name, {}});
    if (Mistake mistake = ReadAddresses(part, each, *host)) return mistake;
  }
  return std::nullopt;
}

Mistake ReadParts(const PublicationPlan& plan, ReadPlan& read) {
  Mistake mistake = ReadHosts(PlanPart::kHosts, plan.hosts, NameKind::kHost, read.hosts);
  const auto add = [&mistake](PlanPart part, const auto& texts, NameKind kind, auto& names) {
    if (!mistake) mistake = ReadNames(part, texts, kind, names);
  };
  add(PlanPart::kNoMail, plan.no_mail, NameKind::kDomain, read.no_mail);
  add(PlanPart::kExplicit, plan.explicit_domains, NameKind::kDomain, read.explicit_domains);
  add(PlanPart::kAccreditors, plan.accreditors, NameKind::kService, read.accreditors);
  add(PlanPart::kDmp, plan.dmp, NameKind::kDomain, read.dmp);
  add(PlanPart::kSpf, plan.spf, NameKind::kDomain, read.spf);
  add(PlanPart::kDrip, plan.drip, NameKind::kDomain, read.drip);
  return mistake;
}

bool Holds(const std::vector<DnsName>& names, const DnsName& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Mistake JudgeHosts(const ReadPlan& read) {
  for (const NamedHost& host : read.hosts) {
    const std::string name = host.name.ToString();
    if (host.addresses.empty()) return Remark(PlanPart::kHosts, name, "has no address");
    if (Holds(read.no_mail, host.name)) {
      return Remark(PlanPart::kNoMail, name, "is among the hosts that send mail, too");
    }
  }
  if (read.hosts.empty() && !read.accreditors.empty()) {
    return Remark(PlanPart::kAccreditors, read.accreditors.front().ToString(),
                  "has no host to vouch for");
  }
  return std::nullopt;
}

// Records that designate nobody would have all mail refused; so that must be meant.
Mistake JudgeDesignations(PlanPart part, const std::vector<DnsName>& domains,
                          const ReadPlan& read) {
  for (const DnsName& domain : domains) {
    const bool has_hosts =
        part == PlanPart::kDrip
            ? std::any_of(read.hosts.begin(), read.hosts.end(),
                          [&domain](const auto& host) { return host.name.IsWithin(domain); })
            : !read.hosts.empty();
    if (has_hosts || Holds(read.no_mail, domain)) continue;
    return Remark(part, domain.ToString(),
                  part == PlanPart::kDrip
                      ? "has no host at or below it, and is not said to send no mail"
                      : "has no host to send its mail, and is not said to send none");
  }
  return std::nullopt;
}

Mistake JudgeTtl(std::uint32_t ttl) {
  if (ttl >= 1 && ttl <= kMaxTtl) return std::nullopt;
  return Remark(PlanPart::kTtl, std::to_string(ttl), "is not from 1 to 2147483647 (RFC 2181 8)");
}

Mistake JudgeInside(PlanPart part, const std::vector<DnsName>& names, const DnsName& apex) {
  for (const DnsName& name : names) {
    if (name.IsWithin(apex)) continue;
    return Remark(part, name.ToString(), "is not in the zone " + apex.ToString());
  }
  return std::nullopt;
}

// The names of a zone of addresses are elsewhere; it has the PTR records alone.
bool HasAddresses(const DnsName& apex) { return apex.LastLabels(1).ToString() == kReverseTop; }

Mistake JudgeNames(const ReadPlan& read, const DnsName& apex) {
  if (HasAddresses(apex)) return std::nullopt;
  std::vector<DnsName> hosts;
  for (const NamedHost& host : read.hosts) hosts.push_back(host.name);
  Mistake mistake;
  const auto judge = [&mistake, &apex](PlanPart part, const std::vector<DnsName>& names) {
    if (!mistake) mistake = JudgeInside(part, names, apex);
  };
  judge(PlanPart::kHosts, hosts);
  judge(PlanPart::kNoMail, read.no_mail);
  judge(PlanPart::kExplicit, read.explicit_domains);
  judge(PlanPart::kDmp, read.dmp);
  judge(PlanPart::kSpf, read.spf);
  judge(PlanPart::kDrip, read.drip);
  return mistake;
}

// DNA-02 §4: the accreditor's own name; the labels before it are ours to add.
Mistake JudgeAccreditors(const ReadPlan& read) {
  for (const DnsName& accreditor : read.accreditors) {
    const std::string name = accreditor.ToString();
    if (!name.starts_with("_vouch._smtp.")) continue;
    return Remark(PlanPart::kAccreditors, name, "is to be written without _vouch._smtp.");
  }
  return std::nullopt;
}

// All addresses of a host's name are those that it sends from (CSA-02 §4).
Mistake JudgeServerOfMail(const NamedHost& server, const ReadPlan& read) {
  const NamedHost* const host = FindHost(read.hosts, server.name);
  if (host == nullptr) return std::nullopt;
  for (const IpAddress& address : server.addresses) {
    const auto& known = host->addresses;
    if (std::find(known.begin(), known.end(), address) != known.end()) continue;
    return Remark(PlanPart::kNameservers, server.name.ToString(),
                  "sends mail, too, and " + address.ToString() + " is not one of its addresses");
  }
  return std::nullopt;
}

Mistake JudgeNameservers(const ReadPlan& read, const DnsName& apex) {
  for (const NamedHost& server : read.nameservers) {
    const std::string name = server.name.ToString();
    if (!server.name.IsWithin(apex)) {
      if (server.addresses.empty()) continue;
      return Remark(PlanPart::kNameservers, name,
                    "is not in the zone " + apex.ToString() + ", which cannot have its addresses");
    }
    if (Mistake mistake = JudgeServerOfMail(server, read)) return mistake;
    if (server.addresses.empty() && FindHost(read.hosts, server.name) == nullptr) {
      return Remark(PlanPart::kNameservers, name, "is in the zone and needs an address");
    }
  }
  return std::nullopt;
}

Mistake ReadZone(const PublicationPlan::Zone& zone, ReadPlan& read) {
  const auto apex = ReadPublishedName(zone.apex, NameKind::kZone);
  if (!apex) return Remark(PlanPart::kApex, zone.apex, apex.error());
  if (apex->is_root()) return Remark(PlanPart::kApex, zone.apex, "is the root");
  read.apex = *apex;
  Mistake mistake =
      ReadHosts(PlanPart::kNameservers, zone.nameservers, NameKind::kDomain, read.nameservers);
  if (!mistake) mistake = JudgeNames(read, *apex);
  if (!mistake) mistake = JudgeNameservers(read, *apex);
  return mistake;
}

bool IsEmpty(const ReadPlan& read) {
  return read.hosts.empty() && read.no_mail.empty() && read.explicit_domains.empty() &&
         read.dmp.empty() && read.spf.empty() && read.drip.empty();
}

Mistake ReadAll(const PublicationPlan& plan, ReadPlan& read) {
  Mistake mistake = ReadParts(plan, read);
  if (!mistake) mistake = JudgeHosts(read);
  if (!mistake) mistake = JudgeAccreditors(read);
  if (!mistake) mistake = JudgeDesignations(PlanPart::kDmp, read.dmp, read);
  if (!mistake) mistake = JudgeDesignations(PlanPart::kSpf, read.spf, read);
  if (!mistake) mistake = JudgeDesignations(PlanPart::kDrip, read.drip, read);
  if (!mistake) mistake = JudgeTtl(plan.ttl);
  if (!mistake && plan.zone) mistake = ReadZone(*plan.zone, read);
  if (!mistake && IsEmpty(read)) mistake = Remark(PlanPart::kWhole, "", "has nothing to publish");
  return mistake;
}

// BCP, "Managing sending SMTP clients".
void WarnOfManyHosts(const NamedHost& host, std::vector<PlanRemark>& warnings) {
  const auto v4 = std::count_if(host.addresses.begin(), host.addresses.end(),
                                [](const IpAddress& address) { return address.is_v4(); });
  const auto v6 = static_cast<std::ptrdiff_t>(host.addresses.size()) - v4;
  if (v4 <= 1 && v6 <= 1) return;
  warnings.push_back(Remark(PlanPart::kHosts, host.name.ToString(),
                            "has " + std::to_string(std::max(v4, v6)) +
                                " addresses of one family: if that is one name for many hosts, "
                                "give each a name of its own"));
}

void WarnOfHosts(const ReadPlan& read, std::vector<PlanRemark>& warnings) {
  for (const NamedHost& host : read.hosts) {
    WarnOfManyHosts(host, warnings);
    for (const IpAddress& address : host.addresses) {
      if (const auto why = WhyNeverSeen(address)) {
        warnings.push_back(
            Remark(PlanPart::kHosts, address.ToString(), *why + ": receivers see another address"));
      }
    }
  }
}

void WarnOfExplicit(const ReadPlan& read, std::vector<PlanRemark>& warnings) {
  for (const DnsName& domain : read.explicit_domains) {
    const std::size_t labels = domain.label_count();
    std::string message;
    if (labels <= kTopLevelLabels) message = "is a top-level domain, which nobody asks (CSA-02 7)";
    if (labels > kDeepestExplicitLabels) {
      message = "has more than six labels: nobody asks so deep for what holds below (CSA-02 6)";
    }
    if (message.empty()) continue;
    warnings.push_back(Remark(PlanPart::kExplicit, domain.ToString(), std::move(message)));
  }
}

void WarnOfAll(const PublicationPlan& plan, const ReadPlan& read,
               std::vector<PlanRemark>& warnings) {
  WarnOfHosts(read, warnings);
  WarnOfExplicit(read, warnings);
  if (read.accreditors.size() > kUsefulAccreditors) {
    warnings.push_back(Remark(PlanPart::kAccreditors,
                              read.accreditors[kUsefulAccreditors].ToString(),
                              "is one more than the six that receivers ask"));
  }
  if (plan.ttl > kLongTtl) {
    warnings.push_back(Remark(PlanPart::kTtl, std::to_string(plan.ttl),
                              "is more than a day: a change takes as long"));
  }
  if (read.apex && read.nameservers.empty()) {
    warnings.push_back(Remark(PlanPart::kNameservers, read.apex->ToString(),
                              "has no name server: with localhost it is good for trying alone"));
  }
}

}  // namespace

std::optional<std::uint32_t> ParseTtl(std::string_view text) { return ParsePeriod(text, kMaxTtl); }

tl::expected<ReadPlan, PlanRemark> ReadPlanOf(const PublicationPlan& plan,
                                              std::vector<PlanRemark>& warnings) {
  ReadPlan read;
  if (Mistake mistake = ReadAll(plan, read)) return tl::make_unexpected(*std::move(mistake));
  WarnOfAll(plan, read, warnings);
  return read;
}

const NamedHost* FindHost(const std::vector<NamedHost>& hosts, const DnsName& name) {
  const auto found = std::find_if(hosts.begin(), hosts.end(),
                                  [&name](const NamedHost& host) { return host.name == name; });
  return found == hosts.end() ? nullptr : &*found;
}

}  // namespace helovet
