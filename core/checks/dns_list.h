// Checks address-list and name-list: reputation over DNS (RFC 5782, RFC 8904; docs/rules.md §7).
#ifndef HELOVET_CORE_CHECKS_DNS_LIST_H_
#define HELOVET_CORE_CHECKS_DNS_LIST_H_

#include <vector>

#include "checks/helo.h"
#include "dns/session_dns.h"
#include "helovet/config.h"
#include "helovet/result.h"
#include "loop/task.h"

namespace helovet {

// Lets leave at once all questions to the lists of addresses, and of names. The checks by
// themselves ask one list after the other.
void PrefetchAddressLists(const IpAddress& client, const std::vector<DnsList>& lists,
                          SessionDns& dns);
void PrefetchNameLists(const HeloFinding& helo, const std::vector<DnsList>& lists, SessionDns& dns);

// The worst rating of all lists: fail/listed for D and E, pass/listed for A and B, neutral/listed
// for C, with authority and rating; neutral/unmapped-code; none/not-listed. Where no list rates the
// client and one could not be used: temperror/list-error, temperror/dns or permerror/alias-chain.
// One opinion for each list, in the order of zones. To be called only with lists. The arguments
// must outlive the task.
[[nodiscard]] Task<CheckResult> CheckAddressLists(const IpAddress& client,
                                                  const std::vector<DnsList>& lists,
                                                  SessionDns& dns);

// The same for the HELO name; none/no-name without one, permerror/name-too-long where no list could
// be asked for that reason.
[[nodiscard]] Task<CheckResult> CheckNameLists(const HeloFinding& helo,
                                               const std::vector<DnsList>& lists, SessionDns& dns);

}  // namespace helovet

#endif  // HELOVET_CORE_CHECKS_DNS_LIST_H_
