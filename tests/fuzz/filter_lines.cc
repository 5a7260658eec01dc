// What smtpd says to its filter (smtpd-filters(7)). The first octet chooses the settings, the
// second one how many octets arrive at once. The others are smtpd's lines, among which a line of
// "!" and an octet gives a verdict that is waited for.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/descriptor.h"
#include "event.h"
#include "filter.h"
#include "fuzz.h"
#include "line_splitter.h"
#include "opensmtpd/asked_requests.h"
#include "opensmtpd/protocol_checker.h"
#include "opensmtpd/scripted_validations.h"
#include "stream.h"

namespace helovet::fuzz {
namespace {

using testing::Answer;
using testing::Asked;
using testing::Key;
using testing::ProtocolChecker;
using testing::ScriptedValidations;

Config SettingsOf(std::uint8_t bits) {
  Config config;
  config.our_names = {"mx.example"};
  config.our_addresses.emplace();
  config.authserv_id = "mx.example";
  config.store.kind = Config::StoreKind::kNone;
  if ((bits & 1U) != 0) config.profile = Profile::kStandard;
  if ((bits & 2U) != 0) config.alternate.domains = {"strict.example"};
  if ((bits & 4U) != 0) config.opensmtpd.reject_at = Config::RejectAt::kRcptTo;
  config.opensmtpd.junk = (bits & 8U) != 0;
  config.header = (bits & 16U) == 0;
  if ((bits & 32U) != 0) config.senders.checks = {CheckId::kSpf, CheckId::kCbv};
  return config;
}

// A view into the line, or an empty one.
void HoldInside(std::string_view part, std::string_view line) {
  Hold(part.empty() ||
           (part.data() >= line.data() && part.data() + part.size() <= line.data() + line.size()),
       "an event points into its line");
}

void HoldEvent(std::string_view line, const std::optional<Asked>& asked) {
  const Event event = ParseEvent(line);
  const auto* const request = std::get_if<FilterRequest>(&event);
  Hold((request != nullptr) == asked.has_value(), "a request is what smtpd means as one");
  if (request != nullptr) {
    HoldInside(request->argument, line);
    Hold(Key(request->id.session, request->id.token) == asked->key, "a request names its answer");
    Hold(request->argument == asked->argument, "a request's argument is the rest of the line");
  }
  if (const auto* const value = std::get_if<ConfigValue>(&event)) {
    HoldInside(value->key, line);
    HoldInside(value->value, line);
  }
  if (const auto* const malformed = std::get_if<Malformed>(&event)) {
    Hold(!malformed->problem.empty() && IsPrintable(malformed->problem), "a problem has a name");
  }
}

// A filter, what it was asked, and what it has answered.
class Conversation {
 public:
  explicit Conversation(const Config& config)
      : filter_(
            config,
            [this](const std::shared_ptr<const Config>&) { return validations_.MakeValidator(); },
            output_, log_, metrics_) {}

  void Hear(std::string_view line) {
    if (line.size() == 2 && line[0] == '!') {
      Judge(static_cast<std::uint8_t>(line[1]));
      return;
    }
    const std::optional<Asked> asked = testing::Request(std::string(line));
    HoldEvent(line, asked);
    // Before config|ready nobody can be answered.
    ready_ = ready_ || line == "config|ready";
    if (asked && ready_ && !asked->IsDataLine()) ++owed_[asked->key];
    filter_.OnLine(line);
    TakeAnswers(ready_ ? asked : std::nullopt);
  }

  void End() {
    while (validations_.waiting() > 0) validations_.FinishNewest(Action::kReject);
    TakeAnswers(std::nullopt);
    for (const auto& [key, count] : owed_) Hold(count == 0, "each request is answered once");
  }

 private:
  void Judge(std::uint8_t choice) {
    constexpr std::array kActions = {Action::kAccept, Action::kTag, Action::kDefer,
                                     Action::kReject};
    if (validations_.waiting() == 0) return;
    const Action action = kActions[choice % kActions.size()];
    if (choice % 8 < 4) {
      validations_.FinishOldest(action);
    } else {
      validations_.FinishNewest(action);
    }
    TakeAnswers(std::nullopt);
  }

  // What was said since the last time; a line of a message is answered at once.
  void TakeAnswers(const std::optional<Asked>& asked) {
    checker_.Feed(output_.queued());
    output_.Drop(output_.queued().size());
    if (!checker_.complaints().empty()) {
      std::fprintf(stderr, "%s\n", checker_.complaints().front().c_str());
    }
    Hold(checker_.complaints().empty(), "smtpd bears every line");
    const bool line = asked && asked->IsDataLine();
    std::size_t lines = 0;
    for (const Answer& answer : checker_.answers()) {
      const Key key(answer.session, answer.token);
      if (answer.kind == Answer::Kind::kDataLine) {
        ++lines;
        Hold(line && key == asked->key, "a line of a message goes back where it came from");
      } else {
        --owed_[key];
      }
    }
    if (line && !asked->ConcernsResults()) Hold(lines > 0, "a line of a message is answered");
    checker_.ForgetAnswers();
  }

  static void HoldLogLine(std::string_view line) {
    Hold(line.ends_with('\n') && line.size() <= kMaxLogOctets, "a log line ends and is bounded");
    line.remove_suffix(1);
    Hold(line.starts_with("helovet: ") && IsPrintable(line), "a log line is ours and printable");
  }

  ScriptedValidations validations_;
  Output output_;
  Log log_{HoldLogLine, [] { return Loop::TimePoint(); }};
  Metrics metrics_{std::chrono::system_clock::time_point()};
  bool ready_ = false;
  ProtocolChecker checker_;
  std::map<Key, long> owed_;
  Filter filter_;  // Last: it goes before what it uses.
};

// However the octets are cut, the lines are the same.
void HoldLines(std::string_view octets, std::size_t piece) {
  std::vector<std::string> whole;
  LineSplitter splitter;
  splitter.Feed(octets, [&whole](std::string_view line) { whole.emplace_back(line); });
  std::vector<std::string> pieces;
  LineSplitter other;
  for (std::string_view rest = octets; !rest.empty();) {
    other.Feed(rest.substr(0, piece),
               [&pieces](std::string_view line) { pieces.emplace_back(line); });
    rest.remove_prefix(std::min(piece, rest.size()));
    Hold(other.kept() <= kMaxInputLineOctets, "an unfinished line is bounded");
  }
  Hold(whole == pieces && splitter.kept() == other.kept(), "lines are the same however cut");
}

// A filter that gets no verdicts, and what it needs.
struct Unheard {
  explicit Unheard(const Config& config)
      : filter(
            config,
            [this](const std::shared_ptr<const Config>&) { return validations.MakeValidator(); },
            output, log, metrics) {}

  ScriptedValidations validations;
  Output output;
  Log log{[](std::string_view) {}, [] { return Loop::TimePoint(); }};
  Metrics metrics{std::chrono::system_clock::time_point()};
  Filter filter;
};

// What the filter says to `octets` by way of descriptors.
std::string SaidThroughStream(std::string_view octets, const Config& config) {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  Hold(pipe(in.data()) == 0 && pipe(out.data()) == 0, "the system gives pipes");
  const OwnedDescriptor in_end(in[0]);
  OwnedDescriptor in_begin(in[1]);
  const OwnedDescriptor out_end(out[0]);
  const OwnedDescriptor out_begin(out[1]);
  Hold(WriteAll(in_begin, octets), "an input fits a pipe");
  in_begin.Close();
  Loop::TimePoint now{};
  Loop loop([&now] { return now; });
  Unheard unheard(config);
  Stream stream(loop, in_end.get(), out_begin.get(), unheard.filter, unheard.output);
  std::string said;
  std::array<char, 16384> block;
  for (int turn = 0; turn < 1000 && !stream.finished(); ++turn) {
    stream.Flush();
    pollfd readable = {.fd = out_end.get(), .events = POLLIN, .revents = 0};
    if (poll(&readable, 1, 0) == 1) {
      const ssize_t count = read(out_end.get(), block.data(), block.size());
      Hold(count > 0, "what is written can be read");
      said.append(block.data(), static_cast<std::size_t>(count));
    }
    if (!stream.finished()) loop.Turn(now);
  }
  Hold(stream.finished(), "a stream ends with its input");
  return said;
}

// By way of descriptors all is said that the filter says to the lines themselves.
void HoldStream(std::string_view octets, const Config& config) {
  Unheard unheard(config);
  LineSplitter splitter;
  splitter.Feed(octets, [&unheard](std::string_view line) { unheard.filter.OnLine(line); });
  Hold(SaidThroughStream(octets, config) == unheard.output.queued(),
       "a stream says what the filter says");
}

}  // namespace

void Try(std::string_view input) {
  constexpr std::size_t kFitsPipe = 60000;
  Choices choices(input);
  const std::uint8_t settings = choices.Octet();
  const Config config = SettingsOf(settings);
  const std::size_t piece = std::size_t{1} + choices.Octet();
  const std::string_view octets = choices.rest();
  HoldLines(octets, piece);
  Conversation conversation(config);
  LineSplitter splitter;
  splitter.Feed(octets, [&conversation](std::string_view line) { conversation.Hear(line); });
  conversation.End();
  if ((settings & 64U) != 0 && octets.size() < kFitsPipe) HoldStream(octets, config);
}

}  // namespace helovet::fuzz
