// The step from results to what the verdict says.
#ifndef HELOVET_CORE_ENGINE_JUDGEMENT_H_
#define HELOVET_CORE_ENGINE_JUDGEMENT_H_

#include "helovet/config.h"
#include "helovet/verdict.h"

namespace helovet {

// Has policy judge the checks of `verdict`, its proof of the name and its recipient, and writes
// what comes of it into `verdict`.
void ApplyJudgement(const Config& config, Verdict& verdict);

}  // namespace helovet

#endif  // HELOVET_CORE_ENGINE_JUDGEMENT_H_
