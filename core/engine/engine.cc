#include "helovet/engine.h"

#include <utility>

#include "checks/csa.h"
#include "checks/helo.h"
#include "checks/hnaa.h"
#include "checks/local_trust.h"
#include "dns/session_dns.h"
#include "engine/network.h"
#include "loop/task.h"
#include "policy/policy.h"

namespace helovet {
namespace {

class RunningValidation final : public Validation {
 public:
  RunningValidation(Loop& loop, Dns& dns, const Config& config, Session session,
                    absl::AnyInvocable<void(const Verdict&)> done)
      : loop_(loop), config_(config), done_(std::move(done)) {
    if (const std::optional<Reason> exemption = Exemption(session, config)) {
      Conclude({.session = std::move(session), .decided_by = {CheckId::kExempt, *exemption}});
      return;
    }
    session_ = std::move(session);
    helo_ = CheckHelo(*session_, config);
    dns_.emplace(loop, dns, loop.Now() + config.deadline);
    PrefetchCsa(*helo_, session_->client, config.csa, *dns_);
    PrefetchHnaa(*helo_, session_->client, *dns_);
    running_.reserve(3);
    running_.push_back(RunCsa());
    running_.push_back(RunForward());
    running_.push_back(RunIprev());
    pending_ = running_.size();
    for (Task<Ended>& task : running_) task.Start();
  }

  [[nodiscard]] const Verdict* verdict() const override { return verdict_ ? &*verdict_ : nullptr; }

 private:
  struct Ended {};

  Task<Ended> RunCsa() {
    csa_ = co_await CheckCsa(*helo_, session_->client, config_.csa, *dns_);
    OnCheckEnded();
    co_return Ended();
  }
  Task<Ended> RunForward() {
    forward_ = co_await CheckForward(*helo_, session_->client, *dns_);
    OnCheckEnded();
    co_return Ended();
  }
  Task<Ended> RunIprev() {
    iprev_ = co_await CheckIprev(*helo_, session_->client, *dns_);
    OnCheckEnded();
    co_return Ended();
  }

  void OnCheckEnded() {
    if (--pending_ > 0) return;
    Verdict verdict{.session = std::move(*session_)};
    // In the order of CheckId, as Verdict promises.
    verdict.checks.push_back(helo_->result);
    verdict.checks.push_back(RaiseByIprev(std::move(*csa_), iprev_->confirms_helo));
    verdict.checks.push_back(std::move(*forward_));
    verdict.checks.push_back(std::move(iprev_->result));
    verdict.checks.push_back(CheckLocalTrust(*helo_, config_.local_trust));
    const Judgement judgement = Judge(
        {.checks = verdict.checks, .iprev_confirms_helo = iprev_->confirms_helo}, config_.profile);
    verdict.trust = judgement.trust;
    verdict.action = judgement.action;
    verdict.decided_by = judgement.decided_by;
    verdict.authenticated = judgement.authenticated;
    verdict.exchanges = dns_->TakeExchanges();
    Conclude(std::move(verdict));
  }

  // The caller may destroy this from `done_`, so it is called from the loop, outside every frame
  // of the tasks.
  void Conclude(Verdict verdict) {
    verdict_ = std::move(verdict);
    announce_ = loop_.Post([this] {
      // A host may keep the verdict for hours: withdraw the questions that nobody needs any more.
      running_.clear();
      dns_.reset();
      auto done = std::move(done_);
      done(*verdict_);
    });
  }

  Loop& loop_;
  const Config& config_;
  absl::AnyInvocable<void(const Verdict&)> done_;
  std::optional<Session> session_;
  std::optional<HeloFinding> helo_;
  std::optional<SessionDns> dns_;
  std::optional<CsaFinding> csa_;
  std::optional<CheckResult> forward_;
  std::optional<IprevFinding> iprev_;
  std::size_t pending_ = 0;
  std::vector<Task<Ended>> running_;  // After dns_: tasks that still wait there end first.
  std::optional<Verdict> verdict_;
  Loop::Handle announce_;
};

}  // namespace

Engine::Engine(Loop& loop, const std::shared_ptr<const Config>& config)
    : Engine(loop, config, NetworkDns(loop, *config)) {}

Engine::Engine(Loop& loop, std::shared_ptr<const Config> config, std::unique_ptr<Dns> dns)
    : loop_(loop), config_(std::move(config)), dns_(std::move(dns)) {}

Engine::~Engine() = default;

std::unique_ptr<Validation> Engine::Validate(Session session,
                                             absl::AnyInvocable<void(const Verdict&)> done) {
  return std::make_unique<RunningValidation>(loop_, *dns_, *config_, std::move(session),
                                             std::move(done));
}

Verdict Engine::ValidateAndWait(Session session) {
  bool done = false;
  const std::unique_ptr<Validation> validation =
      Validate(std::move(session), [&done](const Verdict&) { done = true; });
  loop_.RunUntil([&done] { return done; });
  return *validation->verdict();
}

Verdict VerdictWithoutConfiguration(Session session) {
  Verdict verdict{.session = std::move(session)};
  verdict.decided_by = {CheckId::kConfiguration, Reason::kInvalid};
  // A host may ask about csa alone.
  verdict.checks.push_back(CheckResult{
      .check = CheckId::kCsa, .result = Result::kTemperror, .reason = Reason::kInvalid});
  return verdict;
}

}  // namespace helovet
