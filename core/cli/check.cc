// helovet check: the verdict for a session, in a few lines, or what becomes of a log's sessions.
#include <memory>
#include <string>
#include <string_view>

#include "batch.h"
#include "command.h"
#include "helovet/render.h"
#include "output.h"
#include "session_options.h"
#include "terminal.h"

namespace helovet::cli {
namespace {

constexpr std::size_t kCheckColumns = 14;
constexpr std::size_t kResultColumns = 11;

std::string VerdictLine(const Verdict& verdict) {
  const std::string helo = verdict.session.helo.empty() ? "no name" : verdict.session.helo;
  return verdict.session.client.ToString() + ", HELO " + EscapeForLog(helo) + ": " +
         std::string(ToString(verdict.action)) + ", trust " + std::string(ToString(verdict.trust)) +
         ", decided by " + std::string(ToString(verdict.decided_by.check)) + "\n";
}

std::string CheckLine(const CheckResult& check) {
  std::string line = "  " + Padded(ToString(check.check), kCheckColumns) +
                     Padded(ToString(check.result), kResultColumns);
  line += ToString(check.reason);
  if (!check.authority.empty()) line += ", by " + EscapeForLog(check.authority);
  return line + "\n";
}

std::string VerdictText(const Verdict& verdict, const Config& config) {
  std::string text = VerdictLine(verdict);
  for (const CheckResult& check : verdict.checks) text += CheckLine(check);
  text += "Because: " + std::string(Meaning(verdict.decided_by.reason)) + "\n";
  const std::string reply = RenderReply(verdict, config);
  if (!reply.empty()) text += "Reply: " + reply + "\n";
  for (const std::string& line : RenderHeader(verdict, config)) text += line + "\n";
  return text;
}

std::string VerdictJsonLine(const Verdict& verdict, const Config& config) {
  return RenderJson(verdict, config) + "\n";
}

struct CheckOptions {
  SessionOptions session;
  BatchOptions batch;
};

int Run(const CheckOptions& options, const CLI::App& command) {
  if (options.batch.file) return RunBatch(options.batch, options.session);
  for (const char* const name : {"--ip", "--helo"}) {
    if (command.count(name) == 0) {
      return Refuse(std::string(name) + " is required, or --batch; see helovet help check");
    }
  }
  return JudgeAndPrint(options.session, options.session.json ? VerdictJsonLine : VerdictText);
}

}  // namespace

Command MakeCheckCommand(CLI::App& program) {
  CLI::App* const app =
      program.add_subcommand("check", "Judge a session, or with --batch those of a log");
  const auto options = std::make_shared<CheckOptions>();
  options->session.AddTo(*app);
  options->batch.AddTo(*app);
  return {app, [options, app] { return Run(*options, *app); }};
}

}  // namespace helovet::cli
