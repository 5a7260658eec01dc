// Check dmp: the Designated Mailers Protocol (DMP-01 §4, §5, §7, §9.3; docs/rules.md §11.2).
#ifndef HELOVET_CORE_CHECKS_DMP_H_
#define HELOVET_CORE_CHECKS_DMP_H_

#include <optional>

#include "checks/helo.h"
#include "checks/sender_identity.h"
#include "dns/session_dns.h"
#include "helovet/config.h"
#include "helovet/result.h"
#include "loop/task.h"

namespace helovet {

// For `domain`'s entry about `client`, DMP-01 §4: $REV-ADDRESS.$ADDRESS-TYPE._smtp-client.$DOMAIN.
// Empty where that is too long.
[[nodiscard]] std::optional<DnsQuestion> DmpEntryQuestion(const DnsName& domain,
                                                          const IpAddress& client);

// Lets leave at once what the check asks first.
void PrefetchDmp(const HeloFinding& helo, const SenderIdentity& sender, const IpAddress& client,
                 const Config::Dmp& settings, SessionDns& dns);

// The flowchart of DMP-01 §5.1. With a sender's domain: that domain, and after a denial or where
// it designates others the HELO name as alternative, whose pass is then the result. For the null
// sender and before MAIL FROM: the HELO name alone. CheckResult::identity says whose word decided.
// The arguments must outlive the task.
[[nodiscard]] Task<CheckResult> CheckDmp(const HeloFinding& helo, const SenderIdentity& sender,
                                         const IpAddress& client, const Config::Dmp& settings,
                                         SessionDns& dns);

}  // namespace helovet

#endif  // HELOVET_CORE_CHECKS_DMP_H_
