#include "lint/zone_records.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <variant>

#include "base/ascii.h"
#include "base/read_file.h"
#include "checks/dna.h"
#include "checks/spf/record.h"
#include "dns/master_file.h"
#include "dns/record_data.h"
#include "lint/report_text.h"

namespace helovet {
namespace {

constexpr std::uint16_t kSoa = 6;
constexpr std::uint16_t kSpf = 99;  // RFC 7208 §3.1

std::optional<DnsData> DataOf(const MasterRecord& record, DnsType type) {
  const std::span octets(reinterpret_cast<const std::uint8_t*>(record.rdata.data()),
                         record.rdata.size());
  return ReadData(octets, 0, octets.size(), type);
}

// The name behind the labels `first` and `second` (which may be empty: one alone) of `owner`; the
// root where they do not occur. `at` is where they begin.
DnsName Behind(const DnsName& owner, std::string_view first, std::string_view second,
               std::size_t& at) {
  const std::vector<std::string_view> labels = LabelsOf(owner);
  const std::size_t span = second.empty() ? 1 : 2;
  for (at = 0; at + span <= labels.size(); ++at) {
    if (labels[at] != first || (span == 2 && labels[at + 1] != second)) continue;
    return owner.LastLabels(labels.size() - at - span);
  }
  return {};
}

}  // namespace

std::vector<std::string_view> LabelsOf(const DnsName& name) {
  std::vector<std::string_view> labels;
  std::string_view wire = name.wire();
  while (wire.size() > 1) {
    const auto length = static_cast<std::uint8_t>(wire[0]);
    labels.push_back(wire.substr(1, length));
    wire.remove_prefix(std::size_t{1} + length);
  }
  return labels;
}

bool IsWildcard(const DnsName& name) { return name.wire().starts_with(std::string_view("\1*", 2)); }

FileErrorOr<ZoneRecords> ZoneRecords::Read(const std::vector<std::string>& files) {
  std::vector<ZoneDns::Text> texts;
  std::size_t room = kMaxLintedOctets;
  for (const std::string& file : files) {
    tl::expected<std::string, int> text = ReadFile(file, room);
    if (!text) return tl::unexpected(FileError{file, 0, 0, WhyUnreadable(text.error(), room)});
    room -= text->size();
    texts.push_back({file, *std::move(text)});
  }
  return Parse(texts);
}

FileErrorOr<ZoneRecords> ZoneRecords::Parse(const std::vector<ZoneDns::Text>& texts) {
  ZoneRecords zones;
  for (const ZoneDns::Text& text : texts) {
    FileErrorOr<void> read = zones.ReadZone(text.file, text.zone);
    if (!read) return tl::unexpected(std::move(read.error()));
  }
  for (const PlacedRecord& placed : zones.records_) zones.Classify(placed);
  return zones;
}

FileErrorOr<void> ZoneRecords::ReadZone(const std::string& file, std::string_view text) {
  files_.push_back(file);
  MasterFile master_file(file, text);
  while (true) {
    FileErrorOr<std::optional<MasterRecord>> read = master_file.Next();
    if (!read) return tl::unexpected(std::move(read.error()));
    if (!*read) return {};
    const MasterRecord& record = **read;
    if (record.type == kSoa) apexes_.push_back(record.owner);
    const std::optional<DnsType> type =
        record.type == kSpf ? DnsType::kTxt : KnownType(record.type);
    if (!type) continue;
    std::optional<DnsData> data = DataOf(record, *type);
    if (!data) continue;  // ZoneDns tells.
    records_.push_back({{record.owner, *type, record.ttl, *std::move(data)},
                        files_.size() - 1,
                        record.line,
                        record.type == kSpf});
    if (record.type == kSpf) {
      LintSubject& subject = subjects_[record.owner];
      subject.spf = true;
      subject.spf_type.push_back(&records_.back());
    } else {
      by_owner_[std::string(record.owner.wire())].push_back(&records_.back());
    }
  }
}

void ZoneRecords::Classify(const PlacedRecord& placed) {
  const DnsRecord& record = placed.record;
  std::size_t at = 0;
  if (record.type == DnsType::kSrv) {
    const DnsName name = Behind(record.owner, "_client", "_smtp", at);
    if (at == 0 && !name.is_root()) subjects_[name].helo = true;
  } else if (record.type == DnsType::kPtr) {
    if (!AccreditorOf(std::get<DnsName>(record.data))) return;
    LintSubject& subject = subjects_[record.owner];
    // DNA-02 §3, §7: for all names below, none of which is known here.
    (IsWildcard(record.owner) ? subject.dna : subject.helo) = true;
  } else if (record.type == DnsType::kTxt && !placed.spf_type) {
    ClassifyText(placed, std::get<std::string>(record.data));
  } else if (record.type == DnsType::kA || record.type == DnsType::kAaaa) {
    const DnsName name = Behind(record.owner, "relays", "_email_", at);
    if (at == 0 || name.is_root()) return;
    subjects_[name].drip = true;
    subjects_[name].drip_entries.push_back(&placed);
  }
}

void ZoneRecords::ClassifyText(const PlacedRecord& placed, const std::string& text) {
  const DnsName& owner = placed.record.owner;
  if (spf::IsRecord(text)) subjects_[owner].spf = true;
  if (LooksLikeReport(text)) subjects_[owner].reports = true;
  std::size_t at = 0;
  const DnsName mailer = Behind(owner, "_smtp-client", "", at);
  if (!mailer.is_root()) {
    subjects_[mailer].dmp = true;
    if (at > 0) subjects_[mailer].dmp_entries.push_back(&placed);
  }
  const DnsName domain = Behind(owner, "_rmx", "", at);
  if (!domain.is_root()) {
    subjects_[domain].rmx = true;
    if (at > 0) subjects_[domain].rmx_entries.push_back(&placed);
  }
}

const PlacedRecord* ZoneRecords::FindAt(std::string_view owner, const DnsRecord& record) const {
  const auto here = by_owner_.find(owner);
  if (here == by_owner_.end()) return nullptr;
  const auto found = std::find_if(here->second.begin(), here->second.end(), [&](const auto* each) {
    return each->record.type == record.type && each->record.data == record.data;
  });
  return found == here->second.end() ? nullptr : *found;
}

const PlacedRecord* ZoneRecords::Find(const DnsRecord& record) const {
  std::string_view wire = record.owner.wire();
  const PlacedRecord* found = FindAt(wire, record);
  while (found == nullptr && wire.size() > 1) {
    wire.remove_prefix(std::size_t{1} + static_cast<std::uint8_t>(wire[0]));
    found = FindAt(std::string("\1*", 2).append(wire), record);
  }
  return found;
}

const DnsName* ZoneRecords::ApexOf(const DnsName& name) const {
  const DnsName* best = nullptr;
  for (const DnsName& apex : apexes_) {
    if (!name.IsWithin(apex)) continue;
    if (best == nullptr || best->label_count() < apex.label_count()) best = &apex;
  }
  return best;
}

}  // namespace helovet
