// helovet check --batch: what would have become of the sessions of a log?
#include "batch.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "batch_input.h"
#include "batch_summary.h"
#include "batch_tally.h"
#include "helovet/engine.h"
#include "helovet/loop.h"
#include "helovet/render.h"
#include "helovet/session_log.h"
#include "output.h"
#include "terminal.h"

namespace helovet::cli {
namespace {

constexpr std::size_t kInFlight = 200;  // Validations at once.
// Verdicts may wait for a slow one before them, so that they are told in order, and so many at
// most.
constexpr std::size_t kAhead = 2000;
constexpr std::size_t kOutputOctets = std::size_t{64} * 1024;
constexpr std::chrono::milliseconds kBetweenLooks{100};  // For an interruption.
constexpr int kExitInterrupted = 128 + SIGINT;           // As shells have it.

volatile std::sig_atomic_t g_interrupted = 0;

bool IsInterrupted() { return g_interrupted != 0; }

// The first interruption ends the batch in order, the second one the process.
void WatchForInterruption() {
  struct sigaction action {};
  action.sa_handler = [](int) { g_interrupted = 1; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
}

std::optional<Profile> ParseProfile(std::string_view token) {
  constexpr std::array kProfiles = {Profile::kObserve, Profile::kStandard, Profile::kStrict,
                                    Profile::kCustom};
  const auto* const found =
      std::ranges::find_if(kProfiles, [&](Profile each) { return ToString(each) == token; });
  if (found == kProfiles.end()) return std::nullopt;
  return *found;
}

tl::expected<std::shared_ptr<const Config>, std::string> ConfigFor(const BatchOptions& batch,
                                                                   const SessionOptions& session) {
  auto settings = ConfigOf(session.dns, session.server_name);
  if (!settings || !batch.profile) return settings;
  const std::optional<Profile> profile = ParseProfile(*batch.profile);
  if (!profile) return NotA("--profile", *batch.profile, "observe, standard, strict or custom");
  auto config = std::make_shared<Config>(**settings);
  config->profile = *profile;
  return config;
}

// The engine's verdicts on many sessions, told in the order of the sessions.
class Judge {
 public:
  // `take` gets each verdict and its session's count, and says whether to go on.
  using Take = std::function<bool(const Verdict&, std::uint64_t count)>;
  Judge(Loop& loop, Engine& engine, Take take)
      : loop_(loop), engine_(engine), take_(std::move(take)) {}

  // False: `take` said so, or there was an interruption.
  [[nodiscard]] bool Run(const std::vector<CountedSession>& sessions);

 private:
  struct Slot {
    std::unique_ptr<Validation> validation;
    std::uint64_t count = 0;
    // Its verdict may be there before it is announced, which a destroyed validation never does.
    bool is_done = false;
  };

  void Start(const CountedSession& session);
  bool TakeThoseInOrder();

  Loop& loop_;
  Engine& engine_;
  Take take_;
  std::deque<Slot> slots_;  // Those under way or waiting for one before, in order.
  std::size_t in_flight_ = 0;
};

void Judge::Start(const CountedSession& session) {
  ++in_flight_;
  slots_.emplace_back();
  Slot& slot = slots_.back();  // Stays where it is until it is taken.
  slot.count = session.count;
  slot.validation = engine_.Validate(session.session, [this, &slot](const Verdict&) {
    slot.is_done = true;
    --in_flight_;
  });
}

bool Judge::TakeThoseInOrder() {
  while (!slots_.empty() && slots_.front().is_done) {
    const Slot slot = std::move(slots_.front());
    slots_.pop_front();
    if (!take_(*slot.validation->verdict(), slot.count)) return false;
  }
  return true;
}

bool Judge::Run(const std::vector<CountedSession>& sessions) {
  Progress progress("Judging", sessions.size());
  auto next = sessions.begin();
  while (next != sessions.end() || !slots_.empty()) {
    while (next != sessions.end() && in_flight_ < kInFlight && slots_.size() < kAhead) {
      Start(*next++);
    }
    loop_.Turn(loop_.Now() + kBetweenLooks);
    if (!TakeThoseInOrder() || IsInterrupted()) return false;
    progress.Show(static_cast<std::uint64_t>(next - sessions.begin()) - slots_.size());
  }
  return true;
}

// JSON lines, some at a time.
class JsonOutput {
 public:
  explicit JsonOutput(const Config& config) : config_(config) {}

  // One object with "count" behind the members of a single session's. False: see exit_code().
  bool Add(const Verdict& verdict, std::uint64_t count) {
    std::string object = RenderJson(verdict, config_);
    object.pop_back();
    text_ += object + ",\"count\":" + std::to_string(count) + "}\n";
    return text_.size() < kOutputOctets || Flush();
  }

  bool Flush() {
    if (exit_code_ == kExitDone && !text_.empty()) exit_code_ = Print(text_);
    text_.clear();
    return exit_code_ == kExitDone;
  }

  [[nodiscard]] int exit_code() const { return exit_code_; }

 private:
  const Config& config_;
  std::string text_;
  int exit_code_ = kExitDone;
};

// What is ready to be run.
struct Batch {
  std::shared_ptr<const Config> config;
  std::unique_ptr<Engine> engine;
  BatchInput input;
};

tl::expected<Batch, std::string> Prepare(const BatchOptions& options, const SessionOptions& session,
                                         Loop& loop) {
  const std::optional<LogFormat> format = ParseLogFormat(options.format);
  if (!format && options.format != "auto") {
    return NotA("--format", options.format, "plain, exim, opensmtpd or auto");
  }
  const auto config = ConfigFor(options, session);
  if (!config) return tl::make_unexpected(config.error());
  auto engine = EngineOf(session.dns, loop, *config, AnswerMemory::kKept);
  if (!engine) return tl::make_unexpected(engine.error());
  if (const std::vector<FileError> complaints = (*engine)->TakeComplaints(); !complaints.empty()) {
    return tl::make_unexpected(LinesOf(complaints));
  }
  auto input = BatchInput::Open(*options.file, format, IsInterrupted);
  if (!input) return tl::make_unexpected(input.error());
  return Batch{*config, *std::move(engine), *std::move(input)};
}

// The exit code, apart from that of printing.
int ExitCodeOf(const BatchInput& input) {
  if (IsInterrupted()) return kExitInterrupted;
  input.TellTheRest();
  if (!input.error().empty()) return Refuse(input.error());
  return input.counts().malformed == 0 ? kExitDone : kExitUsage;
}

int JudgeAll(Batch& batch, Loop& loop, bool as_json) {
  Tally tally(batch.config);
  JsonOutput output(*batch.config);
  Judge judge(loop, *batch.engine, [&](const Verdict& verdict, std::uint64_t count) {
    if (as_json) return output.Add(verdict, count);
    tally.Add(verdict, count);
    return true;
  });
  std::vector<CountedSession> sessions = batch.input.NextRound();
  while (!sessions.empty() && !IsInterrupted() && judge.Run(sessions)) {
    sessions = batch.input.NextRound();
  }
  static_cast<void>(output.Flush());
  int printed = output.exit_code();
  if (!as_json) {
    const std::string heading =
        batch.input.name() + ", " + std::string(ToString(batch.input.format()));
    printed = Print(RenderSummary(heading, batch.input.counts(), tally));
  }
  return printed == kExitDone ? ExitCodeOf(batch.input) : printed;
}

}  // namespace

void BatchOptions::AddTo(CLI::App& command) {
  CLI::Option* const batch =
      command.add_option("--batch", file, "Judge all sessions of this log; - is standard input")
          ->type_name("FILE");
  command.add_option("--format", format, "plain, exim, opensmtpd, or auto: what the log is like")
      ->type_name("FORMAT")
      ->needs(batch);
  command.add_option("--profile", profile, "Judge as if this were the profile of the settings")
      ->type_name("PROFILE")
      ->needs(batch);
  for (const char* const name :
       {"--ip", "--helo", "--mail-from", "--rcpt", "--smtputf8", "--authenticated"}) {
    command.get_option(name)->required(false)->excludes(batch);
  }
}

int RunBatch(const BatchOptions& batch, const SessionOptions& session) {
  WatchForInterruption();
  Loop loop;
  tl::expected<Batch, std::string> prepared = Prepare(batch, session, loop);
  if (!prepared) return IsInterrupted() ? kExitInterrupted : Refuse(prepared.error());
  return JudgeAll(*prepared, loop, session.json);
}

}  // namespace helovet::cli
