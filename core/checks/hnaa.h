// Checks forward, iprev, reverse-match and well-known: is this host that name? (DSAR-00 §3.2,
// RFC 8601 §2.7.3, §3; CSV-02 appendix B; docs/rules.md §5)
#ifndef HELOVET_CORE_CHECKS_HNAA_H_
#define HELOVET_CORE_CHECKS_HNAA_H_

#include "checks/helo.h"
#include "dns/session_dns.h"
#include "helovet/config.h"
#include "helovet/result.h"
#include "loop/task.h"

namespace helovet {

// Lets leave at once what these checks ask first.
void PrefetchHnaa(const HeloFinding& helo, const IpAddress& client, SessionDns& dns);

// pass/matched: an A or AAAA record of the HELO name is the client. neutral/not-matched,
// temperror/dns, or permerror/alias-chain otherwise; none/no-name without a name. The arguments
// must outlive the task.
[[nodiscard]] Task<CheckResult> CheckForward(const HeloFinding& helo, const IpAddress& client,
                                             SessionDns& dns);

struct IprevFinding {
  CheckResult result;
  // One of the confirmed names is the HELO name.
  bool confirms_helo = false;
};

// RFC 8601 §3: pass/confirmed, fail/not-confirmed, permerror/no-ptr, temperror/dns, and
// permerror/alias-chain for the PTR question. The names are the first kMaxPtrRecords. A name whose
// addresses could not be asked makes temperror only when no other name is confirmed. The evidence
// of a pass ends with the addresses of the name that is confirmed. Needs no HELO name. The
// arguments must outlive the task.
[[nodiscard]] Task<IprevFinding> CheckIprev(const HeloFinding& helo, const IpAddress& client,
                                            SessionDns& dns);

// DSAR-00 §3.1.2: pass/matched when one of the same PTR names, confirmed or not, is the HELO name;
// neutral/not-matched, none/no-name, temperror/dns or permerror/alias-chain otherwise. The
// arguments must outlive the task.
[[nodiscard]] Task<CheckResult> CheckReverseMatch(const HeloFinding& helo, const IpAddress& client,
                                                  SessionDns& dns);

// DSAR-00 §3.2.2: pass/listed when the HELO name is a domain of `settings` or below one,
// none/not-listed, none/no-name.
[[nodiscard]] CheckResult CheckWellKnown(const HeloFinding& helo,
                                         const Config::WellKnown& settings);

}  // namespace helovet

#endif  // HELOVET_CORE_CHECKS_HNAA_H_
