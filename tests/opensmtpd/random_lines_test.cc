// A mail server gone mad: lines that are right, almost right and not at all. The filter must answer
// each request that is well formed exactly once, and say nothing else.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "filter.h"
#include "protocol_checker.h"
#include "scripted_validations.h"

namespace helovet {
namespace {

using testing::Answer;
using testing::ProtocolChecker;
using testing::ScriptedValidations;

constexpr int kLines = 200000;
constexpr unsigned kSeed = 20261122;

class LineMaker {
 public:
  int Below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(random_); }

  std::string Next() {
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
    switch (Below(8)) {
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
      default:
        return "mail.example.com";
    }
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
               Pick({"helo", "ehlo", "mail-from", "mail-from", "data-line", "data-line",
                     "rcpt-to"}) +
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
};

bool IsOf(const std::string& text, const char* octets, std::size_t longest) {
  return !text.empty() && text.size() <= longest &&
         text.find_first_not_of(octets) == std::string::npos;
}

// Independent of the parser under test: a request that must be answered, by smtpd's own format.
std::optional<Answer> Request(const std::string& line) {
  constexpr const char* kHex = "0123456789abcdefABCDEF";
  constexpr const char* kLetters = "abcdefghijklmnopqrstuvwxyz-";
  std::vector<std::string> fields;  // filter, version, time, subsystem, phase, session, token
  std::size_t at = 0;
  while (fields.size() < 7 && at <= line.size()) {
    const std::size_t bar = std::min(line.find('|', at), line.size());
    fields.push_back(line.substr(at, bar - at));
    at = bar + 1;
  }
  if (fields.size() < 7 || fields[0] != "filter" || fields[3] != "smtp-in") return std::nullopt;
  if (fields[1].substr(0, 2) != "0." || !IsOf(fields[1].substr(2), "0123456789", 9) ||
      std::stoul(fields[1].substr(2)) < 5) {
    return std::nullopt;
  }
  if (!IsOf(fields[4], kLetters, 1000000) || !IsOf(fields[5], kHex, 16) ||
      !IsOf(fields[6], kHex, 16)) {
    return std::nullopt;
  }
  Answer answer;
  answer.kind = fields[4] == "data-line" ? Answer::Kind::kDataLine : Answer::Kind::kProceed;
  answer.session = std::stoull(fields[5], nullptr, 16);
  answer.token = std::stoull(fields[6], nullptr, 16);
  answer.text = at <= line.size() ? line.substr(at) : "";
  return answer;
}

using Key = std::pair<std::uint64_t, std::uint64_t>;

TEST(RandomLines, EveryRequestIsAnsweredOnce) {
  LineMaker maker;
  ScriptedValidations engine;
  Output output;
  Log log([](std::string_view) {}, [] { return Loop::TimePoint(); });
  Filter filter(
      Config(),
      [&engine](Session session, absl::AnyInvocable<void(const Verdict&)> done) {
        return engine.Validate(std::move(session), std::move(done));
      },
      output, log);
  filter.OnLine("config|ready");

  ProtocolChecker checker;
  std::map<Key, long> owed;  // filter-results that are due
  std::size_t requests = 0;
  std::size_t rejects = 0;
  constexpr Action kActions[] = {Action::kAccept, Action::kTag, Action::kDefer, Action::kReject};
  const auto take = [&](const std::optional<Answer>& request) {
    checker.Feed(output.queued());
    output.Drop(output.queued().size());
    std::string echoed;
    std::size_t data_lines = 0;
    for (const Answer& answer : checker.answers()) {
      if (answer.kind == Answer::Kind::kDataLine) {
        ++data_lines;
        echoed = answer.text;
        ASSERT_TRUE(request && request->kind == Answer::Kind::kDataLine);
        ASSERT_EQ(Key(answer.session, answer.token), Key(request->session, request->token));
        continue;
      }
      if (answer.kind == Answer::Kind::kReject) ++rejects;
      --owed[{answer.session, answer.token}];
    }
    if (request && request->kind == Answer::Kind::kDataLine) {
      ASSERT_GE(data_lines, 1u);
      if (request->text.size() < 1900) {
        ASSERT_EQ(echoed, request->text);
      }
    } else {
      ASSERT_EQ(data_lines, 0u);
    }
    checker.ForgetAnswers();
  };

  for (int i = 0; i < kLines; ++i) {
    const std::string line = maker.Next();
    const std::optional<Answer> request = Request(line);
    if (request) {
      ++requests;
      if (request->kind != Answer::Kind::kDataLine) ++owed[{request->session, request->token}];
    }
    filter.OnLine(line);
    take(request);
    if (HasFatalFailure()) FAIL() << "line " << i << ": " << line.substr(0, 300);
    while (engine.waiting() > 0 && maker.Below(4) == 0) {
      engine.FinishOldest(kActions[maker.Below(4)]);
      take(std::nullopt);
    }
    ASSERT_TRUE(checker.complaints().empty()) << checker.complaints().front() << "\nafter " << line;
  }
  while (engine.waiting() > 0) engine.FinishNewest(Action::kReject);
  take(std::nullopt);
  for (const auto& [key, count] : owed) {
    EXPECT_EQ(count, 0) << "session " << key.first << " token " << key.second;
  }
  EXPECT_GT(requests, static_cast<std::size_t>(kLines) / 3);
  EXPECT_GT(rejects, 100u);
}

}  // namespace
}  // namespace helovet
