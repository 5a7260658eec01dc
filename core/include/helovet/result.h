// What a check found out: a closed result, a stable reason, and the evidence behind it.
#ifndef HELOVET_RESULT_H_
#define HELOVET_RESULT_H_

#include <cstdint>
#include <optional>
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
  kCsa,            // Client SMTP Authorization, or its forerunner of DSAR-00
  kForward,        // the name's addresses contain the client
  kIprev,          // RFC 8601 §3: the client's PTR names, confirmed forward
  kReverseMatch,   // a PTR name of the client is the name
  kWellKnown,      // the name is under a domain whose records are known to be accurate
  kDna,            // Domain Name Accreditation: accreditors' reports
  kVbr,            // RFC 5518: certifiers that vouch for the name
  kLocalList,      // the administrator's own lists
  kAddressList,    // DNS lists of addresses (RFC 5782, RFC 8904)
  kNameList,       // DNS lists of names
  kDmp,            // Designated Mailers Protocol, of the sender's domain or the HELO name
  kDrip,           // Designated Relays Inquiry Protocol, of the HELO name
  kRmx,            // RMX records of the sender's domain, in their TXT form
  kSpfHelo,        // RFC 7208 for the HELO name
  kSpf,            // RFC 7208 for MAIL FROM
  kCbv,            // callback verification of the sender's address
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
  // csa in the dialect of DSAR-00
  kProhibited,
  kUndefined,
  kMalformed,
  kMultipleRecords,
  // forward, iprev, reverse-match
  kMatched,
  kNotMatched,
  kConfirmed,
  kNotConfirmed,
  kNoPtr,
  // well-known and lists
  kListed,
  kNotListed,
  kNotVerified,
  kUnmappedCode,
  kListError,
  // dna
  kRecommended,
  kNotRecommended,
  kUnknown,
  // vbr
  kVouched,
  kNotVouched,
  // dmp, drip, rmx and spf
  kDesignated,
  kNotDesignated,
  kDenied,
  kAllowsAll,
  kNotParticipating,
  kParentParticipates,
  kNotAsked,
  kNoSender,
  kProbablyNotDesignated,
  kNoAssertion,
  kTooManyLookups,
  kTooManyVoidLookups,
  kMissingInclude,
  // cbv
  kAccepted,
  kBadDomain,
  kNoMx,
  kRefusedMailFrom,
  kRefusedRcpt,
  kCatchAll,
  kNotCallable,
  kConnect,
  kRefusedWelcome,
  kRefusedNoop,
  kRefusedHelo,
  kTempfail,
  kBadReply,
  kTimeout,
  kNullSender,
  kDecided,
  kOverBudget,
  kNoStore,
  // exempt
  kNetwork,
  kAuthenticatedSession,
  // configuration
  kInvalid,
  // any check
  kNoName,
  kDns,
  kAliasChain,
  kNameTooLong,
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

// What a verdict tells of the DNS answers that led to it. Neither changes what it says.
enum class Trail : std::uint8_t {
  kFull,      // all of them, for people
  kOutcomes,  // no names, no servers, no records: what a host's log, header and counters take
};

// One DNS record, or one answer without records, that a check used. With Trail::kOutcomes one for
// all of them, which has nothing but `ad`, if it is that of each.
struct Evidence {
  // The name, without a trailing dot; what is not printable ASCII as \DDD.
  std::string owner = {};
  std::string type = {};     // "SRV", "A", ...
  std::string outcome = {};  // "ok", "nodata", "nxdomain", "timeout", ...: DnsOutcome's tokens.
  std::uint32_t ttl = 0;     // Seconds; of the negative answer where there is no record.
  bool ad = false;           // The AD bit, believed only from a trusted resolver.
  // The record's data in presentation form; empty without a record.
  std::string text = {};
};

// DNA-02 §6: A strongly recommended, B recommended, C unknown, D not recommended, E strongly not
// recommended. Lists' return codes are mapped to the same scale.
enum class Rating : std::uint8_t { kA, kB, kC, kD, kE };
// "A" to "E".
[[nodiscard]] std::string_view ToString(Rating rating);
[[nodiscard]] std::optional<Rating> ParseRating(std::string_view letter);  // Without case.

// What one accreditor, certifier or list says, among several that a check asks.
struct Opinion {
  std::string authority;  // Its domain name; of a local list the place, such as "lists.deny".
  Result result = Result::kNone;  // kSkipped: not asked, as nobody here trusts it.
  Reason reason = Reason::kUnknown;
  std::optional<Rating> rating = std::nullopt;
  bool advisory = false;  // Told, and without effect on the result.
  std::string text = {};  // The report, the return code or the entry behind it, as it was given.
};

// Whose word a check of designated senders judged.
enum class Identity : std::uint8_t { kHelo, kMailFrom };

struct CheckResult {
  CheckId check;
  Result result = Result::kSkipped;
  Reason reason = Reason::kNoName;
  std::vector<Evidence> evidence = {};
  // In the order of authorities' names; only of checks that ask several.
  std::vector<Opinion> opinions = {};
  // Whose word decided, and its rating; empty where there is none.
  std::string authority = {};
  std::optional<Rating> rating = std::nullopt;
  // Where people can ask the authority that did not recommend the name: "host:port" of its SRV
  // record (DNA-02 §4). Empty: it publishes none.
  std::string contact = {};
  // Of dmp, rmx, spf and cbv: whether the result speaks of the HELO name or of MAIL FROM.
  Identity identity = Identity::kHelo;
  // The domain's own words about a failure (RFC 7208 §6.2), as it gave them. Empty: none.
  std::string explanation = {};
  // Found out earlier and remembered in the store; only of cbv.
  bool remembered = false;
};

}  // namespace helovet

#endif  // HELOVET_RESULT_H_
