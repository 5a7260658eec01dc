// Callbacks of one process, bounded and remembered by the store (docs/rules.md §12.4 to §12.6).
#ifndef HELOVET_CORE_CALLBACK_CALLBACK_VERIFIER_H_
#define HELOVET_CORE_CALLBACK_CALLBACK_VERIFIER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "checks/sender_identity.h"
#include "dns/dns.h"
#include "helovet/callback.h"
#include "helovet/config.h"
#include "helovet/loop.h"
#include "loop/task.h"
#include "smtp/call.h"
#include "store/store.h"

namespace helovet {

// What is found out about one sender: a result of cbv (skipped/over-budget and skipped/no-store
// among them), CheckResult::remembered set where it was known.
struct CallbackFinding {
  CheckResult result = {.check = CheckId::kCbv};
  CallbackTally tally;  // All 0 where no call was made for this request, joined ones included.
  std::vector<Exchange> exchanges;
};

// As Call.
using CallFunction = std::function<Task<CallOutcome>(
    Loop& loop, SessionDns& dns, std::string mailbox, DnsName domain, const CallOptions& options,
    Loop::TimePoint deadline)>;

// Verifies senders, many at a time. Equal senders share one call; among processes the store's
// leases see to that. Not thread-safe. `loop`, `dns`, `config` and `store` must outlive it.
class CallbackVerifier {
 public:
  // One request under way. Destroying it gives up waiting; a call that others wait for goes on,
  // one that nobody waits for is given up. It may outlive the verifier, and then has no finding.
  class Request {
   public:
    virtual ~Request() = default;
  };
  using Done = absl::AnyInvocable<void(CallbackFinding)>;

  // `store` may be null: then nothing is called, since nothing would bound it.
  CallbackVerifier(Loop& loop, Dns& dns, const Config& config, Store* store);
  // The same with another way to call, for tests.
  CallbackVerifier(Loop& loop, Dns& dns, const Config& config, Store* store, CallFunction call);
  ~CallbackVerifier();
  CallbackVerifier(const CallbackVerifier&) = delete;
  CallbackVerifier& operator=(const CallbackVerifier&) = delete;

  // Calls `done` exactly once, from the loop and never from inside this call, at `deadline` at the
  // latest. A `sender` that is no kMailbox is none/no-sender. `done` may destroy the request and
  // this.
  [[nodiscard]] std::unique_ptr<Request> Verify(const SenderIdentity& sender,
                                                Loop::TimePoint deadline, Done done);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_CALLBACK_CALLBACK_VERIFIER_H_
