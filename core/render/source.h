// Where the rule behind a result stands.
#ifndef HELOVET_CORE_RENDER_SOURCE_H_
#define HELOVET_CORE_RENDER_SOURCE_H_

#include <string_view>

#include "helovet/result.h"
#include "helovet/verdict.h"

namespace helovet {

// As SourceOf, but of the result that the check has: some reasons stand for more than one.
[[nodiscard]] std::string_view SourceOf(const CheckResult& check);
// Whether keys, logs and texts tell of it: all that ran, and what says why it did not.
[[nodiscard]] bool IsTold(const CheckResult& check);
[[nodiscard]] std::string_view SourceOfDecision(const Verdict& verdict);

}  // namespace helovet

#endif  // HELOVET_CORE_RENDER_SOURCE_H_
