// Check helo: the name itself (RFC 5321 §2.3.5, §4.1.1.1, §4.1.3; docs/rules.md §3).
#ifndef HELOVET_CORE_CHECKS_HELO_H_
#define HELOVET_CORE_CHECKS_HELO_H_

#include <optional>

#include "dns/name.h"
#include "helovet/config.h"
#include "helovet/result.h"
#include "helovet/session.h"

namespace helovet {

struct HeloFinding {
  CheckResult result;
  // The name that the checks of the HELO name ask about; set for the reason `fqdn` alone.
  std::optional<DnsName> name = std::nullopt;
  // The address of a literal or a bare address, whosever it is; csa.reverse asks about it.
  std::optional<IpAddress> address = std::nullopt;
};

// Judges the argument of HELO without any query.
[[nodiscard]] HeloFinding CheckHelo(const Session& session, const Config& config);

}  // namespace helovet

#endif  // HELOVET_CORE_CHECKS_HELO_H_
