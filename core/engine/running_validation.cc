#include "engine/running_validation.h"

#include <algorithm>
#include <utility>

#include "checks/dna.h"
#include "checks/dns_list.h"
#include "checks/dsar.h"
#include "checks/local_list.h"
#include "checks/vbr.h"
#include "engine/judgement.h"
#include "policy/policy.h"

namespace helovet {
namespace {

// CSA-02 or its forerunner, which knows nothing but names.
bool FollowsDsar(const Config& config) { return config.csa.dialect == Config::CsaDialect::kDsar00; }

// A name whose record does not hold is none under DSAR-00 §4.1, so no list can have it.
NameProof ProofForLists(NameProof proof, std::span<const CheckResult> checks,
                        const Config& config) {
  if (!FollowsDsar(config)) return proof;
  const auto csa = std::ranges::find(checks, CheckId::kCsa, &CheckResult::check);
  if (csa != checks.end() && csa->result == Result::kPass) return proof;
  const bool open = csa != checks.end() && csa->result == Result::kTemperror;
  return open ? std::min(proof, NameProof::kUndetermined) : NameProof::kNotProven;
}

// Keeps the order of CheckId, and one result for each.
void Put(CheckResult result, std::vector<CheckResult>& checks) {
  const auto place = std::ranges::lower_bound(checks, result.check, {}, &CheckResult::check);
  if (place != checks.end() && place->check == result.check) {
    *place = std::move(result);
  } else {
    checks.insert(place, std::move(result));
  }
}

// Judges what `verdict` has; its proof of the name must be there.
void Settle(const Config& config, Verdict& verdict) {
  if (SkipsAddressLists(verdict.checks, verdict.name_proof, config)) {
    std::erase_if(verdict.checks,
                  [](const CheckResult& check) { return check.check == CheckId::kAddressList; });
  }
  ApplyJudgement(config, verdict);
}

}  // namespace

AnnouncedValidation::AnnouncedValidation(Loop& loop, absl::AnyInvocable<void(const Verdict&)> done)
    : loop_(loop), done_(std::move(done)) {}

// From the loop, outside every frame of the tasks: the host may destroy this from `done_`.
void AnnouncedValidation::Conclude(Verdict verdict) {
  verdict_ = std::move(verdict);
  announce_ = loop_.Post([this] {
    // A host may keep the verdict for hours: withdraw the questions that nobody needs any more.
    Withdraw();
    auto done = std::move(done_);
    done(*verdict_);
  });
}

RunningValidation::RunningValidation(Loop& loop, Dns& dns, const Config& config,
                                     const LocalLists& lists, Session session,
                                     absl::AnyInvocable<void(const Verdict&)> done)
    : AnnouncedValidation(loop, std::move(done)),
      config_(config),
      lists_(lists),
      session_(std::move(session)),
      helo_(CheckHelo(session_, config)) {
  if (std::optional<Verdict> verdict = VerdictAtOnce()) {
    Conclude(*std::move(verdict));
    return;
  }
  dns_.emplace(loop, dns, loop.Now() + config.deadline);
  PrefetchAll();
  StartAll();
}

std::optional<Verdict> RunningValidation::VerdictAtOnce() const {
  Verdict verdict{.session = session_};
  std::optional<Reason> exemption = Exemption(session_, config_);
  if (!exemption && lists_.FindAddress(session_.client).listing == Listing::kAllow) {
    exemption = Reason::kListed;
  }
  if (exemption) {
    verdict.decided_by = {CheckId::kExempt, *exemption};
    return verdict;
  }
  std::optional<CheckResult> denial = FindDenial(session_, lists_);
  if (!denial) return std::nullopt;
  verdict.checks.push_back(helo_.result);
  verdict.checks.push_back(*std::move(denial));
  ApplyJudgement(config_, verdict);
  if (!DenialDecides(verdict.action, config_)) return std::nullopt;
  return verdict;
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
  pending_ = running_.size();
  if (!config_.lists.address.empty()) {
    lists_pending_ = true;
    running_.push_back(RunAddressLists(CheckAddressLists(client, config_.lists.address, *dns_)));
  }
  for (Task<Ended>& task : running_) task.Start();
}

Task<RunningValidation::Ended> RunningValidation::RunCsa() {
  csa_ = co_await CheckCsa(helo_, session_.client, config_.csa, *dns_);
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
  // One answer may have ended another check before this one, and so the validation.
  if (name_settled_ && verdict() == nullptr) Finish();
  co_return Ended();
}

void RunningValidation::OnCheckEnded() {
  if (--pending_ == 0) OnNameSettled();
}

// All is known about the name. That can make the lists of addresses unnecessary, in which case
// nothing waits for them.
void RunningValidation::OnNameSettled() {
  if (csa_) Put(RaiseByIprev(*std::move(csa_), iprev_confirms_helo_), checks_);
  Put(helo_.result, checks_);
  Put(CheckWellKnown(helo_, config_.well_known), checks_);
  proof_ = ProveName(checks_, iprev_confirms_helo_, config_);
  Put(CheckLocalList(helo_, session_, ProofForLists(proof_, checks_, config_), lists_), checks_);
  name_settled_ = true;
  if (!lists_pending_ || SkipsAddressLists(checks_, proof_, config_)) Finish();
}

void RunningValidation::Finish() {
  Verdict verdict{.session = std::move(session_)};
  verdict.name_proof = proof_;
  verdict.checks = std::move(checks_);
  verdict.exchanges = dns_->TakeExchanges();
  Settle(config_, verdict);
  Conclude(std::move(verdict));
}

void RunningValidation::Withdraw() {
  running_.clear();
  dns_.reset();
}

MailFromValidation::MailFromValidation(Loop& loop, const Config& config, const LocalLists& lists,
                                       Verdict verdict, std::string mail_from,
                                       absl::AnyInvocable<void(const Verdict&)> done)
    : AnnouncedValidation(loop, std::move(done)) {
  verdict.session.mail_from = std::move(mail_from);
  if (verdict.decided_by.check != CheckId::kConfiguration) {
    const NameProof proof = ProofForLists(verdict.name_proof, verdict.checks, config);
    Put(CheckLocalList(CheckHelo(verdict.session, config), verdict.session, proof, lists),
        verdict.checks);
    Settle(config, verdict);
  }
  Conclude(std::move(verdict));
}

}  // namespace helovet
