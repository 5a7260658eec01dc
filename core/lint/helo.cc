// A name that hosts say in HELO: its CSA records, its addresses and theirs (CSA-02, BCP part 1).
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "checks/answers.h"
#include "checks/csa.h"
#include "helovet/publication.h"
#include "lint/csa_records.h"
#include "lint/look.h"

namespace helovet {
namespace {

constexpr std::size_t kSecondLevelLabels = 2;  // CSA-02 §7: never a top-level domain.
constexpr std::size_t kMaxTargetsShown = 6;    // Targets that are looked at; more are a finding.
constexpr std::size_t kMaxReverse = 10;        // Addresses whose PTR records are looked at.
constexpr std::size_t kManyHosts = 4;          // Addresses of one family. Ours.

// The addresses of a name in both families.
struct Addresses {
  std::vector<DnsRecord> records = {};
  std::vector<DnsRecord> aliases = {};
  bool known = true;  // Both families have been looked at.
};

Task<Addresses> AddressesOf(const DnsName& name, Look& look) {
  Addresses found;
  const std::array<DnsQuestion, 2> questions = {{{name, DnsType::kA}, {name, DnsType::kAaaa}}};
  for (const DnsQuestion& question : questions) look.dns().Prefetch(question);
  for (const DnsQuestion& question : questions) {
    const DnsAnswer& answer = co_await look.dns().Ask(question);
    if (!look.Tells(question, answer)) {
      found.known = false;
      continue;
    }
    look.Weigh(question, answer);
    found.aliases = answer.aliases;
    found.records.insert(found.records.end(), answer.records.begin(), answer.records.end());
  }
  co_return found;
}

// One look at a name in HELO, step by step.
class HeloLook {
 public:
  HeloLook(Look& look, const LintSubject& subject) : look_(look), subject_(subject) {}

  Task<Looked> Run(DnsQuestion question);

 private:
  [[nodiscard]] const DnsName& name() const { return look_.name(); }
  void Prefetch();
  Task<Looked> AskParents();
  Task<Looked> AskTargets();
  void JudgeTarget(const DnsRecord& record, const Addresses& target);
  void JudgeTtl(const DnsRecord& record, const Addresses& target);
  void JudgeWithoutRecord();
  void JudgeExplicit();
  void JudgeAddresses();
  Task<Looked> AskReverse();
  [[nodiscard]] bool TargetsTheNameAlone() const;
  // The record that suits what is known of the name.
  [[nodiscard]] DnsRecord Suitable() const;

  Look& look_;
  const LintSubject& subject_;
  std::vector<DnsRecord> records_;  // Of version 1.
  std::map<DnsName, std::vector<DnsRecord>> parents_;
  bool parents_known_ = true;
  Addresses own_;
  std::vector<DnsRecord> target_addresses_;
  bool targets_known_ = true;
};

void HeloLook::Prefetch() {
  for (const DnsName& parent : ParentsOf(name())) {
    const std::optional<DnsQuestion> question = CsaQuestion(parent);
    if (!question) continue;
    look_.dns().Prefetch(*question);
    parents_[parent];
  }
  look_.dns().Prefetch({name(), DnsType::kA});
}

Task<Looked> HeloLook::AskParents() {
  for (auto& [parent, records] : parents_) {
    const std::optional<DnsQuestion> question = CsaQuestion(parent);
    const DnsAnswer& answer = co_await look_.dns().Ask(*question);
    if (look_.Tells(*question, answer)) {
      records = CsaRecordsOf(answer.records);
    } else {
      parents_known_ = false;
    }
  }
  co_return Looked();
}

// CSA-02 §4.
Task<Looked> HeloLook::AskTargets() {
  std::set<DnsName> targets;
  std::size_t looked_at = 0;
  for (const DnsRecord& record : records_) {
    if (!NeedsTarget(record)) continue;
    if (++looked_at > kMaxFindingRecords) break;
    const DnsName target = SrvOf(record).target;
    const bool is_new = targets.insert(target).second;
    if (targets.size() > kMaxTargetsShown) break;
    Addresses addresses;
    if (!target.is_root()) addresses = co_await AddressesOf(target, look_);
    targets_known_ = targets_known_ && addresses.known;
    JudgeTarget(record, addresses);
    if (!is_new) continue;
    std::move(addresses.records.begin(), addresses.records.end(),
              std::back_inserter(target_addresses_));
  }
  if (targets.size() > kMaxTargets) {
    look_.Add({.id = FindingId::kCsaTooManyTargets, .records = records_});
  }
  co_return Looked();
}

void HeloLook::JudgeTarget(const DnsRecord& record, const Addresses& target) {
  if (!target.aliases.empty()) {
    const DnsName& end = std::get<DnsName>(target.aliases.back().data);
    look_.AddReplaced(FindingId::kCsaTargetAlias, record, WithTarget(record, end));
  }
  if (target.known && target.records.empty()) {
    Fault fault = {.id = FindingId::kCsaTargetNoAddress, .records = {record}};
    if (SrvOf(record).target != name() && !own_.records.empty()) {
      fault.remedy = Remedy::kReplace;
      fault.corrected.push_back(WithTarget(record, name()));
    }
    look_.Add(std::move(fault));
  }
  JudgeTtl(record, target);
}

// A resolver's TTLs are what is left of the zone's, so only files can tell.
void HeloLook::JudgeTtl(const DnsRecord& record, const Addresses& target) {
  if (look_.zones() == nullptr || look_.zones()->Find(record) == nullptr) return;
  std::optional<std::uint32_t> least;
  for (const DnsRecord& address : target.records) {
    if (look_.zones()->Find(address) == nullptr) return;
    least = std::min(least.value_or(address.ttl), address.ttl);
  }
  if (!least || *least == record.ttl) return;
  DnsRecord corrected = record;
  corrected.ttl = *least;
  look_.AddReplaced(FindingId::kCsaTtlDiffers, record, std::move(corrected),
                    "the target's addresses have " + std::to_string(*least) + " seconds");
}

DnsRecord HeloLook::Suitable() const {
  SrvData data = {.priority = kCsaVersion, .weight = kCsaAuthorized, .target = name()};
  std::uint32_t ttl = kDefaultPublishedTtl;
  if (own_.records.empty()) {
    data.weight = kCsaIgnoreTarget;
  } else {
    ttl = own_.records.front().ttl;
    for (const DnsRecord& record : own_.records) ttl = std::min(ttl, record.ttl);
  }
  return CsaRecord(name(), data, ttl);
}

// docs/rules.md §4.5.
void HeloLook::JudgeWithoutRecord() {
  if (!own_.known) return;
  Fault fault = {.id = FindingId::kCsaRefusedByParent, .remedy = Remedy::kAdd};
  for (const auto& [parent, records] : parents_) {
    if (!SaysExplicit(records)) continue;
    fault.detail = "Explicit stands at " + parent.ToString();
    break;
  }
  if (fault.detail.empty()) {
    if (!subject_.asked || !parents_known_) return;
    fault.id = FindingId::kCsaNoRecord;
  }
  fault.corrected.push_back(Suitable());
  look_.Add(std::move(fault));
}

// The domain is the apex of its zone; from the network, the second level.
void HeloLook::JudgeExplicit() {
  if (!parents_known_ || SaysExplicit(records_)) return;
  if (std::any_of(parents_.begin(), parents_.end(),
                  [](const auto& parent) { return SaysExplicit(parent.second); })) {
    return;
  }
  DnsName domain = name().LastLabels(kSecondLevelLabels);
  if (look_.zones() != nullptr) {
    const DnsName* const apex = look_.zones()->ApexOf(name());
    if (apex != nullptr) domain = *apex;
  }
  const std::size_t labels = domain.label_count();
  if (labels < kSecondLevelLabels || labels > kDeepestExplicitLabels) return;
  const auto parent = parents_.find(domain);
  if (parent == parents_.end() && domain != name()) return;
  Fault fault = {.id = FindingId::kCsaExplicitMissing, .remedy = Remedy::kReplace};
  fault.records = domain == name() ? records_ : parent->second;
  fault.corrected = WithExplicit(fault.records);
  if (fault.records.empty()) {
    fault.remedy = Remedy::kAdd;
    const SrvData data = {.priority = kCsaVersion,
                          .weight = kCsaIgnoreTarget,
                          .port = kCsaExplicit,
                          .target = domain};
    fault.corrected.push_back(CsaRecord(domain, data, kDefaultPublishedTtl));
  }
  look_.AddFor(domain, std::move(fault));
}

bool HeloLook::TargetsTheNameAlone() const {
  return std::all_of(records_.begin(), records_.end(), [this](const DnsRecord& record) {
    return NeedsTarget(record) && SrvOf(record).target == name();
  });
}

// BCP part 1: an address record for the name, and that of the host.
void HeloLook::JudgeAddresses() {
  if (!own_.known) return;
  if (own_.records.empty() && !TargetsTheNameAlone()) {
    Fault fault = {.id = FindingId::kHostNoAddress};
    fault.corrected = target_addresses_;
    for (DnsRecord& record : fault.corrected) record.owner = name();
    if (!fault.corrected.empty()) fault.remedy = Remedy::kAdd;
    look_.Add(std::move(fault));
  }
  const bool shares =
      std::any_of(own_.records.begin(), own_.records.end(), [this](const DnsRecord& own) {
        return std::any_of(target_addresses_.begin(), target_addresses_.end(),
                           [&own](const DnsRecord& target) { return own.data == target.data; });
      });
  if (!own_.records.empty() && !target_addresses_.empty() && targets_known_ && !shares) {
    look_.Add({.id = FindingId::kHostOtherAddress, .records = own_.records});
  }
  for (const DnsType type : {DnsType::kA, DnsType::kAaaa}) {
    const auto count =
        std::count_if(own_.records.begin(), own_.records.end(),
                      [type](const DnsRecord& record) { return record.type == type; });
    if (count <= static_cast<std::ptrdiff_t>(kManyHosts)) continue;
    look_.Add({.id = FindingId::kHostShared,
               .detail = std::to_string(count) + " " + std::string(ToString(type)) + " records"});
  }
}

Task<Looked> HeloLook::AskReverse() {
  std::vector<DnsRecord> addresses = target_addresses_.empty() ? own_.records : target_addresses_;
  if (addresses.size() > kMaxReverse) addresses.resize(kMaxReverse);
  for (const DnsRecord& address : addresses) {
    const std::string reverse = std::get<IpAddress>(address.data).ReverseName();
    look_.dns().Prefetch({*DnsName::Parse(reverse), DnsType::kPtr});
  }
  for (const DnsRecord& address : addresses) {
    const std::string reverse = std::get<IpAddress>(address.data).ReverseName();
    const DnsQuestion question = {*DnsName::Parse(reverse), DnsType::kPtr};
    const DnsAnswer& answer = co_await look_.dns().Ask(question);
    if (!look_.Tells(question, answer)) continue;
    look_.Weigh(question, answer);
    const bool named =
        std::any_of(answer.records.begin(), answer.records.end(), [&](const DnsRecord& record) {
          const DnsName& host = std::get<DnsName>(record.data);
          return host == name() || host == address.owner;
        });
    if (named) continue;
    DnsName owner = question.name;
    if (!answer.aliases.empty()) owner = std::get<DnsName>(answer.aliases.back().data);
    Fault fault = {.id = FindingId::kHostNoReverse, .records = {address}, .remedy = Remedy::kAdd};
    fault.corrected.push_back({owner, DnsType::kPtr, address.ttl, name()});
    look_.Add(std::move(fault));
  }
  co_return Looked();
}

Task<Looked> HeloLook::Run(DnsQuestion question) {
  Prefetch();
  const DnsAnswer& answer = co_await look_.dns().Ask(question);
  const bool told = look_.Tells(question, answer);
  own_ = co_await AddressesOf(name(), look_);
  if (!told) co_return Looked();
  co_await AskParents();
  JudgeCsaRecords(answer.records, look_);
  records_ = CsaRecordsOf(answer.records);
  if (answer.records.empty()) JudgeWithoutRecord();
  if (records_.empty()) co_return Looked();
  co_await AskTargets();
  look_.Weigh(question, answer, target_addresses_);
  JudgeExplicit();
  const bool sends = std::any_of(records_.begin(), records_.end(), Authorizes);
  if (!sends) co_return Looked();
  JudgeAddresses();
  co_await AskReverse();
  co_return Looked();
}

}  // namespace

Task<Looked> LookAtHelo(Look& look, const LintSubject& subject) {
  std::optional<DnsQuestion> question = CsaQuestion(look.name());
  if (!question) {
    look.Add({.id = FindingId::kNameTooLong, .detail = "_client._smtp before it does not fit"});
    co_return Looked();
  }
  HeloLook helo(look, subject);
  co_await helo.Run(*question);
  co_return Looked();
}

}  // namespace helovet
