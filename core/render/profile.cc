#include "render/profile.h"

#include "checks/sender.h"
#include "policy/policy.h"

namespace helovet {

Profile ProfileOf(const Session& session, const Config& config) {
  return ProfileFor(config, DomainOfPath(session.recipient));
}

}  // namespace helovet
