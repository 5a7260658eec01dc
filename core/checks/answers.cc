#include "checks/answers.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>
#include <variant>

namespace helovet {

DnsQuestion AddressQuestion(const DnsName& name, const IpAddress& client) {
  return {name, client.is_v4() ? DnsType::kA : DnsType::kAaaa};
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

void AddEvidence(const DnsQuestion& question, const DnsAnswer& answer,
                 std::vector<Evidence>& evidence) {
  std::vector<Evidence> found = answer.ToEvidence(question);
  const auto aliases = std::min(answer.aliases.size(), found.size());
  std::sort(std::next(found.begin(), static_cast<std::ptrdiff_t>(aliases)), found.end(),
            [](const Evidence& a, const Evidence& b) {
              return std::tie(a.owner, a.type, a.text) < std::tie(b.owner, b.type, b.text);
            });
  std::move(found.begin(), found.end(), std::back_inserter(evidence));
}

}  // namespace helovet
