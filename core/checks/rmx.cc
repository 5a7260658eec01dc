#include "checks/rmx.h"

#include <optional>
#include <string_view>
#include <utility>

#include "checks/answers.h"

namespace helovet {
namespace {

constexpr std::string_view kPrefix = "_rmx";  // RMX-04 §3.1, §6.2

std::optional<DnsQuestion> RecordQuestion(const DnsName& domain) {
  std::optional<DnsName> owner = domain.WithPrefix(kPrefix);
  if (!owner) return std::nullopt;
  return DnsQuestion{*std::move(owner), DnsType::kTxt};
}

}  // namespace

void PrefetchRmx(const SenderIdentity& sender, SessionDns& dns) {
  if (!sender.domain) return;
  if (const std::optional<DnsQuestion> question = RecordQuestion(*sender.domain)) {
    dns.Prefetch(*question);
  }
}

Task<CheckResult> CheckRmx(const SenderIdentity& sender, const IpAddress& /*client*/,
                           SessionDns& dns) {
  CheckResult result = {.check = CheckId::kRmx,
                        .result = Result::kNone,
                        .reason = Reason::kNoSender,
                        .identity = Identity::kMailFrom};
  if (!sender.domain) co_return result;
  const std::optional<DnsQuestion> question = RecordQuestion(*sender.domain);
  result.result = Result::kPermerror;
  result.reason = question ? Reason::kMalformed : Reason::kNameTooLong;
  if (!question) co_return result;
  const DnsAnswer& answer = co_await dns.Ask(*question);
  AddEvidence(*question, answer, result.evidence);
  if (const std::optional<Ruling> failure = FailureOf(answer)) {
    result.result = failure->result;
    result.reason = failure->reason;
  } else if (answer.records.empty()) {
    result.result = Result::kNone;
    result.reason = Reason::kNoRecord;
  }
  co_return result;
}

}  // namespace helovet
