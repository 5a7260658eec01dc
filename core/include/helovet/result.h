// What a check found out: a closed result, a stable reason, and the evidence behind it.
#ifndef HELOVET_RESULT_H_
#define HELOVET_RESULT_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace helovet {

// RFC 8601 §2.7 result names, and kSkipped for a check that did not run.
enum class Result : std::uint8_t {
  kNone,
  kNeutral,
  kPass,
  kFail,
  kSoftfail,
  kPolicy,
  kTemperror,
  kPermerror,
  kSkipped,
};
[[nodiscard]] std::string_view ToString(Result result);

// The checks, and the two deciders that are no checks: an exemption and a broken configuration.
// The names are the same in configuration, JSON, logs and manuals.
enum class CheckId : std::uint8_t {
  kHelo,           // the name itself
  kCsa,            // Client SMTP Authorization
  kForward,        // the name's addresses contain the client
  kIprev,          // RFC 8601 §3: the client's PTR names, confirmed forward
  kLocalTrust,     // names that the administrator vouches for
  kExempt,         // decides only: no check ran
  kConfiguration,  // decides only: no check could run
};
[[nodiscard]] std::string_view ToString(CheckId check);

// Why a check has its result. Tokens (see ToString) never change once released.
enum class Reason : std::uint8_t {
  // helo
  kFqdn,
  kLiteralMatch,
  kMissing,
  kSyntax,
  kBareIp,
  kLiteralMismatch,
  kForgedSelf,
  kLocalhost,
  kNotFqdn,
  kSpecialUse,
  // csa
  kAuthorized,
  kAuthenticatedElsewhere,
  kNotAuthorized,
  kAddressMismatch,
  kNoAddress,
  kTargetIgnored,
  kExplicitRequired,
  kNoRecord,
  kReservedWeight,
  kConflictingRecords,
  kTooManyTargets,
  // forward, iprev
  kMatched,
  kNotMatched,
  kConfirmed,
  kNotConfirmed,
  kNoPtr,
  // local-trust
  kListed,
  kNotListed,
  // exempt
  kNetwork,
  kAuthenticatedSession,
  // configuration
  kInvalid,
  // any check
  kNoName,
  kDns,
  kAliasChain,
};
// The kebab-case token, such as "address-mismatch".
[[nodiscard]] std::string_view ToString(Reason reason);
// One sentence for a postmaster, without a full stop.
[[nodiscard]] std::string_view Meaning(Reason reason);
// Where the rule stands, such as "CSA-02 §4"; several checks can share a reason, so this asks for
// both. Empty for a pair that never occurs. docs/results.md gives the documents' full names.
[[nodiscard]] std::string_view SourceOf(CheckId check, Reason reason);

// One thing that a check can find out.
struct ResultRule {
  CheckId check;
  Result result;  // kSkipped for an exemption, which runs no check.
  Reason reason;
  std::string_view source;  // As SourceOf gives it.
};
// Every result that occurs, by check; docs/results.md lists them.
[[nodiscard]] std::span<const ResultRule> ResultRules();

// One DNS record, or one answer without records, that a check used.
struct Evidence {
  std::string owner;      // The name, without a trailing dot; what is not printable ASCII as \DDD.
  std::string type;       // "SRV", "A", ...
  std::string outcome;    // "ok", "nodata", "nxdomain", "timeout", ...: DnsOutcome's tokens.
  std::uint32_t ttl = 0;  // Seconds; of the negative answer where there is no record.
  bool ad = false;        // The AD bit, believed only from a trusted resolver.
  std::string text;       // The record's data in presentation form; empty without a record.
};

struct CheckResult {
  CheckId check;
  Result result = Result::kSkipped;
  Reason reason = Reason::kNoName;
  std::vector<Evidence> evidence = {};
};

}  // namespace helovet

#endif  // HELOVET_RESULT_H_
