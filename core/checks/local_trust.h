// Check local-trust: names that the administrator vouches for (CSV-02 §5.2; docs/rules.md §6).
#ifndef HELOVET_CORE_CHECKS_LOCAL_TRUST_H_
#define HELOVET_CORE_CHECKS_LOCAL_TRUST_H_

#include "checks/helo.h"
#include "helovet/config.h"
#include "helovet/result.h"

namespace helovet {

// pass/listed when the HELO name is listed, none/not-listed when it is not, none/no-name without a
// name. It counts only for an authenticated client; policy/policy.h sees to that.
[[nodiscard]] CheckResult CheckLocalTrust(const HeloFinding& helo,
                                          const Config::LocalTrust& settings);

}  // namespace helovet

#endif  // HELOVET_CORE_CHECKS_LOCAL_TRUST_H_
