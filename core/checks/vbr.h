// Check vbr: Vouch By Reference for the HELO name (RFC 5518 §5, §6; docs/rules.md §6.2).
#ifndef HELOVET_CORE_CHECKS_VBR_H_
#define HELOVET_CORE_CHECKS_VBR_H_

#include "checks/helo.h"
#include "dns/session_dns.h"
#include "helovet/config.h"
#include "helovet/result.h"
#include "loop/task.h"

namespace helovet {

// Lets leave at once the questions to all certifiers. CheckVbr by itself asks one after the other.
void PrefetchVbr(const HeloFinding& helo, const Config::Vbr& settings, SessionDns& dns);

// pass/vouched (with authority), none/not-vouched, none/no-name, temperror/dns; where no certifier
// could be asked at all, permerror/name-too-long or permerror/alias-chain. To be called only with
// certifiers in `settings`. One opinion for each, in canonical order of names. The arguments must
// outlive the task.
[[nodiscard]] Task<CheckResult> CheckVbr(const HeloFinding& helo, const Config::Vbr& settings,
                                         SessionDns& dns);

}  // namespace helovet

#endif  // HELOVET_CORE_CHECKS_VBR_H_
