// The step from results to what the verdict says.
#ifndef HELOVET_CORE_ENGINE_JUDGEMENT_H_
#define HELOVET_CORE_ENGINE_JUDGEMENT_H_

#include <span>
#include <vector>

#include "helovet/config.h"
#include "helovet/verdict.h"

namespace helovet {

// What csa is: CSA-02, or its forerunner DSAR-00, which knows nothing but names.
[[nodiscard]] inline bool FollowsDsar(const Config& config) {
  return config.csa.dialect == Config::CsaDialect::kDsar00;
}

// Keeps the order of CheckId, and one result for each.
void Put(CheckResult result, std::vector<CheckResult>& checks);

// The proof of the name as the local lists may take it: under the dialect of 2004 a name whose
// record does not hold is none (DSAR-00 §4.1), so no list can have it.
[[nodiscard]] NameProof ProofForLists(NameProof proof, std::span<const CheckResult> checks,
                                      const Config& config);

// Has policy judge the checks of `verdict`, its proof of the name and its recipient, and writes
// what comes of it into `verdict`.
void ApplyJudgement(const Config& config, Verdict& verdict);

// The same where a stage has ended: what it makes unnecessary is taken out first.
void Settle(const Config& config, Verdict& verdict);

}  // namespace helovet

#endif  // HELOVET_CORE_ENGINE_JUDGEMENT_H_
