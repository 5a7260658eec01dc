#include "render/profile.h"

#include <optional>
#include <string>
#include <string_view>

#include "base/host_name.h"
#include "policy/policy.h"

namespace helovet {

Profile ProfileOf(const Session& session, const Config& config) {
  const std::size_t at = session.recipient.rfind('@');
  if (at == std::string::npos) return ProfileFor(config, std::nullopt);
  std::string domain = LowerCase(std::string_view(session.recipient).substr(at + 1));
  if (domain.ends_with('.')) domain.pop_back();
  return ProfileFor(config, domain);
}

}  // namespace helovet
