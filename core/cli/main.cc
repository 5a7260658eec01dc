// The command `helovet`: helovet(1).
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "command.h"
#include "helovet/render.h"
#include "output.h"

namespace helovet::cli {
namespace {

// The arguments, last first, as CLI11 takes them. "--name=" becomes two of them, for CLI11 would
// take the next argument for the value.
std::vector<std::string> Reversed(int argc, char** argv) {
  std::vector<std::string> arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const bool empty_value =
        argument.starts_with("--") && argument.find('=') == argument.size() - 1;
    arguments.push_back(empty_value ? argument.substr(0, argument.size() - 1) : argument);
    if (empty_value) arguments.emplace_back();
  }
  std::reverse(arguments.begin(), arguments.end());
  return arguments;
}

int Run(int argc, char** argv) {
  PrepareStreams();
  CLI::App program("Validates SMTP clients by their HELO name", "helovet");
  program.set_version_flag("--version", "helovet " HELOVET_VERSION);
  program.require_subcommand(1);
  const std::array commands = {
      MakeCheckCommand(program),    MakeExplainCommand(program),   MakeDsarCommand(program),
      MakeCallbackCommand(program), MakeStatsCommand(program),     MakeCacheCommand(program),
      MakePublishCommand(program),  MakeLintCommand(program),      MakeAccreditCommand(program),
      MakeConfigCommand(program),   MakeCompletionCommand(program)};
  try {
    program.parse(Reversed(argc, argv));
  } catch (const CLI::CallForHelp&) {
    return Print(program.help());
  } catch (const CLI::CallForVersion& version) {
    return Print(std::string(version.what()) + "\n");
  } catch (const CLI::ParseError& error) {
    // Of several complaints, the word that was not understood is the one that helps.
    const std::vector<std::string> strays = program.remaining(/*recurse=*/true);
    const std::string what = strays.empty() ? EscapeForLog(error.what())
                                            : "unexpected \"" + EscapeForLog(strays.front()) + '"';
    return Refuse(what + "; see helovet --help");
  }
  for (const Command& command : commands) {
    if (command.app->parsed()) return command.run();
  }
  return Refuse("no subcommand");
}

}  // namespace
}  // namespace helovet::cli

int main(int argc, char** argv) { return helovet::cli::Run(argc, argv); }
