#include "dns/zone_tree.h"

#include <algorithm>
#include <optional>
#include <span>
#include <tuple>
#include <utility>

#include "dns/record_data.h"

namespace helovet {
namespace {

// Types beyond DnsType that shape a zone.
constexpr std::uint16_t kNs = 2;
constexpr std::uint16_t kSoa = 6;
constexpr std::uint16_t kDname = 39;
// The types that may stand beside a CNAME: RFC 2181 §10.1, RFC 4035 §2.5.
constexpr std::uint16_t kKey = 25;
constexpr std::uint16_t kRrsig = 46;
constexpr std::uint16_t kNsec = 47;

constexpr std::uint16_t kCname = static_cast<std::uint16_t>(DnsType::kCname);
constexpr std::string_view kWildcardLabel("\1*", 2);

std::span<const std::uint8_t> Octets(const std::string& rdata) {
  return {reinterpret_cast<const std::uint8_t*>(rdata.data()), rdata.size()};
}

constexpr std::size_t FirstLabelOctets(std::string_view wire) {
  return std::size_t{1} + static_cast<std::uint8_t>(wire[0]);
}

}  // namespace

FileErrorOr<ZoneTree> ZoneTree::Read(const std::string& file, std::string_view text) {
  // The SOA record may stand anywhere, so all are read before the first finds its place.
  std::vector<MasterRecord> records;
  MasterFile master_file(file, text);
  while (true) {
    FileErrorOr<std::optional<MasterRecord>> record = master_file.Next();
    if (!record) return tl::unexpected(std::move(record.error()));
    if (!*record) break;
    records.push_back(**std::move(record));
  }
  const auto soa = std::find_if(records.begin(), records.end(),
                                [](const MasterRecord& record) { return record.type == kSoa; });
  if (soa == records.end()) return tl::unexpected(FileError{file, 0, 0, "has no SOA record"});
  ZoneTree zone(file, *soa);
  zone.nodes_.reserve(records.size());
  for (const MasterRecord& record : records) {
    FileErrorOr<void> added = zone.Add(record);
    if (!added) return tl::unexpected(std::move(added.error()));
  }
  zone.Finish();
  return zone;
}

ZoneTree::ZoneTree(std::string file, const MasterRecord& soa)
    : file_(std::move(file)),
      apex_(soa.owner),
      soa_line_(soa.line),
      soa_rdata_(soa.rdata),
      negative_ttl_(
          std::min(soa.ttl, ReadSoaMinimum(Octets(soa.rdata), 0, soa.rdata.size()).value_or(0))) {}

tl::unexpected<FileError> ZoneTree::Error(const MasterRecord& record, std::string message) const {
  return tl::unexpected<FileError>({file_, record.line, 0, std::move(message)});
}

FileErrorOr<void> ZoneTree::Add(const MasterRecord& record) {
  if (!record.owner.IsWithin(apex_)) {
    return Error(record, record.owner.ToString() + " is outside the zone " + apex_.ToString());
  }
  if (record.type == kSoa && (record.owner != apex_ || record.rdata != soa_rdata_)) {
    return Error(record, "a second SOA record; a file holds one zone");
  }
  return AddTo(MakeNode(record.owner), record);
}

FileErrorOr<void> ZoneTree::AddTo(Node& node, const MasterRecord& record) {
  const bool beside_any = record.type == kKey || record.type == kRrsig || record.type == kNsec;
  if (record.type == kCname ? node.has_other : node.has_cname && !beside_any) {
    return Error(record, record.owner.ToString() + " has a CNAME and other records");
  }
  if (record.type == kNs) node.is_cut = record.owner != apex_;
  node.has_other = node.has_other || (record.type != kCname && !beside_any);

  // A DNAME's data are those of the CNAMEs that it begets.
  const std::optional<DnsType> type =
      record.type == kDname ? DnsType::kCname : KnownType(record.type);
  if (!type) return {};
  std::optional<DnsData> data = ReadData(Octets(record.rdata), 0, record.rdata.size(), *type);
  if (!data) return Error(record, "the data are malformed");
  DnsRecord kept{.owner = record.owner, .type = *type, .ttl = record.ttl, .data = *std::move(data)};
  if (record.type == kDname) {
    if (node.redirect && node.redirect->data != kept.data) {
      return Error(record, record.owner.ToString() + " has two DNAME records");
    }
    node.redirect = std::make_unique<const DnsRecord>(std::move(kept));
    return {};
  }
  if (record.type == kCname) {
    if (node.has_cname) {
      if (node.records.front().data == kept.data) return {};
      return Error(record, record.owner.ToString() + " has two CNAME records");
    }
    node.has_cname = true;
  }
  node.records.push_back(std::move(kept));
  return {};
}

// The names between a node and the apex exist as well (RFC 4592 §2.2.2).
ZoneTree::Node& ZoneTree::MakeNode(const DnsName& name) {
  Node& node = nodes_[std::string(name.wire())];
  std::string_view wire = name.wire();
  while (wire.size() > apex_.wire().size()) {
    wire.remove_prefix(FirstLabelOctets(wire));
    if (!nodes_.try_emplace(std::string(wire)).second) break;
  }
  return node;
}

void ZoneTree::Finish() {
  // RFC 2181 §5: an RRset has no two equal records, whatever the file repeats.
  const auto place = [](const DnsRecord& record) { return std::tie(record.type, record.data); };
  for (auto& [wire, node] : nodes_) {
    std::vector<DnsRecord>& records = node.records;
    std::sort(records.begin(), records.end(),
              [&](const DnsRecord& a, const DnsRecord& b) { return place(a) < place(b); });
    const auto same = [&](const DnsRecord& a, const DnsRecord& b) { return place(a) == place(b); };
    records.erase(std::unique(records.begin(), records.end(), same), records.end());
    records.shrink_to_fit();
  }
}

// RFC 1034 §4.3.2 step 3, RFC 4592 §3.3.1, RFC 6672 §3.2: down from the apex, label by label.
ZoneTree::Finding ZoneTree::Find(const DnsName& name) const {
  std::vector<std::string_view> below_apex;  // `name` first.
  for (std::string_view wire = name.wire(); wire.size() > apex_.wire().size();
       wire.remove_prefix(FirstLabelOctets(wire))) {
    below_apex.push_back(wire);
  }
  auto encloser = nodes_.find(apex_.wire());
  for (auto wire = below_apex.rbegin(); wire != below_apex.rend(); ++wire) {
    if (encloser->second.redirect) return {Fate::kRedirected, &encloser->second};
    const auto next = nodes_.find(*wire);
    if (next == nodes_.end()) {
      std::string wildcard(kWildcardLabel);
      wildcard += encloser->first;
      const auto source = nodes_.find(wildcard);
      if (source == nodes_.end()) return {Fate::kAbsent};
      if (source->second.is_cut) return {Fate::kDelegated};
      return {Fate::kAnswer, &source->second};
    }
    if (next->second.is_cut) return {Fate::kDelegated};
    encloser = next;
  }
  return {Fate::kAnswer, &encloser->second};
}

}  // namespace helovet
