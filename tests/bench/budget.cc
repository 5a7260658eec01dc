// budget
//
// The work whose instructions budget.py counts: one function for each operation, which repeats it,
// so that callgrind can be told to count within these functions alone. Everything that could make
// two runs differ is given: clock, answers, names.
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dns/answer_cache.h"
#include "engine/engine_store.h"
#include "event.h"
#include "helovet/engine.h"
#include "helovet/render.h"
#include "published_client.h"

namespace helovet {
namespace {

constexpr std::string_view kMailFrom =
    "filter|0.6|1700000000.006099|smtp-in|mail-from|7641df9771b4ed00|1ef1c203cc576e5d|"
    "sender@example.com";

Config FilterConfig() {
  Config config;
  config.authserv_id = "mx.example.net";
  config.our_names = {"mx.example.net"};
  config.our_addresses = {*IpAddress::Parse("192.0.2.25")};
  return config;
}

// An engine as OpenSMTPD's filter has it, in front of zones instead of the network. `verdicts`:
// whether it remembers those as well as answers, as the filter's does.
class WarmEngine {
 public:
  explicit WarmEngine(AnswerMemory verdicts)
      : engine_(loop_, std::make_shared<const Config>(FilterConfig()), Sources(verdicts), nullptr,
                Statistics::kNone, Trail::kOutcomes) {}
  Verdict Validate() { return engine_.ValidateAndWait(PublishedSession()); }

 private:
  EngineSources Sources(AnswerMemory verdicts) {
    EngineSources sources;
    sources.dns = std::make_unique<AnswerCache>(loop_, PublishedAnswers(loop_));
    sources.memory = verdicts;
    return sources;
  }

  // Time stands still: answers do not age, and nothing is late.
  Loop loop_{[] { return Loop::TimePoint(std::chrono::hours(1)); }};
  Engine engine_;
};

int ValidateAll(WarmEngine& engine, int operations) {
  int passed = 0;
  for (int i = 0; i < operations; ++i) {
    const Verdict verdict = engine.Validate();
    const CheckResult* const csa = verdict.Find(CheckId::kCsa);
    passed += csa != nullptr && csa->result == Result::kPass ? 1 : 0;
  }
  return passed;
}

}  // namespace
}  // namespace helovet

// Names that callgrind's options can give. Each says of how many operations it has seen the result.
extern "C" {

[[gnu::noinline]] int BudgetVerdict(helovet::WarmEngine& engine, int operations) {
  return helovet::ValidateAll(engine, operations);
}

[[gnu::noinline]] int BudgetAgain(helovet::WarmEngine& engine, int operations) {
  return helovet::ValidateAll(engine, operations);
}

[[gnu::noinline]] int BudgetEvent(std::string_view line, int operations) {
  int parsed = 0;
  for (int i = 0; i < operations; ++i) {
    const helovet::Event event = helovet::ParseEvent(line);
    parsed += std::holds_alternative<helovet::FilterRequest>(event) ? 1 : 0;
  }
  return parsed;
}

[[gnu::noinline]] int BudgetHeader(const helovet::Verdict& verdict, const helovet::Config& config,
                                   int operations) {
  int rendered = 0;
  for (int i = 0; i < operations; ++i) {
    rendered += helovet::RenderHeader(verdict, config).empty() ? 0 : 1;
  }
  return rendered;
}

}  // extern "C"

int main() {
  using helovet::kMailFrom;
  constexpr int kOperations = 200;  // budget.py divides by it.
  // Were it a constant, there would be copies of the functions, by other names.
  const volatile int operations = kOperations;
  const std::string line(kMailFrom);
  const helovet::Config config = helovet::FilterConfig();
  helovet::WarmEngine engine(helovet::AnswerMemory::kNone);
  helovet::WarmEngine remembering(helovet::AnswerMemory::kKept);
  const helovet::Verdict verdict = engine.Validate();  // From here on the answers are known.
  // What only the first of anything costs belongs to no operation.
  for (int i = 0; i < 3; ++i) {
    static_cast<void>(engine.Validate());
    static_cast<void>(remembering.Validate());
    static_cast<void>(helovet::ParseEvent(kMailFrom));
    static_cast<void>(helovet::RenderHeader(verdict, config));
  }
  const int verdicts = BudgetVerdict(engine, operations);
  const int again = BudgetAgain(remembering, operations);
  const int events = BudgetEvent(line, operations);
  const int headers = BudgetHeader(verdict, config, operations);
  std::printf("%d verdicts, %d again, %d events, %d headers\n", verdicts, again, events, headers);
  const bool complete = verdicts == kOperations && again == kOperations && events == kOperations &&
                        headers == kOperations;
  return complete ? 0 : 1;
}
