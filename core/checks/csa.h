// Check csa: Client SMTP Authorization (CSA-02 §4, §5, §7; docs/rules.md §4).
#ifndef HELOVET_CORE_CHECKS_CSA_H_
#define HELOVET_CORE_CHECKS_CSA_H_

#include <cstddef>

#include "checks/helo.h"
#include "dns/session_dns.h"
#include "helovet/config.h"
#include "helovet/result.h"
#include "loop/task.h"

namespace helovet {

inline constexpr std::size_t kDeepestExplicitLabels = 6;  // CSA-02 §6: no deeper than the sixth.
inline constexpr std::size_t kMaxTargets = 4;  // Targets asked for addresses, docs/rules.md §4.4.

struct CsaFinding {
  CheckResult result;
  // A record of weight 3 authorises the name but leaves the proof of the host to other means
  // (CSA-02 §5), and no match at a weight-2 target has settled the matter.
  bool authorizes_elsewhere = false;
};

// Lets leave at once everything that CheckCsa is likely to ask: the SRV of the name, the addresses
// of the name (its usual target), the SRV of every parent.
void PrefetchCsa(const HeloFinding& helo, const IpAddress& client, const Config::Csa& settings,
                 SessionDns& dns);

// The procedure of CSA-02 §4. `helo`, `client`, `settings` and `dns` must outlive the task.
[[nodiscard]] Task<CsaFinding> CheckCsa(const HeloFinding& helo, const IpAddress& client,
                                        const Config::Csa& settings, SessionDns& dns);

// docs/rules.md §4.4, weight 3: neutral/target-ignored becomes pass/authenticated-elsewhere when
// iprev has confirmed the HELO name itself.
[[nodiscard]] CheckResult RaiseByIprev(CsaFinding csa, bool iprev_confirms_helo);

}  // namespace helovet

#endif  // HELOVET_CORE_CHECKS_CSA_H_
