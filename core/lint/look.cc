#include "lint/look.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <variant>

#include "dns/wire.h"
#include "publication/zone_text.h"

namespace helovet {
namespace {

constexpr std::size_t kMaxUdpOctets = 512;  // RFC 1035 §4.2.1, without EDNS.

// The data of one reply as a server lays them out.
class ReplySize {
 public:
  void AddQuestion(const DnsName& name) { AddName(name, /*compressed=*/true), octets_ += 4; }

  void AddRecord(const DnsRecord& record) {
    AddName(record.owner, /*compressed=*/true);
    octets_ += 10;  // Type, class, TTL, length (RFC 1035 §4.1.3).
    std::visit([this](const auto& data) { AddData(data); }, record.data);
  }

  [[nodiscard]] std::size_t octets() const { return octets_; }

 private:
  void AddName(const DnsName& name, bool compressed) {
    std::string_view wire = name.wire();
    while (wire.size() > 1) {
      if (!seen_.insert(std::string(wire)).second && compressed) {
        octets_ += 2;
        return;
      }
      const std::size_t label = std::size_t{1} + static_cast<std::uint8_t>(wire[0]);
      octets_ += label;
      wire.remove_prefix(label);
    }
    ++octets_;
  }

  void AddData(const IpAddress& address) { octets_ += address.bytes().size(); }
  void AddData(const DnsName& name) { AddName(name, /*compressed=*/true); }
  void AddData(const SrvData& srv) { octets_ += 6, AddName(srv.target, /*compressed=*/false); }
  void AddData(const MxData& mx) { octets_ += 2, AddName(mx.exchange, /*compressed=*/true); }
  void AddData(const AplData& apl) { octets_ += apl.items.size() * 8; }
  void AddData(const std::string& text) { octets_ += text.size() + text.size() / 255 + 1; }

  std::set<std::string> seen_;
  std::size_t octets_ = kDnsHeaderOctets;
};

// The records under their own names instead of those that a wildcard answered for.
class Places {
 public:
  explicit Places(const ZoneRecords* zones) : zones_(zones) {}

  FaultyRecord Place(const DnsRecord& record) {
    const PlacedRecord* const placed = zones_ == nullptr ? nullptr : zones_->Find(record);
    if (placed == nullptr) return {.text = ToString(ZoneRecordOf(record))};
    owners_[record.owner] = placed->record.owner;
    DnsRecord own = record;
    own.owner = placed->record.owner;
    return {
        .text = ToString(ZoneRecordOf(own)), .file = zones_->FileOf(*placed), .line = placed->line};
  }

  std::string Correct(DnsRecord record) const {
    const auto owner = owners_.find(record.owner);
    if (owner != owners_.end()) record.owner = owner->second;
    return ToString(ZoneRecordOf(record));
  }

 private:
  const ZoneRecords* zones_;
  std::map<DnsName, DnsName> owners_;
};

// What makes two findings the same: the question, or the records, whichever name they were met at.
std::string KeyOf(const Finding& finding) {
  std::string key(1, static_cast<char>(finding.id));
  (key += finding.detail) += '\n';
  const bool is_question =
      finding.id == FindingId::kCouldNotLook || finding.id == FindingId::kNotLookedAt;
  if (finding.records.empty() && !is_question) (key += finding.name) += '\n';
  for (const FaultyRecord& record : finding.records) {
    ((key += record.text) += '\t') += std::to_string(record.line) += '\n';
  }
  for (const std::string& record : finding.corrected) (key += record) += '\n';
  return key;
}

}  // namespace

void FindingList::Add(DnsName name, Finding finding) {
  if (findings_.size() == kMaxFindings) {
    ++left_out_;
    return;
  }
  finding.name = name.ToString();
  findings_.emplace_back(std::move(name), std::move(finding));
}

LintReport FindingList::Take() {
  std::stable_sort(findings_.begin(), findings_.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first, a.second.id) < std::tie(b.first, b.second.id);
  });
  LintReport report = {.left_out = left_out_};
  std::set<std::string> seen;
  for (auto& [name, finding] : findings_) {
    if (!seen.insert(KeyOf(finding)).second) continue;
    report.findings.push_back(std::move(finding));
  }
  return report;
}

Look::Look(const LintSources& sources, const DnsName& name, FindingList& findings)
    : sources_(sources),
      name_(name),
      findings_(findings),
      dns_(sources.loop, sources.dns,
           std::min(sources.loop.Now() + sources.deadline, sources.latest)) {}

bool Look::Tells(const DnsQuestion& question, const DnsAnswer& answer) {
  Fault fault = {.detail = ToString(question)};
  if (answer.outcome == DnsOutcome::kAliasChain) {
    fault.id = FindingId::kAliasChain;
    fault.records = answer.aliases;
  } else if (answer.outcome == DnsOutcome::kRefused && sources_.refused_is_outside) {
    fault.id = FindingId::kNotLookedAt;
  } else if (IsTemporary(answer.outcome)) {
    fault.detail.append(": ").append(ToString(answer.outcome));
  } else {
    return true;
  }
  Add(std::move(fault));
  return false;
}

void Look::Weigh(const DnsQuestion& question, const DnsAnswer& answer,
                 const std::vector<DnsRecord>& additional) {
  if (answer.records.empty() || !weighed_.insert(question).second) return;
  const auto [least, most] =
      std::minmax_element(answer.records.begin(), answer.records.end(),
                          [](const DnsRecord& a, const DnsRecord& b) { return a.ttl < b.ttl; });
  if (least->ttl != most->ttl) {
    Fault fault = {.id = FindingId::kTtlUnequal,
                   .records = answer.records,
                   .remedy = Remedy::kReplace,
                   .corrected = answer.records};
    for (DnsRecord& record : fault.corrected) record.ttl = least->ttl;
    Add(std::move(fault));
  }
  const std::size_t octets = ReplyOctets(question, answer, additional);
  if (octets <= kMaxUdpOctets) return;
  Add({.id = FindingId::kReplyTooLarge,
       .records = answer.records,
       .detail = ToString(question) + ": " + std::to_string(octets) + " octets"});
}

void Look::AddFor(const DnsName& name, Fault fault) {
  Finding finding = {.id = fault.id, .detail = std::move(fault.detail), .remedy = fault.remedy};
  const bool whole =
      fault.records.size() <= kMaxFindingRecords && fault.corrected.size() <= kMaxFindingRecords;
  if (fault.records.size() > kMaxFindingRecords) fault.records.resize(kMaxFindingRecords);
  Places places(sources_.zones);
  for (const DnsRecord& record : fault.records) finding.records.push_back(places.Place(record));
  if (whole) {
    for (const DnsRecord& record : fault.corrected) {
      finding.corrected.push_back(places.Correct(record));
    }
  } else {
    finding.remedy = Remedy::kNone;
  }
  findings_.Add(name, std::move(finding));
}

void Look::AddReplaced(FindingId id, const DnsRecord& record, DnsRecord replacement,
                       std::string detail) {
  Fault fault = {.id = id, .detail = std::move(detail), .remedy = Remedy::kReplace};
  fault.records.push_back(record);
  fault.corrected.push_back(std::move(replacement));
  Add(std::move(fault));
}

void Look::AddRemoved(FindingId id, const DnsRecord& record, std::string detail) {
  Fault fault = {.id = id, .detail = std::move(detail), .remedy = Remedy::kRemove};
  fault.records.push_back(record);
  Add(std::move(fault));
}

DnsAnswer AnswerOf(std::vector<DnsRecord> records) {
  DnsAnswer answer;
  answer.outcome = DnsOutcome::kOk;
  answer.records = std::move(records);
  return answer;
}

std::string ToString(const DnsQuestion& question) {
  return std::string(ToString(question.type)) + " of " + question.name.ToString();
}

std::size_t ReplyOctets(const DnsQuestion& question, const DnsAnswer& answer,
                        const std::vector<DnsRecord>& additional) {
  ReplySize size;
  size.AddQuestion(question.name);
  for (const DnsRecord& record : answer.aliases) size.AddRecord(record);
  for (const DnsRecord& record : answer.records) size.AddRecord(record);
  for (const DnsRecord& record : additional) size.AddRecord(record);
  return size.octets();
}

}  // namespace helovet
