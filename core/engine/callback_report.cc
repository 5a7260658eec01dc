// In a file of its own: only the command calls at a person's request.
#include <utility>

#include "checks/sender_identity.h"
#include "dns/session_dns.h"
#include "helovet/callback.h"
#include "helovet/engine.h"
#include "loop/task.h"
#include "smtp/call.h"
#include "smtp/options.h"

namespace helovet {
namespace {

struct Ended {};

Task<Ended> Keep(Task<CallOutcome> call, CallOutcome& kept) {
  kept = co_await call;
  co_return Ended();
}

// Of a sender that nobody can be called for.
CheckResult WithoutCall(const SenderIdentity& sender) {
  CheckResult check = {.check = CheckId::kCbv, .identity = Identity::kMailFrom};
  const bool null_sender = sender.kind == SenderIdentity::Kind::kNull;
  check.result = null_sender ? Result::kSkipped : Result::kNone;
  check.reason = null_sender ? Reason::kNullSender : Reason::kNoSender;
  return check;
}

}  // namespace

CallbackReport Engine::CallBackAndWait(std::string address) {
  const SenderIdentity sender = IdentifySender(address);
  CallbackReport report = {.address = std::move(address)};
  if (sender.kind != SenderIdentity::Kind::kMailbox) {
    report.check = WithoutCall(sender);
    return report;
  }
  const Loop::TimePoint deadline = loop_.Now() + config_->cbv.timeout;
  const CallOptions options = CallOptionsFrom(*config_);
  SessionDns dns(loop_, *dns_, deadline);
  CallOutcome outcome;
  Task<Ended> root =
      Keep(Call(loop_, dns, sender.mailbox, *sender.domain, options, deadline), outcome);
  root.Start();
  loop_.RunUntil([&root] { return root.done(); });
  report.check.result = outcome.result;
  report.check.reason = outcome.reason;
  report.check.evidence = std::move(outcome.evidence);
  report.check.identity = Identity::kMailFrom;
  report.tally = outcome.tally;
  report.exchanges = dns.TakeExchanges();
  report.dialogue = std::move(outcome.dialogue);
  return report;
}

}  // namespace helovet
