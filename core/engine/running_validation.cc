#include "engine/running_validation.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "checks/dna.h"
#include "checks/dns_list.h"
#include "checks/dsar.h"
#include "checks/local_list.h"
#include "checks/vbr.h"
#include "engine/judgement.h"
#include "engine/message_validation.h"
#include "engine/verdict_memory.h"
#include "policy/policy.h"

namespace helovet {
std::optional<Verdict> VerdictAtOnce(const Session& session, const HeloFinding& helo,
                                     const Config& config, const LocalLists& lists) {
  std::optional<Reason> exemption = Exemption(session, config);
  if (!exemption && lists.FindAddress(session.client).listing == Listing::kAllow) {
    exemption = Reason::kListed;
  }
  if (exemption) {
    Verdict verdict{.session = session};
    verdict.decided_by = {CheckId::kExempt, *exemption};
    return verdict;
  }
  return VerdictOfDenial(session, helo, config, lists);
}

RunningValidation::RunningValidation(const ValidationContext& context, Session session,
                                     bool counts_session, Loop::TimePoint deadline, Done done)
    : AnnouncedValidation(context.loop, std::move(done)),
      context_(context),
      config_(context.config),
      lists_(context.lists),
      counts_session_(counts_session),
      session_(std::move(session)),
      helo_(CheckHelo(session_, context.config)) {
  if (std::optional<Verdict> verdict = VerdictAtOnce(session_, helo_, config_, lists_)) {
    Conclude(*std::move(verdict));
    return;
  }
  dns_.emplace(context.loop, context.dns, deadline, context.trail);
  PrefetchAll();
  name_series_ = MakeSeries(SeriesOf::kName, deadline);
  if (session_.mail_from) sender_series_ = MakeSeries(SeriesFor(session_), deadline);
  // The checks of the name count as one until they begin.
  pending_ = 1 + (name_series_ ? 1 : 0);
  lists_pending_ = !config_.lists.address.empty();
  sender_pending_ = sender_series_ != nullptr;
  dns_->WhenAnswered([this] { StartAll(); });
  if (name_series_) name_series_->Start([this] { OnCheckEnded(); });
  if (!sender_series_) return;
  sender_series_->Start([this] {
    sender_pending_ = false;
    FinishIfComplete();
  });
}

std::unique_ptr<SenderSeries> RunningValidation::MakeSeries(SeriesOf series,
                                                            Loop::TimePoint deadline) const {
  if (!SenderSeries::Asks(series, config_)) return nullptr;
  return std::make_unique<SenderSeries>(context_.loop, context_.dns, config_, series, session_,
                                        helo_, deadline, context_.trail);
}

void RunningValidation::PrefetchAll() {
  PrefetchAddressLists(session_.client, config_.lists.address, *dns_);
  PrefetchNameLists(helo_, config_.lists.name, *dns_);
  if (!config_.vbr.certifiers.empty()) PrefetchVbr(helo_, config_.vbr, *dns_);
  if (!config_.dna.trusted.empty()) PrefetchDna(helo_, config_.dna, *dns_);
  if (!FollowsDsar(config_)) {
    PrefetchCsa(helo_, session_.client, config_.csa, *dns_);
  } else if (helo_.name) {
    PrefetchDsar(*helo_.name, kDsarMailRole, kDsarMailApplication, *dns_);
  }
  PrefetchHnaa(helo_, session_.client, *dns_);
}

void RunningValidation::StartAll() {
  constexpr std::size_t kUsualChecks = 16;
  checks_.reserve(kUsualChecks);
  const IpAddress& client = session_.client;
  if (!FollowsDsar(config_)) {
    running_.push_back(RunCsa());
  } else if (helo_.name) {
    running_.push_back(Run(CheckDsar(*helo_.name, kDsarMailRole, kDsarMailApplication, *dns_)));
  } else {
    Put({.check = CheckId::kCsa, .result = Result::kNone, .reason = Reason::kNoName}, checks_);
  }
  running_.push_back(Run(CheckForward(helo_, client, *dns_)));
  running_.push_back(RunIprev());
  running_.push_back(Run(CheckReverseMatch(helo_, client, *dns_)));
  if (!config_.dna.trusted.empty()) running_.push_back(Run(CheckDna(helo_, config_.dna, *dns_)));
  if (!config_.vbr.certifiers.empty()) {
    running_.push_back(Run(CheckVbr(helo_, config_.vbr, *dns_)));
  }
  if (!config_.lists.name.empty()) {
    running_.push_back(Run(CheckNameLists(helo_, config_.lists.name, *dns_)));
  }
  pending_ += running_.size();
  if (lists_pending_) {
    running_.push_back(RunAddressLists(CheckAddressLists(client, config_.lists.address, *dns_)));
  }
  for (Task<Ended>& task : running_) task.Start();
  OnCheckEnded();
}

Task<RunningValidation::Ended> RunningValidation::RunCsa() {
  CsaFinding finding = co_await CheckCsa(helo_, session_.client, config_.csa, *dns_);
  csa_ = std::make_unique<CsaFinding>(std::move(finding));
  OnCheckEnded();
  co_return Ended();
}

Task<RunningValidation::Ended> RunningValidation::RunIprev() {
  IprevFinding finding = co_await CheckIprev(helo_, session_.client, *dns_);
  iprev_confirms_helo_ = finding.confirms_helo;
  Put(std::move(finding.result), checks_);
  OnCheckEnded();
  co_return Ended();
}

Task<RunningValidation::Ended> RunningValidation::Run(Task<CheckResult> check) {
  Put(co_await check, checks_);
  OnCheckEnded();
  co_return Ended();
}

Task<RunningValidation::Ended> RunningValidation::RunAddressLists(Task<CheckResult> check) {
  Put(co_await check, checks_);
  lists_pending_ = false;
  FinishIfComplete();
  co_return Ended();
}

void RunningValidation::OnCheckEnded() {
  if (--pending_ == 0) OnNameSettled();
}

// All is known about the name.
void RunningValidation::OnNameSettled() {
  if (csa_) Put(RaiseByIprev(*std::move(csa_), iprev_confirms_helo_), checks_);
  Put(helo_.result, checks_);
  Put(CheckWellKnown(helo_, config_.well_known), checks_);
  if (name_series_) {
    SeriesFinding finding = name_series_->Take();
    for (CheckResult& check : finding.checks) Put(std::move(check), checks_);
    series_exchanges_ = std::move(finding.exchanges);
    series_holds_until_ = finding.holds_until;
  }
  proof_ = ProveName(checks_, iprev_confirms_helo_, config_);
  Session of_name = session_;
  of_name.mail_from.reset();
  Put(CheckLocalList(helo_, of_name, ProofForLists(proof_, checks_, config_), lists_), checks_);
  name_settled_ = true;
  FinishIfComplete();
}

// The name can make the lists of addresses unnecessary, in which case nothing waits for them. One
// answer may end several checks, and so may have ended the validation before this is called again.
void RunningValidation::FinishIfComplete() {
  if (!name_settled_ || sender_pending_ || verdict() != nullptr) return;
  if (lists_pending_ && !SkipsAddressLists(checks_, proof_, config_)) return;
  Verdict on_name = VerdictOnName();
  if (!session_.mail_from) {
    Keep(on_name);
    Conclude(std::move(on_name));
    return;
  }
  SeriesFinding finding = sender_series_ ? sender_series_->Take() : SeriesFinding();
  Conclude(VerdictOnMessage(std::make_shared<const Verdict>(std::move(on_name)), session_,
                            std::move(finding), helo_, config_, lists_));
}

Verdict RunningValidation::VerdictOnName() {
  Verdict verdict{.session = session_};
  verdict.session.mail_from.reset();
  verdict.name_proof = proof_;
  verdict.checks = std::move(checks_);
  verdict.exchanges = dns_->TakeExchanges();
  std::ranges::move(series_exchanges_, std::back_inserter(verdict.exchanges));
  if (context_.memory != nullptr) verdict.name_finding = context_.memory->NumberFinding();
  Settle(config_, verdict);
  return verdict;
}

void RunningValidation::Keep(const Verdict& on_name) const {
  if (context_.memory == nullptr || lists_pending_) return;
  const Loop::TimePoint holds_until = std::min(dns_->holds_until(), series_holds_until_);
  if (holds_until <= context_.loop.Now()) return;
  context_.memory->Keep(VerdictKey(on_name.session), on_name, lists_.changes(), holds_until);
}

void RunningValidation::BeforeAnnouncement(const Verdict& verdict) {
  running_.clear();
  name_series_.reset();
  sender_series_.reset();
  dns_.reset();
  if (counts_session_) context_.store.CountSession(verdict.on_name ? *verdict.on_name : verdict);
  if (verdict.session.mail_from) context_.store.CountMessage(verdict);
}

}  // namespace helovet
