// From the arguments of an expansion to its text.
#ifndef HELOVET_EXIM_DLFUNC_ANSWER_H_
#define HELOVET_EXIM_DLFUNC_ANSWER_H_

#include <string>

#include "arguments.h"
#include "session_cache.h"
#include "tl/expected.hpp"

namespace helovet {

// What `helovet` expands to: RenderKeyValues of the verdict. Where no verdict can be reached, for a
// wrong option or a configuration that cannot be used, it is that of a verdict which lets the
// session go on, csa=temperror, with one key more: `error`. The error of the return value is for
// arguments that are no session, in one printable line.
[[nodiscard]] tl::expected<std::string, std::string> AnswerHelovet(Arguments arguments,
                                                                   SessionCache& cache);

// What `helovet_csa` expands to: "ok", "fail", "defer" or "unknown", the values of Exim's
// $csa_status.
[[nodiscard]] tl::expected<std::string, std::string> AnswerCsa(Arguments arguments,
                                                               SessionCache& cache);

// Reads the configuration that `arguments` (of helovet_preload, after the first) name, so that the
// processes forked from this one have it.
void Preload(Arguments arguments, SessionCache& cache);

}  // namespace helovet

#endif  // HELOVET_EXIM_DLFUNC_ANSWER_H_
