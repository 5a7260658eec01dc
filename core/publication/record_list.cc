#include "publication/record_list.h"

#include <algorithm>
#include <variant>

#include "publication/zone_text.h"

namespace helovet {
namespace {

constexpr std::size_t kHeaderOctets = 12;      // RFC 1035 §4.1.1
constexpr std::size_t kQuestionOctets = 4;     // Type and class, §4.1.2.
constexpr std::size_t kRecordOctets = 12;      // A pointer to the owner, and §4.1.3 without RDATA.
constexpr std::size_t kMaxStringOctets = 255;  // §3.3
constexpr std::size_t kSrvNumbersOctets = 6;   // RFC 2782
constexpr std::size_t kPreferenceOctets = 2;   // RFC 1035 §3.3.9
constexpr std::size_t kAplItemOctets = 4 + 16;  // RFC 3123 §4, at most.

// Names in full, for servers need not compress them.
struct DataOctets {
  std::size_t operator()(const IpAddress& address) const { return address.bytes().size(); }
  std::size_t operator()(const DnsName& name) const { return name.wire().size(); }
  std::size_t operator()(const SrvData& srv) const {
    return kSrvNumbersOctets + srv.target.wire().size();
  }
  std::size_t operator()(const MxData& mx) const {
    return kPreferenceOctets + mx.exchange.wire().size();
  }
  std::size_t operator()(const AplData& apl) const { return apl.items.size() * kAplItemOctets; }
  std::size_t operator()(const std::string& text) const {
    return text.size() +
           std::max<std::size_t>(1, (text.size() + kMaxStringOctets - 1) / kMaxStringOctets);
  }
};

std::size_t RecordOctets(const DnsRecord& record) {
  return kRecordOctets + std::visit(DataOctets{}, record.data);
}

bool IsOfTheHosts(PlanPart part) {
  return part == PlanPart::kHosts || part == PlanPart::kAccreditors;
}

}  // namespace

void RecordList::Begin(PlanPart part, const DnsName& subject, std::string note, bool elsewhere) {
  part_ = part;
  subject_ = subject;
  note_ = std::move(note);
  elsewhere_ = elsewhere;
}

void RecordList::Add(const std::optional<DnsName>& owner, DnsType type, DnsData data) {
  if (!owner) {
    if (!too_long_) {
      too_long_ = {part_, subject_.ToString(),
                   "is too long for the names of its records (RFC 1035 2.3.4)"};
    }
    return;
  }
  const bool known = std::any_of(items_.begin(), items_.end(), [&](const Item& item) {
    return item.record.owner == *owner && item.record.type == type && item.record.data == data;
  });
  if (known) return;
  const bool elsewhere = elsewhere_ || (apex_ && !owner->IsWithin(*apex_));
  items_.push_back({{*owner, type, ttl_, std::move(data)}, part_, subject_, note_, elsewhere});
}

void RecordList::AddAddress(const std::optional<DnsName>& owner, const IpAddress& address) {
  Add(owner, address.is_v4() ? DnsType::kA : DnsType::kAaaa, address);
}

std::optional<PlanRemark> RecordList::Mistake(std::vector<PlanRemark>& warnings) const {
  if (too_long_) return too_long_;
  for (std::size_t at = 0; at < items_.size(); ++at) {
    const Item& item = items_[at];
    if (!IsFirstOfItsSet(at)) continue;
    const std::size_t octets = AnswerOctets(item.record);
    if (octets <= kMaxPlainAnswerOctets) continue;
    PlanRemark remark = {item.part, item.subject.ToString(),
                         "takes " + std::to_string(octets) + " octets in the answer about " +
                             std::string(ToString(item.record.type)) +
                             ", more than the 512 that always arrive (RFC 1035 4.2.1)"};
    if (item.part == PlanPart::kHosts) remark.message += "; give each host a name of its own";
    if (IsOfTheHosts(item.part)) return remark;
    warnings.push_back(std::move(remark));
  }
  return std::nullopt;
}

bool RecordList::IsFirstOfItsSet(std::size_t at) const {
  const DnsRecord& record = items_[at].record;
  return std::none_of(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(at),
                      [&record](const Item& item) {
                        return item.record.owner == record.owner && item.record.type == record.type;
                      });
}

std::size_t RecordList::AnswerOctets(const DnsRecord& first) const {
  std::size_t octets = kHeaderOctets + first.owner.wire().size() + kQuestionOctets;
  for (const Item& item : items_) {
    const DnsRecord& record = item.record;
    if (record.owner != first.owner || record.type != first.type) continue;
    octets += RecordOctets(record);
    if (const auto* srv = std::get_if<SrvData>(&record.data)) octets += AddressOctets(srv->target);
  }
  return octets;
}

std::size_t RecordList::AddressOctets(const DnsName& name) const {
  std::size_t octets = 0;
  for (const Item& item : items_) {
    const bool is_address = std::holds_alternative<IpAddress>(item.record.data);
    if (is_address && item.record.owner == name) octets += RecordOctets(item.record);
  }
  return octets;
}

std::vector<ZoneRecord> RecordList::ToZoneRecords() const {
  std::vector<ZoneRecord> records;
  records.reserve(items_.size());
  for (const Item& item : items_) {
    ZoneRecord record = ZoneRecordOf(item.record);
    record.note = item.note;
    record.elsewhere = item.elsewhere;
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace helovet
