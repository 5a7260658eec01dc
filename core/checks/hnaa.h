// Checks forward and iprev: is this host that name? (RFC 8601 §2.7.3, §3; CSV-02 appendix B;
// docs/rules.md §5)
#ifndef HELOVET_CORE_CHECKS_HNAA_H_
#define HELOVET_CORE_CHECKS_HNAA_H_

#include <cstddef>

#include "checks/helo.h"
#include "dns/session_dns.h"
#include "helovet/result.h"
#include "loop/task.h"

namespace helovet {

// PTR names that are looked up, the first in canonical name order; RFC 7208 §4.6.4 has the same
// bound.
inline constexpr std::size_t kMaxPtrNames = 10;

// Lets leave at once what both checks ask first.
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
// permerror/alias-chain for the PTR question. A name whose addresses could not be asked makes
// temperror only when no other name is confirmed. Needs no HELO name. The arguments must outlive
// the task.
[[nodiscard]] Task<IprevFinding> CheckIprev(const HeloFinding& helo, const IpAddress& client,
                                            SessionDns& dns);

}  // namespace helovet

#endif  // HELOVET_CORE_CHECKS_HNAA_H_
