// A mail server gone mad: lines that are right, almost right and not at all. The filter must answer
// each request that is well formed exactly once, and say nothing else.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "asked_requests.h"
#include "capricious_engine.h"
#include "filter.h"
#include "protocol_checker.h"
#include "scripted_validations.h"

namespace helovet {
namespace {

using testing::Answer;
using testing::Asked;
using testing::CapriciousEngine;
using testing::Key;
using testing::ProtocolChecker;
using testing::Request;
using testing::ScriptedValidations;

constexpr int kLines = 200000;
constexpr unsigned kSeed = 20261122;

class LineMaker {
 public:
  int Below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(random_); }

  std::string Next() {
    if (!transaction_.empty() && Below(2) == 0) {
      std::string line = std::move(transaction_.front());
      transaction_.pop_front();
      return line;
    }
    if (transaction_.empty() && Below(20) == 0) BeginTransaction();
    std::string line = WellFormed();
    if (Below(3) == 0) Mutate(line);
    return line;
  }

 private:
  std::string Pick(std::initializer_list<const char*> texts) {
    return *(texts.begin() + Below(static_cast<int>(texts.size())));
  }

  std::string Id(int range) {
    std::string text = "000000000000000" + std::string(1, "0123456789abcdef"[Below(range)]);
    return Below(10) == 0 ? text.substr(15) : text;
  }

  // Taken from one pool: making each octet anew would take most of the test's time.
  std::string Octets(int longest) {
    const int length = Below(longest + 1);
    return pool_.substr(static_cast<std::size_t>(Below(kPoolOctets - length)),
                        static_cast<std::size_t>(length));
  }

  std::string Pool() {
    std::string octets(kPoolOctets, '\0');
    for (char& c : octets) {
      c = static_cast<char>(Below(256));
      if (c == '\n') c = '|';
    }
    return octets;
  }

  std::string Argument() {
    switch (Below(12)) {
      case 0:
        return ".";
      case 1:
        return "";
      case 2:
        return Octets(20);
      case 3:
        return "a|b|" + Octets(4);
      case 4:
        return Below(200) == 0 ? Octets(140000) : "..";
      case 5:
        return "." + Octets(3000);
      case 6:
        return Pick({"Authentication-Results: mx.example; x=pass",
                     "authentication-results:", "Authentication-Results: other.example; x=pass"});
      case 7:
        return Pick({" ", "\tmx.example; x=pass", " (", ". ", " x\rAuthentication-Results: y"});
      case 8:
        return Pick({"joe@strict.example", "joe@open.example"});
      default:
        return "mail.example.com";
    }
  }

  // Lines in the order that makes a message, among others.
  void BeginTransaction() {
    const std::string session = Id(12);
    const std::string head = "|0.6|1576146008.006099|smtp-in|";
    const std::string tail = "|" + session + "|" + Id(4) + "|";
    transaction_ = {
        "report" + head + "link-connect|" + session + "|<unknown>|fail|192.0.2.1:25|192.0.2.2:25",
        "filter" + head + "ehlo" + tail + "mail.example.com",
        "filter" + head + "mail-from" + tail + std::to_string(Below(1000)) + "@open.example",
        "filter" + head + "rcpt-to" + tail + Pick({"joe@strict.example", "joe@other.example"}),
        "filter" + head + "rcpt-to" + tail + "jim@other.example",
        "filter" + head + "data" + tail,
        "filter" + head + "data-line" + tail + "Subject: x",
        "filter" + head + "data-line" + tail + ".",
    };
  }

  std::string WellFormed() {
    const std::string head =
        "|0." + Pick({"5", "6", "7", "8", "11"}) + "|1576146008.006099|smtp-in|";
    const std::string session = Id(12);
    switch (Below(10)) {
      case 0:
        return "report" + head + "link-connect|" + session + "|<unknown>|" +
               Pick({"pass", "fail", "error"}) + "|" +
               Pick({"192.0.2.1:25", "[2001:db8::1]:25", "unix:/run/smtpd.sock"}) + "|192.0.2.2:25";
      case 1:
        return "report" + head + "link-disconnect|" + session;
      case 2:
        if (Below(4) != 0) return "report" + head + "tx-data|" + session + "|00000000|ok";
        return "report" + head + "link-auth|" + session +
               Pick({"|pass|joe", "|joe|pass", "|x|fail"});
      case 3:
        return "config|" + Pick({"admd|mx.example", "ready", "subsystem|smtp-in"});
      default:
        return "filter" + head +
               Pick({"helo", "ehlo", "mail-from", "mail-from", "data-line", "data-line", "rcpt-to",
                     "data"}) +
               "|" + session + "|" + Id(4) + "|" + Argument();
    }
  }

  void Mutate(std::string& line) {
    for (int times = Below(3); times >= 0 && !line.empty(); --times) {
      const auto at = static_cast<std::size_t>(Below(static_cast<int>(line.size())));
      switch (Below(6)) {
        case 0:
          line.resize(at);
          break;
        case 1:
          line.erase(at, 1);
          break;
        case 2:
          line.insert(at, "|");
          break;
        case 3:
          line[at] = static_cast<char>(Below(256));
          break;
        case 4:
          line.insert(at, Octets(10));
          break;
        default:
          line.erase(0, at);
          break;
      }
    }
    std::replace(line.begin(), line.end(), '\n', ' ');
  }

  static constexpr int kPoolOctets = 200000;
  std::mt19937 random_{kSeed};
  std::string pool_ = Pool();
  std::deque<std::string> transaction_;
};

Config WithEverything() {
  Config config;
  config.profile = Profile::kStandard;
  config.alternate.domains = {"strict.example"};
  config.opensmtpd = {.reject_at = Config::RejectAt::kRcptTo, .junk = true};
  return config;
}

// Where the verdicts come from.
class Judges {
 public:
  virtual ~Judges() = default;
  virtual std::unique_ptr<Validator> MakeValidator(const std::shared_ptr<const Config>& config) = 0;
  // Between two lines: gives some verdicts.
  virtual void GiveSome(LineMaker& maker) = 0;
  // After the last line: gives all that are due.
  virtual void GiveAll() = 0;
};

// The test gives verdicts, in any order.
class Scripted final : public Judges {
 public:
  std::unique_ptr<Validator> MakeValidator(const std::shared_ptr<const Config>&) override {
    return engine_.MakeValidator();
  }
  void GiveSome(LineMaker& maker) override {
    constexpr Action kActions[] = {Action::kAccept, Action::kTag, Action::kDefer, Action::kReject};
    while (engine_.waiting() > 0 && maker.Below(4) == 0) {
      engine_.FinishOldest(kActions[maker.Below(4)]);
    }
  }
  void GiveAll() override {
    while (engine_.waiting() > 0) engine_.FinishNewest(Action::kReject);
  }

 private:
  ScriptedValidations engine_;
};

// The engine does, when it is ready or its deadline has come (docs/rules.md §8).
class Real final : public Judges {
 public:
  std::unique_ptr<Validator> MakeValidator(const std::shared_ptr<const Config>& config) override {
    return engine_.MakeValidator(config);
  }
  void GiveSome(LineMaker& maker) override {
    if (maker.Below(4) == 0) engine_.Pass(std::chrono::milliseconds(maker.Below(4000)));
  }
  void GiveAll() override {
    engine_.Pass(Config().deadline);
    engine_.Pass(std::chrono::milliseconds(1));
  }
  [[nodiscard]] int calls() const { return engine_.calls(); }

 private:
  CapriciousEngine engine_{kSeed};
};

struct Counts {
  std::size_t requests = 0;
  std::size_t rejects = 0;
  std::size_t junk = 0;
};

// Plays kLines lines and checks each answer.
class Play {
 public:
  Play(const Config& config, Judges& judges)
      : judges_(judges),
        calls_back_(std::ranges::count(config.senders.checks, CheckId::kCbv) > 0),
        filter_(
            config,
            [this](const std::shared_ptr<const Config>& complete) {
              return judges_.MakeValidator(complete);
            },
            output_, log_, metrics_) {}

  void Run() {
    filter_.OnLine("config|ready");
    for (int i = 0; i < kLines; ++i) {
      const std::string line = maker_.Next();
      const std::optional<Asked> request = Request(line);
      if (request) {
        ++counts_.requests;
        if (!request->IsDataLine()) ++owed_[request->key];
      }
      filter_.OnLine(line);
      Take(request);
      if (::testing::Test::HasFatalFailure()) {
        FAIL() << "line " << i << ": " << line.substr(0, 300);
      }
      judges_.GiveSome(maker_);
      Take(std::nullopt);
      ASSERT_TRUE(checker_.complaints().empty())
          << checker_.complaints().front() << "\nafter " << line;
    }
    judges_.GiveAll();
    Take(std::nullopt);
    for (const auto& [key, count] : owed_) {
      EXPECT_EQ(count, 0) << "session " << key.first << " token " << key.second;
    }
  }

  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  // The answers since the last call, of which those to `request` are due now if it is a line.
  void Take(const std::optional<Asked>& request) {
    checker_.Feed(output_.queued());
    output_.Drop(output_.queued().size());
    const bool line = request && request->IsDataLine();
    std::string echoed;
    std::size_t data_lines = 0;
    for (const Answer& answer : checker_.answers()) {
      const Key key(answer.session, answer.token);
      if (answer.kind == Answer::Kind::kDataLine) {
        ++data_lines;
        echoed = answer.text;
        ASSERT_TRUE(line);
        ASSERT_EQ(key, request->key);
        continue;
      }
      if (answer.kind == Answer::Kind::kReject) ++counts_.rejects;
      if (answer.kind == Answer::Kind::kJunk) {
        ++counts_.junk;
        ASSERT_TRUE(calls_back_ || (request && request->phase == "data"));
      }
      --owed_[key];
    }
    if (!line) {
      ASSERT_EQ(data_lines, 0u);
    } else if (!request->ConcernsResults()) {
      ASSERT_GE(data_lines, 1u);
      if (request->argument.size() < 1900) {
        ASSERT_EQ(echoed, request->argument);
      }
    }
    checker_.ForgetAnswers();
  }

  LineMaker maker_;
  Judges& judges_;
  const bool calls_back_;  // DATA may wait.
  Output output_;
  Log log_{[](std::string_view) {}, [] { return Loop::TimePoint(); }};
  Metrics metrics_;
  Filter filter_;
  ProtocolChecker checker_;
  std::map<Key, long> owed_;  // filter-results that are due
  Counts counts_;
};

Counts Played(const Config& config, Judges& judges) {
  Play play(config, judges);
  play.Run();
  return play.counts();
}

TEST(RandomLines, EveryRequestIsAnsweredOnce) {
  Scripted judges;
  const Counts counts = Played(Config(), judges);
  EXPECT_GT(counts.requests, static_cast<std::size_t>(kLines) / 3);
  EXPECT_GT(counts.rejects, 100u);
  EXPECT_EQ(counts.junk, 0u);
}

TEST(RandomLines, SoTheyAreWhereRecipientsAndDataAreAskedFor) {
  Scripted judges;
  const Counts counts = Played(WithEverything(), judges);
  EXPECT_GT(counts.requests, static_cast<std::size_t>(kLines) / 3);
  EXPECT_GT(counts.rejects, 100u);
  EXPECT_GT(counts.junk, 100u);
}

TEST(RandomLines, SoTheyAreWhereDataWaitsForCallbacks) {
  Config config = WithEverything();
  config.senders.checks = {CheckId::kSpf, CheckId::kCbv};
  Scripted judges;
  const Counts counts = Played(config, judges);
  EXPECT_GT(counts.requests, static_cast<std::size_t>(kLines) / 3);
  EXPECT_GT(counts.rejects, 100u);
  EXPECT_GT(counts.junk, 100u);
}

TEST(RandomLines, SoTheyAreByTheEngine) {
  Config config = WithEverything();
  config.lists.deny = {"@strict.example", "192.0.2.7"};
  config.lists.allow = {"@open.example"};
  config.dns.query_timeout = config.deadline;
  Real judges;
  const Counts counts = Played(config, judges);
  EXPECT_GT(counts.requests, static_cast<std::size_t>(kLines) / 3);
  EXPECT_GT(counts.rejects, 100u);
  EXPECT_GT(counts.junk, 10u);
}

class Directory {
 public:
  Directory() { path_ = mkdtemp(path_.data()); }
  ~Directory() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_ = std::filesystem::temp_directory_path() / "helovet-random-lines-XXXXXX";
};

TEST(RandomLines, SoTheyAreByTheEngineThatCallsBack) {
  const Directory directory;
  Config config = WithEverything();
  config.senders.checks = {CheckId::kSpf, CheckId::kCbv};
  config.overrides = {{CheckId::kCbv, Result::kFail, OverrideAction::kReject},
                      {CheckId::kCbv, Result::kTemperror, OverrideAction::kDefer}};
  config.store.directory = directory.path();
  config.cbv.concurrent_per_domain = config.cbv.concurrent;
  config.cbv.per_domain = 100000;
  config.dns.query_timeout = config.deadline;
  Real judges;
  const Counts counts = Played(config, judges);
  EXPECT_GT(counts.requests, static_cast<std::size_t>(kLines) / 3);
  EXPECT_GT(counts.rejects, 100u);
  EXPECT_GT(counts.junk, 10u);
  EXPECT_GT(judges.calls(), 100);
}

}  // namespace
}  // namespace helovet
