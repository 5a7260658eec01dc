// Check dna: Domain Name Accreditation (DNA-02 §3 to §7; docs/rules.md §6.1).
#ifndef HELOVET_CORE_CHECKS_DNA_H_
#define HELOVET_CORE_CHECKS_DNA_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include "checks/helo.h"
#include "dns/session_dns.h"
#include "helovet/config.h"
#include "helovet/result.h"
#include "loop/task.h"

namespace helovet {

// Accreditors that the name's own PTR records may have us ask, after those that nobody here trusts
// are left out, in canonical name order. BCP, part 1: "half a dozen is probably a reasonable
// limit".
inline constexpr std::size_t kMaxNamedAccreditors = 6;

// DNA-02 §4, §7: the accreditor whose contact point `target` is. Empty for a name that does not
// begin with the prefix, and for the prefix alone.
[[nodiscard]] std::optional<DnsName> AccreditorOf(const DnsName& target);

// DNA-02 §6: <domain being checked>.<Accreditation Service>. Empty where that is too long.
[[nodiscard]] std::optional<DnsQuestion> ReportQuestion(const DnsName& name,
                                                        const DnsName& accreditor);

// DNA-02 §6: "MARID,1,A;anything". Empty for a string of another format, which must be ignored.
[[nodiscard]] std::optional<Rating> ReadReport(std::string_view report);

// Lets leave at once what CheckDna asks first: the PTR records of the HELO name, and the reports of
// the accreditors that are always asked. CheckDna itself leaves that to its caller.
void PrefetchDna(const HeloFinding& helo, const Config::Dna& settings, SessionDns& dns);

// pass/recommended, fail/not-recommended (with authority, rating and contact), none/unknown,
// none/no-name, temperror/dns, or permerror/alias-chain of the PTR question. To be called only with
// accreditors in `settings`. The opinions name every accreditor that was asked or named, in
// canonical order of names: pass/recommended, none/unknown or fail/not-recommended with a rating,
// none/unknown without a report, temperror/dns, permerror/alias-chain; skipped/unknown where nobody
// here trusts it or kMaxNamedAccreditors come before it, skipped/name-too-long where no question
// fits. The arguments must outlive the task.
[[nodiscard]] Task<CheckResult> CheckDna(const HeloFinding& helo, const Config::Dna& settings,
                                         SessionDns& dns);

}  // namespace helovet

#endif  // HELOVET_CORE_CHECKS_DNA_H_
