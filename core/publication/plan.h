// A plan whose names and addresses have been read.
#ifndef HELOVET_CORE_PUBLICATION_PLAN_H_
#define HELOVET_CORE_PUBLICATION_PLAN_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "dns/name.h"
#include "helovet/ip_address.h"
#include "helovet/publication.h"
#include "tl/expected.hpp"

namespace helovet {

struct NamedHost {
  DnsName name;
  std::vector<IpAddress> addresses;  // Each once, as they were given.
};

// PublicationPlan, each name once; some may still be too long for what stands before them in
// records.
struct ReadPlan {
  std::vector<NamedHost> hosts = {};
  std::vector<DnsName> no_mail = {};
  std::vector<DnsName> explicit_domains = {};
  std::vector<DnsName> accreditors = {};
  std::vector<DnsName> dmp = {};
  std::vector<DnsName> spf = {};
  std::vector<DnsName> drip = {};
  std::optional<DnsName> apex = {};  // None: no whole zone.
  std::vector<NamedHost> nameservers = {};
};

// Unexpected: the first part that cannot be published. Adds to `warnings` what is unwise.
[[nodiscard]] tl::expected<ReadPlan, PlanRemark> ReadPlanOf(const PublicationPlan& plan,
                                                            std::vector<PlanRemark>& warnings);

// The host of that name; null: there is none.
[[nodiscard]] const NamedHost* FindHost(const std::vector<NamedHost>& hosts, const DnsName& name);

}  // namespace helovet

#endif  // HELOVET_CORE_PUBLICATION_PLAN_H_
