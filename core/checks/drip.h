// Check drip: the Designated Relays Inquiry Protocol (DRIP-02 §3, §4; docs/rules.md §11.3).
#ifndef HELOVET_CORE_CHECKS_DRIP_H_
#define HELOVET_CORE_CHECKS_DRIP_H_

#include <optional>

#include "checks/helo.h"
#include "dns/session_dns.h"
#include "helovet/result.h"
#include "loop/task.h"

namespace helovet {

// For the record of `name` that designates `client`, DRIP-02 §3.3, §3.4. Empty where its name would
// be too long.
[[nodiscard]] std::optional<DnsQuestion> DripQuestion(const DnsName& name, const IpAddress& client);

// Lets the name's own question leave at once.
void PrefetchDrip(const HeloFinding& helo, const IpAddress& client, SessionDns& dns);

// pass/designated, fail/not-designated or fail/parent-participates, none/not-participating,
// none/no-name, temperror/dns, permerror/name-too-long or alias-chain. The arguments must outlive
// the task.
[[nodiscard]] Task<CheckResult> CheckDrip(const HeloFinding& helo, const IpAddress& client,
                                          SessionDns& dns);

}  // namespace helovet

#endif  // HELOVET_CORE_CHECKS_DRIP_H_
