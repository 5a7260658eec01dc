// helovet publish.
#include "command.h"
#include "output.h"

namespace helovet::cli {

Command MakePublishCommand(CLI::App& program) {
  CLI::App* const app =
      program.add_subcommand("publish", "Print the records that a sending domain publishes");
  return {app, [] { return Refuse("publish: not built"); }};
}

}  // namespace helovet::cli
