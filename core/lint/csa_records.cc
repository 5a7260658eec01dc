#include "lint/csa_records.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "checks/csa.h"

namespace helovet {
namespace {

DnsRecord WithData(DnsRecord record, const SrvData& data) {
  record.data = data;
  return record;
}

// CSA-02 §5, Priority. Where other records are of version 1, this one is of use to nobody.
void JudgeVersions(const std::vector<DnsRecord>& records, Look& look) {
  const bool has_current = !CsaRecordsOf(records).empty();
  for (const DnsRecord& record : records) {
    SrvData data = SrvOf(record);
    if (data.priority == kCsaVersion) continue;
    if (has_current) {
      look.AddRemoved(FindingId::kCsaWrongVersion, record);
      continue;
    }
    data.priority = kCsaVersion;
    look.AddReplaced(FindingId::kCsaWrongVersion, record, WithData(record, data));
  }
}

// CSA-02 §5, Weight. Nobody but the owner knows what is meant where no known bit is set.
void JudgeWeight(const DnsRecord& record, Look& look) {
  SrvData data = SrvOf(record);
  const bool has_meaning = (data.weight & kCsaWeightBits) != 0;
  if ((data.weight & ~kCsaWeightBits) == 0) {
    if (!has_meaning) look.Add({.id = FindingId::kCsaZeroWeight, .records = {record}});
  } else if (has_meaning) {
    data.weight &= kCsaWeightBits;
    look.AddReplaced(FindingId::kCsaReservedWeight, record, WithData(record, data));
  } else {
    look.Add({.id = FindingId::kCsaReservedWeight, .records = {record}});
  }
}

void JudgeBits(const DnsRecord& record, Look& look) {
  const SrvData& data = SrvOf(record);
  JudgeWeight(record, look);
  if ((data.port & ~kCsaExplicit) != 0) {
    SrvData corrected = data;
    corrected.port &= kCsaExplicit;
    look.AddReplaced(FindingId::kCsaReservedPort, record, WithData(record, corrected));
  }
  const bool too_deep = look.name().label_count() > kDeepestExplicitLabels;
  if (too_deep && (data.port & kCsaExplicit) != 0) {
    SrvData corrected = data;
    corrected.port &= static_cast<std::uint16_t>(~kCsaExplicit);
    look.AddReplaced(FindingId::kCsaExplicitTooDeep, record, WithData(record, corrected));
  }
}

// CSA-02 §5, Target: the name itself, rather than ".".
void JudgePlaceholder(const DnsRecord& record, Look& look) {
  if (NeedsTarget(record) || SrvOf(record).target == look.name()) return;
  look.AddReplaced(FindingId::kCsaPlaceholderTarget, record, WithTarget(record, look.name()));
}

// The one record that says the same as all; empty: none does.
std::optional<DnsRecord> Merged(const std::vector<DnsRecord>& records, const DnsName& name) {
  DnsRecord merged = records.front();
  SrvData data = SrvOf(merged);
  for (const DnsRecord& record : records) {
    const SrvData& other = SrvOf(record);
    const bool alike =
        other.weight == data.weight && (!NeedsTarget(record) || other.target == data.target);
    if (!alike) return std::nullopt;
    data.port |= other.port;
    merged.ttl = std::min(merged.ttl, record.ttl);
  }
  if (!NeedsTarget(merged)) data.target = name;
  return WithData(std::move(merged), data);
}

void JudgeNumber(const std::vector<DnsRecord>& records, Look& look) {
  if (records.size() < 2) return;
  const auto authorizing = std::count_if(records.begin(), records.end(), Authorizes);
  Fault fault = {.id = FindingId::kCsaSeveralRecords, .records = records};
  if (authorizing != 0 && authorizing != static_cast<std::ptrdiff_t>(records.size())) {
    fault.id = FindingId::kCsaConflicting;
  } else if (std::optional<DnsRecord> merged = Merged(records, look.name())) {
    fault.remedy = Remedy::kReplace;
    fault.corrected.push_back(*std::move(merged));
  }
  look.Add(std::move(fault));
}

}  // namespace

std::optional<DnsQuestion> CsaQuestion(const DnsName& name) {
  std::optional<DnsName> owner = name.WithPrefix("_client._smtp");
  if (!owner) return std::nullopt;
  return DnsQuestion{*std::move(owner), DnsType::kSrv};
}

const SrvData& SrvOf(const DnsRecord& record) { return std::get<SrvData>(record.data); }

std::vector<DnsRecord> CsaRecordsOf(const std::vector<DnsRecord>& records) {
  std::vector<DnsRecord> kept;
  std::copy_if(records.begin(), records.end(), std::back_inserter(kept),
               [](const DnsRecord& record) { return SrvOf(record).priority == kCsaVersion; });
  return kept;
}

bool SaysExplicit(const std::vector<DnsRecord>& records) {
  return std::any_of(records.begin(), records.end(), [](const DnsRecord& record) {
    return SrvOf(record).priority == kCsaVersion && (SrvOf(record).port & kCsaExplicit) != 0;
  });
}

std::vector<DnsRecord> WithExplicit(std::vector<DnsRecord> records) {
  for (DnsRecord& record : records) std::get<SrvData>(record.data).port |= kCsaExplicit;
  return records;
}

bool NeedsTarget(const DnsRecord& record) {
  return (SrvOf(record).weight & kCsaWeightBits) == kCsaAuthorized;
}

bool Authorizes(const DnsRecord& record) { return (SrvOf(record).weight & kCsaAuthorized) != 0; }

DnsRecord CsaRecord(const DnsName& name, const SrvData& data, std::uint32_t ttl) {
  const std::optional<DnsQuestion> question = CsaQuestion(name);
  return {question ? question->name : name, DnsType::kSrv, ttl, data};
}

DnsRecord WithTarget(DnsRecord record, const DnsName& target) {
  std::get<SrvData>(record.data).target = target;
  return record;
}

void JudgeCsaRecords(const std::vector<DnsRecord>& records, Look& look) {
  JudgeVersions(records, look);
  const std::vector<DnsRecord> current = CsaRecordsOf(records);
  for (const DnsRecord& record : current) {
    JudgeBits(record, look);
    JudgePlaceholder(record, look);
  }
  JudgeNumber(current, look);
}

}  // namespace helovet
