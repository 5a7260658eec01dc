// helovet completion.
#include "command.h"
#include "output.h"

namespace helovet::cli {

Command MakeCompletionCommand(CLI::App& program) {
  CLI::App* const app =
      program.add_subcommand("completion", "Print what completes these commands in a shell");
  return {app, [] { return Refuse("completion: not built"); }};
}

}  // namespace helovet::cli
