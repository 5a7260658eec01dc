// helovet explain: each query, each answer, and the rule that decided.
#include <memory>
#include <string>

#include "command.h"
#include "helovet/render.h"
#include "session_options.h"

namespace helovet::cli {
namespace {

std::string ExplanationLine(const Verdict& verdict, const Config& config) {
  return RenderExplanationJson(verdict, config) + "\n";
}

int Run(const SessionOptions& options) {
  return JudgeAndPrint(options, options.json ? ExplanationLine : RenderExplanation);
}

}  // namespace

Command MakeExplainCommand(CLI::App& program) {
  CLI::App* const app =
      program.add_subcommand("explain", "Judge a session and show how the verdict came about");
  const auto options = std::make_shared<SessionOptions>();
  options->AddTo(*app);
  return {app, [options] { return Run(*options); }};
}

}  // namespace helovet::cli
