// How findings about senders stand in the store (docs/rules.md §12.6).
#ifndef HELOVET_CORE_CALLBACK_FACTS_H_
#define HELOVET_CORE_CALLBACK_FACTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "checks/sender_identity.h"
#include "dns/name.h"
#include "helovet/ip_address.h"
#include "helovet/result.h"
#include "smtp/call.h"

namespace helovet {

// A kMailbox as keys have it: the local part as it was sent, with backslashes and what is not
// printable ASCII as \xhh, and the domain in lower case. Different local parts stay different.
[[nodiscard]] std::string MailboxText(const SenderIdentity& sender);

// The keys of one sender. What is remembered of the mailbox, what one call tells those who wait for
// it, and the lease of who makes it; then the domain's fact, and leases.
struct CallbackKeys {
  explicit CallbackKeys(const SenderIdentity& sender);

  // False: the mailbox is too long for a key, and nothing can be remembered of it. No local part
  // that RFC 5321 §4.5.3.1.1 allows (64 octets of ASCII) is.
  bool mailbox_fits = true;
  std::string address;       // "cbv address MAILBOX"
  std::string outcome;       // "cbv outcome MAILBOX"
  std::string call;          // "cbv call MAILBOX"
  std::string domain;        // "cbv domain DOMAIN"
  std::string domain_calls;  // "cbv calls DOMAIN"
  std::string domain_rate;   // "cbv rate DOMAIN"
};
inline constexpr std::string_view kCallsKey = "cbv calls";  // Of all domains.
// "cbv host calls ADDRESS", "cbv host rate ADDRESS"; of IPv6 "NETWORK/64"
[[nodiscard]] std::string HostCallsKey(const IpAddress& address);
[[nodiscard]] std::string HostRateKey(const IpAddress& address);

// A result that the store has.
struct KnownResult {
  Result result = Result::kTemperror;
  Reason reason = Reason::kConnect;
};

// What a fact says in favour of a domain. It answers for no address, but spares a probe.
enum class DomainPraise : std::uint8_t {
  kNone,
  kTakesNullSender,
  kNoCatchAll,  // And takes the null sender.
};

// A value begins with words of a closed list; the server's words may follow, printable and cut.
// Values that this version does not know are as good as none.

// "accepted", "refused-rcpt".
[[nodiscard]] std::optional<KnownResult> ReadAddressFact(std::string_view value);
// "bad-domain", "no-mx", "refused-mail-from", "catch-all", "unreachable".
[[nodiscard]] std::optional<KnownResult> ReadDomainFact(std::string_view value);
// "takes-null-sender", "takes-null-sender no-catch-all".
[[nodiscard]] DomainPraise ReadDomainPraise(std::string_view value);
// Any result of a call and its reason, such as "temperror tempfail".
[[nodiscard]] std::optional<KnownResult> ReadOutcome(std::string_view value);

struct FactToPut {
  std::string value;
  bool success = false;
};
// What `outcome` has to be remembered for; empty: nothing. `praise` lives already.
[[nodiscard]] std::optional<FactToPut> AddressFactOf(const CallOutcome& outcome);
[[nodiscard]] std::optional<FactToPut> DomainFactOf(const CallOutcome& outcome,
                                                    const CallOptions& options,
                                                    DomainPraise praise);
[[nodiscard]] std::string OutcomeValue(const CallOutcome& outcome);

}  // namespace helovet

#endif  // HELOVET_CORE_CALLBACK_FACTS_H_
