// The table of all findings; docs/findings.md shows it.
#include <algorithm>
#include <array>
#include <cstddef>

#include "helovet/lint.h"

namespace helovet {
namespace {

// In the order of FindingId.
constexpr auto kRules = std::to_array<FindingRule>({
    {FindingId::kCouldNotLook, "could-not-look", Severity::kUnknown,
     "the DNS gave no usable answer for now, so nothing is known of these records",
     "look again later", "RFC 1035 §4.1.1, RFC 2308 §7"},
    {FindingId::kNotLookedAt, "not-looked-at", Severity::kNote,
     "the name is in none of the files, and no server was to be asked",
     "look again with --dns, or with the file of its zone", "RFC 1034 §4.2.1"},
    {FindingId::kAliasChain, "alias-chain", Severity::kError,
     "the name leads through too many aliases", "point the first alias to the last name",
     "RFC 1034 §3.6.2, docs/rules.md §8"},
    {FindingId::kNameTooLong, "name-too-long", Severity::kError,
     "the name that receivers would have to ask about is longer than a name can be",
     "use a shorter name", "RFC 1035 §2.3.4"},
    {FindingId::kTtlUnequal, "ttl-unequal", Severity::kWarning,
     "records of one name and type have several TTLs", "give all of them the same TTL",
     "RFC 2181 §5.2"},
    {FindingId::kReplyTooLarge, "reply-too-large", Severity::kWarning,
     "the reply has more than 512 octets, which some resolvers must ask for again over TCP",
     "publish fewer or shorter records at this name",
     "RFC 1035 §4.2.1, CSA-02 §6, RFC 7208 §3.4, BCP part 1"},
    {FindingId::kTooManyNames, "too-many-names", Severity::kNote,
     "the files have more names than one run looks at", "name those that matter",
     "docs/findings.md"},

    {FindingId::kCsaNoRecord, "csa-no-record", Severity::kNote,
     "the name has no CSA record, so that its reputation is that of its address alone",
     "publish one", "BCP part 1"},
    {FindingId::kCsaRefusedByParent, "csa-refused-by-parent", Severity::kWarning,
     "a parent domain says Explicit and this name has no record: whoever says it is refused",
     "publish a record for the name", "CSA-02 §5, §7"},
    {FindingId::kCsaWrongVersion, "csa-wrong-version", Severity::kError,
     "the record has another version (its priority) than 1, and receivers pass it over",
     "set the priority to 1", "CSA-02 §5"},
    {FindingId::kCsaReservedWeight, "csa-reserved-weight", Severity::kError,
     "the weight has reserved bits set, which spoils all records of the name",
     "clear all bits of the weight but 1 and 2", "CSA-02 §5, docs/rules.md §4.3"},
    {FindingId::kCsaZeroWeight, "csa-zero-weight", Severity::kWarning,
     "the weight is 0, which should not be used and counts as 1: the name sends no mail",
     "write 2 if hosts of this name send mail, and 1 if none does",
     "CSA-02 §5, docs/rules.md §4.4"},
    {FindingId::kCsaReservedPort, "csa-reserved-port", Severity::kWarning,
     "the port has bits set that mean nothing", "clear all bits of the port but 1", "CSA-02 §5"},
    {FindingId::kCsaConflicting, "csa-conflicting-records", Severity::kError,
     "some records authorize the name and others do not", "keep the one that is meant",
     "CSA-02 §5, docs/rules.md §4.3"},
    {FindingId::kCsaSeveralRecords, "csa-several-records", Severity::kWarning,
     "the name has several records where one is meant",
     "give one target the addresses of all, and keep the record that names it",
     "CSA-02 §5, docs/rules.md §4.3"},
    {FindingId::kCsaPlaceholderTarget, "csa-placeholder-target", Severity::kWarning,
     "the target of a record of weight 1 or 3 is not the name itself",
     "make the name itself the target", "CSA-02 §5"},
    {FindingId::kCsaTargetAlias, "csa-target-alias", Severity::kWarning,
     "the target is an alias, which costs receivers a question and some refuse",
     "make the alias's end the target", "RFC 2782, RFC 2181 §10.3"},
    {FindingId::kCsaTargetNoAddress, "csa-target-no-address", Severity::kError,
     "the target has no address, so that no client can be the host",
     "publish the addresses of the target", "CSA-02 §4"},
    {FindingId::kCsaTooManyTargets, "csa-too-many-targets", Severity::kError,
     "the name has more targets than receivers look up", "give one target the addresses of all",
     "docs/rules.md §4.4"},
    {FindingId::kCsaExplicitTooDeep, "csa-explicit-too-deep", Severity::kWarning,
     "Explicit stands below the sixth level, where no receiver looks for it",
     "say Explicit at a domain further up", "CSA-02 §6, §7"},
    {FindingId::kCsaExplicitMissing, "csa-explicit-missing", Severity::kNote,
     "no parent domain says Explicit, so that names without a record stay unknown",
     "say Explicit at the domain, once every name that sends has a record", "CSA-02 §5, §7"},
    {FindingId::kCsaTtlDiffers, "csa-ttl-differs", Severity::kNote,
     "the record and the addresses of its target have different TTLs, so that one outlives the "
     "other in caches",
     "give them the same TTL", "CSA-02 §6"},

    {FindingId::kHostNoAddress, "host-no-address", Severity::kWarning,
     "the name sends mail and has no address of its own",
     "publish the addresses that it sends from", "BCP part 1"},
    {FindingId::kHostOtherAddress, "host-other-address", Severity::kWarning,
     "the name has addresses, and none of them is one of the record's targets",
     "make the two agree", "BCP part 1, CSV-02 §B.3"},
    {FindingId::kHostNoReverse, "host-no-reverse", Severity::kWarning,
     "no PTR record of the address names the host", "have whoever runs the address publish it",
     "RFC 8601 §3, CSV-02 §B.2"},
    {FindingId::kHostShared, "host-shared", Severity::kNote, "one name stands for many hosts",
     "give each host a name of its own, and have it say that in HELO", "BCP part 1"},

    {FindingId::kDnaTooManyAccreditors, "dna-too-many-accreditors", Severity::kWarning,
     "the name points to more accreditors than receivers ask", "keep the six that count most",
     "BCP part 1, docs/rules.md §6.1"},
    {FindingId::kDnaNoReport, "dna-no-report", Severity::kWarning,
     "the accreditor has no report about the name",
     "leave the accreditor out, or become known "
     "to it",
     "DNA-02 §4, §6"},
    {FindingId::kDnaReportUnreadable, "dna-report-unreadable", Severity::kWarning,
     "the accreditor's report is in none of the formats that receivers read",
     "have the accreditor mend it", "DNA-02 §6"},
    {FindingId::kDnaNotRecommended, "dna-not-recommended", Severity::kError,
     "the accreditor advises against the name", "leave the accreditor out", "DNA-02 §6"},
    {FindingId::kDnaNoOpinion, "dna-no-opinion", Severity::kNote,
     "the accreditor says neither for nor against the name",
     "leave the accreditor out, or become "
     "known to it",
     "DNA-02 §6"},
    {FindingId::kDnaPointerIgnored, "dna-pointer-ignored", Severity::kNote,
     "the PTR record names no accreditor, and receivers pass it over",
     "leave it if it serves another purpose", "DNA-02 §4, §7"},
    {FindingId::kDnaContradiction, "dna-contradiction", Severity::kWarning,
     "an accreditor's reports about one name have different ratings, and the worst counts",
     "keep one report", "DNA-02 §6, docs/rules.md §6.1"},
    {FindingId::kDnaReportMalformed, "dna-report-malformed", Severity::kError,
     "the text looks like a report about a name, and receivers cannot read it",
     "write MARID,1, and a letter from A to E", "DNA-02 §6"},

    {FindingId::kDmpNoParticipation, "dmp-no-participation", Severity::kError,
     "the domain designates clients but does not say that it takes part, so that nobody else is "
     "refused",
     "publish the record of participation", "DMP-01 §4, §5"},
    {FindingId::kDmpMalformed, "dmp-malformed", Severity::kError,
     "the text begins like a record of DMP and is none",
     "write dmp=allow, dmp=deny, or dmp= at the domain itself", "DMP-01 §4"},
    {FindingId::kDmpContradiction, "dmp-contradiction", Severity::kError,
     "one entry says both dmp=allow and dmp=deny", "keep the one that is meant", "DMP-01 §5"},
    {FindingId::kDmpAllowsAll, "dmp-allows-all", Severity::kError,
     "the domain designates every address there is", "designate the domain's own clients",
     "DMP-01 §9.3"},
    {FindingId::kDmpWildcardShort, "dmp-wildcard-short", Severity::kNote,
     "the wildcard does not reach addresses that begin like a designated one",
     "add a wildcard at each level of the designated address",
     "DMP-01 §4, RFC 4592 §2.2.3, docs/rules.md §11.2"},
    {FindingId::kDmpEntryName, "dmp-entry-name", Severity::kWarning,
     "the entry's name is that of no address, and nobody asks for it",
     "write all parts of the address, the last first", "DMP-01 §4"},

    {FindingId::kDripSeveralRecords, "drip-several-records", Severity::kError,
     "the relay has several records, and only a single one says anything", "keep one record",
     "DRIP-02 §4.2"},
    {FindingId::kDripNotEqual, "drip-not-equal", Severity::kWarning,
     "the record has another address than its name, so that the relay is refused",
     "make the two the same", "DRIP-02 §3, §4.2"},
    {FindingId::kDripEntryName, "drip-entry-name", Severity::kWarning,
     "the record's name is that of no address, and nobody asks for it",
     "write all parts of the address with underscores between", "DRIP-02 §3.3, §3.4"},

    {FindingId::kSpfSyntax, "spf-syntax", Severity::kError,
     "the record has a term that cannot be read, which spoils all of it", "mend the term",
     "RFC 7208 §4.6, §12"},
    {FindingId::kSpfSeveralRecords, "spf-several-records", Severity::kError,
     "the domain has several records, of which none counts", "make one of them",
     "RFC 7208 §3.2, §4.5"},
    {FindingId::kSpfTooManyLookups, "spf-too-many-lookups", Severity::kError,
     "the record and those it includes may need more than 10 lookups, or one mx has more than 10 "
     "hosts",
     "name networks instead of hosts and includes", "RFC 7208 §4.6.4"},
    {FindingId::kSpfVoidLookups, "spf-void-lookups", Severity::kError,
     "more than 2 terms name what does not exist", "leave those terms out", "RFC 7208 §4.6.4"},
    {FindingId::kSpfBadInclude, "spf-bad-include", Severity::kError,
     "include or redirect names a domain without a usable record", "leave the term out",
     "RFC 7208 §5.2, §6.1"},
    {FindingId::kSpfPassesAll, "spf-passes-all", Severity::kError,
     "the record designates every address there is", "end the record with ~all or -all",
     "RFC 7208 §5.1, §11.4"},
    {FindingId::kSpfNoAll, "spf-no-all", Severity::kNote,
     "the record has neither all nor redirect, so that nothing is said of other clients",
     "end the record with -all, ~all or ?all", "RFC 7208 §4.7, §5.1"},
    {FindingId::kSpfAfterAll, "spf-after-all", Severity::kWarning,
     "terms behind all are never looked at", "put all at the end", "RFC 7208 §5.1, §6.1"},
    {FindingId::kSpfPtr, "spf-ptr", Severity::kWarning,
     "ptr is slow and unreliable, and should not be published", "leave the term out",
     "RFC 7208 §5.5"},
    {FindingId::kSpfType, "spf-type", Severity::kWarning,
     "the record has the type SPF, which nobody asks for any more", "publish it as TXT",
     "RFC 7208 §3.1"},

    {FindingId::kRmxSyntax, "rmx-syntax", Severity::kError,
     "the record has an entry that cannot be read, or too many; what follows is lost",
     "mend the entry", "RMX-04 §4, §6.2, docs/rules.md §11.4"},
});

constexpr bool IsInOrder() {
  for (std::size_t i = 0; i < kRules.size(); ++i) {
    if (static_cast<std::size_t>(kRules[i].id) != i) return false;
  }
  return kRules.size() == static_cast<std::size_t>(FindingId::kRmxSyntax) + 1;
}
static_assert(IsInOrder());

}  // namespace

std::string_view ToString(Severity severity) {
  switch (severity) {
    case Severity::kNote:
      return "note";
    case Severity::kWarning:
      return "warning";
    case Severity::kUnknown:
      return "unknown";
    case Severity::kError:
      return "error";
  }
  return "";
}

std::string_view ToString(Remedy remedy) {
  switch (remedy) {
    case Remedy::kNone:
      return "none";
    case Remedy::kReplace:
      return "replace";
    case Remedy::kRemove:
      return "remove";
    case Remedy::kAdd:
      return "add";
  }
  return "";
}

std::span<const FindingRule> FindingRules() { return kRules; }

const FindingRule& RuleOf(FindingId id) { return kRules[static_cast<std::size_t>(id)]; }

std::string_view ToString(FindingId id) { return RuleOf(id).slug; }

std::size_t LintReport::Count(Severity severity) const {
  return static_cast<std::size_t>(std::count_if(
      findings.begin(), findings.end(),
      [severity](const Finding& finding) { return RuleOf(finding.id).severity == severity; }));
}

}  // namespace helovet
