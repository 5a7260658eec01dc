// Scripts with which shells complete the command's arguments.
#ifndef HELOVET_CORE_CLI_COMPLETION_H_
#define HELOVET_CORE_CLI_COMPLETION_H_

#include <string>

#include "CLI/CLI.hpp"

namespace helovet::cli {

// Of `program` as it is defined, with all its subcommands and options: for bash 4.4 and later,
// whether or not bash-completion is installed; and for zsh's compinit.
[[nodiscard]] std::string BashCompletion(const CLI::App& program);
[[nodiscard]] std::string ZshCompletion(const CLI::App& program);

}  // namespace helovet::cli

#endif  // HELOVET_CORE_CLI_COMPLETION_H_
