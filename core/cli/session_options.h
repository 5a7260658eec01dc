// The options that describe a session, the same for every subcommand that judges one.
#ifndef HELOVET_CORE_CLI_SESSION_OPTIONS_H_
#define HELOVET_CORE_CLI_SESSION_OPTIONS_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "helovet/config.h"
#include "helovet/verdict.h"
#include "tl/expected.hpp"

namespace helovet::cli {

// As they were given; Judge() tells what is wrong with them.
struct SessionOptions {
  std::string ip;
  std::string helo;  // Empty: the client gave no name.
  std::optional<std::string> mail_from;
  std::optional<std::string> rcpt;
  std::optional<std::string> config_file;  // None: the default one, if it exists.
  std::vector<std::string> zone_files;
  std::optional<std::string> dns;
  bool json = false;

  // Defines the options on `command`. This must outlive its parsing.
  void AddTo(CLI::App& command);
};

struct Judged {
  std::shared_ptr<const Config> config;
  Verdict verdict;
};

// Validates the session with the configuration and the sources of DNS answers that the options
// name. Unexpected: what is wrong with the options or the files, in
// printable ASCII.
[[nodiscard]] tl::expected<Judged, std::string> Judge(const SessionOptions& options);

}  // namespace helovet::cli

#endif  // HELOVET_CORE_CLI_SESSION_OPTIONS_H_
