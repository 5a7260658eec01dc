// Check rmx: RMX records in their TXT form (RMX-04 §3, §4, §6.2, §7; docs/rules.md §11.4).
#ifndef HELOVET_CORE_CHECKS_RMX_H_
#define HELOVET_CORE_CHECKS_RMX_H_

#include "checks/sender_identity.h"
#include "dns/session_dns.h"
#include "helovet/result.h"
#include "loop/task.h"

namespace helovet {

// Lets the question for the domain's record leave at once.
void PrefetchRmx(const SenderIdentity& sender, SessionDns& dns);

// pass/designated (Granted), fail/denied (Denied), fail/not-designated (NotInRMX), none/no-record
// (NoRMX), permerror/malformed (BadData), temperror/dns (TempFail); none/no-sender without a
// sender's domain; permerror/name-too-long or alias-chain. The arguments must outlive the task.
[[nodiscard]] Task<CheckResult> CheckRmx(const SenderIdentity& sender, const IpAddress& client,
                                         SessionDns& dns);

}  // namespace helovet

#endif  // HELOVET_CORE_CHECKS_RMX_H_
