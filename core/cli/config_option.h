// The option that names the settings, the same for every subcommand that needs them.
#ifndef HELOVET_CORE_CLI_CONFIG_OPTION_H_
#define HELOVET_CORE_CLI_CONFIG_OPTION_H_

#include <optional>
#include <string>

#include "CLI/CLI.hpp"
#include "helovet/config.h"
#include "tl/expected.hpp"

namespace helovet::cli {

struct ConfigOption {
  std::optional<std::string> file;  // None: the default one, if it exists.

  // Defines --config on `command`. This must outlive its parsing.
  void AddTo(CLI::App& command);

  // The settings. Unexpected: what is wrong with them, in printable ASCII.
  [[nodiscard]] tl::expected<Config, std::string> Load() const;
};

}  // namespace helovet::cli

#endif  // HELOVET_CORE_CLI_CONFIG_OPTION_H_
