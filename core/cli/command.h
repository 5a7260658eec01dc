// Subcommands of helovet.
#ifndef HELOVET_CORE_CLI_COMMAND_H_
#define HELOVET_CORE_CLI_COMMAND_H_

#include <functional>

#include "CLI/CLI.hpp"

namespace helovet::cli {

struct Command {
  CLI::App* app;             // Owned by the program's CLI::App; says whether it was called.
  std::function<int()> run;  // To be called after parsing; the exit code.
};

// `check`: a session's verdict. `explain`: how it came about. `dsar`: what is registered of a name.
// `callback`: whether a sender's mail server takes mail for it. `stats`: what has been
// counted in a month. `cache`: what the store remembers. `publish`, `lint`: what a sending domain
// publishes, and what is wrong with it. `accredit`: an accreditor's zone. `config`: the settings.
// `completion`: for shells. `program` must outlive the result.
[[nodiscard]] Command MakeCheckCommand(CLI::App& program);
[[nodiscard]] Command MakeExplainCommand(CLI::App& program);
[[nodiscard]] Command MakeDsarCommand(CLI::App& program);
[[nodiscard]] Command MakeCallbackCommand(CLI::App& program);
[[nodiscard]] Command MakeStatsCommand(CLI::App& program);
[[nodiscard]] Command MakeCacheCommand(CLI::App& program);
[[nodiscard]] Command MakePublishCommand(CLI::App& program);
[[nodiscard]] Command MakeLintCommand(CLI::App& program);
[[nodiscard]] Command MakeAccreditCommand(CLI::App& program);
[[nodiscard]] Command MakeConfigCommand(CLI::App& program);
[[nodiscard]] Command MakeCompletionCommand(CLI::App& program);

}  // namespace helovet::cli

#endif  // HELOVET_CORE_CLI_COMMAND_H_
