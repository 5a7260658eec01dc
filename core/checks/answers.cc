#include "checks/answers.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "checks/csa.h"

namespace helovet {
namespace {

constexpr std::size_t kSecondLevelLabels = 2;  // CSA-02 §7: never a top-level domain.

}  // namespace

DnsQuestion AddressQuestion(const DnsName& name, const IpAddress& client) {
  return {name, client.is_v4() ? DnsType::kA : DnsType::kAaaa};
}

DnsQuestion PtrQuestion(const IpAddress& client) {
  // The reverse name of an address is always a valid name.
  return {*DnsName::Parse(client.ReverseName()), DnsType::kPtr};
}

std::vector<DnsName> NamesIn(const DnsAnswer& answer) {
  std::set<DnsName> names;
  for (const DnsRecord& record : answer.records) {
    const auto* name = std::get_if<DnsName>(&record.data);
    if (const auto* mx = std::get_if<MxData>(&record.data)) name = &mx->exchange;
    if (name != nullptr && !name->is_root()) names.insert(*name);
  }
  return {names.begin(), names.end()};
}

bool HoldsAddress(const DnsAnswer& answer, const IpAddress& client) {
  return std::any_of(answer.records.begin(), answer.records.end(), [&](const DnsRecord& record) {
    const auto* address = std::get_if<IpAddress>(&record.data);
    return address != nullptr && *address == client;
  });
}

bool HoldsFamily(const DnsAnswer& answer, const IpAddress& client) {
  // Asking for the family is not enough: an AAAA record can carry an IPv4-mapped address.
  return std::any_of(answer.records.begin(), answer.records.end(), [&](const DnsRecord& record) {
    const auto* address = std::get_if<IpAddress>(&record.data);
    return address != nullptr && address->is_v4() == client.is_v4();
  });
}

std::optional<Ruling> FailureOf(const DnsAnswer& answer) {
  if (IsTemporary(answer.outcome)) return Ruling{Result::kTemperror, Reason::kDns};
  if (answer.outcome == DnsOutcome::kAliasChain) {
    return Ruling{Result::kPermerror, Reason::kAliasChain};
  }
  return std::nullopt;
}

std::vector<DnsName> ParentsOf(const DnsName& name) {
  std::vector<DnsName> parents;
  const std::size_t own = name.label_count();  // 0 of the root.
  for (std::size_t labels = kSecondLevelLabels; labels < own && labels <= kDeepestExplicitLabels;
       ++labels) {
    parents.push_back(name.LastLabels(labels));
  }
  return parents;
}

Task<Ruling> AskParents(const std::vector<DnsQuestion>& questions, Ruling otherwise,
                        absl::FunctionRef<std::optional<Ruling>(const DnsAnswer&)> decide,
                        SessionDns& dns, std::vector<Evidence>& evidence) {
  for (const DnsQuestion& question : questions) dns.Prefetch(question);
  for (const DnsQuestion& question : questions) {
    const DnsAnswer& answer = co_await dns.Ask(question);
    AddEvidence(question, answer, evidence);
    if (const std::optional<Ruling> ruling = decide(answer)) co_return *ruling;
    const std::optional<Ruling> failure = FailureOf(answer);
    if (failure && otherwise.result != Result::kTemperror) otherwise = *failure;
  }
  co_return otherwise;
}

void AddEvidence(const DnsQuestion& question, const DnsAnswer& answer,
                 std::vector<Evidence>& evidence) {
  answer.AddEvidence(question, evidence);
}

}  // namespace helovet
