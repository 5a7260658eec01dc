#include "engine/recipient_validation.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "engine/judgement.h"
#include "policy/series.h"

namespace helovet {
namespace {

// The result of cbv in `verdict`, one that tells why there was none included.
const CheckResult* FindCallback(const Verdict& verdict) {
  const auto found = std::ranges::find(verdict.checks, CheckId::kCbv, &CheckResult::check);
  return found == verdict.checks.end() ? nullptr : &*found;
}

bool IsExempt(const Verdict& verdict) { return verdict.decided_by.check == CheckId::kExempt; }

// An earlier check has decided, whatever the recipient.
bool IsDecidedForAll(const Verdict& verdict) {
  return verdict.trust != Trust::kUnknown || SenderIsDesignated(verdict.checks);
}

// Why nobody is called; empty: somebody is.
std::optional<CheckResult> WithoutCall(const Verdict& verdict, const SenderIdentity& sender) {
  CheckResult result = {.check = CheckId::kCbv, .identity = Identity::kMailFrom};
  if (sender.kind == SenderIdentity::Kind::kNull) {
    result.reason = Reason::kNullSender;
  } else if (IsDecidedForAll(verdict) || verdict.action >= Action::kDefer) {
    result.reason = Reason::kDecided;
  } else if (sender.kind != SenderIdentity::Kind::kMailbox) {
    result.result = Result::kNone;
    result.reason = Reason::kNoSender;
  } else {
    return std::nullopt;
  }
  return result;
}

}  // namespace

// Pure, as ForRecipient.
bool ConsidersCallback(const Verdict& verdict, const Config& config) {
  const std::vector<CheckId>& configured = config.senders.checks;
  if (std::ranges::find(configured, CheckId::kCbv) == configured.end()) return false;
  if (verdict.decided_by.check == CheckId::kConfiguration) return false;
  if (!verdict.session.mail_from) return false;
  // No check stands for an exemption, so its first recipient does.
  if (IsExempt(verdict)) return verdict.session.recipient.empty();
  const CheckResult* const callback = FindCallback(verdict);
  if (callback == nullptr) return true;
  // Another recipient's profile may leave open what was to be turned away.
  return callback->result == Result::kSkipped && callback->reason == Reason::kDecided &&
         !IsDecidedForAll(verdict);
}

RecipientValidation::RecipientValidation(Loop& loop, EngineStore& store, const Config& config,
                                         Verdict verdict, bool considers, Loop::TimePoint deadline,
                                         Done done)
    : AnnouncedValidation(loop, std::move(done)),
      store_(store),
      config_(config),
      reached_(std::move(verdict)) {
  if (!considers || IsExempt(reached_)) {
    counts_ = considers;
    Conclude(std::move(reached_));
    return;
  }
  const SenderIdentity sender = IdentifySender(reached_.session.mail_from);
  if (std::optional<CheckResult> result = WithoutCall(reached_, sender)) {
    const bool known = FindCallback(reached_) != nullptr;
    Finish(*std::move(result), !known);
    return;
  }
  request_ = store_.verifier().Verify(
      sender, deadline, [this](CallbackFinding finding) { OnFinding(std::move(finding)); });
}

void RecipientValidation::OnFinding(CallbackFinding finding) {
  tally_ = finding.tally;
  std::ranges::move(finding.exchanges, std::back_inserter(reached_.exchanges));
  finding.result.identity = Identity::kMailFrom;
  Finish(std::move(finding.result), /*counts=*/true);
}

void RecipientValidation::Finish(CheckResult result, bool counts) {
  counts_ = counts;
  Put(std::move(result), reached_.checks);
  ApplyJudgement(config_, reached_);
  Conclude(std::move(reached_));
}

void RecipientValidation::BeforeAnnouncement(const Verdict& verdict) {
  request_.reset();
  if (counts_) store_.CountCallback(verdict, tally_);
}

}  // namespace helovet
