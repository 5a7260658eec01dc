#include "dns/zone.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/read_file.h"
#include "dns/posted_answer.h"

namespace helovet {
namespace {

constexpr std::size_t kMaxZoneOctets = std::size_t{256} * 1024 * 1024;
// CNAMEs in one answer: more than any asker follows (kMaxAliases).
constexpr std::size_t kMaxChain = 16;
constexpr std::size_t kMaxAdditional = 64;  // Records, and targets that are looked up for them.

// The CNAME that sends `name` on, as a wildcard's or a DNAME's is written for it. Empty: the
// DNAME's target makes a name that is too long (RFC 6672 §2.2).
std::optional<DnsRecord> AliasOf(const DnsName& name, const ZoneTree::Finding& finding) {
  if (finding.fate == ZoneTree::Fate::kAnswer) {
    DnsRecord alias = finding.node->records.front();
    alias.owner = name;
    return alias;
  }
  const DnsRecord& redirect = *finding.node->redirect;
  const std::string_view kept =
      name.wire().substr(0, name.wire().size() - redirect.owner.wire().size());
  const std::string_view target = std::get<DnsName>(redirect.data).wire();
  std::vector<std::uint8_t> wire(kept.begin(), kept.end());
  wire.insert(wire.end(), target.begin(), target.end());
  std::optional<DnsName> joined = DnsName::FromWire(wire);
  if (!joined) return std::nullopt;
  return DnsRecord{
      .owner = name, .type = DnsType::kCname, .ttl = redirect.ttl, .data = *std::move(joined)};
}

bool IsOwner(const DnsName& name, const std::vector<DnsRecord>& records) {
  return std::any_of(records.begin(), records.end(),
                     [&](const DnsRecord& record) { return record.owner == name; });
}

// What `finding` says of `question` where no alias leads on.
void AddRecords(const ZoneTree& zone, const ZoneTree::Finding& finding, const DnsQuestion& question,
                DnsReply& reply) {
  const std::size_t before = reply.answers.size();
  if (finding.node != nullptr) {
    for (const DnsRecord& record : finding.node->records) {
      if (record.type != question.type) continue;
      reply.answers.push_back(record);
      reply.answers.back().owner = question.name;
    }
  }
  if (finding.fate == ZoneTree::Fate::kAbsent) reply.outcome = DnsOutcome::kNxDomain;
  if (reply.answers.size() == before) reply.negative_ttl = zone.negative_ttl();
}

// The host whose addresses belong beside a record; null for types that name none.
const DnsName* HostOf(const DnsData& data) {
  if (const auto* const srv = std::get_if<SrvData>(&data)) return &srv->target;
  const auto* const mx = std::get_if<MxData>(&data);
  return mx == nullptr ? nullptr : &mx->exchange;
}

}  // namespace

FileErrorOr<void> ZoneDns::AddZone(Zones& zones, const std::string& file, std::string_view text) {
  FileErrorOr<ZoneTree> zone = ZoneTree::Read(file, text);
  if (!zone) return tl::unexpected(std::move(zone.error()));
  const int line = zone->soa_line();
  std::string apex(zone->apex().wire());
  const auto [place, is_new] = zones.try_emplace(std::move(apex), *std::move(zone));
  if (is_new) return {};
  return tl::unexpected(FileError{
      file, line, 0,
      "the zone " + place->second.apex().ToString() + " is already in " + place->second.file()});
}

FileErrorOr<std::unique_ptr<ZoneDns>> ZoneDns::Load(Loop& loop,
                                                    const std::vector<std::string>& files,
                                                    std::unique_ptr<Dns> fallback) {
  Zones zones;
  for (const std::string& file : files) {
    const tl::expected<std::string, int> text = ReadFile(file, kMaxZoneOctets);
    if (!text) {
      return tl::unexpected(FileError{file, 0, 0, WhyUnreadable(text.error(), kMaxZoneOctets)});
    }
    FileErrorOr<void> added = AddZone(zones, file, *text);
    if (!added) return tl::unexpected(std::move(added.error()));
  }
  return std::unique_ptr<ZoneDns>(new ZoneDns(loop, std::move(zones), std::move(fallback)));
}

FileErrorOr<std::unique_ptr<ZoneDns>> ZoneDns::Parse(Loop& loop, const std::vector<Text>& texts,
                                                     std::unique_ptr<Dns> fallback) {
  Zones zones;
  for (const Text& text : texts) {
    FileErrorOr<void> added = AddZone(zones, text.file, text.zone);
    if (!added) return tl::unexpected(std::move(added.error()));
  }
  return std::unique_ptr<ZoneDns>(new ZoneDns(loop, std::move(zones), std::move(fallback)));
}

ZoneDns::ZoneDns(Loop& loop, Zones zones, std::unique_ptr<Dns> fallback)
    : loop_(loop), zones_(std::move(zones)), fallback_(std::move(fallback)) {}

std::unique_ptr<Dns::Query> ZoneDns::Ask(const DnsQuestion& question, Done done) {
  DnsReply reply = Answer(question);
  if (reply.outcome == DnsOutcome::kRefused && fallback_ != nullptr) {
    return fallback_->Ask(question, std::move(done));
  }
  return std::make_unique<PostedAnswer>(loop_, std::move(reply), std::move(done));
}

const ZoneTree* ZoneDns::FindZone(const DnsName& name) const {
  std::string_view wire = name.wire();
  while (true) {
    const auto zone = zones_.find(wire);
    if (zone != zones_.end()) return &zone->second;
    if (wire.size() == 1) return nullptr;
    wire.remove_prefix(std::size_t{1} + static_cast<std::uint8_t>(wire[0]));
  }
}

// RFC 1034 §4.3.2, RFC 6604 §3: the outcome is that of the last name of a chain of aliases.
DnsReply ZoneDns::Answer(const DnsQuestion& question) const {
  DnsReply reply;
  reply.outcome = DnsOutcome::kRefused;
  reply.trusted = true;
  DnsQuestion asked = question;
  while (reply.answers.size() < kMaxChain) {
    const ZoneTree* const zone = FindZone(asked.name);
    if (zone == nullptr) return reply;
    if (reply.server.empty()) reply.server = zone->file();
    const ZoneTree::Finding finding = zone->Find(asked.name);
    if (finding.fate == ZoneTree::Fate::kDelegated) return reply;
    reply.outcome = DnsOutcome::kOk;
    const bool is_alias = finding.fate == ZoneTree::Fate::kRedirected ||
                          (finding.fate == ZoneTree::Fate::kAnswer && finding.node->has_cname);
    if (!is_alias) {
      AddRecords(*zone, finding, asked, reply);
      AddTargetAddresses(*zone, reply);
      return reply;
    }
    std::optional<DnsRecord> alias = AliasOf(asked.name, finding);
    if (!alias) {
      reply.outcome = DnsOutcome::kServFail;  // YXDOMAIN on the wire, as DnsClient has it.
      reply.answers.clear();
      return reply;
    }
    asked.name = std::get<DnsName>(alias->data);
    reply.answers.push_back(*std::move(alias));
    if (question.type == DnsType::kCname || IsOwner(asked.name, reply.answers)) return reply;
  }
  return reply;
}

// RFC 2782, RFC 1035 §3.3.9: the addresses of targets and exchanges, as far as this zone has them.
void ZoneDns::AddTargetAddresses(const ZoneTree& zone, DnsReply& reply) const {
  std::vector<const DnsName*> done;
  for (const DnsRecord& answer : reply.answers) {
    const DnsName* const host = HostOf(answer.data);
    if (host == nullptr) continue;
    const bool known =
        std::any_of(done.begin(), done.end(), [&](const DnsName* name) { return *name == *host; });
    if (known) continue;
    if (done.size() == kMaxAdditional) return;
    done.push_back(host);
    if (FindZone(*host) != &zone) continue;
    const ZoneTree::Finding finding = zone.Find(*host);
    if (finding.fate != ZoneTree::Fate::kAnswer) continue;
    for (const DnsRecord& record : finding.node->records) {
      if (record.type != DnsType::kA && record.type != DnsType::kAaaa) continue;
      if (reply.additional.size() == kMaxAdditional) return;
      reply.additional.push_back(record);
      reply.additional.back().owner = *host;
    }
  }
}

}  // namespace helovet
