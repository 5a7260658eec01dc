// The command's subcommands and options, as they are defined: for completion and for what is said
// of a wrong command line.
#ifndef HELOVET_CORE_CLI_COMMAND_TREE_H_
#define HELOVET_CORE_CLI_COMMAND_TREE_H_

#include <string>
#include <vector>

#include "CLI/CLI.hpp"

namespace helovet::cli {

// What completes a value.
struct ValueForm {
  enum class Kind : std::uint8_t { kNone, kAny, kFile, kDirectory, kWords };
  Kind kind = Kind::kAny;          // kNone: a flag, which takes no value.
  std::vector<std::string> words;  // Of kWords: all there are.
};

// By the option's validator where that is a set (CLI::IsMember), otherwise by its type's name: FILE
// and DIRECTORY are paths, and PROFILE, FORMAT and RATING words of the library.
[[nodiscard]] ValueForm FormOf(const CLI::Option& option);

// "helovet cache list".
[[nodiscard]] std::string PathOf(const CLI::App& app);
// In the order in which they were added.
[[nodiscard]] std::vector<const CLI::App*> SubcommandsOf(const CLI::App& app);
// Its options with a name, and its positional arguments.
[[nodiscard]] std::vector<const CLI::Option*> NamedOptionsOf(const CLI::App& app);
[[nodiscard]] std::vector<const CLI::Option*> PositionalsOf(const CLI::App& app);
// "--config", "-h": all names that an option has.
[[nodiscard]] std::vector<std::string> NamesOf(const CLI::Option& option);
// It and everything below it.
[[nodiscard]] std::vector<const CLI::App*> AllBelow(const CLI::App& app);
// The subcommand that was called, of all that stand one below the other; `app` where none was.
[[nodiscard]] const CLI::App& Called(const CLI::App& app);

}  // namespace helovet::cli

#endif  // HELOVET_CORE_CLI_COMMAND_TREE_H_
