#include "checks/csa.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "checks/answers.h"

namespace helovet {
namespace {

constexpr std::string_view kCsaPrefix = "_client._smtp";  // CSA-02 §4
constexpr std::uint16_t kVersion = 1;                     // CSA-02 §5, Priority
constexpr std::uint16_t kWeightIgnoreTarget = 1;          // CSA-02 §5, Weight
constexpr std::uint16_t kWeightAuthorized = 2;            // CSA-02 §5, Weight
constexpr std::uint16_t kPortExplicit = 1;                // CSA-02 §5, Port

// Labels of in-addr.arpa and ip6.arpa, and labels below them at which blocks of addresses are
// delegated: /8, /16, /24 and /16, /32, /48.
constexpr std::size_t kReverseRootLabels = 2;
constexpr std::size_t kReverseSteps = 3;
constexpr std::size_t kV4LabelsPerStep = 1;
constexpr std::size_t kV6LabelsPerStep = 4;

// The SRV questions of one validation.
struct SrvQuestions {
  // Of the name itself; empty when its SRV name would be too long to exist.
  std::optional<DnsQuestion> own;
  // Of its parents, from the top down.
  std::vector<DnsQuestion> parents = {};
};

std::optional<DnsQuestion> SrvQuestion(const DnsName& name) {
  std::optional<DnsName> owner = name.WithPrefix(kCsaPrefix);
  if (!owner) return std::nullopt;
  return DnsQuestion{*std::move(owner), DnsType::kSrv};
}

void AddParent(const DnsName& parent, SrvQuestions& questions) {
  // A parent whose SRV name would be too long has no record that could say Explicit.
  if (std::optional<DnsQuestion> question = SrvQuestion(parent)) {
    questions.parents.push_back(*std::move(question));
  }
}

SrvQuestions QuestionsOfName(const DnsName& name, const Config::Csa& settings) {
  SrvQuestions questions = {.own = SrvQuestion(name)};
  if (!settings.explicit_search) return questions;
  for (const DnsName& parent : ParentsOf(name)) AddParent(parent, questions);
  return questions;
}

// docs/rules.md §4.6. The sixth-level rule fits names of hosts; in the reverse trees the blocks
// that are delegated take its place.
SrvQuestions QuestionsOfAddress(const IpAddress& address, const Config::Csa& settings) {
  const DnsName name = *DnsName::Parse(address.ReverseName());  // Always a valid name.
  SrvQuestions questions = {.own = SrvQuestion(name)};
  if (!settings.explicit_search) return questions;
  const std::size_t labels_per_step = address.is_v4() ? kV4LabelsPerStep : kV6LabelsPerStep;
  for (std::size_t step = 1; step <= kReverseSteps; ++step) {
    AddParent(name.LastLabels(kReverseRootLabels + step * labels_per_step), questions);
  }
  return questions;
}

std::optional<SrvQuestions> QuestionsOf(const HeloFinding& helo, const Config::Csa& settings) {
  if (helo.name) return QuestionsOfName(*helo.name, settings);
  if (helo.address && settings.reverse) return QuestionsOfAddress(*helo.address, settings);
  return std::nullopt;
}

// What the records of this version assert, taken together: their order and number leave no trace.
struct Assertions {
  bool any = false;
  bool reserved_weight = false;
  bool not_authorized = false;         // Weight 0 or 1.
  bool authorized_elsewhere = false;   // Weight 3.
  bool authorized_by_address = false;  // Weight 2.
  bool explicit_set = false;
  std::set<DnsName> targets;  // Of weight 2, without ".", which stands for no host at all.
};

void Read(const SrvData& record, Assertions& assertions) {
  if (record.priority != kVersion) return;
  assertions.any = true;
  if ((record.port & kPortExplicit) != 0) assertions.explicit_set = true;
  if ((record.weight & ~(kWeightIgnoreTarget | kWeightAuthorized)) != 0) {
    assertions.reserved_weight = true;
  } else if ((record.weight & kWeightAuthorized) == 0) {
    assertions.not_authorized = true;
  } else if ((record.weight & kWeightIgnoreTarget) != 0) {
    assertions.authorized_elsewhere = true;
  } else {
    assertions.authorized_by_address = true;
    if (!record.target.is_root()) assertions.targets.insert(record.target);
  }
}

Assertions ReadAll(const DnsAnswer& answer) {
  Assertions assertions;
  for (const DnsRecord& record : answer.records) {
    if (const auto* srv = std::get_if<SrvData>(&record.data)) Read(*srv, assertions);
  }
  return assertions;
}

// docs/rules.md §4.3, §4.4 as far as the records alone decide; empty: the targets do.
std::optional<Ruling> RuleByRecords(const Assertions& records) {
  if (records.reserved_weight) return Ruling{Result::kPermerror, Reason::kReservedWeight};
  if (records.not_authorized) {
    if (records.authorized_by_address || records.authorized_elsewhere) {
      return Ruling{Result::kPermerror, Reason::kConflictingRecords};
    }
    return Ruling{Result::kFail, Reason::kNotAuthorized};
  }
  if (!records.authorized_by_address) return Ruling{Result::kNeutral, Reason::kTargetIgnored};
  return std::nullopt;
}

// The targets whose addresses count, in canonical name order.
std::vector<DnsName> TargetsToAsk(const Assertions& records) {
  std::vector<DnsName> targets;
  for (const DnsName& target : records.targets) {
    if (targets.size() == kMaxTargets) break;
    targets.push_back(target);
  }
  return targets;
}

// The record beside the SRV records that proves the client, or null. Additional data can be cut
// short or old, so their silence proves nothing (docs/rules.md §4.4). Only targets that would be
// asked count: what a server happens to add must not make a fifth target pass.
const DnsRecord* FindProof(const DnsAnswer& srv, const std::vector<DnsName>& targets,
                           const IpAddress& client) {
  const auto proof =
      std::find_if(srv.additional.begin(), srv.additional.end(), [&](const DnsRecord& record) {
        const auto* address = std::get_if<IpAddress>(&record.data);
        return address != nullptr && *address == client &&
               std::find(targets.begin(), targets.end(), record.owner) != targets.end();
      });
  return proof == srv.additional.end() ? nullptr : &*proof;
}

// What the server would have answered about the owner of `proof`, as far as it has said. The AD bit
// of its reply does not cover additional records (RFC 4035 §3.2.3).
DnsAnswer AnswerOf(const DnsRecord& proof, Trail trail) {
  DnsAnswer answer;
  answer.trail = trail;
  answer.outcome = DnsOutcome::kOk;
  answer.records = {proof};
  return answer;
}

// What the targets' answers came to while none of them held the client.
struct TargetTally {
  bool temporary = false;
  bool alias_chain = false;
  bool family = false;  // An address of the client's family.
};

void Count(const DnsAnswer& answer, const IpAddress& client, TargetTally& tally) {
  if (IsTemporary(answer.outcome)) tally.temporary = true;
  if (answer.outcome == DnsOutcome::kAliasChain) tally.alias_chain = true;
  if (HoldsFamily(answer, client)) tally.family = true;
}

// docs/rules.md §4.4. What could not be found out comes before what is wrong: a later try may pass.
Ruling RuleByTargets(const Assertions& records, const TargetTally& tally) {
  if (tally.temporary) return {Result::kTemperror, Reason::kDns};
  if (records.authorized_elsewhere) return {Result::kNeutral, Reason::kTargetIgnored};
  if (records.targets.size() > kMaxTargets) return {Result::kPermerror, Reason::kTooManyTargets};
  if (tally.alias_chain) return {Result::kPermerror, Reason::kAliasChain};
  if (tally.family) return {Result::kFail, Reason::kAddressMismatch};
  return {Result::kFail, Reason::kNoAddress};
}

// docs/rules.md §4.4, weight 2: is the client among the addresses of the targets?
Task<Ruling> AskTargets(const Assertions& records, const DnsAnswer& srv, const IpAddress& client,
                        SessionDns& dns, std::vector<Evidence>& evidence) {
  const std::vector<DnsName> targets = TargetsToAsk(records);
  Ruling ruling = {Result::kPass, Reason::kAuthorized};
  if (const DnsRecord* proof = FindProof(srv, targets, client)) {
    AddEvidence({proof->owner, proof->type}, AnswerOf(*proof, srv.trail), evidence);
    co_return ruling;
  }
  for (const DnsName& target : targets) dns.Prefetch(AddressQuestion(target, client));
  TargetTally tally;
  for (const DnsName& target : targets) {
    const DnsQuestion question = AddressQuestion(target, client);
    const DnsAnswer& answer = co_await dns.Ask(question);
    AddEvidence(question, answer, evidence);
    if (HoldsAddress(answer, client)) co_return ruling;
    Count(answer, client, tally);
  }
  ruling = RuleByTargets(records, tally);
  co_return ruling;
}

// CSA-02 §7, docs/rules.md §4.5.
Task<Ruling> SearchExplicit(const std::vector<DnsQuestion>& parents, SessionDns& dns,
                            std::vector<Evidence>& evidence) {
  const auto decide = [](const DnsAnswer& answer) -> std::optional<Ruling> {
    if (!ReadAll(answer).explicit_set) return std::nullopt;
    return Ruling{Result::kFail, Reason::kExplicitRequired};
  };
  for (const DnsQuestion& parent : parents) dns.Prefetch(parent);
  const Ruling no_record = {Result::kNone, Reason::kNoRecord};
  const Ruling ruling = co_await AskParents(parents, no_record, decide, dns, evidence);
  co_return ruling;
}

// CSA-02 §4 for the questions of one name; adds what it used to `evidence`.
Task<Ruling> Rule(const SrvQuestions& questions, const IpAddress& client, SessionDns& dns,
                  bool& authorizes_elsewhere, std::vector<Evidence>& evidence) {
  Ruling ruling;
  // A name whose SRV name would be too long cannot have a record, and is no error (docs/rules.md
  // §4.1).
  if (questions.own) {
    const DnsAnswer& answer = co_await dns.Ask(*questions.own);
    AddEvidence(*questions.own, answer, evidence);
    if (const std::optional<Ruling> failure = FailureOf(answer)) {
      ruling = *failure;
      co_return ruling;
    }
    const Assertions records = ReadAll(answer);
    if (records.any) {
      if (const std::optional<Ruling> ruled = RuleByRecords(records)) {
        ruling = *ruled;
      } else {
        ruling = co_await AskTargets(records, answer, client, dns, evidence);
      }
      authorizes_elsewhere = records.authorized_elsewhere && (ruling.result == Result::kNeutral ||
                                                              ruling.result == Result::kTemperror);
      co_return ruling;
    }
  }
  ruling = co_await SearchExplicit(questions.parents, dns, evidence);
  co_return ruling;
}

}  // namespace

void PrefetchCsa(const HeloFinding& helo, const IpAddress& client, const Config::Csa& settings,
                 SessionDns& dns) {
  const std::optional<SrvQuestions> questions = QuestionsOf(helo, settings);
  if (!questions) return;
  if (questions->own) dns.Prefetch(*questions->own);
  if (helo.name) dns.Prefetch(AddressQuestion(*helo.name, client));
  for (const DnsQuestion& question : questions->parents) dns.Prefetch(question);
}

Task<CsaFinding> CheckCsa(const HeloFinding& helo, const IpAddress& client,
                          const Config::Csa& settings, SessionDns& dns) {
  CsaFinding finding = {
      .result = {.check = CheckId::kCsa, .result = Result::kNone, .reason = Reason::kNoName}};
  const std::optional<SrvQuestions> questions = QuestionsOf(helo, settings);
  if (!questions) co_return finding;

  const Ruling ruling =
      co_await Rule(*questions, client, dns, finding.authorizes_elsewhere, finding.result.evidence);
  finding.result.result = ruling.result;
  finding.result.reason = ruling.reason;
  co_return finding;
}

CheckResult RaiseByIprev(CsaFinding csa, bool iprev_confirms_helo) {
  if (csa.authorizes_elsewhere && iprev_confirms_helo) {
    csa.result.result = Result::kPass;
    csa.result.reason = Reason::kAuthenticatedElsewhere;
  }
  return std::move(csa.result);
}

}  // namespace helovet
