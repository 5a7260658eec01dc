#include "helovet/engine.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "dns/answer_cache.h"
#include "dns/network.h"
#include "engine/announced_validation.h"
#include "engine/engine_store.h"
#include "engine/message_validation.h"
#include "engine/recipient_validation.h"
#include "engine/running_validation.h"
#include "engine/verdict_memory.h"

namespace helovet {
namespace {

std::unique_ptr<Dns> NetworkAnswers(Loop& loop, const Config& config, AnswerMemory memory) {
  std::unique_ptr<Dns> network = NetworkDns(loop, config);
  if (memory == AnswerMemory::kNone) return network;
  return std::make_unique<AnswerCache>(loop, std::move(network));
}

}  // namespace

Engine::Engine(Loop& loop, const std::shared_ptr<const Config>& config,
               std::shared_ptr<LocalLists> lists, AnswerMemory memory, Statistics statistics,
               Trail trail)
    : Engine(loop, config,
             EngineSources{.dns = NetworkAnswers(loop, *config, memory), .memory = memory},
             std::move(lists), statistics, trail) {}

Engine::Engine(Loop& loop, std::shared_ptr<const Config> config, std::unique_ptr<Dns> dns,
               std::shared_ptr<LocalLists> lists)
    : Engine(loop, std::move(config), EngineSources{.dns = std::move(dns)}, std::move(lists)) {}

Engine::Engine(Loop& loop, std::shared_ptr<const Config> config, EngineSources sources,
               std::shared_ptr<LocalLists> lists, Statistics statistics, Trail trail)
    : loop_(loop),
      trail_(trail),
      config_(std::move(config)),
      lists_(std::move(lists)),
      dns_(std::move(sources.dns)),
      store_(std::make_unique<EngineStore>(loop, *dns_, *config_, statistics,
                                           std::move(sources.open_store),
                                           std::move(sources.call))) {
  if (lists_ == nullptr) {
    lists_ = std::make_shared<LocalLists>(config_->lists.allow, config_->lists.deny);
  }
  complaints_ = lists_->TakeComplaints();
  if (sources.memory == AnswerMemory::kKept && trail == Trail::kOutcomes) {
    memory_ = std::make_unique<VerdictMemory>();
  }
}

Engine::~Engine() = default;

ValidationContext Engine::ContextOf(const Session& session) {
  VerdictMemory* const memory = IsMemorable(session) ? memory_.get() : nullptr;
  return {loop_, *dns_, *config_, *lists_, *store_, trail_, memory};
}

std::optional<Verdict> Engine::Recall(const Session& session,
                                      const std::shared_ptr<const Verdict>& on_name) {
  if (memory_ == nullptr || !IsMemorable(session)) return {};
  const Verdict* const known = memory_->Find(VerdictKey(session), lists_->changes(), loop_.Now());
  if (known == nullptr) return {};
  if (on_name == nullptr) return *known;
  if (known->on_name->name_finding != on_name->name_finding) return {};
  Verdict verdict = *known;
  verdict.exchanges.insert(verdict.exchanges.begin(), on_name->exchanges.begin(),
                           on_name->exchanges.end());
  verdict.on_name = on_name;
  return verdict;
}

std::unique_ptr<Validation> Engine::Validate(Session session,
                                             absl::AnyInvocable<void(const Verdict&)> done) {
  return ValidateAnew(std::move(session), /*counts_session=*/true, loop_.Now() + config_->deadline,
                      std::move(done));
}

std::unique_ptr<Validation> Engine::ValidateAnew(Session session, bool counts_session,
                                                 Loop::TimePoint deadline,
                                                 absl::AnyInvocable<void(const Verdict&)> done) {
  RefreshLists();
  // Only sessions without MAIL FROM: the others are the rare ones.
  if (!session.mail_from) {
    if (std::optional<Verdict> known = Recall(session, nullptr)) {
      return std::make_unique<RecalledVerdict>(loop_, *store_, counts_session, *std::move(known),
                                               std::move(done));
    }
  }
  const ValidationContext context = ContextOf(session);
  return std::make_unique<RunningValidation>(context, std::move(session), counts_session, deadline,
                                             std::move(done));
}

std::unique_ptr<Validation> Engine::ValidateMailFrom(const Verdict& verdict, std::string mail_from,
                                                     absl::AnyInvocable<void(const Verdict&)> done,
                                                     Loop::TimePoint latest) {
  return ValidateMailFrom(
      verdict.on_name ? verdict.on_name : std::make_shared<const Verdict>(verdict),
      std::move(mail_from), std::move(done), latest);
}

std::unique_ptr<Validation> Engine::ValidateMailFrom(std::shared_ptr<const Verdict> verdict,
                                                     std::string mail_from,
                                                     absl::AnyInvocable<void(const Verdict&)> done,
                                                     Loop::TimePoint latest) {
  Session session = verdict->session;
  session.mail_from = std::move(mail_from);
  if (verdict->decided_by.check == CheckId::kConfiguration) {
    Verdict unchanged = *verdict;
    unchanged.session = std::move(session);
    return std::make_unique<KnownVerdict>(loop_, std::move(unchanged), std::move(done));
  }
  // A verdict that cost no question hung on lists that may have changed; it is reached anew.
  std::shared_ptr<const Verdict> on_name = verdict->on_name;
  if (on_name == nullptr) on_name = std::move(verdict);
  const Loop::TimePoint deadline = std::min(loop_.Now() + config_->deadline, latest);
  if (on_name->Find(CheckId::kCsa) == nullptr) {
    return ValidateAnew(std::move(session), /*counts_session=*/false, deadline, std::move(done));
  }
  RefreshLists();
  if (std::optional<Verdict> known = Recall(session, on_name)) {
    return std::make_unique<RecalledVerdict>(loop_, *store_, /*counts_session=*/false,
                                             *std::move(known), std::move(done));
  }
  const ValidationContext context = ContextOf(session);
  return std::make_unique<MessageValidation>(context, std::move(on_name), std::move(session),
                                             deadline, std::move(done));
}

std::unique_ptr<Validation> Engine::ValidateRecipient(const Verdict& verdict, std::string recipient,
                                                      absl::AnyInvocable<void(const Verdict&)> done,
                                                      Loop::TimePoint latest) {
  const Loop::TimePoint now = loop_.Now();
  const Loop::TimePoint deadline =
      std::min({now + config_->cbv.timeout, now + config_->deadline, latest});
  return std::make_unique<RecipientValidation>(
      loop_, *store_, *config_, ForRecipient(verdict, std::move(recipient), *config_),
      ConsidersCallback(verdict, *config_), deadline, std::move(done));
}

void Engine::WaitForStatistics(Loop::TimePoint latest) {
  while (!store_->has_counted() && loop_.Now() < latest) loop_.Turn(latest);
}

std::vector<FileError> Engine::TakeComplaints() {
  std::vector<FileError> complaints = std::exchange(complaints_, {});
  std::ranges::move(store_->TakeComplaints(), std::back_inserter(complaints));
  return complaints;
}

void Engine::RefreshLists() {
  for (FileError& complaint : lists_->Refresh(loop_.Now())) {
    complaints_.push_back(std::move(complaint));
  }
}

Verdict Engine::ValidateAndWait(Session session) {
  bool done = false;
  const std::unique_ptr<Validation> validation =
      Validate(std::move(session), [&done](const Verdict&) { done = true; });
  loop_.RunUntil([&done] { return done; });
  return validation->TakeVerdict();
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
