#include "checks/rmx.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/ascii.h"
#include "checks/answers.h"
#include "checks/rmx_record.h"
#include "dns/presentation.h"

namespace helovet {
namespace {

constexpr std::string_view kPrefix = "_rmx";  // RMX-04 §3.1, §6.2

using Type = RmxEntry::Type;

std::optional<DnsQuestion> RecordQuestion(const DnsName& domain) {
  std::optional<DnsName> owner = domain.WithPrefix(kPrefix);
  if (!owner) return std::nullopt;
  return DnsQuestion{*std::move(owner), DnsType::kTxt};
}

// RFC 5321 §4.1.2: a quoted local part means the same as without its quotes.
std::string WithoutQuotes(std::string_view local_part) {
  std::string plain;
  for (std::size_t at = 0; at < local_part.size(); ++at) {
    if (local_part[at] == '"') continue;
    if (local_part[at] == '\\' && at + 1 < local_part.size()) ++at;
    plain += local_part[at];
  }
  return plain;
}

// RMX-04 §3.2: some.user._rmx.example.com. Empty for a local part that no name can stand for.
std::optional<DnsQuestion> FullAddressQuestion(const SenderIdentity& sender) {
  std::string labels;
  for (const char octet : WithoutQuotes(sender.local_part)) {
    if (octet == '.' || IsAsciiLetter(octet) || IsAsciiDigit(octet)) {
      labels += octet;
    } else {
      AppendDecimalEscape(labels, octet);
    }
  }
  if (labels.empty() || labels.ends_with('.')) return std::nullopt;
  const std::optional<DnsQuestion> record = RecordQuestion(*sender.domain);
  std::optional<DnsName> owner = record ? record->name.WithPrefix(labels) : std::nullopt;
  if (!owner) return std::nullopt;
  return DnsQuestion{*std::move(owner), DnsType::kTxt};
}

// Whether an entry is about the client.
enum class Match : std::uint8_t {
  kNo,
  kYes,
  kOpen,  // It could not be found out.
};

// One check under way.
struct Inquiry {
  const SenderIdentity& sender;
  const IpAddress& client;
  SessionDns& dns;
  std::vector<Evidence>& evidence;

  // Each question is evidence once, and each entry's names are looked up once.
  std::set<DnsQuestion> shown = {};
  std::map<std::pair<Type, DnsName>, Match> known = {};
  bool knows_full_address = false;
  // What entries that could not be found out would have done, and what hindered them.
  bool open_grant = false;
  bool open_denial = false;
  std::optional<Ruling> failure = std::nullopt;
};

// Notes what `answer` shows. True: it leaves open what the zone holds.
bool IsOpen(const DnsQuestion& question, const DnsAnswer& answer, Inquiry& inquiry) {
  if (inquiry.shown.insert(question).second) AddEvidence(question, answer, inquiry.evidence);
  const std::optional<Ruling> failure = FailureOf(answer);
  if (failure && (!inquiry.failure || failure->result == Result::kTemperror)) {
    inquiry.failure = failure;
  }
  return failure.has_value();
}

// RMX-04 §4.4.
Task<Match> MatchHost(const DnsName& name, Share share, Inquiry& inquiry) {
  const DnsQuestion question = AddressQuestion(name, inquiry.client);
  const DnsAnswer& answer = co_await inquiry.dns.Ask(question, share);
  if (IsOpen(question, answer, inquiry)) co_return Match::kOpen;
  co_return HoldsAddress(answer, inquiry.client) ? Match::kYes : Match::kNo;
}

Task<Match> MatchAnyHost(const std::vector<DnsName>& names, Share share, Inquiry& inquiry) {
  for (const DnsName& name : names) {
    inquiry.dns.Prefetch(AddressQuestion(name, inquiry.client), share);
  }
  Match match = Match::kNo;
  for (const DnsName& name : names) {
    const Match of_name = co_await MatchHost(name, share, inquiry);
    if (of_name != Match::kNo) match = of_name;
    if (match == Match::kYes) break;
  }
  co_return match;
}

// The first item that has the client decides a list (docs/rules.md §11.4).
bool ListsClient(const AplData& apl, const IpAddress& client) {
  const auto item = std::find_if(apl.items.begin(), apl.items.end(), [&](const auto& each) {
    if (each.family == kAplIpv6) {
      return RmxRange(IpAddress::FromV6(each.address), true, each.prefix_bits).Contains(client);
    }
    IpAddress::V4Bytes bytes{};
    std::copy_n(each.address.begin(), bytes.size(), bytes.begin());
    return each.family == kAplIpv4 &&
           RmxRange(IpAddress::FromV4(bytes), false, each.prefix_bits).Contains(client);
  });
  return item != apl.items.end() && !item->negated;
}

// RMX-04 §4.5.
Task<Match> MatchApl(const DnsName& name, Inquiry& inquiry) {
  const DnsQuestion question = {name, DnsType::kApl};
  const DnsAnswer& answer = co_await inquiry.dns.Ask(question);
  if (IsOpen(question, answer, inquiry)) co_return Match::kOpen;
  const bool listed = std::any_of(answer.records.begin(), answer.records.end(), [&](const auto& r) {
    const auto* apl = std::get_if<AplData>(&r.data);
    return apl != nullptr && ListsClient(*apl, inquiry.client);
  });
  co_return listed ? Match::kYes : Match::kNo;
}

// RMX-04 §4.6: a name of the client that is confirmed forward, and is `domain` or below it.
Task<Match> MatchDomain(const DnsName& domain, Inquiry& inquiry) {
  const DnsQuestion question = PtrQuestion(inquiry.client);
  const DnsAnswer& answer = co_await inquiry.dns.Ask(question, Share::kReverse);
  if (IsOpen(question, answer, inquiry)) co_return Match::kOpen;
  std::vector<DnsName> names = NamesIn(answer);
  std::erase_if(names, [&domain](const DnsName& name) { return !name.IsWithin(domain); });
  const Match match = co_await MatchAnyHost(names, Share::kReverse, inquiry);
  co_return match;
}

// RMX-04 §4.8.
Task<Match> MatchMx(Inquiry& inquiry) {
  const DnsQuestion question = {*inquiry.sender.domain, DnsType::kMx};
  const DnsAnswer& answer = co_await inquiry.dns.Ask(question);
  if (IsOpen(question, answer, inquiry)) co_return Match::kOpen;
  const std::vector<DnsName> names = NamesIn(answer);
  const Match match = co_await MatchAnyHost(names, Share::kName, inquiry);
  co_return match;
}

// The name that `entry` is about: its own, or that of the sender (RMX-04 §4.6, §4.8).
const DnsName& NameOf(const RmxEntry& entry, const SenderIdentity& sender) {
  return entry.name ? *entry.name : *sender.domain;
}

Task<Match> LookUp(const RmxEntry& entry, Inquiry& inquiry) {
  const DnsName& name = NameOf(entry, inquiry.sender);
  const auto known = inquiry.known.find({entry.type, name});
  if (known != inquiry.known.end()) co_return known->second;
  Match match = Match::kNo;
  if (entry.type == Type::kHost) match = co_await MatchHost(name, Share::kName, inquiry);
  if (entry.type == Type::kApl) match = co_await MatchApl(name, inquiry);
  if (entry.type == Type::kDomain) match = co_await MatchDomain(name, inquiry);
  if (entry.type == Type::kMx) match = co_await MatchMx(inquiry);
  inquiry.known.emplace(std::pair(entry.type, name), match);
  co_return match;
}

// Empty: only the DNS can tell.
std::optional<Match> MatchWithoutDns(const RmxEntry& entry, const IpAddress& client) {
  if (entry.type == Type::kUnused) return Match::kYes;
  if (entry.range) return entry.range->Contains(client) ? Match::kYes : Match::kNo;
  return std::nullopt;
}

// The question that `entry` begins with. Empty: none.
std::optional<DnsQuestion> FirstQuestion(const RmxEntry& entry, const Inquiry& inquiry) {
  const DnsName& name = NameOf(entry, inquiry.sender);
  switch (entry.type) {
    case Type::kHost:
      return AddressQuestion(name, inquiry.client);
    case Type::kApl:
      return DnsQuestion{name, DnsType::kApl};
    case Type::kDomain:
      return PtrQuestion(inquiry.client);
    case Type::kFull:
      return FullAddressQuestion(inquiry.sender);
    case Type::kMx:
      return DnsQuestion{name, DnsType::kMx};
    case Type::kIpv4:
    case Type::kIpv6:
    case Type::kUnused:
      break;
  }
  return std::nullopt;
}

// Lets leave together what may be asked before an entry matches whatever the answers are.
void PrefetchEntries(const RmxEntries& entries, Inquiry& inquiry) {
  for (const RmxEntry& entry : entries.list) {
    if (MatchWithoutDns(entry, inquiry.client) == Match::kYes) return;
    const std::optional<DnsQuestion> question = FirstQuestion(entry, inquiry);
    if (!question) continue;
    inquiry.dns.Prefetch(*question, entry.type == Type::kDomain ? Share::kReverse : Share::kName);
  }
}

// What holds when an entry has come to its turn that would rule `wanted`. What stands open before
// it must not have ruled otherwise (docs/rules.md §11.4).
Ruling Conclude(const Ruling& wanted, const Inquiry& inquiry) {
  const bool agrees = (!inquiry.open_grant || wanted.result == Result::kPass) &&
                      (!inquiry.open_denial || wanted.reason == Reason::kDenied);
  return agrees ? wanted : *inquiry.failure;
}

Task<std::optional<Ruling>> ProcessFullAddress(Inquiry& inquiry);

// RMX-04 §4.1. Empty: no entry matches.
Task<std::optional<Ruling>> Process(const RmxEntries& entries, bool is_full_address,
                                    Inquiry& inquiry) {
  const Ruling granted = {Result::kPass, Reason::kDesignated};
  const Ruling denied = {Result::kFail, Reason::kDenied};
  const Ruling malformed = {Result::kPermerror, Reason::kMalformed};
  PrefetchEntries(entries, inquiry);
  for (const RmxEntry& entry : entries.list) {
    if (entry.type == Type::kFull) {
      // RMX-04 §4.7: in the record of a domain only.
      if (is_full_address) co_return Conclude(malformed, inquiry);
      // What has not decided once never will, and may have as many entries as these are.
      if (std::exchange(inquiry.knows_full_address, true)) continue;
      const std::optional<Ruling> ruling = co_await ProcessFullAddress(inquiry);
      if (ruling) co_return ruling;
      continue;
    }
    std::optional<Match> match = MatchWithoutDns(entry, inquiry.client);
    if (!match) match = co_await LookUp(entry, inquiry);
    const bool denies = entry.negated || entry.type == Type::kUnused;
    if (match == Match::kYes) co_return Conclude(denies ? denied : granted, inquiry);
    if (match == Match::kOpen) (denies ? inquiry.open_denial : inquiry.open_grant) = true;
  }
  if (entries.malformed) co_return Conclude(malformed, inquiry);
  co_return std::nullopt;
}

// RMX-04 §4.7: the record of the full address stands where the entry stands.
Task<std::optional<Ruling>> ProcessFullAddress(Inquiry& inquiry) {
  const std::optional<DnsQuestion> question = FullAddressQuestion(inquiry.sender);
  if (!question) co_return std::nullopt;
  const DnsAnswer& answer = co_await inquiry.dns.Ask(*question);
  if (IsOpen(*question, answer, inquiry)) {
    inquiry.open_grant = inquiry.open_denial = true;
    co_return std::nullopt;
  }
  const RmxEntries entries = ReadRmxEntries(answer);
  const std::optional<Ruling> ruling = co_await Process(entries, true, inquiry);
  co_return ruling;
}

// RMX-04 §7, by its words: Granted, Denied, NotInRMX, NoRMX, TempFail, BadData.
Task<Ruling> Rule(Inquiry& inquiry) {
  Ruling ruling = {Result::kPermerror, Reason::kNameTooLong};
  const std::optional<DnsQuestion> question = RecordQuestion(*inquiry.sender.domain);
  if (!question) co_return ruling;
  const DnsAnswer& answer = co_await inquiry.dns.Ask(*question);
  if (IsOpen(*question, answer, inquiry)) co_return *inquiry.failure;
  ruling = {Result::kNone, Reason::kNoRecord};
  if (answer.records.empty()) co_return ruling;

  const RmxEntries entries = ReadRmxEntries(answer);
  const std::optional<Ruling> by_entry = co_await Process(entries, false, inquiry);
  ruling = {Result::kFail, Reason::kNotDesignated};
  co_return by_entry ? *by_entry : Conclude(ruling, inquiry);
}

}  // namespace

void PrefetchRmx(const SenderIdentity& sender, SessionDns& dns) {
  if (!sender.domain) return;
  if (const std::optional<DnsQuestion> question = RecordQuestion(*sender.domain)) {
    dns.Prefetch(*question);
  }
}

Task<CheckResult> CheckRmx(const SenderIdentity& sender, const IpAddress& client, SessionDns& dns) {
  CheckResult result = {.check = CheckId::kRmx,
                        .result = Result::kNone,
                        .reason = Reason::kNoSender,
                        .identity = Identity::kMailFrom};
  if (!sender.domain) co_return result;
  Inquiry inquiry = {.sender = sender, .client = client, .dns = dns, .evidence = result.evidence};
  const Ruling ruling = co_await Rule(inquiry);
  result.result = ruling.result;
  result.reason = ruling.reason;
  co_return result;
}

}  // namespace helovet
