#include "answer.h"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "exim_host.h"
#include "helovet/authentication_results.h"
#include "helovet/engine.h"
#include "helovet/loop.h"
#include "helovet/render.h"
#include "helovet/store_access.h"

namespace helovet {
namespace {

struct Outcome {
  Verdict verdict;
  SharedConfig config;  // As the options changed it.
  std::string error;    // Why there is no true verdict, one printable line; empty: there is one.
};

// The two say once what an administrator has to mend.
void ComplainOfOptions(const std::string& error, SessionCache& cache) {
  const std::string complaint = "helovet: " + error;
  if (cache.IsNews(complaint)) WriteMainLog(complaint);
}

void ComplainOfConfiguration(const Options& options, const FileError& error, SessionCache& cache) {
  const std::string complaint = "helovet: " + error.ToString();
  if (cache.IsNewFailure(options.config, complaint)) WriteMainLog(complaint);
}

// Mistakes in the files of lists, which are told once for each change of a file. The daemon tells
// those of files that it has read, at the next connection.
void Complain(const std::vector<FileError>& mistakes, const Settings& settings) {
  if (settings.reader != getpid()) return;
  for (const FileError& mistake : mistakes) WriteMainLog("helovet: " + mistake.ToString());
}

// Every session finds them, whoever read the settings. Files have absolute paths.
bool IsOfStore(const FileError& mistake) { return mistake.file == kStoreComplaint; }

// With what is wrong in the main log.
FileErrorOr<Settings> SettingsFor(const Options& options, SessionCache& cache) {
  FileErrorOr<Settings> settings = cache.Configuration(options.config, options.server_name);
  if (settings) {
    Complain(settings->lists->TakeComplaints(), *settings);
  } else {
    ComplainOfConfiguration(options, settings.error(), cache);
  }
  return settings;
}

// An engine, its sockets and its store live for one call only: nothing stays open in Exim's
// process. docs/exim.md has the cost. One deadline holds for all that a call waits for.
class EngineValidator final : public SessionValidator {
 public:
  // `config` is what the options made of that of `settings`.
  EngineValidator(const Settings& settings, SharedConfig config)
      : settings_(settings), config_(std::move(config)), latest_(loop_.Now() + config_->deadline) {}

  // When the verdict is there: what was counted goes to the store, and what is wrong to the log.
  void Finish(SessionCache& cache) {
    if (!engine_) return;
    engine_->WaitForStatistics(latest_);
    std::vector<FileError> mistakes = engine_->TakeComplaints();
    const auto of_lists = std::partition(mistakes.begin(), mistakes.end(), IsOfStore);
    for (const FileError& mistake : std::span(mistakes.begin(), of_lists)) {
      const std::string complaint = "helovet: " + mistake.ToString();
      if (cache.IsNewsToAll(complaint)) WriteMainLog(complaint);
    }
    Complain({of_lists, mistakes.end()}, settings_);
  }

  [[nodiscard]] Verdict Validate(const Session& session) override {
    return engine().ValidateAndWait(session);
  }

  [[nodiscard]] Verdict ValidateCounted(const Session& session) override {
    statistics_ = Statistics::kNone;
    return engine().ValidateAndWait(session);
  }

  [[nodiscard]] Verdict ValidateCsa(const Session& session) override {
    return engine().ValidateCsaAndWait(session);
  }

  [[nodiscard]] Verdict ValidateMailFrom(const Verdict& verdict,
                                         const std::string& mail_from) override {
    return Wait([&](auto done) {
      return engine().ValidateMailFrom(verdict, mail_from, std::move(done), latest_);
    });
  }

  [[nodiscard]] Verdict ValidateRecipient(const Verdict& verdict,
                                          const std::string& recipient) override {
    return Wait([&](auto done) {
      return engine().ValidateRecipient(verdict, recipient, std::move(done), latest_);
    });
  }

 private:
  Engine& engine() {
    if (!engine_) {
      engine_.emplace(loop_, config_, settings_.lists, AnswerMemory::kNone, statistics_,
                      HostIsDebugging() ? Trail::kFull : Trail::kOutcomes);
    }
    return *engine_;
  }

  template <typename Start>
  Verdict Wait(Start start) {
    bool done = false;
    const std::unique_ptr<Validation> validation = start([&done](const Verdict&) { done = true; });
    loop_.RunUntil([&done] { return done; });
    return validation->TakeVerdict();
  }

  const Settings& settings_;
  const SharedConfig config_;
  Loop loop_;
  const Loop::TimePoint latest_;
  Statistics statistics_ = Statistics::kKept;
  std::optional<Engine> engine_;  // After the loop, which it uses. Only where something is asked.
};

Outcome WithoutConfiguration(const Session& session, std::string error) {
  return {VerdictWithoutConfiguration(session), std::make_shared<Config>(), std::move(error)};
}

SharedConfig WithOptions(const SharedConfig& config, const Options& options) {
  if (!options.profile && options.authserv_id.empty()) return config;
  auto changed = std::make_shared<Config>(*config);
  if (options.profile) changed->profile = *options.profile;
  if (!options.authserv_id.empty()) changed->authserv_id = options.authserv_id;
  return changed;
}

// What a function of the module answers about.
enum class Wanted : bool { kVerdict, kCsa };

Outcome Judge(const Request& request, Wanted wanted, SessionCache& cache) {
  if (!request.options.error.empty()) {
    ComplainOfOptions(request.options.error, cache);
    return WithoutConfiguration(request.session, request.options.error);
  }
  const FileErrorOr<Settings> settings = SettingsFor(request.options, cache);
  if (!settings) return WithoutConfiguration(request.session, settings.error().ToString());
  SharedConfig config = WithOptions(settings->config, request.options);
  EngineValidator validator(*settings, config);
  // Profiles differ in what they make of the same results.
  // Who debugs Exim wants to see the whole.
  const bool csa_alone = wanted == Wanted::kCsa && !HostIsDebugging();
  Verdict verdict = csa_alone ? cache.JudgeCsa(request.session, settings->config, validator)
                              : cache.Judge(request.session, settings->config, validator);
  validator.Finish(cache);
  if (csa_alone) return {std::move(verdict), std::move(config), {}};
  verdict = ForRecipient(std::move(verdict), request.session.recipient, *config);
  if (HostIsDebugging()) PrintDebug(RenderExplanation(verdict, *config));
  return {std::move(verdict), std::move(config), {}};
}

std::string_view CsaStatus(const Verdict& verdict) {
  const CheckResult* csa = verdict.Find(CheckId::kCsa);
  if (csa == nullptr) return "unknown";
  switch (csa->result) {
    case Result::kPass:
      return "ok";
    case Result::kFail:
      return "fail";
    case Result::kTemperror:
      return "defer";
    case Result::kNone:
    case Result::kNeutral:
    case Result::kSoftfail:
    case Result::kPolicy:
    case Result::kPermerror:
    case Result::kSkipped:
      return "unknown";
  }
  return "unknown";
}

// A field without a body claims to be anybody's, if its name is the right one.
bool IsResultsField(std::string_view field) {
  const std::string_view name = field.substr(0, field.find(':') + 1);
  return ClaimsAuthservId(name, "any");
}

}  // namespace

tl::expected<std::string, std::string> AnswerHelovet(Arguments arguments, SessionCache& cache) {
  const tl::expected<Request, std::string> request = ParseRequest(arguments, MailFrom::kTaken);
  if (!request) return tl::unexpected("helovet: " + request.error());
  const Outcome outcome = Judge(*request, Wanted::kVerdict, cache);
  return RenderKeyValues(outcome.verdict, *outcome.config, outcome.error);
}

tl::expected<std::string, std::string> AnswerCsa(Arguments arguments, SessionCache& cache) {
  const tl::expected<Request, std::string> request = ParseRequest(arguments, MailFrom::kNotTaken);
  if (!request) return tl::unexpected("helovet_csa: " + request.error());
  const Outcome outcome = Judge(*request, Wanted::kCsa, cache);
  return std::string(CsaStatus(outcome.verdict));
}

std::string RemoveForgedResults(Arguments arguments, SessionCache& cache) {
  const Options options = ParseOptions(arguments);
  const FileErrorOr<Settings> settings = SettingsFor(options, cache);
  if (!options.error.empty()) ComplainOfOptions(options.error, cache);
  if (!settings || !options.error.empty()) {
    return std::to_string(RemoveHeaderFields(IsResultsField));
  }
  const std::string ours = AuthservIdOf(*WithOptions(settings->config, options));
  return std::to_string(RemoveHeaderFields(
      [&ours](std::string_view field) { return ClaimsAuthservId(field, ours); }));
}

void Preload(Arguments arguments, SessionCache& cache) {
  const Options options = ParseOptions(arguments);
  if (!options.error.empty()) ComplainOfOptions(options.error, cache);
  const FileErrorOr<Settings> settings = SettingsFor(options, cache);
  if (!settings) return;
  Complain(settings->lists->Refresh(std::chrono::steady_clock::now()), *settings);
  if (cache.IsFirstPreload(settings->config)) PrepareStore(*settings->config);
}

}  // namespace helovet
