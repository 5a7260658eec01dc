#include "answer.h"

#include <utility>

#include "exim_host.h"
#include "helovet/engine.h"
#include "helovet/loop.h"
#include "helovet/render.h"

namespace helovet {
namespace {

struct Outcome {
  Verdict verdict;
  SharedConfig config;  // As the options changed it.
  std::string error;    // Why there is no true verdict, one printable line; empty: there is one.
};

void ComplainOnce(const std::string& error, SessionCache& cache) {
  const std::string complaint = "helovet: " + error;
  if (cache.IsNews(complaint)) WriteMainLog(complaint);
}

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

// The engine and its sockets live for this call only: nothing stays open in Exim's process.
// docs/exim.md has the cost.
Verdict Validate(const Session& session, const SharedConfig& config) {
  Loop loop;
  Engine engine(loop, config);
  Verdict verdict = engine.ValidateAndWait(session);
  if (HostIsDebugging()) PrintDebug(RenderExplanation(verdict, *config));
  return verdict;
}

Outcome Judge(const Request& request, SessionCache& cache) {
  if (!request.options.error.empty())
    return WithoutConfiguration(request.session, request.options.error);
  const FileErrorOr<SharedConfig> config = cache.Configuration(request.options.config);
  if (!config) return WithoutConfiguration(request.session, config.error().ToString());
  SharedConfig effective = WithOptions(*config, request.options);
  Verdict verdict = cache.Judge(request.session, *config, request.options,
                                [&] { return Validate(request.session, effective); });
  return {std::move(verdict), std::move(effective), {}};
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

}  // namespace

tl::expected<std::string, std::string> AnswerHelovet(Arguments arguments, SessionCache& cache) {
  const tl::expected<Request, std::string> request = ParseRequest(arguments, MailFrom::kTaken);
  if (!request) return tl::unexpected("helovet: " + request.error());
  const Outcome outcome = Judge(*request, cache);
  if (!outcome.error.empty()) ComplainOnce(outcome.error, cache);
  return RenderKeyValues(outcome.verdict, *outcome.config, outcome.error);
}

tl::expected<std::string, std::string> AnswerCsa(Arguments arguments, SessionCache& cache) {
  const tl::expected<Request, std::string> request = ParseRequest(arguments, MailFrom::kNotTaken);
  if (!request) return tl::unexpected("helovet_csa: " + request.error());
  const Outcome outcome = Judge(*request, cache);
  if (!outcome.error.empty()) ComplainOnce(outcome.error, cache);
  return std::string(CsaStatus(outcome.verdict));
}

void Preload(Arguments arguments, SessionCache& cache) {
  const FileErrorOr<SharedConfig> config = cache.Configuration(ParsePreloadPath(arguments));
  if (!config) ComplainOnce(config.error().ToString(), cache);
}

}  // namespace helovet
