// helovet callback: would the sender's mail server take mail for this address (docs/rules.md §12)?
#include "helovet/callback.h"

#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "command.h"
#include "dns_options.h"
#include "helovet/engine.h"
#include "helovet/ip_address.h"
#include "helovet/loop.h"
#include "mail_path.h"
#include "output.h"
#include "tl/expected.hpp"

namespace helovet::cli {
namespace {

// "Refused" must mean that the sender's domain says so, and nothing else.
constexpr int kExitAccepted = 0;
constexpr int kExitRefused = 1;
constexpr int kExitUndetermined = 2;

struct CallbackOptions {
  std::string address;
  DnsOptions dns;
  std::optional<std::string> port;
  std::vector<std::string> allow_networks;
  bool noop = false;
  bool catch_all = false;
  bool json = false;

  void AddTo(CLI::App& command) {
    command.add_option("address", address, "The sender's address")
        ->required()
        ->type_name("ADDRESS");
    dns.AddTo(command);
    command.add_option("--port", port, "Call this port instead of cbv.port")->type_name("PORT");
    command
        .add_option("--allow", allow_networks,
                    "Call addresses of this network even if they are private or our own (may be "
                    "repeated)")
        ->type_name("NETWORK")
        ->allow_extra_args(false);
    command.add_flag("--noop", noop, "Send NOOP after the greeting");
    command.add_flag("--catch-all", catch_all, "Ask for a random local part, too");
    command.add_flag("--json", json, "Write one JSON object");
  }
};

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  const char* const end = text.data() + text.size();
  std::uint16_t port = 0;
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || stop != end || port == 0) return std::nullopt;
  return port;
}

tl::expected<std::shared_ptr<const Config>, std::string> ConfigFor(const CallbackOptions& options) {
  const auto settings = ConfigOf(options.dns);
  if (!settings) return tl::make_unexpected(settings.error());
  auto config = std::make_shared<Config>(**settings);
  for (const std::string& text : options.allow_networks) {
    const std::optional<IpNetwork> network = IpNetwork::Parse(text);
    if (!network) {
      return NotA("--allow", text, "an address or a network without bits beyond its prefix");
    }
    config->cbv.allow_networks.push_back(*network);
  }
  if (options.port) {
    const std::optional<std::uint16_t> port = ParsePort(*options.port);
    if (!port) return NotA("--port", *options.port, "a port from 1 to 65535");
    config->cbv.port = *port;
  }
  config->cbv.noop = config->cbv.noop || options.noop;
  config->cbv.catch_all = config->cbv.catch_all || options.catch_all;
  return config;
}

tl::expected<CallbackReport, std::string> Ask(const CallbackOptions& options) {
  std::optional<std::string> path = ParsePath(options.address);
  if (!path || path->empty()) return NotA("ADDRESS", options.address, "a mail address");
  const auto config = ConfigFor(options);
  if (!config) return tl::make_unexpected(config.error());
  Loop loop;
  const auto engine = EngineOf(options.dns, loop, *config);
  if (!engine) return tl::make_unexpected(engine.error());
  return (*engine)->CallBackAndWait(*std::move(path));
}

int Run(const CallbackOptions& options) {
  const tl::expected<CallbackReport, std::string> report = Ask(options);
  if (!report) return Refuse(report.error());
  const std::string text = options.json ? RenderCallbackJson(*report) : RenderCallback(*report);
  if (Print(text) != kExitDone) return kExitUndetermined;
  if (report->check.result == Result::kPass) return kExitAccepted;
  return report->check.result == Result::kFail ? kExitRefused : kExitUndetermined;
}

}  // namespace

Command MakeCallbackCommand(CLI::App& program) {
  CLI::App* const app =
      program.add_subcommand("callback", "Ask a sender's mail server whether it knows the sender");
  const auto options = std::make_shared<CallbackOptions>();
  options->AddTo(*app);
  return {app, [options] { return Run(*options); }};
}

}  // namespace helovet::cli
