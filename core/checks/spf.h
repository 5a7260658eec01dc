// Checks spf-helo and spf: Sender Policy Framework (RFC 7208; docs/rules.md §11.5).
#ifndef HELOVET_CORE_CHECKS_SPF_H_
#define HELOVET_CORE_CHECKS_SPF_H_

#include <chrono>
#include <string>

#include "checks/helo.h"
#include "checks/sender_identity.h"
#include "dns/session_dns.h"
#include "helovet/config.h"
#include "helovet/result.h"
#include "loop/task.h"

namespace helovet {

// What macros need beside the identities (RFC 7208 §7.2).
struct SpfContext {
  std::string helo = {};      // The HELO argument as it was sent: "%{h}".
  std::string receiver = {};  // Our own name, for "%{r}" in explanations. Empty: "unknown".
  std::chrono::system_clock::time_point now{};  // "%{t}".
};

void PrefetchSpfHelo(const HeloFinding& helo, SessionDns& dns);
void PrefetchSpf(const SenderIdentity& sender, SessionDns& dns);

// check_host() for the HELO identity (RFC 7208 §2.3). none/no-name for what is no domain name. The
// arguments must outlive the task.
[[nodiscard]] Task<CheckResult> CheckSpfHelo(const HeloFinding& helo, const IpAddress& client,
                                             const SpfContext& context, const Config::Spf& settings,
                                             SessionDns& dns);

// check_host() for the MAIL FROM identity (RFC 7208 §2.4); for the null sender that of
// postmaster@HELO. none/no-sender where there is no domain. The arguments must outlive the task.
[[nodiscard]] Task<CheckResult> CheckSpf(const HeloFinding& helo, const SenderIdentity& sender,
                                         const IpAddress& client, const SpfContext& context,
                                         const Config::Spf& settings, SessionDns& dns);

}  // namespace helovet

#endif  // HELOVET_CORE_CHECKS_SPF_H_
