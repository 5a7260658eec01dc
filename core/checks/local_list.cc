#include "checks/local_list.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "checks/answers.h"
#include "checks/sender.h"

namespace helovet {
namespace {

// What the lists have on the sender's domain.
struct SenderMatch {
  ListMatch match = {};
  std::string domain = {};
};

SenderMatch FindSender(const Session& session, const LocalLists& lists) {
  if (!session.mail_from) return {};
  std::optional<std::string> domain = DomainOfPath(*session.mail_from);
  if (!domain) return {};
  return {lists.FindSenderDomain(*domain), *std::move(domain)};
}

// An entry that counts as it stands.
Ruling RuleByEntry(const ListMatch& match) {
  return {match.listing == Listing::kDeny ? Result::kFail : Result::kPass, Reason::kListed};
}

// docs/rules.md §7.1: what is said of a name counts for the host that is proven to have it.
Ruling RuleByProof(const ListMatch& match, NameProof proof) {
  switch (proof) {
    case NameProof::kProven:
      return RuleByEntry(match);
    case NameProof::kUndetermined:
      return {Result::kTemperror, Reason::kDns};
    case NameProof::kNotProven:
      break;
  }
  return {Result::kNeutral, Reason::kNotVerified};
}

bool IsWithin(const HeloFinding& helo, const std::string& domain) {
  const std::optional<DnsName> ancestor = DnsName::Parse(domain);
  return helo.name && ancestor && helo.name->IsWithin(*ancestor);
}

Ruling RuleBySender(const SenderMatch& sender, const HeloFinding& helo, NameProof proof) {
  if (sender.match.listing == Listing::kDeny) return RuleByEntry(sender.match);
  // No answer could make a name from elsewhere count.
  return RuleByProof(sender.match, IsWithin(helo, sender.domain) ? proof : NameProof::kNotProven);
}

void AddOpinion(const ListMatch& match, Ruling ruling, std::vector<Opinion>& opinions) {
  opinions.push_back({.authority = match.place,
                      .result = ruling.result,
                      .reason = ruling.reason,
                      .text = match.entry});
}

// How much an entry counts beside others, from the least on.
enum class Standing : std::uint8_t { kNotVerified, kForNow, kAllows, kDenies };

Standing StandingOf(const Opinion& opinion) {
  if (opinion.result == Result::kFail) return Standing::kDenies;
  if (opinion.result == Result::kPass) return Standing::kAllows;
  if (opinion.result == Result::kTemperror) return Standing::kForNow;
  return Standing::kNotVerified;
}

CheckResult Summarise(std::vector<Opinion> opinions) {
  CheckResult result = {
      .check = CheckId::kLocalList, .result = Result::kNone, .reason = Reason::kNotListed};
  std::sort(opinions.begin(), opinions.end(), [](const Opinion& a, const Opinion& b) {
    return std::tie(a.authority, a.text) < std::tie(b.authority, b.text);
  });
  const auto decisive = std::max_element(
      opinions.begin(), opinions.end(),
      [](const Opinion& a, const Opinion& b) { return StandingOf(a) < StandingOf(b); });
  if (decisive != opinions.end()) {
    result.result = decisive->result;
    result.reason = decisive->reason;
    result.authority = decisive->authority;
  }
  result.opinions = std::move(opinions);
  return result;
}

}  // namespace

std::optional<CheckResult> FindDenial(const Session& session, const LocalLists& lists) {
  std::vector<Opinion> opinions;
  for (const ListMatch& match :
       {lists.FindAddress(session.client), FindSender(session, lists).match}) {
    if (match.listing == Listing::kDeny) AddOpinion(match, RuleByEntry(match), opinions);
  }
  if (opinions.empty()) return std::nullopt;
  return Summarise(std::move(opinions));
}

CheckResult CheckLocalList(const HeloFinding& helo, const Session& session, NameProof proof,
                           const LocalLists& lists) {
  std::vector<Opinion> opinions;
  const ListMatch client = lists.FindAddress(session.client);
  if (client.listing != Listing::kNone) AddOpinion(client, RuleByEntry(client), opinions);

  const ListMatch name = helo.name ? lists.FindName(helo.name->ToString()) : ListMatch();
  if (name.listing != Listing::kNone) AddOpinion(name, RuleByProof(name, proof), opinions);

  const SenderMatch sender = FindSender(session, lists);
  if (sender.match.listing != Listing::kNone) {
    AddOpinion(sender.match, RuleBySender(sender, helo, proof), opinions);
  }
  return Summarise(std::move(opinions));
}

}  // namespace helovet
