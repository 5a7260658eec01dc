// The options that describe a session, the same for every subcommand that judges one.
#ifndef HELOVET_CORE_CLI_SESSION_OPTIONS_H_
#define HELOVET_CORE_CLI_SESSION_OPTIONS_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "CLI/CLI.hpp"
#include "dns_options.h"
#include "helovet/config.h"
#include "helovet/verdict.h"

namespace helovet::cli {

// As they were given; JudgeAndPrint() tells what is wrong with them.
struct SessionOptions {
  std::string ip;
  std::string helo;  // Empty: the client gave no name.
  std::optional<std::string> mail_from;
  std::optional<std::string> rcpt;
  bool smtputf8 = false;
  bool authenticated = false;
  std::string server_name;  // What the mail server calls itself; empty: the host's name.
  DnsOptions dns;
  bool json = false;

  // Defines the options on `command`. This must outlive its parsing.
  void AddTo(CLI::App& command);
};

using RenderVerdict = std::function<std::string(const Verdict&, const Config&)>;

// Validates the session with the configuration and the sources of DNS answers that the options
// name, and prints what `render` makes of the verdict. With a recipient and cbv configured that
// takes a callback. The exit code. Files of the local lists that cannot be used, and a store that a
// callback needs, are refused like a wrong configuration: with them the verdict would be another.
[[nodiscard]] int JudgeAndPrint(const SessionOptions& options, const RenderVerdict& render);

}  // namespace helovet::cli

#endif  // HELOVET_CORE_CLI_SESSION_OPTIONS_H_
