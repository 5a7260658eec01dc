#include "checks/spf.h"

#include <optional>
#include <string>
#include <utility>

#include "checks/sender.h"
#include "checks/spf/evaluation.h"

namespace helovet {
namespace {

constexpr std::string_view kPostmaster = "postmaster";  // RFC 7208 §2.4, §4.3

// Whose record is judged, and for which local part. Empty: there is none, so it is the
// postmaster's.
struct Judged {
  DnsName domain;
  std::string local_part;
};

// RFC 7208 §4.3: "@example.com", which RFC 5321 §4.1.2 knows only in source routes, is a sender
// without a local part.
std::optional<Judged> JudgedOf(const SenderIdentity& sender) {
  if (sender.kind == SenderIdentity::Kind::kMailbox && sender.domain) {
    return Judged{*sender.domain, sender.local_part};
  }
  if (sender.kind != SenderIdentity::Kind::kNoDomain || !sender.mailbox.starts_with('@')) {
    return std::nullopt;
  }
  const std::optional<std::string> text = DomainOfPath(std::string(kPostmaster) + sender.mailbox);
  const std::optional<DnsName> domain = text ? DnsName::Parse(*text) : std::nullopt;
  if (!domain) return std::nullopt;
  return Judged{*domain, ""};
}

void Prefetch(const DnsName& domain, SessionDns& dns) {
  const std::optional<DnsQuestion> question = spf::RecordQuestion(domain);
  if (question) dns.Prefetch(*question);
}

spf::MacroValues ValuesOf(const Judged& judged, const IpAddress& client,
                          const SpfContext& context) {
  spf::MacroValues values = {.client = client};
  values.local_part = judged.local_part.empty() ? kPostmaster : judged.local_part;
  values.sender_domain = spf::TextOfName(judged.domain);
  values.helo = context.helo;
  if (!context.receiver.empty()) values.receiver = context.receiver;
  values.now = context.now;
  return values;
}

// RFC 7208 §4.3: only a domain of two labels or more is judged; for any other `result` stays.
Task<CheckResult> Judge(Judged judged, const IpAddress& client, const SpfContext& context,
                        const Config::Spf& settings, SessionDns& dns, CheckResult result) {
  if (!spf::RecordQuestion(judged.domain)) co_return result;
  spf::Evaluation evaluation(ValuesOf(judged, client, context), dns, result.evidence);
  const spf::Evaluation::Outcome outcome = co_await evaluation.CheckHost(judged.domain);
  result.result = outcome.ruling.result;
  result.reason = outcome.ruling.reason;
  if (settings.explanation && result.result == Result::kFail) {
    result.explanation = co_await evaluation.Explain(outcome);
  }
  co_return result;
}

}  // namespace

void PrefetchSpfHelo(const HeloFinding& helo, SessionDns& dns) {
  if (helo.name) Prefetch(*helo.name, dns);
}

void PrefetchSpf(const SenderIdentity& sender, SessionDns& dns) {
  if (const std::optional<Judged> judged = JudgedOf(sender)) Prefetch(judged->domain, dns);
}

Task<CheckResult> CheckSpfHelo(const HeloFinding& helo, const IpAddress& client,
                               const SpfContext& context, const Config::Spf& settings,
                               SessionDns& dns) {
  CheckResult result = {
      .check = CheckId::kSpfHelo, .result = Result::kNone, .reason = Reason::kNoName};
  if (!helo.name) co_return result;
  Judged judged = {*helo.name, ""};
  co_return co_await Judge(std::move(judged), client, context, settings, dns, std::move(result));
}

Task<CheckResult> CheckSpf(const HeloFinding& helo, const SenderIdentity& sender,
                           const IpAddress& client, const SpfContext& context,
                           const Config::Spf& settings, SessionDns& dns) {
  CheckResult result = {
      .check = CheckId::kSpf, .result = Result::kNone, .reason = Reason::kNoSender};
  const bool is_null = sender.kind == SenderIdentity::Kind::kNull;
  result.identity = is_null ? Identity::kHelo : Identity::kMailFrom;
  std::optional<Judged> judged = JudgedOf(sender);
  if (is_null && helo.name) judged = Judged{*helo.name, ""};
  if (!judged) co_return result;
  co_return co_await Judge(*std::move(judged), client, context, settings, dns, std::move(result));
}

}  // namespace helovet
