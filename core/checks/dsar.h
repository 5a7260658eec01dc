// Check csa in the dialect of its forerunner (DSAR-00 §3, §4; docs/rules.md §4.7).
#ifndef HELOVET_CORE_CHECKS_DSAR_H_
#define HELOVET_CORE_CHECKS_DSAR_H_

#include <string_view>

#include "checks/helo.h"
#include "dns/session_dns.h"
#include "helovet/result.h"
#include "loop/task.h"

namespace helovet {

// DSAR-00 §4.1.1: what registers an SMTP client.
inline constexpr std::string_view kDsarMailRole = "client";
inline constexpr std::string_view kDsarMailApplication = "smtp";

// Lets leave at once what CheckDsar asks.
void PrefetchDsar(const DnsName& name, std::string_view role, std::string_view application,
                  SessionDns& dns);

// DSAR-00 §3.2.1: the one SRV record of `_role._application.name`. pass/authorized,
// fail/prohibited, none/undefined, none/no-record, permerror/malformed,
// permerror/multiple-records, permerror/name-too-long, permerror/alias-chain, temperror/dns. It
// speaks of the name alone, never of the host. `role` and `application`: host name labels of at
// most 62 octets, to which the underscore comes. The arguments must outlive the task.
[[nodiscard]] Task<CheckResult> CheckDsar(const DnsName& name, std::string_view role,
                                          std::string_view application, SessionDns& dns);

}  // namespace helovet

#endif  // HELOVET_CORE_CHECKS_DSAR_H_
