// What the checks' results add up to, and the action a profile makes of it (docs/rules.md §7).
#ifndef HELOVET_CORE_POLICY_POLICY_H_
#define HELOVET_CORE_POLICY_POLICY_H_

#include <optional>
#include <span>

#include "helovet/config.h"
#include "helovet/result.h"
#include "helovet/session.h"
#include "helovet/verdict.h"

namespace helovet {

// Why `session` is exempt from every check (docs/rules.md §1), or empty.
[[nodiscard]] std::optional<Reason> Exemption(const Session& session, const Config& config);

struct Findings {
  std::span<const CheckResult> checks;
  bool iprev_confirms_helo = false;
};

struct Judgement {
  Trust trust;
  Action action;
  Decision decided_by;
  bool authenticated;
};

// Pure. Temporary failures never give low trust and never reject.
[[nodiscard]] Judgement Judge(const Findings& findings, Profile profile);

}  // namespace helovet

#endif  // HELOVET_CORE_POLICY_POLICY_H_
