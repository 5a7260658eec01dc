#include "callback/callback_verifier.h"

#include <utility>

namespace helovet {

class CallbackVerifier::Impl {
 public:
  explicit Impl(Loop& loop) : loop_(loop) {}

  std::unique_ptr<Request> Verify(Done done) {
    auto request = std::make_unique<NoStore>();
    request->handle = loop_.Post([done = std::move(done)]() mutable {
      CallbackFinding finding;
      finding.result.reason = Reason::kNoStore;
      done(std::move(finding));
    });
    return request;
  }

 private:
  struct NoStore final : Request {
    Loop::Handle handle;
  };
  Loop& loop_;
};

CallbackVerifier::CallbackVerifier(Loop& loop, Dns& /*dns*/, const Config& /*config*/,
                                   Store* /*store*/)
    : impl_(std::make_unique<Impl>(loop)) {}
CallbackVerifier::~CallbackVerifier() = default;

std::unique_ptr<CallbackVerifier::Request> CallbackVerifier::Verify(
    const SenderIdentity& /*sender*/, Loop::TimePoint /*deadline*/, Done done) {
  return impl_->Verify(std::move(done));
}

}  // namespace helovet
