// The profile behind a verdict.
#ifndef HELOVET_CORE_RENDER_PROFILE_H_
#define HELOVET_CORE_RENDER_PROFILE_H_

#include "helovet/config.h"
#include "helovet/session.h"

namespace helovet {

// That of the recipient's domain, or of all (docs/rules.md §10).
[[nodiscard]] Profile ProfileOf(const Session& session, const Config& config);

}  // namespace helovet

#endif  // HELOVET_CORE_RENDER_PROFILE_H_
