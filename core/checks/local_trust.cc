#include "checks/local_trust.h"

#include <algorithm>
#include <string>

namespace helovet {

CheckResult CheckLocalTrust(const HeloFinding& helo, const Config::LocalTrust& settings) {
  CheckResult result = {
      .check = CheckId::kLocalTrust, .result = Result::kNone, .reason = Reason::kNoName};
  if (!helo.name) return result;

  const std::string name = helo.name->ToString();
  const bool listed =
      std::any_of(settings.names.begin(), settings.names.end(), [&name](const std::string& entry) {
        return entry.starts_with('.') ? name.ends_with(entry) : name == entry;
      });
  result.result = listed ? Result::kPass : Result::kNone;
  result.reason = listed ? Reason::kListed : Reason::kNotListed;
  return result;
}

}  // namespace helovet
