// An engine whose answers, store and calls the test has written.
#ifndef HELOVET_TESTS_CORE_ENGINE_ENGINE_FIXTURE_H_
#define HELOVET_TESTS_CORE_ENGINE_ENGINE_FIXTURE_H_

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine_store.h"
#include "gtest/gtest.h"
#include "helovet/engine.h"
#include "testing/memory_store.h"
#include "testing/scripted_dns.h"

namespace helovet::testing {

inline constexpr const char* kClient = "192.0.2.1";
inline constexpr const char* kHeloName = "mail.example.com";
inline constexpr const char* kSenderAddress = "a@example.org";

// The questions of the series about kHeloName and about the domain of kSenderAddress.
inline constexpr const char* kDmpOfHelo = "1.2.0.192.in-addr._smtp-client.mail.example.com TXT";
inline constexpr const char* kDmpHelo = "_smtp-client.mail.example.com TXT";
inline constexpr const char* kDripOfHelo = "192_0_2_1.ipv4.relays._email_.mail.example.com A";
inline constexpr const char* kDripParent = "192_0_2_1.ipv4.relays._email_.example.com A";
inline constexpr const char* kSpfOfHelo = "mail.example.com TXT";
inline constexpr const char* kDmpOfSender = "1.2.0.192.in-addr._smtp-client.example.org TXT";
inline constexpr const char* kDmpSender = "_smtp-client.example.org TXT";
inline constexpr const char* kRmxOfSender = "_rmx.example.org TXT";
inline constexpr const char* kSpfOfSender = "example.org TXT";

// Nothing is published of anybody; `lines` take the place of that.
inline std::vector<ScriptLine> Nothing(const std::vector<ScriptLine>& lines = {}) {
  std::vector<ScriptLine> script = lines;
  for (const char* const question :
       {"_client._smtp.mail.example.com SRV", "_client._smtp.example.com SRV", "mail.example.com A",
        "1.2.0.192.in-addr.arpa PTR", kDmpOfHelo, kDmpHelo, kDripOfHelo, kDripParent, kSpfOfHelo,
        kDmpOfSender, kDmpSender, kRmxOfSender, kSpfOfSender}) {
    script.push_back({question, "nodata"});  // A script's first line for a question counts.
  }
  return script;
}

inline std::vector<std::string> ResultsOf(const Verdict& verdict, CheckId from = CheckId::kHelo) {
  std::vector<std::string> texts;
  for (const CheckResult& check : verdict.checks) {
    if (check.check < from) continue;
    texts.push_back(std::string(ToString(check.check)) + "=" + std::string(ToString(check.result)) +
                    "/" + std::string(ToString(check.reason)));
  }
  return texts;
}
// Those of designated senders and callbacks.
inline std::vector<std::string> SendersOf(const Verdict& verdict) {
  return ResultsOf(verdict, CheckId::kDmp);
}

class EngineFixture : public ::testing::Test {
 protected:
  void Begin(const Config& config, const std::vector<ScriptLine>& script,
             ScriptedDns::Order order = ScriptedDns::Order::kAsAsked,
             Statistics statistics = Statistics::kNone) {
    engine_.reset();
    auto dns = std::make_unique<ScriptedDns>(loop_, script, order);
    dns_ = dns.get();
    EngineSources sources;
    sources.dns = std::move(dns);
    sources.open_store = [this] {
      auto store = std::make_unique<MemoryStore>(loop_);
      store_ = store.get();
      ++stores_opened_;
      if (prepare_store_) prepare_store_(*store);
      return store;
    };
    sources.call = [this](Loop&, SessionDns&, std::string mailbox, DnsName, const CallOptions&,
                          Loop::TimePoint deadline) { return Call(std::move(mailbox), deadline); };
    engine_.emplace(loop_, std::make_shared<const Config>(config), std::move(sources), nullptr,
                    statistics);
  }

  static Session SessionFrom(std::optional<std::string> mail_from = std::nullopt,
                             const std::string& client = kClient,
                             const std::string& helo = kHeloName) {
    return {.client = Address(client), .helo = helo, .mail_from = std::move(mail_from)};
  }
  Verdict Judge(const Session& session) { return engine_->ValidateAndWait(session); }
  Verdict AfterHelo(const Verdict& verdict, const std::string& mail_from) {
    return Await(
        [&](auto done) { return engine_->ValidateMailFrom(verdict, mail_from, std::move(done)); });
  }
  Verdict AfterMailFrom(const Verdict& verdict, const std::string& recipient = "user@example.net") {
    return Await(
        [&](auto done) { return engine_->ValidateRecipient(verdict, recipient, std::move(done)); });
  }
  Verdict Await(
      const std::function<std::unique_ptr<Validation>(absl::AnyInvocable<void(const Verdict&)>)>&
          start) {
    std::optional<Verdict> reached;
    const auto validation = start([&reached](const Verdict& verdict) { reached = verdict; });
    EXPECT_FALSE(reached.has_value()) << "called from inside";
    loop_.RunUntil([&reached] { return reached.has_value(); });
    return *std::move(reached);
  }

  Loop loop_;
  ScriptedDns* dns_ = nullptr;
  MemoryStore* store_ = nullptr;
  int stores_opened_ = 0;
  std::function<void(MemoryStore&)> prepare_store_;
  std::vector<std::string> called_;  // Whose mailboxes.
  CallOutcome outcome_;              // Of every call.
  std::chrono::milliseconds call_takes_{0};
  std::optional<Engine> engine_;

 private:
  struct Sleep {
    Loop& loop;
    Loop::TimePoint until;
    Loop::Handle timer = {};
    [[nodiscard]] bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiter) {
      timer = loop.CallAt(until, [waiter] { waiter.resume(); });
    }
    void await_resume() const {}
  };
  Task<CallOutcome> Call(std::string mailbox, Loop::TimePoint deadline) {
    called_.push_back(std::move(mailbox));
    Sleep sleep{loop_, std::min(loop_.Now() + call_takes_, deadline)};
    co_await sleep;
    co_return outcome_;
  }
};

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_CORE_ENGINE_ENGINE_FIXTURE_H_
