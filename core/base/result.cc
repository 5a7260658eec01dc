#include "helovet/result.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace helovet {
namespace {

struct ReasonText {
  Reason reason;
  std::string_view token;
  std::string_view meaning;
};

// In the order of Reason. The meanings go into SMTP replies as they stand: printable ASCII, short.
constexpr auto kReasonTexts = std::to_array<ReasonText>({
    {Reason::kFqdn, "fqdn", "the HELO name is a fully qualified domain name"},
    {Reason::kLiteralMatch, "literal-match", "the address literal is the client's address"},
    {Reason::kMissing, "missing", "the client gave no HELO name"},
    {Reason::kSyntax, "syntax", "the HELO name is neither a domain name nor an address literal"},
    {Reason::kBareIp, "bare-ip", "the HELO name is an address without brackets"},
    {Reason::kLiteralMismatch, "literal-mismatch",
     "the address literal is not the client's address"},
    {Reason::kForgedSelf, "forged-self",
     "the client calls itself by this server's name or address"},
    {Reason::kLocalhost, "localhost", "the client calls itself localhost"},
    {Reason::kNotFqdn, "not-fqdn", "the HELO name has a single label"},
    {Reason::kSpecialUse, "special-use",
     "the HELO name is under a domain for local or special use"},
    {Reason::kAuthorized, "authorized",
     "the domain authorizes the name and the client has an address of its targets"},
    {Reason::kAuthenticatedElsewhere, "authenticated-elsewhere",
     "the domain authorizes the name and reverse DNS proves that the client has it"},
    {Reason::kNotAuthorized, "not-authorized", "the domain says that this name sends no mail"},
    {Reason::kAddressMismatch, "address-mismatch",
     "the client's address is not among the targets'"},
    {Reason::kNoAddress, "no-address", "the targets have no address of the client's family"},
    {Reason::kTargetIgnored, "target-ignored",
     "the domain authorizes the name but gives no addresses to prove the client by"},
    {Reason::kExplicitRequired, "explicit-required",
     "a parent domain says that every authorized name has a record, and this one has none"},
    {Reason::kNoRecord, "no-record", "the domain publishes no record for the name"},
    {Reason::kReservedWeight, "reserved-weight", "a record's weight has reserved bits set"},
    {Reason::kConflictingRecords, "conflicting-records",
     "the records disagree about whether the name is authorized"},
    {Reason::kTooManyTargets, "too-many-targets",
     "the name has more targets than are asked, and none of those asked is the client"},
    {Reason::kProhibited, "prohibited", "the domain prohibits the name from sending mail"},
    {Reason::kUndefined, "undefined", "the record says nothing that is defined"},
    {Reason::kMalformed, "malformed", "a record is not written as it must be"},
    {Reason::kMultipleRecords, "multiple-records", "the name has more than the one record allowed"},
    {Reason::kMatched, "matched", "DNS gives the HELO name and the client's address to each other"},
    {Reason::kNotMatched, "not-matched",
     "DNS does not give the HELO name and the client's address to each other"},
    {Reason::kConfirmed, "confirmed", "a name of the client's address has that address"},
    {Reason::kNotConfirmed, "not-confirmed", "no name of the client's address has that address"},
    {Reason::kNoPtr, "no-ptr", "the client's address has no name"},
    {Reason::kListed, "listed", "a list that this server uses has it"},
    {Reason::kNotListed, "not-listed", "no list that this server uses has it"},
    {Reason::kNotVerified, "not-verified",
     "a list has the name, but the client is not proven to be the host it names"},
    {Reason::kUnmappedCode, "unmapped-code",
     "a list answered with a code that has no meaning here"},
    {Reason::kListError, "list-error", "a list answered with an error code"},
    {Reason::kRecommended, "recommended", "a trusted accreditor recommends the name"},
    {Reason::kNotRecommended, "not-recommended",
     "a trusted accreditor does not recommend the name"},
    {Reason::kUnknown, "unknown", "no trusted accreditor knows the name"},
    {Reason::kVouched, "vouched", "a trusted certifier vouches for the name"},
    {Reason::kNotVouched, "not-vouched", "no trusted certifier vouches for the name"},
    {Reason::kDesignated, "designated", "the domain designates the client's address"},
    {Reason::kNotDesignated, "not-designated",
     "the domain designates its clients and the client's address is none of them"},
    {Reason::kDenied, "denied", "the domain denies the client's address"},
    {Reason::kAllowsAll, "allows-all", "the domain designates every address there is"},
    {Reason::kNotParticipating, "not-participating",
     "the domain takes no part in designating its clients"},
    {Reason::kParentParticipates, "parent-participates",
     "a parent domain designates its clients, and this name is none of its designated names"},
    {Reason::kNotAsked, "not-asked", "the domain is none of those that are asked"},
    {Reason::kNoSender, "no-sender", "the sender has no domain that could be asked"},
    {Reason::kProbablyNotDesignated, "probably-not-designated",
     "the domain believes that the client's address is none of its own"},
    {Reason::kNoAssertion, "no-assertion", "the domain says nothing about the client's address"},
    {Reason::kTooManyLookups, "too-many-lookups",
     "the domain's record needs more questions than are allowed"},
    {Reason::kTooManyVoidLookups, "too-many-void-lookups",
     "the domain's record leads to too many names without an answer"},
    {Reason::kMissingInclude, "missing-include",
     "the domain's record refers to a domain that has none"},
    {Reason::kAccepted, "accepted", "the sender's mail server accepts mail to the sender"},
    {Reason::kBadDomain, "bad-domain", "the sender's domain does not exist"},
    {Reason::kNoMx, "no-mx", "the sender's domain takes no mail"},
    {Reason::kRefusedMailFrom, "refused-mail-from",
     "the sender's mail server takes no bounces: it refuses the null sender"},
    {Reason::kRefusedRcpt, "refused-rcpt", "the sender's mail server does not know the sender"},
    {Reason::kCatchAll, "catch-all", "the sender's mail server accepts mail to any address"},
    {Reason::kNotCallable, "not-callable",
     "the sender's mail server may not be called, or not asked for such an address"},
    {Reason::kConnect, "connect", "the sender's mail server cannot be reached"},
    {Reason::kRefusedWelcome, "refused-welcome",
     "the sender's mail server turns everybody away for now"},
    {Reason::kRefusedNoop, "refused-noop", "the sender's mail server refuses NOOP"},
    {Reason::kRefusedHelo, "refused-helo", "the sender's mail server refuses EHLO and HELO"},
    {Reason::kTempfail, "tempfail", "the sender's mail server gives no final answer for now"},
    {Reason::kBadReply, "bad-reply", "the sender's mail server does not answer in SMTP"},
    {Reason::kTimeout, "timeout", "the sender's mail server does not answer in time"},
    {Reason::kNullSender, "null-sender", "the message has the null sender"},
    {Reason::kDecided, "decided", "an earlier check has decided"},
    {Reason::kOverBudget, "over-budget", "the limits of callbacks are reached"},
    {Reason::kNoStore, "no-store", "the store that bounds callbacks cannot be used"},
    {Reason::kNetwork, "network", "the client is in an exempt network"},
    {Reason::kAuthenticatedSession, "authenticated-session",
     "the client has logged in or the message comes from this host"},
    {Reason::kInvalid, "invalid", "the configuration cannot be used"},
    {Reason::kNoName, "no-name", "there is no domain name to ask about"},
    {Reason::kDns, "dns", "the DNS gave no usable answer for now"},
    {Reason::kAliasChain, "alias-chain", "the name leads through too many aliases"},
    {Reason::kNameTooLong, "name-too-long", "the name to be asked about would be too long"},
});

constexpr bool InEnumOrder() {
  for (std::size_t i = 0; i < kReasonTexts.size(); ++i) {
    if (static_cast<std::size_t>(kReasonTexts[i].reason) != i) return false;
  }
  return static_cast<std::size_t>(Reason::kNameTooLong) + 1 == kReasonTexts.size();
}
static_assert(InEnumOrder());

const ReasonText& TextOf(Reason reason) { return kReasonTexts[static_cast<std::size_t>(reason)]; }

// RCODEs other than NOERROR and NXDOMAIN, and silence, say nothing about what a zone holds.
constexpr std::string_view kNoAnswerSource = "RFC 1035 §4.1.1, RFC 2308 §7";
constexpr std::string_view kAliasSource = "RFC 1034 §3.6.2, docs/rules.md §8";
constexpr std::string_view kConfigurationSource = "the configuration file";

constexpr auto kRules = std::to_array<ResultRule>({
    {CheckId::kHelo, Result::kPass, Reason::kFqdn, "RFC 5321 §2.3.5, §4.1.1.1"},
    {CheckId::kHelo, Result::kPass, Reason::kLiteralMatch, "RFC 5321 §4.1.3"},
    {CheckId::kHelo, Result::kFail, Reason::kMissing, "RFC 5321 §4.1.1.1"},
    {CheckId::kHelo, Result::kFail, Reason::kSyntax, "RFC 5321 §4.1.2"},
    {CheckId::kHelo, Result::kFail, Reason::kBareIp, "RFC 5321 §4.1.3"},
    {CheckId::kHelo, Result::kFail, Reason::kLiteralMismatch, "RFC 5321 §4.1.3"},
    {CheckId::kHelo, Result::kFail, Reason::kForgedSelf, "RFC 5321 §4.1.1.1"},
    {CheckId::kHelo, Result::kFail, Reason::kLocalhost, "RFC 6761 §6.3"},
    {CheckId::kHelo, Result::kNeutral, Reason::kNotFqdn, "RFC 5321 §2.3.5"},
    {CheckId::kHelo, Result::kNeutral, Reason::kSpecialUse,
     "RFC 6761 §6.4, RFC 6762 §3, RFC 7686 §2, RFC 8375"},

    {CheckId::kCsa, Result::kPass, Reason::kAuthorized, "CSA-02 §4"},
    {CheckId::kCsa, Result::kPass, Reason::kAuthenticatedElsewhere, "CSA-02 §4, §5"},
    {CheckId::kCsa, Result::kFail, Reason::kNotAuthorized, "CSA-02 §4, §5"},
    {CheckId::kCsa, Result::kFail, Reason::kAddressMismatch, "CSA-02 §4"},
    {CheckId::kCsa, Result::kFail, Reason::kNoAddress, "CSA-02 §4"},
    {CheckId::kCsa, Result::kFail, Reason::kExplicitRequired, "CSA-02 §5, §7"},
    {CheckId::kCsa, Result::kNeutral, Reason::kTargetIgnored, "CSA-02 §4, §5"},
    {CheckId::kCsa, Result::kNone, Reason::kNoRecord, "CSA-02 §4"},
    {CheckId::kCsa, Result::kNone, Reason::kNoName, "CSA-02 §4"},
    {CheckId::kCsa, Result::kPermerror, Reason::kReservedWeight, "CSA-02 §5"},
    {CheckId::kCsa, Result::kPermerror, Reason::kConflictingRecords,
     "CSA-02 §5, docs/rules.md §4.3"},
    {CheckId::kCsa, Result::kPermerror, Reason::kTooManyTargets, "docs/rules.md §4.4"},
    {CheckId::kCsa, Result::kPermerror, Reason::kAliasChain, kAliasSource},
    {CheckId::kCsa, Result::kTemperror, Reason::kDns, kNoAnswerSource},
    {CheckId::kCsa, Result::kTemperror, Reason::kInvalid, kConfigurationSource},

    {CheckId::kCsa, Result::kFail, Reason::kProhibited, "DSAR-00 §3.3.1"},
    {CheckId::kCsa, Result::kNone, Reason::kUndefined, "DSAR-00 §3.3.1"},
    {CheckId::kCsa, Result::kPermerror, Reason::kMalformed, "DSAR-00 §3.3.1"},
    {CheckId::kCsa, Result::kPermerror, Reason::kMultipleRecords, "DSAR-00 §3.3.1"},
    {CheckId::kCsa, Result::kPermerror, Reason::kNameTooLong, "RFC 1035 §2.3.4"},

    {CheckId::kForward, Result::kPass, Reason::kMatched, "CSV-02 §B.3"},
    {CheckId::kForward, Result::kNeutral, Reason::kNotMatched, "CSV-02 §B.3"},
    {CheckId::kForward, Result::kNone, Reason::kNoName, "CSV-02 §5.1"},
    {CheckId::kForward, Result::kPermerror, Reason::kAliasChain, kAliasSource},
    {CheckId::kForward, Result::kTemperror, Reason::kDns, kNoAnswerSource},

    {CheckId::kIprev, Result::kPass, Reason::kConfirmed, "RFC 8601 §3"},
    {CheckId::kIprev, Result::kFail, Reason::kNotConfirmed, "RFC 8601 §3"},
    {CheckId::kIprev, Result::kPermerror, Reason::kNoPtr, "RFC 8601 §2.7.3, §3"},
    {CheckId::kIprev, Result::kPermerror, Reason::kAliasChain, kAliasSource},
    {CheckId::kIprev, Result::kTemperror, Reason::kDns, "RFC 8601 §2.7.3, §3"},

    {CheckId::kReverseMatch, Result::kPass, Reason::kMatched, "DSAR-00 §3.1.2"},
    {CheckId::kReverseMatch, Result::kNeutral, Reason::kNotMatched, "DSAR-00 §3.1.2"},
    {CheckId::kReverseMatch, Result::kNone, Reason::kNoName, "CSV-02 §5.1"},
    {CheckId::kReverseMatch, Result::kPermerror, Reason::kAliasChain, kAliasSource},
    {CheckId::kReverseMatch, Result::kTemperror, Reason::kDns, kNoAnswerSource},

    {CheckId::kWellKnown, Result::kPass, Reason::kListed, "DSAR-00 §3.2.2"},
    {CheckId::kWellKnown, Result::kNone, Reason::kNotListed, "DSAR-00 §3.2.2"},
    {CheckId::kWellKnown, Result::kNone, Reason::kNoName, "CSV-02 §5.1"},

    {CheckId::kDna, Result::kPass, Reason::kRecommended, "DNA-02 §5, §6"},
    {CheckId::kDna, Result::kFail, Reason::kNotRecommended, "DNA-02 §5, §6"},
    {CheckId::kDna, Result::kNone, Reason::kUnknown, "DNA-02 §5"},
    {CheckId::kDna, Result::kNone, Reason::kNoName, "DNA-02 §5"},
    {CheckId::kDna, Result::kPermerror, Reason::kAliasChain, kAliasSource},
    {CheckId::kDna, Result::kTemperror, Reason::kDns, kNoAnswerSource},

    {CheckId::kVbr, Result::kPass, Reason::kVouched, "RFC 5518 §5, §6"},
    {CheckId::kVbr, Result::kNone, Reason::kNotVouched, "RFC 5518 §5, §6"},
    {CheckId::kVbr, Result::kNone, Reason::kNoName, "CSV-02 §5.1"},
    {CheckId::kVbr, Result::kPermerror, Reason::kNameTooLong, "RFC 1035 §2.3.4"},
    {CheckId::kVbr, Result::kPermerror, Reason::kAliasChain, kAliasSource},
    {CheckId::kVbr, Result::kTemperror, Reason::kDns, kNoAnswerSource},

    {CheckId::kLocalList, Result::kPass, Reason::kListed, "CSV-02 §5.2"},
    {CheckId::kLocalList, Result::kFail, Reason::kListed, "docs/rules.md §7.1"},
    {CheckId::kLocalList, Result::kNeutral, Reason::kNotVerified, "CSV-02 §5.2"},
    {CheckId::kLocalList, Result::kNone, Reason::kNotListed, "CSV-02 §5.2"},
    {CheckId::kLocalList, Result::kTemperror, Reason::kDns, kNoAnswerSource},

    {CheckId::kAddressList, Result::kPass, Reason::kListed, "RFC 8904 §2"},
    {CheckId::kAddressList, Result::kFail, Reason::kListed, "RFC 5782 §2.1"},
    {CheckId::kAddressList, Result::kNeutral, Reason::kListed, "RFC 5782 §2.1"},
    {CheckId::kAddressList, Result::kNeutral, Reason::kUnmappedCode, "RFC 5782 §2.3"},
    {CheckId::kAddressList, Result::kNone, Reason::kNotListed, "RFC 5782 §2.1"},
    {CheckId::kAddressList, Result::kPermerror, Reason::kAliasChain, kAliasSource},
    {CheckId::kAddressList, Result::kTemperror, Reason::kListError, "docs/rules.md §7.2"},
    {CheckId::kAddressList, Result::kTemperror, Reason::kDns, kNoAnswerSource},

    {CheckId::kNameList, Result::kPass, Reason::kListed, "RFC 5782 §4"},
    {CheckId::kNameList, Result::kFail, Reason::kListed, "RFC 5782 §4"},
    {CheckId::kNameList, Result::kNeutral, Reason::kListed, "RFC 5782 §4"},
    {CheckId::kNameList, Result::kNeutral, Reason::kUnmappedCode, "RFC 5782 §2.3"},
    {CheckId::kNameList, Result::kNone, Reason::kNotListed, "RFC 5782 §4"},
    {CheckId::kNameList, Result::kNone, Reason::kNoName, "CSV-02 §5.1"},
    {CheckId::kNameList, Result::kPermerror, Reason::kNameTooLong, "RFC 1035 §2.3.4"},
    {CheckId::kNameList, Result::kPermerror, Reason::kAliasChain, kAliasSource},
    {CheckId::kNameList, Result::kTemperror, Reason::kListError, "docs/rules.md §7.2"},
    {CheckId::kNameList, Result::kTemperror, Reason::kDns, kNoAnswerSource},

    {CheckId::kDmp, Result::kPass, Reason::kDesignated, "DMP-01 §5, §5.1"},
    {CheckId::kDmp, Result::kFail, Reason::kDenied, "DMP-01 §5, §5.1"},
    {CheckId::kDmp, Result::kFail, Reason::kNotDesignated, "DMP-01 §5, §5.1"},
    {CheckId::kDmp, Result::kPolicy, Reason::kAllowsAll, "DMP-01 §9.3"},
    {CheckId::kDmp, Result::kNone, Reason::kNotParticipating, "DMP-01 §5, §5.1"},
    {CheckId::kDmp, Result::kNone, Reason::kNotAsked, "docs/rules.md §11.2"},
    {CheckId::kDmp, Result::kNone, Reason::kNoName, "DMP-01 §5"},
    {CheckId::kDmp, Result::kPermerror, Reason::kNameTooLong, "RFC 1035 §2.3.4"},
    {CheckId::kDmp, Result::kPermerror, Reason::kAliasChain, kAliasSource},
    {CheckId::kDmp, Result::kTemperror, Reason::kDns, kNoAnswerSource},

    {CheckId::kDrip, Result::kPass, Reason::kDesignated, "DRIP-02 §4.2"},
    {CheckId::kDrip, Result::kFail, Reason::kNotDesignated, "DRIP-02 §4.2"},
    {CheckId::kDrip, Result::kFail, Reason::kParentParticipates, "DRIP-02 §4.3"},
    {CheckId::kDrip, Result::kNone, Reason::kNotParticipating, "DRIP-02 §4.2, §4.3"},
    {CheckId::kDrip, Result::kNone, Reason::kNoName, "DRIP-02 §4"},
    {CheckId::kDrip, Result::kPermerror, Reason::kNameTooLong, "RFC 1035 §2.3.4"},
    {CheckId::kDrip, Result::kPermerror, Reason::kAliasChain, kAliasSource},
    {CheckId::kDrip, Result::kTemperror, Reason::kDns, kNoAnswerSource},

    {CheckId::kRmx, Result::kPass, Reason::kDesignated, "RMX-04 §4.1, §7"},
    {CheckId::kRmx, Result::kFail, Reason::kDenied, "RMX-04 §4.1, §7"},
    {CheckId::kRmx, Result::kFail, Reason::kNotDesignated, "RMX-04 §7"},
    {CheckId::kRmx, Result::kNone, Reason::kNoRecord, "RMX-04 §7"},
    {CheckId::kRmx, Result::kNone, Reason::kNoSender, "docs/rules.md §11.4"},
    {CheckId::kRmx, Result::kPermerror, Reason::kMalformed, "RMX-04 §4.1, §7"},
    {CheckId::kRmx, Result::kPermerror, Reason::kNameTooLong, "RFC 1035 §2.3.4"},
    {CheckId::kRmx, Result::kPermerror, Reason::kAliasChain, kAliasSource},
    {CheckId::kRmx, Result::kTemperror, Reason::kDns, kNoAnswerSource},

    {CheckId::kSpfHelo, Result::kPass, Reason::kDesignated, "RFC 7208 §2.6.3"},
    {CheckId::kSpfHelo, Result::kFail, Reason::kNotDesignated, "RFC 7208 §2.6.4"},
    {CheckId::kSpfHelo, Result::kSoftfail, Reason::kProbablyNotDesignated, "RFC 7208 §2.6.5"},
    {CheckId::kSpfHelo, Result::kNeutral, Reason::kNoAssertion, "RFC 7208 §2.6.2, §4.7"},
    {CheckId::kSpfHelo, Result::kNone, Reason::kNoRecord, "RFC 7208 §2.6.1, §4.5"},
    {CheckId::kSpfHelo, Result::kNone, Reason::kNoName, "RFC 7208 §2.6.1, §4.3"},
    {CheckId::kSpfHelo, Result::kPermerror, Reason::kMalformed, "RFC 7208 §2.6.7, §4.6"},
    {CheckId::kSpfHelo, Result::kPermerror, Reason::kMultipleRecords, "RFC 7208 §4.5"},
    {CheckId::kSpfHelo, Result::kPermerror, Reason::kTooManyLookups, "RFC 7208 §4.6.4"},
    {CheckId::kSpfHelo, Result::kPermerror, Reason::kTooManyVoidLookups, "RFC 7208 §4.6.4"},
    {CheckId::kSpfHelo, Result::kPermerror, Reason::kMissingInclude, "RFC 7208 §5.2, §6.1"},
    {CheckId::kSpfHelo, Result::kPermerror, Reason::kAliasChain, kAliasSource},
    {CheckId::kSpfHelo, Result::kTemperror, Reason::kDns, "RFC 7208 §2.6.6, §4.4"},

    {CheckId::kSpf, Result::kPass, Reason::kDesignated, "RFC 7208 §2.6.3"},
    {CheckId::kSpf, Result::kFail, Reason::kNotDesignated, "RFC 7208 §2.6.4"},
    {CheckId::kSpf, Result::kSoftfail, Reason::kProbablyNotDesignated, "RFC 7208 §2.6.5"},
    {CheckId::kSpf, Result::kNeutral, Reason::kNoAssertion, "RFC 7208 §2.6.2, §4.7"},
    {CheckId::kSpf, Result::kNone, Reason::kNoRecord, "RFC 7208 §2.6.1, §4.5"},
    {CheckId::kSpf, Result::kNone, Reason::kNoSender, "RFC 7208 §2.6.1, §4.3"},
    {CheckId::kSpf, Result::kPermerror, Reason::kMalformed, "RFC 7208 §2.6.7, §4.6"},
    {CheckId::kSpf, Result::kPermerror, Reason::kMultipleRecords, "RFC 7208 §4.5"},
    {CheckId::kSpf, Result::kPermerror, Reason::kTooManyLookups, "RFC 7208 §4.6.4"},
    {CheckId::kSpf, Result::kPermerror, Reason::kTooManyVoidLookups, "RFC 7208 §4.6.4"},
    {CheckId::kSpf, Result::kPermerror, Reason::kMissingInclude, "RFC 7208 §5.2, §6.1"},
    {CheckId::kSpf, Result::kPermerror, Reason::kAliasChain, kAliasSource},
    {CheckId::kSpf, Result::kTemperror, Reason::kDns, "RFC 7208 §2.6.6, §4.4"},

    {CheckId::kCbv, Result::kPass, Reason::kAccepted, "docs/rules.md §12.3"},
    {CheckId::kCbv, Result::kFail, Reason::kBadDomain, "docs/rules.md §12.2"},
    {CheckId::kCbv, Result::kFail, Reason::kNoMx, "RFC 7505 §3, §4.2, docs/rules.md §12.2"},
    {CheckId::kCbv, Result::kFail, Reason::kRefusedMailFrom, "RFC 5321 §6.1"},
    {CheckId::kCbv, Result::kFail, Reason::kRefusedRcpt, "docs/rules.md §12.3"},
    {CheckId::kCbv, Result::kNeutral, Reason::kCatchAll, "docs/rules.md §12.3"},
    {CheckId::kCbv, Result::kNeutral, Reason::kNotCallable, "docs/rules.md §12.3, §12.4"},
    {CheckId::kCbv, Result::kNone, Reason::kNoSender, "docs/rules.md §12.1"},
    {CheckId::kCbv, Result::kTemperror, Reason::kConnect, "docs/rules.md §12.3"},
    {CheckId::kCbv, Result::kTemperror, Reason::kRefusedWelcome, "docs/rules.md §12.3"},
    {CheckId::kCbv, Result::kTemperror, Reason::kRefusedNoop, "docs/rules.md §12.3"},
    {CheckId::kCbv, Result::kTemperror, Reason::kRefusedHelo, "docs/rules.md §12.3"},
    {CheckId::kCbv, Result::kTemperror, Reason::kTempfail, "docs/rules.md §12.3"},
    {CheckId::kCbv, Result::kTemperror, Reason::kBadReply, "docs/rules.md §12.3"},
    {CheckId::kCbv, Result::kTemperror, Reason::kTimeout, "docs/rules.md §12.3"},
    {CheckId::kCbv, Result::kTemperror, Reason::kDns, kNoAnswerSource},
    {CheckId::kCbv, Result::kSkipped, Reason::kNullSender, "docs/rules.md §12.1"},
    {CheckId::kCbv, Result::kSkipped, Reason::kDecided, "docs/rules.md §12.1"},
    {CheckId::kCbv, Result::kSkipped, Reason::kOverBudget, "docs/rules.md §12.4"},
    {CheckId::kCbv, Result::kSkipped, Reason::kNoStore, "docs/rules.md §12.4"},

    {CheckId::kExempt, Result::kSkipped, Reason::kListed, "docs/rules.md §1"},
    {CheckId::kExempt, Result::kSkipped, Reason::kNetwork, "docs/rules.md §1"},
    {CheckId::kExempt, Result::kSkipped, Reason::kAuthenticatedSession, "CSV-02 §4.1.2, RFC 4954"},
    {CheckId::kConfiguration, Result::kTemperror, Reason::kInvalid, kConfigurationSource},
});

}  // namespace

std::string_view ToString(Result result) {
  switch (result) {
    case Result::kNone:
      return "none";
    case Result::kNeutral:
      return "neutral";
    case Result::kPass:
      return "pass";
    case Result::kFail:
      return "fail";
    case Result::kSoftfail:
      return "softfail";
    case Result::kPolicy:
      return "policy";
    case Result::kTemperror:
      return "temperror";
    case Result::kPermerror:
      return "permerror";
    case Result::kSkipped:
      return "skipped";
  }
  return "";
}

std::string_view ToString(CheckId check) {
  switch (check) {
    case CheckId::kHelo:
      return "helo";
    case CheckId::kCsa:
      return "csa";
    case CheckId::kForward:
      return "forward";
    case CheckId::kIprev:
      return "iprev";
    case CheckId::kReverseMatch:
      return "reverse-match";
    case CheckId::kWellKnown:
      return "well-known";
    case CheckId::kDna:
      return "dna";
    case CheckId::kVbr:
      return "vbr";
    case CheckId::kLocalList:
      return "local-list";
    case CheckId::kAddressList:
      return "address-list";
    case CheckId::kNameList:
      return "name-list";
    case CheckId::kDmp:
      return "dmp";
    case CheckId::kDrip:
      return "drip";
    case CheckId::kRmx:
      return "rmx";
    case CheckId::kSpfHelo:
      return "spf-helo";
    case CheckId::kSpf:
      return "spf";
    case CheckId::kCbv:
      return "cbv";
    case CheckId::kExempt:
      return "exempt";
    case CheckId::kConfiguration:
      return "configuration";
  }
  return "";
}

std::string_view ToString(Rating rating) {
  switch (rating) {
    case Rating::kA:
      return "A";
    case Rating::kB:
      return "B";
    case Rating::kC:
      return "C";
    case Rating::kD:
      return "D";
    case Rating::kE:
      return "E";
  }
  return "";
}

std::optional<Rating> ParseRating(std::string_view letter) {
  if (letter.size() != 1) return std::nullopt;
  const char lower = static_cast<char>(letter[0] | 0x20);
  if (lower < 'a' || lower > 'e') return std::nullopt;
  return static_cast<Rating>(lower - 'a');
}

std::string_view ToString(Reason reason) { return TextOf(reason).token; }

std::string_view Meaning(Reason reason) { return TextOf(reason).meaning; }

std::string_view SourceOf(CheckId check, Reason reason) {
  const auto rule = std::ranges::find_if(kRules, [&](const ResultRule& candidate) {
    return candidate.check == check && candidate.reason == reason;
  });
  return rule == kRules.end() ? std::string_view() : rule->source;
}

std::span<const ResultRule> ResultRules() { return kRules; }

}  // namespace helovet
