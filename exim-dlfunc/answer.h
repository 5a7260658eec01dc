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

// Removes the Authentication-Results fields that claim to be ours from the message that Exim has
// received: what `helovet_remove_forged` does. Those of others stay as they are, where they are.
// Where nobody knows our authserv-id, because the configuration cannot be used, all go. Returns how
// many went.
[[nodiscard]] std::string RemoveForgedResults(Arguments arguments, SessionCache& cache);

// Reads the configuration that `arguments` (of helovet_preload, after the first) name, and its
// lists, so that the processes forked from this one have them. Called again it looks whether their
// files have changed.
void Preload(Arguments arguments, SessionCache& cache);

}  // namespace helovet

#endif  // HELOVET_EXIM_DLFUNC_ANSWER_H_
