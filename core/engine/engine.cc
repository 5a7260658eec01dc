#include "helovet/engine.h"

#include <algorithm>
#include <utility>

#include "dns/answer_cache.h"
#include "engine/announced_validation.h"
#include "engine/message_validation.h"
#include "engine/network.h"
#include "engine/running_validation.h"

namespace helovet {
namespace {

std::unique_ptr<Dns> NetworkAnswers(Loop& loop, const Config& config, AnswerMemory memory) {
  std::unique_ptr<Dns> network = NetworkDns(loop, config);
  if (memory == AnswerMemory::kNone) return network;
  return std::make_unique<AnswerCache>(loop, std::move(network));
}

}  // namespace

Engine::Engine(Loop& loop, const std::shared_ptr<const Config>& config,
               std::shared_ptr<LocalLists> lists, AnswerMemory memory, Statistics /*statistics*/)
    : Engine(loop, config, NetworkAnswers(loop, *config, memory), std::move(lists)) {}

Engine::Engine(Loop& loop, std::shared_ptr<const Config> config, std::unique_ptr<Dns> dns,
               std::shared_ptr<LocalLists> lists)
    : loop_(loop), config_(std::move(config)), lists_(std::move(lists)), dns_(std::move(dns)) {
  if (lists_ == nullptr) {
    lists_ = std::make_shared<LocalLists>(config_->lists.allow, config_->lists.deny);
  }
  complaints_ = lists_->TakeComplaints();
}

Engine::~Engine() = default;

std::unique_ptr<Validation> Engine::Validate(Session session,
                                             absl::AnyInvocable<void(const Verdict&)> done) {
  RefreshLists();
  return std::make_unique<RunningValidation>(loop_, *dns_, *config_, *lists_, std::move(session),
                                             std::move(done));
}

std::unique_ptr<Validation> Engine::ValidateMailFrom(const Verdict& verdict, std::string mail_from,
                                                     absl::AnyInvocable<void(const Verdict&)> done,
                                                     Loop::TimePoint latest) {
  Session session = verdict.session;
  session.mail_from = std::move(mail_from);
  if (verdict.decided_by.check == CheckId::kConfiguration) {
    Verdict unchanged = verdict;
    unchanged.session = std::move(session);
    return std::make_unique<KnownVerdict>(loop_, std::move(unchanged), std::move(done));
  }
  // A verdict that cost no question hung on lists that may have changed; it is reached anew.
  const std::shared_ptr<const Verdict> on_name =
      verdict.on_name ? verdict.on_name : std::make_shared<const Verdict>(verdict);
  if (on_name->Find(CheckId::kCsa) == nullptr) {
    return Validate(std::move(session), std::move(done));
  }
  RefreshLists();
  const Loop::TimePoint deadline = std::min(loop_.Now() + config_->deadline, latest);
  return std::make_unique<MessageValidation>(loop_, *dns_, *config_, *lists_, on_name,
                                             std::move(session), deadline, std::move(done));
}

std::vector<FileError> Engine::TakeComplaints() { return std::exchange(complaints_, {}); }

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
