// Check local-list: the administrator's own allow and deny lists (CSV-02 §5.2; docs/rules.md §7).
#ifndef HELOVET_CORE_CHECKS_LOCAL_LIST_H_
#define HELOVET_CORE_CHECKS_LOCAL_LIST_H_

#include <optional>

#include "checks/helo.h"
#include "helovet/local_lists.h"
#include "helovet/result.h"
#include "helovet/session.h"
#include "helovet/verdict.h"

namespace helovet {

// fail/listed where the client's address or the sender's domain is denied, which needs no proof and
// no question; empty otherwise.
[[nodiscard]] std::optional<CheckResult> FindDenial(const Session& session,
                                                    const LocalLists& lists);

// All that the lists say of a session. A denial comes before everything: fail/listed. A HELO name
// counts once `proof` has it as the client's: fail/listed, pass/listed; until then
// neutral/not-verified or temperror/dns. An allowed sender domain counts where the HELO name is
// proven and is that domain or below it, for a stranger can write any. none/not-listed otherwise.
// The opinions tell the entries and their places.
[[nodiscard]] CheckResult CheckLocalList(const HeloFinding& helo, const Session& session,
                                         NameProof proof, const LocalLists& lists);

}  // namespace helovet

#endif  // HELOVET_CORE_CHECKS_LOCAL_LIST_H_
