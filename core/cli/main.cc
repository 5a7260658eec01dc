// The command `helovet`: helovet(1).
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "command.h"
#include "command_tree.h"
#include "helovet/render.h"
#include "helovet/spelling.h"
#include "helovet/version.h"
#include "output.h"

namespace helovet::cli {
namespace {

constexpr const char* kPostmasters = "For postmasters";
constexpr const char* kSenders = "For senders";
constexpr const char* kAccreditors = "For accreditors";
constexpr const char* kOthers = "For all";

struct Entry {
  Command (*make)(CLI::App& program);
  const char* group;
  const char* example;
};

constexpr std::array kEntries = {
    Entry{MakeCheckCommand, kPostmasters, "helovet check --ip 192.0.2.1 --helo mail.example.org"},
    Entry{MakeExplainCommand, kPostmasters,
          "helovet explain --ip 192.0.2.1 --helo mail.example.org"},
    Entry{MakeCallbackCommand, kPostmasters, "helovet callback jane@example.org"},
    Entry{MakeStatsCommand, kPostmasters, "helovet stats --month 2026-11"},
    Entry{MakeCacheCommand, kPostmasters, "helovet cache list"},
    Entry{MakeConfigCommand, kPostmasters, "helovet config check helovet.toml"},
    Entry{MakePublishCommand, kSenders, "helovet publish --host mail.example.org=192.0.2.1"},
    Entry{MakeLintCommand, kSenders, "helovet lint mail.example.org"},
    Entry{MakeDsarCommand, kSenders,
          "helovet dsar --role client --application smtp mail.example.org"},
    Entry{MakeAccreditCommand, kAccreditors,
          "helovet accredit --list ratings --zone accredit.example.org --ns ns.example.org"},
    Entry{MakeCompletionCommand, kOthers, "helovet completion bash"},
};

bool AsksForHelp(int argc, char** argv) { return argc > 1 && std::string_view(argv[1]) == "help"; }

// The arguments, last first, as CLI11 takes them. "--name=" becomes two of them, for CLI11 would
// take the next argument for the value. "help check" is "check --help".
std::vector<std::string> Reversed(int argc, char** argv) {
  std::vector<std::string> arguments;
  const bool help = AsksForHelp(argc, argv);
  for (int i = help ? 2 : 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const bool empty_value =
        argument.starts_with("--") && argument.find('=') == argument.size() - 1;
    arguments.push_back(empty_value ? argument.substr(0, argument.size() - 1) : argument);
    if (empty_value) arguments.emplace_back();
  }
  if (help) arguments.emplace_back("--help");
  std::reverse(arguments.begin(), arguments.end());
  return arguments;
}

std::vector<Command> Define(CLI::App& program) {
  std::vector<Command> commands;
  std::string examples = "Examples:";
  for (const Entry& entry : kEntries) {
    commands.push_back(entry.make(program));
    CLI::App* const app = commands.back().app;
    app->group(entry.group);
    if (app->get_footer().empty()) app->footer(std::string("Example:\n  ") + entry.example);
    examples += std::string("\n  ") + entry.example;
  }
  // For the list and for completion; Reversed() has made another command of it.
  CLI::App* const help = program.add_subcommand("help", "Print the options of a subcommand");
  help->group(kOthers);
  std::string names;
  for (const Command& command : commands) {
    names += (names.empty() ? "" : ",") + command.app->get_name();
  }
  help->add_option("command", "The subcommand")
      ->type_name('{' + names + '}')
      ->type_size(1)
      ->expected(0, 2);
  program.footer(examples);
  return commands;
}

// "For senders: publish, lint", a line for each group.
std::string Overview(const CLI::App& program) {
  std::string text = "usage: helovet COMMAND [OPTION...]\n";
  for (const std::string_view group : {kPostmasters, kSenders, kAccreditors, kOthers}) {
    std::string line = std::string(group) + ':';
    line.resize(18, ' ');
    std::string_view separator;
    for (const CLI::App* const sub : SubcommandsOf(program)) {
      if (sub->get_group() != group) continue;
      line += std::string(separator) + sub->get_name();
      separator = ", ";
    }
    text += line + '\n';
  }
  return text + "See helovet help, helovet help COMMAND and helovet(1).\n";
}

std::vector<std::string> NamesOfSubcommands(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* const sub : SubcommandsOf(app)) names.push_back(sub->get_name());
  return names;
}

// What `stray`, which `app` does not know, was probably meant for.
std::string Suggestion(const CLI::App& app, std::string_view stray) {
  std::vector<std::string> names;
  if (stray.starts_with('-')) {
    for (const CLI::Option* const option : NamedOptionsOf(app)) {
      for (std::string& name : NamesOf(*option)) names.push_back(std::move(name));
    }
    stray = stray.substr(0, stray.find('='));
  } else {
    names = NamesOfSubcommands(app);
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  return DidYouMean(FindNearMiss(stray, known));
}

// "cache needs a subcommand: list, show, flush".
std::string LackOf(const CLI::App& app) {
  std::string text = app.get_name() + " needs a subcommand: ";
  std::string_view separator;
  for (const std::string& name : NamesOfSubcommands(app)) {
    text += std::string(separator) + name;
    separator = ", ";
  }
  return text;
}

// Of several complaints, the word that was not understood is the one that helps.
std::string Complaint(const CLI::App& program, const CLI::ParseError& error) {
  const CLI::App& called = Called(program);
  const std::vector<std::string> strays = program.remaining(/*recurse=*/true);
  std::string what = EscapeForLog(error.what());
  if (!strays.empty()) {
    what =
        "unexpected \"" + EscapeForLog(strays.front()) + '"' + Suggestion(called, strays.front());
  } else if (!SubcommandsOf(called).empty()) {
    what = LackOf(called);
  }
  // "helovet cache list" has its options in "helovet help cache list".
  const std::string path = PathOf(called);
  return what + (what.ends_with('?') ? " See " : "; see ") + "helovet help" +
         path.substr(path.find(' ') == std::string::npos ? path.size() : path.find(' '));
}

int Run(int argc, char** argv) {
  PrepareStreams();
  CLI::App program("Validates SMTP clients by their HELO name", "helovet");
  program.set_version_flag("--version", "helovet " + std::string(kVersion));
  program.require_subcommand(1);
  const std::vector<Command> commands = Define(program);
  if (argc < 2) return RefuseWith(Overview(program));
  try {
    program.parse(Reversed(argc, argv));
  } catch (const CLI::CallForHelp& help) {
    // Whoever asks for the help of what is no subcommand has misspelt one.
    const bool strayed = AsksForHelp(argc, argv) && !program.remaining(/*recurse=*/true).empty();
    return strayed ? Refuse(Complaint(program, help)) : Print(program.help());
  } catch (const CLI::CallForVersion& version) {
    return Print(std::string(version.what()) + "\n");
  } catch (const CLI::ParseError& error) {
    return Refuse(Complaint(program, error));
  }
  for (const Command& command : commands) {
    if (command.app->parsed()) return command.run();
  }
  return Refuse("no subcommand");
}

}  // namespace
}  // namespace helovet::cli

int main(int argc, char** argv) { return helovet::cli::Run(argc, argv); }
