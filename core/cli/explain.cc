// helovet explain: each query, each answer, and the rule that decided.
#include <memory>
#include <string>

#include "command.h"
#include "helovet/render.h"
#include "output.h"
#include "session_options.h"

namespace helovet::cli {
namespace {

int Run(const SessionOptions& options) {
  const tl::expected<Judged, std::string> judged = Judge(options);
  if (!judged) return Refuse(judged.error());
  if (options.json) return Print(RenderExplanationJson(judged->verdict, *judged->config) + "\n");
  return Print(RenderExplanation(judged->verdict, *judged->config));
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
