// The real engine, on a clock that the test moves, with a DNS that answers what and when it likes.
#ifndef HELOVET_TESTS_OPENSMTPD_CAPRICIOUS_ENGINE_H_
#define HELOVET_TESTS_OPENSMTPD_CAPRICIOUS_ENGINE_H_

#include <algorithm>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "dns/dns.h"
#include "engine/engine_store.h"
#include "helovet/engine.h"
#include "helovet/loop.h"
#include "loop/task.h"
#include "smtp/call.h"
#include "validator.h"

namespace helovet::testing {

// Every third question is never answered.
class CapriciousDns final : public Dns {
 public:
  CapriciousDns(Loop& loop, unsigned seed) : loop_(loop), random_(seed) {}

  std::unique_ptr<Query> Ask(const DnsQuestion& question, Done done) override {
    auto query = std::make_unique<CapriciousQuery>();
    if (Below(3) == 0) return query;
    const Loop::TimePoint due = loop_.Now() + std::chrono::milliseconds(Below(3000));
    query->due = loop_.CallAt(due, [reply = ReplyTo(question), done = std::move(done)]() mutable {
      done(std::move(reply));
    });
    return query;
  }

 private:
  struct CapriciousQuery final : Query {
    Loop::Handle due;
  };

  int Below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(random_); }

  DnsReply ReplyTo(const DnsQuestion& question) {
    DnsReply reply;
    reply.server = "192.0.2.53:53";
    switch (Below(8)) {
      case 0:
        reply.outcome = DnsOutcome::kServFail;
        return reply;
      case 1:
      case 2:
      case 3:
        reply.outcome = DnsOutcome::kNxDomain;
        return reply;
      default:
        reply.outcome = DnsOutcome::kOk;
    }
    if (std::optional<DnsData> data = DataFor(question)) {
      reply.answers.push_back(
          {.owner = question.name, .type = question.type, .data = *std::move(data)});
    }
    return reply;
  }

  std::optional<DnsData> DataFor(const DnsQuestion& question) {
    switch (question.type) {
      case DnsType::kA:
        return Below(3) == 0 ? IpAddress::FromV4({192, 0, 2, 99})
                             : IpAddress::FromV4({192, 0, 2, 1});
      case DnsType::kPtr:
        return DnsName::Parse("mail.example.com").value();
      case DnsType::kSrv:
        return SrvData{.priority = 1,
                       .weight = static_cast<std::uint16_t>(Below(4)),
                       .port = 0,
                       .target = DnsName::Parse("mail.example.com").value()};
      default:
        return std::nullopt;
    }
  }

  Loop& loop_;
  std::mt19937 random_;
};

// Mail servers that take whom they like, when they like, or say nothing.
class CapriciousServers {
 public:
  explicit CapriciousServers(unsigned seed) : random_(seed) {}

  Task<CallOutcome> Call(Loop& loop, Loop::TimePoint deadline) {
    static const std::vector<CallOutcome> kOutcomes = {
        {.result = Result::kPass, .reason = Reason::kAccepted},
        {.result = Result::kFail, .reason = Reason::kRefusedRcpt},
        {.result = Result::kTemperror, .reason = Reason::kTempfail},
    };
    ++calls_;
    Sleep sleep{loop, std::min(loop.Now() + std::chrono::milliseconds(Below(8000)), deadline)};
    co_await sleep;
    co_return kOutcomes[static_cast<std::size_t>(Below(static_cast<int>(kOutcomes.size())))];
  }
  [[nodiscard]] int calls() const { return calls_; }

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

  int Below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(random_); }

  std::mt19937 random_;
  int calls_ = 0;
};

// What the filter is given for an engine; it must not outlive this.
class CapriciousEngine {
 public:
  explicit CapriciousEngine(unsigned seed) : seed_(seed) {}

  std::unique_ptr<Validator> MakeValidator(const std::shared_ptr<const Config>& config) {
    EngineSources sources;
    sources.dns = std::make_unique<CapriciousDns>(loop_, seed_);
    sources.call = [this](Loop& loop, SessionDns&, std::string, DnsName, const CallOptions&,
                          Loop::TimePoint deadline) { return servers_.Call(loop, deadline); };
    return std::make_unique<Front>(loop_, config, std::move(sources));
  }

  // How many calls were made.
  [[nodiscard]] int calls() const { return servers_.calls(); }

  // Lets time pass, and calls what is due by then.
  void Pass(std::chrono::milliseconds time) {
    now_ += time;
    for (int turns = 0; turns < 3; ++turns) loop_.Turn(now_);
  }

 private:
  struct Front final : Validator {
    Front(Loop& loop, const std::shared_ptr<const Config>& config, EngineSources sources)
        : engine(loop, config, std::move(sources), nullptr, Statistics::kKept) {}
    std::unique_ptr<Validation> Validate(Session session, Done done) override {
      return engine.Validate(std::move(session), std::move(done));
    }
    std::unique_ptr<Validation> ValidateMailFrom(std::shared_ptr<const Verdict> verdict,
                                                 std::string mail_from, Done done) override {
      return engine.ValidateMailFrom(std::move(verdict), std::move(mail_from), std::move(done));
    }
    std::unique_ptr<Validation> ValidateRecipient(const Verdict& verdict, std::string recipient,
                                                  Done done) override {
      return engine.ValidateRecipient(verdict, std::move(recipient), std::move(done));
    }
    std::vector<FileError> TakeComplaints() override { return engine.TakeComplaints(); }

    Engine engine;
  };

  unsigned seed_;
  Loop::TimePoint now_{};
  Loop loop_{[this] { return now_; }};
  CapriciousServers servers_{seed_ + 1};
};

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_OPENSMTPD_CAPRICIOUS_ENGINE_H_
