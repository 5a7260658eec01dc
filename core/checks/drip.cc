#include "checks/drip.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "checks/answers.h"
#include "checks/csa.h"

namespace helovet {
namespace {

constexpr std::string_view kV4Labels = "IPv4.relays._email_";  // DRIP-02 §3.1, §3.3
constexpr std::string_view kV6Labels = "IPv6.relays._email_";  // DRIP-02 §3.1, §3.4

void AppendHexDigits(std::string& text, std::uint8_t octet) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  text += kDigits[octet >> 4];
  text += kDigits[octet & 0xF];
}

// DRIP-02 §3.3, §3.4: "192_0_2_10", or eight groups of four digits.
std::string LabelOf(const IpAddress& client) {
  std::string label;
  if (client.is_v4()) {
    label = client.ToString();
    std::replace(label.begin(), label.end(), '.', '_');
    return label;
  }
  for (std::size_t at = 0; at < client.bytes().size(); ++at) {
    if (at != 0 && at % 2 == 0) label += '_';
    AppendHexDigits(label, client.bytes()[at]);
  }
  return label;
}

// The questions for the parents, from the top down; those that would be too long have no record.
std::vector<DnsQuestion> ParentQuestions(const DnsName& name, const IpAddress& client) {
  std::vector<DnsQuestion> questions;
  for (const DnsName& parent : ParentsOf(name)) {
    std::optional<DnsQuestion> question = DripQuestion(parent, client);
    if (question) questions.push_back(*std::move(question));
  }
  return questions;
}

// DRIP-02 §4.2: what a single record says of the client; empty for none and for several.
std::optional<Ruling> StatusOf(const DnsAnswer& answer, const IpAddress& client) {
  if (answer.records.size() != 1) return std::nullopt;
  if (HoldsAddress(answer, client)) return Ruling{Result::kPass, Reason::kDesignated};
  return Ruling{Result::kFail, Reason::kNotDesignated};
}

// DRIP-02 §4.3, DRIP_UNKNOWN. `unknown` is what holds where no parent says anything.
Task<Ruling> SearchParents(const HeloFinding& helo, const IpAddress& client, Ruling unknown,
                           SessionDns& dns, std::vector<Evidence>& evidence) {
  const std::vector<DnsQuestion> questions = ParentQuestions(*helo.name, client);
  const auto decide = [&client](const DnsAnswer& answer) -> std::optional<Ruling> {
    if (!StatusOf(answer, client)) return std::nullopt;
    return Ruling{Result::kFail, Reason::kParentParticipates};
  };
  const Ruling ruling = co_await AskParents(questions, unknown, decide, dns, evidence);
  co_return ruling;
}

Task<Ruling> Rule(const HeloFinding& helo, const IpAddress& client, SessionDns& dns,
                  std::vector<Evidence>& evidence) {
  // A name that is too long for a record may still have parents that take part.
  Ruling unknown = {Result::kPermerror, Reason::kNameTooLong};
  if (const std::optional<DnsQuestion> question = DripQuestion(*helo.name, client)) {
    const DnsAnswer& answer = co_await dns.Ask(*question);
    AddEvidence(*question, answer, evidence);
    std::optional<Ruling> ruling = FailureOf(answer);
    if (!ruling) ruling = StatusOf(answer, client);
    if (ruling) co_return *ruling;
    unknown = {Result::kNone, Reason::kNotParticipating};
  }
  const Ruling ruling = co_await SearchParents(helo, client, unknown, dns, evidence);
  co_return ruling;
}

}  // namespace

std::optional<DnsQuestion> DripQuestion(const DnsName& name, const IpAddress& client) {
  const std::string_view version = client.is_v4() ? kV4Labels : kV6Labels;
  const std::optional<DnsName> owner =
      name.WithPrefix(LabelOf(client) + "." + std::string(version));
  if (!owner) return std::nullopt;
  return AddressQuestion(*owner, client);
}

void PrefetchDrip(const HeloFinding& helo, const IpAddress& client, SessionDns& dns) {
  if (!helo.name) return;
  if (const std::optional<DnsQuestion> question = DripQuestion(*helo.name, client)) {
    dns.Prefetch(*question);
  }
}

Task<CheckResult> CheckDrip(const HeloFinding& helo, const IpAddress& client, SessionDns& dns) {
  CheckResult result = {
      .check = CheckId::kDrip, .result = Result::kNone, .reason = Reason::kNoName};
  if (!helo.name) co_return result;
  const Ruling ruling = co_await Rule(helo, client, dns, result.evidence);
  result.result = ruling.result;
  result.reason = ruling.reason;
  co_return result;
}

}  // namespace helovet
