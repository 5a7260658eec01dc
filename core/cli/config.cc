// helovet config.
#include "command.h"
#include "output.h"

namespace helovet::cli {

Command MakeConfigCommand(CLI::App& program) {
  CLI::App* const app =
      program.add_subcommand("config", "Check the settings, or show those in force");
  return {app, [] { return Refuse("config: not built"); }};
}

}  // namespace helovet::cli
