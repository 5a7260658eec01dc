// helovet accredit.
#include "command.h"
#include "output.h"

namespace helovet::cli {

Command MakeAccreditCommand(CLI::App& program) {
  CLI::App* const app =
      program.add_subcommand("accredit", "Make an accreditor's zone of a list, or verify it");
  return {app, [] { return Refuse("accredit: not built"); }};
}

}  // namespace helovet::cli
