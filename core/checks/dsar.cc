#include "checks/dsar.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "checks/answers.h"

namespace helovet {
namespace {

constexpr std::uint16_t kPriorityAuthorized = 1;  // DSAR-00 §3.3.1, Priority
constexpr std::uint16_t kPriorityProhibited = 2;  // DSAR-00 §3.3.1, Priority
constexpr std::uint16_t kWeight = 0;              // DSAR-00 §3.3.1, Weight

// Empty when the record's name would be too long.
std::optional<DnsQuestion> RegistrationQuestion(const DnsName& name, std::string_view role,
                                                std::string_view application) {
  std::string prefix = "_";
  prefix.append(role).append("._").append(application);
  std::optional<DnsName> owner = name.WithPrefix(prefix);
  if (!owner) return std::nullopt;
  return DnsQuestion{*std::move(owner), DnsType::kSrv};
}

// DSAR-00 §3.3.1. The target is the name that was asked about, whatever aliases led to the record.
Ruling RuleByRecord(const SrvData& record, const DnsName& name) {
  if (record.weight != kWeight || record.target != name) {
    return {Result::kPermerror, Reason::kMalformed};
  }
  if (record.priority == kPriorityAuthorized) return {Result::kPass, Reason::kAuthorized};
  if (record.priority == kPriorityProhibited) return {Result::kFail, Reason::kProhibited};
  return {Result::kNone, Reason::kUndefined};
}

Ruling RuleByAnswer(const DnsAnswer& answer, const DnsName& name) {
  if (const std::optional<Ruling> failure = FailureOf(answer)) return *failure;
  std::set<SrvData> records;  // The same record twice is one (RFC 2181 §5).
  for (const DnsRecord& record : answer.records) {
    if (const auto* srv = std::get_if<SrvData>(&record.data)) records.insert(*srv);
  }
  if (records.empty()) return {Result::kNone, Reason::kNoRecord};
  if (records.size() > 1) return {Result::kPermerror, Reason::kMultipleRecords};
  return RuleByRecord(*records.begin(), name);
}

}  // namespace

void PrefetchDsar(const DnsName& name, std::string_view role, std::string_view application,
                  SessionDns& dns) {
  if (const auto question = RegistrationQuestion(name, role, application)) dns.Prefetch(*question);
}

Task<CheckResult> CheckDsar(const DnsName& name, std::string_view role,
                            std::string_view application, SessionDns& dns) {
  CheckResult result = {
      .check = CheckId::kCsa, .result = Result::kPermerror, .reason = Reason::kNameTooLong};
  const std::optional<DnsQuestion> question = RegistrationQuestion(name, role, application);
  if (!question) co_return result;

  const DnsAnswer& answer = co_await dns.Ask(*question);
  AddEvidence(*question, answer, result.evidence);
  const Ruling ruling = RuleByAnswer(answer, name);
  result.result = ruling.result;
  result.reason = ruling.reason;
  co_return result;
}

}  // namespace helovet
