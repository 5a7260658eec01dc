// The names of a run, looked at many at a time.
#ifndef HELOVET_CORE_LINT_LINT_H_
#define HELOVET_CORE_LINT_LINT_H_

#include <cstddef>

#include "helovet/lint.h"
#include "lint/look.h"

namespace helovet {

// Looks under way at the same time. Ours: enough to wait for servers and not for each other, and
// few enough for the descriptors and the resolvers of a host.
inline constexpr std::size_t kLooksAtOnce = 32;

// Turns the loop of `sources` until all of `subjects` have been looked at; the first kMaxLintNames
// of them.
[[nodiscard]] LintReport LintSubjectsAndWait(const LintSources& sources,
                                             const LintSubjects& subjects);

}  // namespace helovet

#endif  // HELOVET_CORE_LINT_LINT_H_
