// The options that name the settings and the sources of DNS answers, the same for every subcommand.
#ifndef HELOVET_CORE_CLI_DNS_OPTIONS_H_
#define HELOVET_CORE_CLI_DNS_OPTIONS_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "CLI/CLI.hpp"
#include "config_option.h"
#include "helovet/config.h"
#include "helovet/engine.h"
#include "helovet/loop.h"
#include "tl/expected.hpp"

namespace helovet::cli {

// As they were given; the functions below tell what is wrong with them.
struct DnsOptions {
  ConfigOption config;
  std::vector<std::string> zone_files;
  std::optional<std::string> dns;

  // Defines the options on `command`. This must outlive its parsing.
  void AddTo(CLI::App& command);
};

// Unexpected, of every function below: what is wrong with the options or the files, in printable
// ASCII.

// The settings as a mail server on this host would have them. `server_name`: its own name for
// itself; empty: the host's.
[[nodiscard]] tl::expected<std::shared_ptr<const Config>, std::string> ConfigOf(
    const DnsOptions& options, std::string_view server_name = {});

// `loop` must outlive the engine. `memory` has no effect with zone files.
[[nodiscard]] tl::expected<std::unique_ptr<Engine>, std::string> EngineOf(
    const DnsOptions& options, Loop& loop, std::shared_ptr<const Config> config,
    AnswerMemory memory = AnswerMemory::kNone);

// "OPTION: "VALUE" is not WHAT".
[[nodiscard]] tl::unexpected<std::string> NotA(const std::string& option, const std::string& value,
                                               const std::string& what);

}  // namespace helovet::cli

#endif  // HELOVET_CORE_CLI_DNS_OPTIONS_H_
