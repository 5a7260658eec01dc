#include "checks/hnaa.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "checks/answers.h"

namespace helovet {
namespace {

// The names that are confirmed forward, in the order in which their answers are awaited: the
// canonical one, so that the server's order stays out of the result, but the HELO name, where it is
// among them, comes first: its confirmation settles everything.
std::vector<DnsName> NamesToConfirm(const DnsAnswer& answer, const HeloFinding& helo) {
  std::vector<DnsName> names = NamesIn(answer);
  if (helo.name) {
    std::stable_partition(names.begin(), names.end(),
                          [&helo](const DnsName& name) { return name == *helo.name; });
  }
  return names;
}

bool HoldsName(const DnsAnswer& answer, const DnsName& name) {
  return std::any_of(answer.records.begin(), answer.records.end(), [&](const DnsRecord& record) {
    const auto* held = std::get_if<DnsName>(&record.data);
    return held != nullptr && *held == name;
  });
}

}  // namespace

void PrefetchHnaa(const HeloFinding& helo, const IpAddress& client, SessionDns& dns) {
  if (helo.name) dns.Prefetch(AddressQuestion(*helo.name, client));
  dns.Prefetch(PtrQuestion(client), Share::kReverse);
}

Task<CheckResult> CheckForward(const HeloFinding& helo, const IpAddress& client, SessionDns& dns) {
  CheckResult result = {
      .check = CheckId::kForward, .result = Result::kNone, .reason = Reason::kNoName};
  if (!helo.name) co_return result;

  const DnsQuestion question = AddressQuestion(*helo.name, client);
  const DnsAnswer& answer = co_await dns.Ask(question);
  AddEvidence(question, answer, result.evidence);

  Ruling ruling = {Result::kNeutral, Reason::kNotMatched};
  if (HoldsAddress(answer, client)) {
    ruling = {Result::kPass, Reason::kMatched};
  } else if (const std::optional<Ruling> failure = FailureOf(answer)) {
    ruling = *failure;
  }
  result.result = ruling.result;
  result.reason = ruling.reason;
  co_return result;
}

Task<IprevFinding> CheckIprev(const HeloFinding& helo, const IpAddress& client, SessionDns& dns) {
  IprevFinding finding = {.result = {.check = CheckId::kIprev}};
  CheckResult& result = finding.result;

  const DnsQuestion ptr = PtrQuestion(client);
  const DnsAnswer& ptr_answer = co_await dns.Ask(ptr, Share::kReverse);
  AddEvidence(ptr, ptr_answer, result.evidence);
  if (const std::optional<Ruling> failure = FailureOf(ptr_answer)) {
    result.result = failure->result;
    result.reason = failure->reason;
    co_return finding;
  }
  if (ptr_answer.records.empty()) {
    result.result = Result::kPermerror;
    result.reason = Reason::kNoPtr;
    co_return finding;
  }

  const std::vector<DnsName> names = NamesToConfirm(ptr_answer, helo);
  for (const DnsName& name : names) {
    dns.Prefetch(AddressQuestion(name, client), Share::kReverse);
  }
  result.result = Result::kFail;
  result.reason = Reason::kNotConfirmed;
  for (const DnsName& name : names) {
    const DnsQuestion question = AddressQuestion(name, client);
    const DnsAnswer& answer = co_await dns.Ask(question, Share::kReverse);
    AddEvidence(question, answer, result.evidence);
    if (HoldsAddress(answer, client)) {
      result.result = Result::kPass;
      result.reason = Reason::kConfirmed;
      finding.confirms_helo = helo.name.has_value() && name == *helo.name;
      break;
    }
    if (IsTemporary(answer.outcome)) {
      result.result = Result::kTemperror;
      result.reason = Reason::kDns;
    }
  }
  co_return finding;
}

Task<CheckResult> CheckReverseMatch(const HeloFinding& helo, const IpAddress& client,
                                    SessionDns& dns) {
  CheckResult result = {
      .check = CheckId::kReverseMatch, .result = Result::kNone, .reason = Reason::kNoName};
  if (!helo.name) co_return result;

  const DnsQuestion question = PtrQuestion(client);
  const DnsAnswer& answer = co_await dns.Ask(question, Share::kReverse);
  AddEvidence(question, answer, result.evidence);

  Ruling ruling = {Result::kNeutral, Reason::kNotMatched};
  if (const std::optional<Ruling> failure = FailureOf(answer)) {
    ruling = *failure;
  } else if (HoldsName(answer, *helo.name)) {
    ruling = {Result::kPass, Reason::kMatched};
  }
  result.result = ruling.result;
  result.reason = ruling.reason;
  co_return result;
}

CheckResult CheckWellKnown(const HeloFinding& helo, const Config::WellKnown& settings) {
  CheckResult result = {
      .check = CheckId::kWellKnown, .result = Result::kNone, .reason = Reason::kNoName};
  if (!helo.name) return result;
  const bool listed = std::any_of(settings.domains.begin(), settings.domains.end(),
                                  [&helo](const std::string& domain) {
                                    const std::optional<DnsName> name = DnsName::Parse(domain);
                                    return name && helo.name->IsWithin(*name);
                                  });
  result.result = listed ? Result::kPass : Result::kNone;
  result.reason = listed ? Reason::kListed : Reason::kNotListed;
  return result;
}

}  // namespace helovet
