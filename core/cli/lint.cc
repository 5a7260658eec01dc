// helovet lint.
#include "command.h"
#include "output.h"

namespace helovet::cli {

Command MakeLintCommand(CLI::App& program) {
  CLI::App* const app =
      program.add_subcommand("lint", "Find what is wrong with what a domain publishes");
  return {app, [] { return Refuse("lint: not built"); }};
}

}  // namespace helovet::cli
