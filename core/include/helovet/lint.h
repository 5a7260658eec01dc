// What is wrong with what a domain publishes for CSA, DNA, DMP, DRIP, SPF and RMX, and how it is
// written right (CSA-02, DNA-02, BCP, DMP-01, DRIP-02, RFC 7208, RMX-04).
#ifndef HELOVET_LINT_H_
#define HELOVET_LINT_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "helovet/config.h"
#include "helovet/engine.h"
#include "helovet/file_error.h"
#include "helovet/loop.h"

namespace helovet {

inline constexpr std::size_t kMaxLintNames = 10'000;  // Of one run. Ours.
// Findings that a report keeps. Ours: more than anybody reads.
inline constexpr std::size_t kMaxFindings = 100'000;
// Records that one finding shows. Ours; where more are at fault, no correction is written out.
inline constexpr std::size_t kMaxFindingRecords = 20;
// After this what has not been asked yet is told as not found out. Ours.
inline constexpr std::chrono::seconds kMaxLintTime{120};

// How much a finding matters. kUnknown: whether there is a mistake could not be found out now.
enum class Severity : std::uint8_t { kNote, kWarning, kUnknown, kError };
// "note", "warning", "unknown", "error".
[[nodiscard]] std::string_view ToString(Severity severity);

// What can be found. Tokens (ToString) never change once released; docs/findings.md has the table.
enum class FindingId : std::uint8_t {
  // any question
  kCouldNotLook,
  kNotLookedAt,
  kAliasChain,
  kNameTooLong,
  kTtlUnequal,
  kReplyTooLarge,
  kTooManyNames,
  // csa
  kCsaNoRecord,
  kCsaRefusedByParent,
  kCsaWrongVersion,
  kCsaReservedWeight,
  kCsaZeroWeight,
  kCsaReservedPort,
  kCsaConflicting,
  kCsaSeveralRecords,
  kCsaPlaceholderTarget,
  kCsaTargetAlias,
  kCsaTargetNoAddress,
  kCsaTooManyTargets,
  kCsaExplicitTooDeep,
  kCsaExplicitMissing,
  kCsaTtlDiffers,
  // the host
  kHostNoAddress,
  kHostOtherAddress,
  kHostNoReverse,
  kHostShared,
  // dna, of who is accredited and who accredits
  kDnaTooManyAccreditors,
  kDnaNoReport,
  kDnaReportUnreadable,
  kDnaNotRecommended,
  kDnaNoOpinion,
  kDnaPointerIgnored,
  kDnaContradiction,
  kDnaReportMalformed,
  // dmp
  kDmpNoParticipation,
  kDmpMalformed,
  kDmpContradiction,
  kDmpAllowsAll,
  kDmpWildcardShort,
  kDmpEntryName,
  // drip
  kDripSeveralRecords,
  kDripNotEqual,
  kDripEntryName,
  // spf
  kSpfSyntax,
  kSpfSeveralRecords,
  kSpfTooManyLookups,
  kSpfVoidLookups,
  kSpfBadInclude,
  kSpfPassesAll,
  kSpfNoAll,
  kSpfAfterAll,
  kSpfPtr,
  kSpfType,
  // rmx
  kRmxSyntax,
};

// What is known of a kind of finding before there is one.
struct FindingRule {
  FindingId id;
  std::string_view slug;  // "csa-wrong-version"
  Severity severity;
  std::string_view meaning;  // One sentence without a full stop, printable ASCII.
  std::string_view advice;   // What mends it, where there is no record to be written down.
  std::string_view source;   // Where the rule stands, such as "CSA-02 §5".
};
// All of them, in the order of FindingId.
[[nodiscard]] std::span<const FindingRule> FindingRules();
[[nodiscard]] const FindingRule& RuleOf(FindingId id);
// The slug.
[[nodiscard]] std::string_view ToString(FindingId id);

// A record as it is published: printable ASCII.
struct FaultyRecord {
  std::string text = {};  // "OWNER TTL IN TYPE DATA", one line of a master file.
  std::string file = {};  // The master file it is from, as it was named; empty: none.
  int line = 0;           // From 1; 0: not from a file.
};

// What is to be done with the records at fault.
enum class Remedy : std::uint8_t {
  kNone,     // Only the domain's owner knows: see FindingRule::advice.
  kReplace,  // `corrected` take the place of `records`.
  kRemove,   // Nothing takes their place.
  kAdd,      // `corrected` are lacking; `records` stay.
};
// "none", "replace", "remove", "add".
[[nodiscard]] std::string_view ToString(Remedy remedy);

struct Finding {
  FindingId id = FindingId::kCouldNotLook;
  std::string name = {};                   // What was looked at, without a final dot.
  std::string detail = {};                 // What there is to say beside the rule; may be empty.
  std::vector<FaultyRecord> records = {};  // At most kMaxFindingRecords.
  Remedy remedy = Remedy::kNone;
  std::vector<std::string> corrected = {};  // Lines of a master file, as FaultyRecord::text.
};

struct LintRequest {
  // Domain names. Empty: every name of the zone files that has records of the above.
  std::vector<std::string> names = {};
  // RFC 1035 master files; empty: all is asked of the network.
  std::vector<std::string> zone_files = {};
  // Who answers for names outside the files. kRefuse: they are told as not looked at.
  ZoneFallback fallback = ZoneFallback::kRefuse;
};

struct LintReport {
  std::vector<std::string> names = {};  // Looked at, in canonical order (RFC 4034 §6.1).
  std::vector<Finding> findings = {};   // By name, then in the order of FindingId.
  std::size_t left_out = 0;             // Findings beyond kMaxFindings.

  [[nodiscard]] std::size_t Count(Severity severity) const;
};

// Looks at all names, many at a time, and turns `loop` until that is done: at most kMaxLintTime,
// and Config::deadline for each name and each kind of record. A question that failed is a finding
// of its own and never taken for an absent record. Errors: a file that cannot be read or has a
// mistake, and, with an empty file name, what is no domain name.
[[nodiscard]] FileErrorOr<LintReport> LintAndWait(Loop& loop,
                                                  const std::shared_ptr<const Config>& config,
                                                  const LintRequest& request);

// Text for people, UTF-8, lines ended by "\n". `paint` may colour a word of the severity.
[[nodiscard]] std::string RenderLint(
    const LintReport& report,
    const std::function<std::string(std::string_view word, Severity severity)>& paint = {});

// One JSON object (RFC 8259) on one line of printable ASCII: "names", "findings" with "finding",
// "severity", "name", "meaning", "detail", "records" ("record", "file", "line"; the last two null
// where there is no file), "remedy", "corrected", "advice", "source", then "errors", "unknown",
// "warnings", "notes" and "left_out".
[[nodiscard]] std::string RenderLintJson(const LintReport& report);

}  // namespace helovet

#endif  // HELOVET_LINT_H_
