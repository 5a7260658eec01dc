// DRIP: records of relays (DRIP-02 §3, §4.2).
#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "checks/drip.h"
#include "helovet/ip_address.h"
#include "lint/csa_records.h"
#include "lint/look.h"

namespace helovet {
namespace {

constexpr std::size_t kMaxHosts = 8;  // Addresses of the name that are looked up without files.

// A relay's record is of the family that the label behind the address names.
std::optional<DnsType> FamilyOf(std::string_view label) {
  if (label == "ipv4") return DnsType::kA;
  if (label == "ipv6") return DnsType::kAaaa;
  return std::nullopt;
}

// DRIP-02 §3.3, §3.4: the address that `label` is; empty: none.
std::optional<IpAddress> AddressOf(std::string_view label, DnsType family, const DnsName& domain) {
  std::string text(label);
  std::replace(text.begin(), text.end(), '_', family == DnsType::kA ? '.' : ':');
  const std::optional<IpAddress> address = IpAddress::Parse(text);
  if (!address) return std::nullopt;
  // Only one form of it is asked for.
  const std::optional<DnsQuestion> question = DripQuestion(domain, *address);
  if (!question || LabelsOf(question->name).front() != label) return std::nullopt;
  return address;
}

bool IsOf(const DnsRecord& record, const std::optional<IpAddress>& address) {
  return address && std::get<IpAddress>(record.data) == *address;
}

// DRIP-02 §3.2: the record says on purpose that its name is no relay.
bool IsDefault(const DnsRecord& record) {
  const IpAddress& address = std::get<IpAddress>(record.data);
  return address == (address.is_v4() ? IpAddress::FromV4({}) : IpAddress::FromV6({}));
}

// The records of one relay, or, without `address`, of all others.
void JudgeRelay(const std::vector<DnsRecord>& records, const std::optional<IpAddress>& address,
                Look& look) {
  if (records.size() > 1) {
    Fault fault = {
        .id = FindingId::kDripSeveralRecords, .records = records, .remedy = Remedy::kReplace};
    const auto own = std::find_if(records.begin(), records.end(),
                                  [&](const DnsRecord& record) { return IsOf(record, address); });
    fault.corrected.push_back(own == records.end() ? records.front() : *own);
    look.Add(std::move(fault));
  } else if (address && !IsOf(records.front(), address) && !IsDefault(records.front())) {
    DnsRecord corrected = records.front();
    corrected.data = *address;
    look.AddReplaced(FindingId::kDripNotEqual, records.front(), std::move(corrected));
  }
}

// Of the files.
void JudgeEntries(const LintSubject& subject, Look& look) {
  std::map<std::pair<DnsName, DnsType>, std::vector<DnsRecord>> relays;
  for (const PlacedRecord* placed : subject.drip_entries) {
    relays[{placed->record.owner, placed->record.type}].push_back(placed->record);
  }
  const std::size_t labels_wanted = look.name().label_count() + 4;  // ADDRESS.FAMILY.relays._email_
  for (const auto& [key, records] : relays) {
    const std::vector<std::string_view> labels = LabelsOf(key.first);
    std::optional<DnsType> family;
    if (labels.size() == labels_wanted) family = FamilyOf(labels[1]);
    const bool wild = labels.front() == "*";
    std::optional<IpAddress> address;
    if (family && !wild) address = AddressOf(labels.front(), *family, look.name());
    if (family != key.second || (!wild && !address)) {
      look.Add({.id = FindingId::kDripEntryName, .records = records});
      continue;
    }
    JudgeRelay(records, address, look);
    look.Weigh({key.first, key.second}, AnswerOf(records));
  }
}

// CSA-02 §4: hosts of the name send mail. What could not be found out is told.
Task<bool> SendsMail(Look& look) {
  const std::optional<DnsQuestion> question = CsaQuestion(look.name());
  if (!question) co_return false;
  const DnsAnswer& answer = co_await look.dns().Ask(*question);
  if (!look.Tells(*question, answer)) co_return false;
  const std::vector<DnsRecord> records = CsaRecordsOf(answer.records);
  co_return std::any_of(records.begin(), records.end(), Authorizes);
}

// DRIP-02 §3.5.1: a name with addresses need not be one that relays have. A sending host's is.
Task<Looked> JudgeDefault(DnsRecord record, IpAddress address, Look& look) {
  Fault fault = {.id = FindingId::kDripNotEqual,
                 .detail = "only a default record stands for " + address.ToString(),
                 .remedy = Remedy::kAdd};
  record.data = address;
  fault.corrected.push_back(std::move(record));
  if (co_await SendsMail(look)) look.Add(std::move(fault));
  co_return Looked();
}

// The relays that the name's own addresses would be. `has_files`: these have been judged but for
// what they lack.
Task<Looked> AskRelays(Look& look, bool has_files) {
  const std::array<DnsQuestion, 2> families = {
      {{look.name(), DnsType::kA}, {look.name(), DnsType::kAaaa}}};
  for (const DnsQuestion& family : families) {
    const DnsAnswer& answer = co_await look.dns().Ask(family);
    if (!look.Tells(family, answer)) continue;
    std::vector<DnsRecord> addresses = answer.records;
    if (addresses.size() > kMaxHosts) addresses.resize(kMaxHosts);
    for (const DnsRecord& record : addresses) {
      const IpAddress address = std::get<IpAddress>(record.data);
      const std::optional<DnsQuestion> question = DripQuestion(look.name(), address);
      if (!question) continue;
      const DnsAnswer& relay = co_await look.dns().Ask(*question);
      if (!look.Tells(*question, relay) || relay.records.empty()) continue;
      look.Weigh(*question, relay);
      if (relay.records.size() == 1 && IsDefault(relay.records.front())) {
        co_await JudgeDefault(relay.records.front(), address, look);
        continue;
      }
      if (!has_files) JudgeRelay(relay.records, address, look);
    }
  }
  co_return Looked();
}

}  // namespace

Task<Looked> LookAtDrip(Look& look, const LintSubject& subject) {
  JudgeEntries(subject, look);
  co_await AskRelays(look, !subject.drip_entries.empty());
  co_return Looked();
}

}  // namespace helovet
