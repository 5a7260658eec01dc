// helovet config: what is wrong with the settings, and what they come to on this host.
#include <memory>
#include <optional>
#include <string>

#include "command.h"
#include "config_option.h"
#include "helovet/effective_settings.h"
#include "helovet/settings_check.h"
#include "output.h"

namespace helovet::cli {
namespace {

struct ConfigCommandOptions {
  ConfigOption config;
  std::string server_name;  // What the mail server calls itself; empty: the host's name.
  bool changed = false;
  bool json = false;

  void AddCommonTo(CLI::App& command) {
    command.add_option("--server-name", server_name, "What the mail server calls itself")
        ->type_name("NAME");
    command.add_flag("--json", json, "Write one JSON object");
  }
  void AddToCheck(CLI::App& command) {
    command
        .add_option("file", config.file,
                    "The settings; " + std::string(kDefaultConfigPath) + " unless it is given")
        ->type_name("FILE");
    AddCommonTo(command);
  }
  void AddToShow(CLI::App& command) {
    config.AddTo(command);
    command.add_flag("--changed", changed, "Only what the file sets");
    AddCommonTo(command);
  }
};

int RunCheck(const ConfigCommandOptions& options) {
  const SettingsCheck check = CheckSettings(options.config.file, options.server_name);
  const int printed =
      Print(options.json ? RenderSettingsCheckJson(check) : RenderSettingsCheck(check));
  return printed == kExitDone && !check.mistakes.empty() ? kExitUsage : printed;
}

int RunShow(const ConfigCommandOptions& options) {
  const auto effective = LoadEffectiveSettings(options.config.file, options.server_name);
  if (!effective) return Refuse(effective.error().ToString());
  const SettingChoice choice = options.changed ? SettingChoice::kOfFile : SettingChoice::kAll;
  return Print(options.json ? RenderEffectiveSettingsJson(*effective, choice)
                            : RenderEffectiveSettings(*effective, choice));
}

}  // namespace

Command MakeConfigCommand(CLI::App& program) {
  CLI::App* const app =
      program.add_subcommand("config", "Check the settings, or show those in force");
  app->require_subcommand(1);
  const auto options = std::make_shared<ConfigCommandOptions>();
  CLI::App* const check =
      app->add_subcommand("check", "Find every mistake in the settings and what they name");
  CLI::App* const show =
      app->add_subcommand("show", "Show all settings in force, and where each comes from");
  options->AddToCheck(*check);
  options->AddToShow(*show);
  return {app,
          [options, check] { return check->parsed() ? RunCheck(*options) : RunShow(*options); }};
}

}  // namespace helovet::cli
