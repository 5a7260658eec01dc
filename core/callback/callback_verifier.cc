#include "callback/callback_verifier.h"

#include <list>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "callback/facts.h"
#include "callback/shared_call.h"

namespace helovet {
namespace {

CallbackFinding FindingOf(Result result, Reason reason) {
  CallbackFinding finding;
  finding.result.result = result;
  finding.result.reason = reason;
  finding.result.identity = Identity::kMailFrom;
  return finding;
}

class PendingRequest final : public CallbackVerifier::Request, public SharedCall::Waiter {
 public:
  PendingRequest(Loop& loop, Loop::TimePoint deadline, CallbackVerifier::Done done)
      : loop_(loop), deadline_(deadline), done_(std::move(done)) {}
  ~PendingRequest() override {
    if (call_ != nullptr) call_->Remove(*this);
  }
  PendingRequest(const PendingRequest&) = delete;
  PendingRequest& operator=(const PendingRequest&) = delete;

  void WaitFor(SharedCall& call) {
    call_ = &call;
    call.Add(*this);
    handle_ = loop_.CallAt(deadline_, [this] { OnDeadline(); });
  }

  [[nodiscard]] Loop::TimePoint deadline() const override { return deadline_; }
  void Take(CallbackFinding finding) override {
    call_ = nullptr;
    handle_ =
        loop_.Post([this, finding = std::move(finding)]() mutable { Deliver(std::move(finding)); });
  }
  void Orphan() override {
    call_ = nullptr;
    handle_.Cancel();
  }

 private:
  void OnDeadline() {
    SharedCall& call = *std::exchange(call_, nullptr);
    call.Remove(*this);
    Deliver(call.has_finding() ? call.TakeFinding()
                               : FindingOf(Result::kTemperror, Reason::kTimeout));
  }
  // Ends with what may destroy this.
  void Deliver(CallbackFinding finding) {
    CallbackVerifier::Done done = std::move(done_);
    done(std::move(finding));
  }

  Loop& loop_;
  Loop::TimePoint deadline_;
  CallbackVerifier::Done done_;
  SharedCall* call_ = nullptr;
  Loop::Handle handle_;
};

}  // namespace

class CallbackVerifier::Impl {
 public:
  Impl(Loop& loop, Dns& dns, const Config& config, Store* store, CallFunction call) : loop_(loop) {
    if (store == nullptr) return;
    surroundings_.emplace(CallSurroundings{loop, dns, config, *store, std::move(call)});
  }

  std::unique_ptr<Request> Verify(const SenderIdentity& sender, Loop::TimePoint deadline,
                                  Done done) {
    auto request = std::make_unique<PendingRequest>(loop_, deadline, std::move(done));
    if (sender.kind != SenderIdentity::Kind::kMailbox || !sender.domain) {
      request->Take(FindingOf(Result::kNone, Reason::kNoSender));
    } else if (!surroundings_) {
      request->Take(FindingOf(Result::kSkipped, Reason::kNoStore));
    } else {
      Join(sender, *request);
    }
    return request;
  }

 private:
  void Join(const SenderIdentity& sender, PendingRequest& request) {
    const std::string mailbox = MailboxText(sender);
    const auto found = by_mailbox_.find(mailbox);
    if (found != by_mailbox_.end() && found->second->joinable()) {
      request.WaitFor(*found->second);
      return;
    }
    SharedCall& call = calls_.emplace_back(*surroundings_, sender, [this] { Sweep(); });
    by_mailbox_[mailbox] = &call;
    request.WaitFor(call);
    call.Start();
  }

  // Posted, since it is a call that says that it has ended.
  void Sweep() {
    sweep_ = loop_.Post([this] {
      std::erase_if(by_mailbox_, [](const auto& entry) { return entry.second->ended(); });
      calls_.remove_if([](const SharedCall& call) { return call.ended(); });
    });
  }

  Loop& loop_;
  std::optional<CallSurroundings> surroundings_;
  std::list<SharedCall> calls_;
  std::map<std::string, SharedCall*> by_mailbox_;  // The newest of each.
  Loop::Handle sweep_;
};

CallbackVerifier::CallbackVerifier(Loop& loop, Dns& dns, const Config& config, Store* store)
    : CallbackVerifier(loop, dns, config, store, &Call) {}
CallbackVerifier::CallbackVerifier(Loop& loop, Dns& dns, const Config& config, Store* store,
                                   CallFunction call)
    : impl_(std::make_unique<Impl>(loop, dns, config, store, std::move(call))) {}
CallbackVerifier::~CallbackVerifier() = default;

std::unique_ptr<CallbackVerifier::Request> CallbackVerifier::Verify(const SenderIdentity& sender,
                                                                    Loop::TimePoint deadline,
                                                                    Done done) {
  return impl_->Verify(sender, deadline, std::move(done));
}

}  // namespace helovet
