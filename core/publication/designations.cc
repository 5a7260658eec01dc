#include "publication/designations.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "checks/dmp.h"
#include "checks/drip.h"

namespace helovet {
namespace {

constexpr std::string_view kDmpLabel = "_smtp-client";  // DMP-01 §4
constexpr std::string_view kDmpParticipates = "dmp=";
constexpr std::string_view kDmpAllow = "dmp=allow";
constexpr std::string_view kDmpDeny = "dmp=deny";

// The wildcard beside `name`, under its first label's parent. Empty where there is no name.
std::optional<DnsName> WildcardBeside(const std::optional<DnsName>& name) {
  if (!name) return std::nullopt;
  return name->LastLabels(name->label_count() - 1).WithPrefix("*");
}

std::optional<DnsName> OwnerOf(const std::optional<DnsQuestion>& question) {
  if (!question) return std::nullopt;
  return question->name;
}

// Unspecified, which designates nobody (DRIP-02 §3.2).
IpAddress Nobody(bool v4) { return v4 ? IpAddress::FromV4({}) : IpAddress::FromV6({}); }

void AddDripDefault(const DnsName& name, RecordList& records) {
  for (const bool v4 : {true, false}) {
    const IpAddress nobody = Nobody(v4);
    records.AddAddress(WildcardBeside(OwnerOf(DripQuestion(name, nobody))), nobody);
  }
}

// The name itself and each host below it: with a parent that takes part, a host without records of
// its own is refused (DRIP-02 §4.3).
void AddDrip(const ReadPlan& plan, const DnsName& name, RecordList& records) {
  records.Begin(PlanPart::kDrip, name,
                "who says " + name.ToString() +
                    ", or a name below it, in HELO is a relay named here (DRIP-02 3)");
  AddDripDefault(name, records);
  for (const NamedHost& host : plan.hosts) {
    if (!host.name.IsWithin(name)) continue;
    AddDripDefault(host.name, records);
    for (const IpAddress& address : host.addresses) {
      records.AddAddress(OwnerOf(DripQuestion(host.name, address)), address);
    }
  }
}

// A wildcard reaches no further than the next name that exists (RFC 4592 §2.2.3). So where an IPv4
// address is allowed each name on the way to it has one. For IPv6 those would be 31 a host, and are
// left out: whoever takes part and does not allow an address denies it (DMP-01 §5).
void AddDmpDenials(const DnsName& top, const DnsName& entry, RecordList& records) {
  for (std::size_t labels = entry.label_count(); labels > top.label_count() + 1; --labels) {
    records.Add(WildcardBeside(entry.LastLabels(labels)), DnsType::kTxt, std::string(kDmpDeny));
  }
}

// `hosts` alone are clients of `domain`.
void AddDmpEntries(const DnsName& domain, std::span<const NamedHost> hosts, RecordList& records) {
  const std::optional<DnsName> top = domain.WithPrefix(kDmpLabel);
  records.Add(top, DnsType::kTxt, std::string(kDmpParticipates));
  if (!top) return;
  records.Add(top->WithPrefix("*"), DnsType::kTxt, std::string(kDmpDeny));
  for (const NamedHost& host : hosts) {
    for (const IpAddress& address : host.addresses) {
      const std::optional<DnsName> entry = OwnerOf(DmpEntryQuestion(domain, address));
      records.Add(entry, DnsType::kTxt, std::string(kDmpAllow));
      if (entry && address.is_v4()) AddDmpDenials(*top, *entry, records);
    }
  }
}

// Each host has records of its own, too: of null senders, and of mail that it forwards, its name is
// asked about (DMP-01 §4, §5.3, §5.4).
void AddDmp(const ReadPlan& plan, const DnsName& domain, RecordList& records) {
  records.Begin(PlanPart::kDmp, domain,
                "mail of " + domain.ToString() + " comes from these addresses alone (DMP-01 4)");
  AddDmpEntries(domain, plan.hosts, records);
  for (const NamedHost& host : plan.hosts) {
    const bool has_its_own =
        std::find(plan.dmp.begin(), plan.dmp.end(), host.name) != plan.dmp.end();
    if (has_its_own || !host.name.IsWithin(domain)) continue;
    const std::string name = host.name.ToString();
    records.Begin(PlanPart::kDmp, host.name,
                  "what " + name + " sends for nobody, or forwards, comes from these (DMP-01 4)");
    AddDmpEntries(host.name, std::span(&host, 1), records);
  }
}

// RFC 7208 §5.6: every address of a host, whatever its name.
std::string SpfOfHosts(const std::vector<NamedHost>& hosts) {
  std::string text = "v=spf1";
  std::vector<IpAddress> named;
  for (const NamedHost& host : hosts) {
    for (const IpAddress& address : host.addresses) {
      if (std::find(named.begin(), named.end(), address) != named.end()) continue;
      named.push_back(address);
      text += (address.is_v4() ? " ip4:" : " ip6:") + address.ToString();
    }
  }
  return text + " -all";
}

// The names below have records of their own, which count for the HELO name and in notifications
// (RFC 7208 §2.3, §2.4, §10.1.3).
void AddSpf(const ReadPlan& plan, const DnsName& domain, RecordList& records) {
  records.Begin(PlanPart::kSpf, domain,
                "mail of " + domain.ToString() + " comes from these addresses alone (RFC 7208)");
  records.Add(domain, DnsType::kTxt, SpfOfHosts(plan.hosts));
  const auto is_below = [&](const DnsName& name) {
    const bool has_its_own = std::find(plan.spf.begin(), plan.spf.end(), name) != plan.spf.end();
    return name.IsWithin(domain) && !has_its_own;
  };
  for (const NamedHost& host : plan.hosts) {
    if (!is_below(host.name)) continue;
    records.Add(host.name, DnsType::kTxt, std::string("v=spf1 a -all"));
  }
  for (const DnsName& name : plan.no_mail) {
    if (is_below(name)) records.Add(name, DnsType::kTxt, std::string("v=spf1 -all"));
  }
}

}  // namespace

void AddDesignations(const ReadPlan& plan, RecordList& records) {
  for (const DnsName& name : plan.drip) AddDrip(plan, name, records);
  for (const DnsName& domain : plan.dmp) AddDmp(plan, domain, records);
  for (const DnsName& domain : plan.spf) AddSpf(plan, domain, records);
}

}  // namespace helovet
