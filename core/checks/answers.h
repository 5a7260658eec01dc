// What several checks read out of DNS answers in the same way.
#ifndef HELOVET_CORE_CHECKS_ANSWERS_H_
#define HELOVET_CORE_CHECKS_ANSWERS_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "dns/session_dns.h"
#include "helovet/ip_address.h"
#include "helovet/result.h"
#include "loop/task.h"

namespace helovet {

// A result with its reason, before the evidence stands beside them.
struct Ruling {
  Result result = Result::kNone;
  Reason reason = Reason::kNoName;
};

// Of a TXT record that Opinion::text keeps: one may have 64 KiB, and what counts stands in front.
// Ours.
inline constexpr std::size_t kMaxReportOctets = 200;

// The question for the addresses of `name` in the family of `client`.
[[nodiscard]] DnsQuestion AddressQuestion(const DnsName& name, const IpAddress& client);

// The question for the names of `client`. Its network chooses them, so it goes on Share::kReverse.
[[nodiscard]] DnsQuestion PtrQuestion(const IpAddress& client);

// The names that the PTR records of `answer` hold, and those of the mail exchanges of its MX
// records: each once, in canonical order, without the root.
[[nodiscard]] std::vector<DnsName> NamesIn(const DnsAnswer& answer);

// An address record of `answer` is `client`.
[[nodiscard]] bool HoldsAddress(const DnsAnswer& answer, const IpAddress& client);

// `answer` has an address of the family of `client`, whichever.
[[nodiscard]] bool HoldsFamily(const DnsAnswer& answer, const IpAddress& client);

// temperror/dns or permerror/alias-chain for an answer that leaves open what the zone holds; empty
// for one that tells, absence included (docs/rules.md §4.1, §8).
[[nodiscard]] std::optional<Ruling> FailureOf(const DnsAnswer& answer);

// The parents of `name` that may speak for it, from the top down (docs/rules.md §4.5).
[[nodiscard]] std::vector<DnsName> ParentsOf(const DnsName& name);

// Asks about parents, all at once; which answer comes first changes nothing. The first of
// `questions` whose answer `decide` has a ruling for decides; without one it is `otherwise`, or
// what hindered an answer, a failure for now before others (docs/rules.md §4.5). Everything that is
// referred to must outlive the Task.
[[nodiscard]] Task<Ruling> AskParents(
    const std::vector<DnsQuestion>& questions, Ruling otherwise,
    absl::FunctionRef<std::optional<Ruling>(const DnsAnswer&)> decide, SessionDns& dns,
    std::vector<Evidence>& evidence);

// Adds what `answer` shows about `question`.
void AddEvidence(const DnsQuestion& question, const DnsAnswer& answer,
                 std::vector<Evidence>& evidence);

}  // namespace helovet

#endif  // HELOVET_CORE_CHECKS_ANSWERS_H_
