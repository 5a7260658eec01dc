// Callbacks without a network: the test says what each call would find, and when.
#ifndef HELOVET_TESTS_CORE_CALLBACK_CALLBACK_FIXTURE_H_
#define HELOVET_TESTS_CORE_CALLBACK_CALLBACK_FIXTURE_H_

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "callback/callback_verifier.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/memory_store.h"
#include "testing/scripted_dns.h"

namespace helovet::testing {

inline SenderIdentity Sender(const std::string& mailbox) {
  SenderIdentity sender;
  sender.kind = SenderIdentity::Kind::kMailbox;
  const std::size_t at = mailbox.rfind('@');
  sender.mailbox = mailbox;
  sender.local_part = mailbox.substr(0, at);
  sender.domain = Name(mailbox.substr(at + 1));
  return sender;
}

inline CallOutcome Outcome(Result result, Reason reason, const std::string& reply = "",
                           DomainFinding domain = {}) {
  CallOutcome outcome;
  outcome.result = result;
  outcome.reason = reason;
  outcome.domain = domain;
  outcome.tally.smtp_sessions = 1;
  if (!reply.empty()) {
    outcome.evidence.emplace_back();
    outcome.evidence.back().owner = "mail.example.com";
    outcome.evidence.back().type = "SMTP";
    outcome.evidence.back().text = reply;
  }
  return outcome;
}
inline CallOutcome Accepted() {
  return Outcome(Result::kPass, Reason::kAccepted, "250 2.1.5 Ok",
                 {.takes_null_sender = true, .catch_all = {}, .reachable = true});
}
inline CallOutcome RefusedRcpt() {
  return Outcome(Result::kFail, Reason::kRefusedRcpt, "550 5.1.1 No such user",
                 {.takes_null_sender = true, .catch_all = {}, .reachable = true});
}
inline CallOutcome Tempfail() {
  return Outcome(Result::kTemperror, Reason::kTempfail, "450 4.2.0 Greylisted");
}

// "fail/refused-rcpt", with ", remembered" and ", called" where it is, and where this request's
// tally has a call.
inline std::string Text(const CallbackFinding& finding) {
  return std::string(ToString(finding.result.result)) + "/" +
         std::string(ToString(finding.result.reason)) +
         (finding.result.remembered ? ", remembered" : "") +
         (finding.tally.smtp_sessions != 0 ? ", called" : "");
}

// The calls that were made. Each waits until the test answers it, unless its mailbox has an answer.
class FakeCalls {
 public:
  struct Made {
    std::string mailbox;
    CallOptions options;
    Loop::TimePoint deadline;
    std::optional<CallOutcome> outcome;
    bool open = true;  // Neither ended nor given up.
    std::coroutine_handle<> waiter;
  };

  explicit FakeCalls(Loop& loop) : loop_(loop) {}

  [[nodiscard]] CallFunction Function() {
    return [this](Loop&, SessionDns&, std::string mailbox, DnsName, const CallOptions& options,
                  Loop::TimePoint deadline) { return Run(std::move(mailbox), options, deadline); };
  }

  // Later calls for `mailbox` end with this after `time`.
  void Script(const std::string& mailbox, CallOutcome outcome,
              std::chrono::milliseconds time = std::chrono::milliseconds(0)) {
    scripted_[mailbox] = {std::move(outcome), time};
  }
  void Answer(std::size_t number, CallOutcome outcome) {
    ASSERT_LT(number, made_.size());
    Made& made = *made_[number];
    ASSERT_TRUE(made.open) << made.mailbox;
    made.outcome = std::move(outcome);
    std::exchange(made.waiter, nullptr).resume();
  }
  // Before a call connects, it asks about these.
  std::vector<IpAddress> hosts;

  [[nodiscard]] std::size_t size() const { return made_.size(); }
  [[nodiscard]] const Made& operator[](std::size_t number) const { return *made_.at(number); }
  [[nodiscard]] std::size_t open() const {
    std::size_t count = 0;
    for (const auto& made : made_) count += made->open ? 1 : 0;
    return count;
  }
  [[nodiscard]] std::size_t most_open() const { return most_open_; }

 private:
  struct Waiting {
    Made& made;
    Loop& loop;
    std::optional<std::chrono::milliseconds> time;
    Loop::Handle timer = {};
    [[nodiscard]] bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiter) {
      made.waiter = waiter;
      timer = loop.CallAt(time ? std::min(loop.Now() + *time, made.deadline) : made.deadline,
                          [this] { std::exchange(made.waiter, nullptr).resume(); });
    }
    void await_resume() { timer.Cancel(); }
  };
  struct Closer {
    std::shared_ptr<Made> made;
    ~Closer() { made->open = false; }
  };

  Task<CallOutcome> Run(std::string mailbox, const CallOptions& options, Loop::TimePoint deadline) {
    auto made = std::make_shared<Made>();
    made->mailbox = mailbox;
    made->options = options;
    made->deadline = deadline;
    made_.push_back(made);
    const Closer closer{made};
    most_open_ = std::max(most_open_, open());
    for (const IpAddress& host : hosts) {
      const bool admitted = co_await options.admit(host);
      if (!admitted) co_return Outcome(Result::kSkipped, Reason::kOverBudget);
    }
    std::optional<std::chrono::milliseconds> time;
    const auto scripted = scripted_.find(mailbox);
    if (scripted != scripted_.end()) {
      time = scripted->second.time;
      if (loop_.Now() + *time < deadline) made->outcome = scripted->second.outcome;
    }
    Waiting waiting{*made, loop_, time};
    co_await waiting;
    if (made->outcome) co_return *made->outcome;
    co_return Outcome(Result::kTemperror, Reason::kTimeout, "",
                      {.takes_null_sender = {}, .catch_all = {}, .reachable = false});
  }

  struct Scripted {
    CallOutcome outcome;
    std::chrono::milliseconds time{0};
  };
  Loop& loop_;
  std::map<std::string, Scripted> scripted_;
  std::vector<std::shared_ptr<Made>> made_;
  std::size_t most_open_ = 0;
};

class CallbackTest : public ::testing::Test {
 protected:
  // One request, and what came of it.
  struct Asked {
    std::unique_ptr<CallbackVerifier::Request> request;
    std::optional<CallbackFinding> finding;
    Loop::TimePoint at;
    int answers = 0;
  };

  CallbackTest() {
    config_.our_names = {"mx.example.net"};
    config_.our_addresses.emplace();
    config_.cbv.timeout = std::chrono::milliseconds(1000);
  }

  CallbackVerifier& verifier() {
    if (!verifier_) verifier_ = NewVerifier();
    return *verifier_;
  }
  // Another process, as far as the store can tell.
  std::unique_ptr<CallbackVerifier> NewVerifier() {
    return std::make_unique<CallbackVerifier>(loop_, dns_, config_, &store_, calls_.Function());
  }

  std::shared_ptr<Asked> Ask(CallbackVerifier& verifier, const SenderIdentity& sender,
                             std::chrono::milliseconds time = std::chrono::milliseconds(2000)) {
    auto asked = std::make_shared<Asked>();
    asked->request = verifier.Verify(sender, loop_.Now() + time,
                                     [this, &asked = *asked](CallbackFinding finding) {
                                       asked.finding = std::move(finding);
                                       asked.at = loop_.Now();
                                       ++asked.answers;
                                     });
    return asked;
  }
  std::shared_ptr<Asked> Ask(const std::string& mailbox,
                             std::chrono::milliseconds time = std::chrono::milliseconds(2000)) {
    return Ask(verifier(), Sender(mailbox), time);
  }
  // Asks, and turns the loop until the finding is there.
  CallbackFinding Find(const std::string& mailbox) {
    const auto asked = Ask(mailbox);
    Until([&asked] { return asked->finding.has_value(); });
    return asked->finding.value_or(CallbackFinding());
  }
  void Until(const std::function<bool()>& done) {
    const Loop::TimePoint latest = loop_.Now() + std::chrono::seconds(10);
    while (!done() && loop_.Now() < latest) loop_.Turn(loop_.Now() + std::chrono::milliseconds(5));
    EXPECT_TRUE(done()) << "nothing came of it in ten seconds";
  }
  void Turn(std::chrono::milliseconds time) {
    const Loop::TimePoint end = loop_.Now() + time;
    while (loop_.Now() < end) loop_.Turn(end);
  }

  // The leases that live, those that bound a rate left out.
  [[nodiscard]] std::vector<std::string> LiveLeases() const {
    std::vector<std::string> keys = store_.leases();
    std::erase_if(keys, [](const std::string& key) {
      return key.starts_with("cbv rate ") || key.starts_with("cbv host rate ");
    });
    return keys;
  }

  Loop loop_;
  ScriptedDns dns_{loop_};
  Config config_;
  MemoryStore store_{loop_};
  FakeCalls calls_{loop_};
  std::unique_ptr<CallbackVerifier> verifier_;
};

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_CORE_CALLBACK_CALLBACK_FIXTURE_H_
