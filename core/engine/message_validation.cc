#include "engine/message_validation.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "checks/local_list.h"
#include "engine/judgement.h"
#include "engine/verdict_memory.h"
#include "policy/policy.h"

namespace helovet {
namespace {

// What stands for the sender is what was found about the HELO name; rmx knows no null sender.
std::vector<CheckResult> FindingOnNullSender(const std::vector<CheckResult>& of_name,
                                             const Config& config) {
  std::vector<CheckResult> checks;
  for (const CheckId check : ChecksOf(SeriesOf::kNullSender, config)) {
    if (check == CheckId::kRmx) {
      checks.push_back({.check = check, .result = Result::kNone, .reason = Reason::kNoSender});
      continue;
    }
    const CheckId source = check == CheckId::kSpf ? CheckId::kSpfHelo : check;
    const auto found = std::ranges::find(of_name, source, &CheckResult::check);
    if (found == of_name.end()) break;  // An earlier one has decided.
    CheckResult result = *found;
    result.check = check;
    if (check == CheckId::kSpf && result.reason == Reason::kNoName) {
      result.reason = Reason::kNoSender;
    }
    const bool ends = EndsSeries(SeriesOf::kNullSender, result);
    checks.push_back(std::move(result));
    if (ends) break;
  }
  return checks;
}

}  // namespace

std::optional<Verdict> VerdictOfDenial(const Session& session, const HeloFinding& helo,
                                       const Config& config, const LocalLists& lists) {
  std::optional<CheckResult> denial = FindDenial(session, lists);
  if (!denial) return std::nullopt;
  Verdict verdict{.session = session};
  verdict.checks.push_back(helo.result);
  verdict.checks.push_back(*std::move(denial));
  ApplyJudgement(config, verdict);
  if (!DenialDecides(verdict.action, config)) return std::nullopt;
  return verdict;
}

SeriesOf SeriesFor(const Session& session) {
  return session.mail_from->empty() ? SeriesOf::kNullSender : SeriesOf::kSender;
}

Verdict VerdictOnMessage(std::shared_ptr<const Verdict> on_name, Session session,
                         SeriesFinding finding, const HeloFinding& helo, const Config& config,
                         const LocalLists& lists) {
  Verdict verdict = *on_name;
  verdict.session = std::move(session);
  verdict.on_name = std::move(on_name);
  const NameProof proof = ProofForLists(verdict.name_proof, verdict.checks, config);
  Put(CheckLocalList(helo, verdict.session, proof, lists), verdict.checks);
  if (SeriesFor(verdict.session) == SeriesOf::kNullSender) {
    finding.checks = FindingOnNullSender(verdict.checks, config);
  } else {
    std::erase_if(verdict.checks,
                  [](const CheckResult& check) { return check.check == CheckId::kDmp; });
  }
  for (CheckResult& check : finding.checks) Put(std::move(check), verdict.checks);
  std::ranges::move(finding.exchanges, std::back_inserter(verdict.exchanges));
  Settle(config, verdict);
  return verdict;
}

MessageValidation::MessageValidation(const ValidationContext& context,
                                     std::shared_ptr<const Verdict> on_name, Session session,
                                     Loop::TimePoint deadline, Done done)
    : AnnouncedValidation(context.loop, std::move(done)),
      context_(context),
      on_name_(std::move(on_name)),
      session_(std::move(session)),
      helo_(CheckHelo(session_, context.config)) {
  const SeriesOf series = SeriesFor(session_);
  if (!SenderSeries::Asks(series, context.config) ||
      VerdictOfDenial(session_, helo_, context.config, context.lists)) {
    Finish({});
    return;
  }
  series_.emplace(context.loop, context.dns, context.config, series, session_, helo_, deadline,
                  context.trail);
  series_->Start([this] { Finish(series_->Take()); });
}

void MessageValidation::Finish(SeriesFinding finding) {
  const Loop::TimePoint holds_until = finding.holds_until;
  Verdict verdict = VerdictOnMessage(on_name_, std::move(session_), std::move(finding), helo_,
                                     context_.config, context_.lists);
  if (context_.memory != nullptr && holds_until > context_.loop.Now()) Keep(verdict, holds_until);
  Conclude(std::move(verdict));
}

// The sender's domain is often the name's, so that its answers are always remembered; what tells a
// client that comes again is its name.
void MessageValidation::Keep(Verdict verdict, Loop::TimePoint holds_until) const {
  VerdictMemory& memory = *context_.memory;
  const std::uint64_t lists_changes = context_.lists.changes();
  const Verdict* const known =
      memory.Find(VerdictKey(on_name_->session), lists_changes, context_.loop.Now());
  if (known == nullptr || known->name_finding != on_name_->name_finding) return;
  // Those of the name come with the verdict that it is found by.
  verdict.exchanges.erase(
      verdict.exchanges.begin(),
      verdict.exchanges.begin() + static_cast<std::ptrdiff_t>(on_name_->exchanges.size()));
  memory.Keep(VerdictKey(verdict.session), verdict, lists_changes, holds_until);
}

void MessageValidation::BeforeAnnouncement(const Verdict& verdict) {
  series_.reset();
  context_.store.CountMessage(verdict);
}

}  // namespace helovet
