// DMP: entries about addresses, and the record of participation (DMP-01 §4, §5, §9.3).
#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/ascii.h"
#include "base/host_name.h"
#include "checks/dmp.h"
#include "dns/presentation.h"
#include "helovet/ip_address.h"
#include "helovet/publication.h"
#include "lint/look.h"

namespace helovet {
namespace {

constexpr std::string_view kParticipates = "dmp=";  // DMP-01 §4
constexpr std::string_view kAllow = "dmp=allow";
constexpr std::string_view kDeny = "dmp=deny";
constexpr std::size_t kMaxHosts = 8;  // Addresses of the name that are looked up without files.
constexpr std::size_t kV4Labels = 4;
constexpr std::size_t kV6Labels = 32;
constexpr std::uint32_t kMaxOctet = 255;

bool BeginsLikeDmp(const std::string& text) {
  return EqualsIgnoringCase(std::string_view(text).substr(0, kParticipates.size()), kParticipates);
}

std::vector<DnsRecord> DmpRecordsOf(const std::vector<DnsRecord>& records) {
  std::vector<DnsRecord> kept;
  std::copy_if(records.begin(), records.end(), std::back_inserter(kept), [](const auto& record) {
    return BeginsLikeDmp(std::get<std::string>(record.data));
  });
  return kept;
}

bool Holds(const std::vector<DnsRecord>& records, std::string_view text) {
  return std::any_of(records.begin(), records.end(), [text](const DnsRecord& record) {
    return EqualsIgnoringCase(std::get<std::string>(record.data), text);
  });
}

// The labels of an entry before "_smtp-client", the last of which is the family's.
std::vector<std::string_view> EntryLabels(const DnsName& owner, const DnsName& domain) {
  std::vector<std::string_view> labels = LabelsOf(owner);
  const std::size_t behind = domain.label_count() + 1;
  labels.resize(labels.size() > behind ? labels.size() - behind : 0);
  return labels;
}

bool IsAddressLabel(std::string_view label, bool is_v4) {
  if (is_v4) {
    const bool has_zero = label.size() > 1 && label[0] == '0';
    return !has_zero && ParseNumber(label, kMaxOctet).has_value();
  }
  return label.size() == 1 && (IsAsciiDigit(label[0]) || (label[0] >= 'a' && label[0] <= 'f'));
}

// "*" and some, or all, parts of an address, and its family; or "*" alone.
bool IsEntryName(const std::vector<std::string_view>& labels) {
  if (labels.empty()) return false;
  if (labels.size() == 1 && labels.front() == "*") return true;
  const bool is_v4 = labels.back() == "in-addr";
  if (!is_v4 && labels.back() != "ip6") return false;
  const std::size_t whole = is_v4 ? kV4Labels : kV6Labels;
  const std::size_t parts = labels.size() - 1;
  const bool wild = parts > 0 && labels.front() == "*";
  if (wild ? parts > whole : parts != whole) return false;
  return std::all_of(labels.begin() + (wild ? 1 : 0), labels.end() - 1,
                     [is_v4](std::string_view label) { return IsAddressLabel(label, is_v4); });
}

void JudgeEntry(const std::vector<DnsRecord>& records, Look& look) {
  const std::vector<DnsRecord> entry = DmpRecordsOf(records);
  std::vector<DnsRecord> malformed;
  std::copy_if(entry.begin(), entry.end(), std::back_inserter(malformed), [](const auto& record) {
    const std::string& text = std::get<std::string>(record.data);
    return !EqualsIgnoringCase(text, kAllow) && !EqualsIgnoringCase(text, kDeny);
  });
  if (!malformed.empty()) look.Add({.id = FindingId::kDmpMalformed, .records = malformed});
  if (!Holds(entry, kAllow) || !Holds(entry, kDeny)) return;
  look.Add({.id = FindingId::kDmpContradiction, .records = entry});
}

using Entries = std::map<DnsName, std::vector<DnsRecord>>;  // By owner.

Entries EntriesOf(const LintSubject& subject) {
  Entries entries;
  for (const PlacedRecord* placed : subject.dmp_entries) {
    entries[placed->record.owner].push_back(placed->record);
  }
  return entries;
}

// RFC 4592 §2.2.3: names between `wildcard` and an entry below it exist, and end what it reaches.
// The wildcards that are missing there.
std::set<DnsName> MissingBelow(const DnsName& wildcard, const Entries& entries) {
  std::set<DnsName> missing;
  const std::size_t top = wildcard.label_count() - 1;
  const DnsName encloser = wildcard.LastLabels(top);
  // What is below a name follows it in the order of names.
  for (auto entry = entries.lower_bound(encloser);
       entry != entries.end() && entry->first.IsWithin(encloser); ++entry) {
    const DnsName& owner = entry->first;
    if (owner == wildcard) continue;
    for (std::size_t labels = top + 1; labels < owner.label_count(); ++labels) {
      const std::optional<DnsName> next = owner.LastLabels(labels).WithPrefix("*");
      if (next && !entries.contains(*next)) missing.insert(*next);
      if (missing.size() > kMaxFindingRecords) return missing;
    }
  }
  return missing;
}

void JudgeWildcard(const DnsName& owner, const Entries& entries, Look& look) {
  const std::vector<DnsRecord>& records = entries.at(owner);
  // IPv6 would need some thirty wildcards for each address, which nobody writes.
  const std::vector<std::string_view> labels = EntryLabels(owner, look.name());
  if (!IsWildcard(owner) || labels.back() != "in-addr" || !Holds(records, kDeny)) return;
  const std::set<DnsName> missing = MissingBelow(owner, entries);
  if (missing.empty()) return;
  Fault fault = {.id = FindingId::kDmpWildcardShort, .records = records, .remedy = Remedy::kAdd};
  for (const DnsName& name : missing) {
    fault.corrected.push_back({name, DnsType::kTxt, records.front().ttl, std::string(kDeny)});
  }
  look.Add(std::move(fault));
}

// Of the files.
void JudgeEntries(const Entries& entries, Look& look) {
  for (const auto& [owner, records] : entries) {
    if (!IsEntryName(EntryLabels(owner, look.name()))) {
      look.Add({.id = FindingId::kDmpEntryName, .records = records});
      continue;
    }
    JudgeEntry(records, look);
    JudgeWildcard(owner, entries, look);
    look.Weigh({owner, DnsType::kTxt}, AnswerOf(records));
  }
}

// Of the network: entries about the name's own addresses. Yields whether there are any.
Task<bool> AskEntries(Look& look) {
  const std::array<DnsQuestion, 2> families = {
      {{look.name(), DnsType::kA}, {look.name(), DnsType::kAaaa}}};
  std::vector<DnsQuestion> questions;
  for (const DnsQuestion& family : families) {
    const DnsAnswer& answer = co_await look.dns().Ask(family);
    if (!look.Tells(family, answer)) continue;
    for (const DnsRecord& record : answer.records) {
      if (questions.size() == kMaxHosts) break;
      const auto question = DmpEntryQuestion(look.name(), std::get<IpAddress>(record.data));
      if (question) questions.push_back(*question);
    }
  }
  for (const DnsQuestion& question : questions) look.dns().Prefetch(question);
  bool any = false;
  for (const DnsQuestion& question : questions) {
    const DnsAnswer& answer = co_await look.dns().Ask(question);
    if (!look.Tells(question, answer)) continue;
    look.Weigh(question, answer);
    JudgeEntry(answer.records, look);
    any = any || !DmpRecordsOf(answer.records).empty();
  }
  co_return any;
}

// DMP-01 §9.3, docs/rules.md §11.2: what is said of an address that nobody has.
Task<Looked> JudgeEverybody(Look& look) {
  const std::array<IpAddress, 2> nobody = {IpAddress::FromV4({}), IpAddress::FromV6({})};
  for (const IpAddress& address : nobody) {
    const std::optional<DnsQuestion> question = DmpEntryQuestion(look.name(), address);
    if (!question) continue;
    const DnsAnswer& answer = co_await look.dns().Ask(*question);
    if (!look.Tells(*question, answer)) continue;
    for (const DnsRecord& record : answer.records) {
      if (!EqualsIgnoringCase(std::get<std::string>(record.data), kAllow)) continue;
      DnsRecord corrected = record;
      corrected.data = std::string(kDeny);
      look.AddReplaced(FindingId::kDmpAllowsAll, record, std::move(corrected));
    }
  }
  co_return Looked();
}

void JudgeParticipation(const DnsQuestion& question, const DnsAnswer& answer, bool designates,
                        Look& look) {
  const std::vector<DnsRecord> records = DmpRecordsOf(answer.records);
  const bool valid = Holds(records, kParticipates);
  for (const DnsRecord& record : records) {
    if (EqualsIgnoringCase(std::get<std::string>(record.data), kParticipates)) continue;
    if (valid) {
      look.AddRemoved(FindingId::kDmpMalformed, record);
      continue;
    }
    DnsRecord corrected = record;
    corrected.data = std::string(kParticipates);
    look.AddReplaced(FindingId::kDmpMalformed, record, std::move(corrected));
  }
  if (!records.empty() || !designates) return;
  Fault fault = {.id = FindingId::kDmpNoParticipation, .remedy = Remedy::kAdd};
  fault.corrected.push_back(
      {question.name, DnsType::kTxt, kDefaultPublishedTtl, std::string(kParticipates)});
  look.Add(std::move(fault));
}

}  // namespace

Task<Looked> LookAtDmp(Look& look, const LintSubject& subject) {
  const std::optional<DnsQuestion> longest = DmpEntryQuestion(look.name(), IpAddress::FromV6({}));
  const std::optional<DnsName> owner = look.name().WithPrefix("_smtp-client");
  if (!longest || !owner) {
    if (subject.dmp_entries.empty()) co_return Looked();
    look.Add({.id = FindingId::kNameTooLong, .detail = "an entry of DMP before it does not fit"});
    co_return Looked();
  }
  const Entries entries = EntriesOf(subject);
  JudgeEntries(entries, look);
  bool designates = std::any_of(entries.begin(), entries.end(), [](const auto& entry) {
    return !DmpRecordsOf(entry.second).empty();
  });
  if (entries.empty()) designates = co_await AskEntries(look);
  const DnsQuestion question = {*owner, DnsType::kTxt};
  const DnsAnswer& answer = co_await look.dns().Ask(question);
  if (look.Tells(question, answer)) {
    look.Weigh(question, answer);
    JudgeParticipation(question, answer, designates, look);
  }
  co_await JudgeEverybody(look);
  co_return Looked();
}

}  // namespace helovet
