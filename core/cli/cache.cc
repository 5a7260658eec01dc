// helovet cache: what the store remembers, to look at and to forget (docs/rules.md §12.6, §13).
#include <memory>
#include <string>
#include <vector>

#include "command.h"
#include "config_option.h"
#include "helovet/config.h"
#include "helovet/render.h"
#include "helovet/store_access.h"
#include "output.h"
#include "tl/expected.hpp"

namespace helovet::cli {
namespace {

using Text = tl::expected<std::string, std::string>;

struct CacheOptions {
  std::string key;
  std::string prefix;  // Empty: all.
  bool all = false;
  bool json = false;
  ConfigOption config;

  void AddCommonTo(CLI::App& command) {
    config.AddTo(command);
    command.add_flag("--json", json, "Write one line of JSON");
  }
  CLI::Option* AddPrefixTo(CLI::App& command) {
    return command.add_option("--prefix", prefix, "Only facts whose keys begin so")
        ->type_name("PREFIX");
  }
};

std::string Rendered(const std::vector<RememberedFact>& facts, const CacheOptions& options) {
  return options.json ? RenderRememberedJson(facts) : RenderRemembered(facts);
}

Text List(const Config& config, const CacheOptions& options) {
  const auto facts = ListRemembered(config, options.prefix);
  if (!facts) return tl::make_unexpected(facts.error());
  return Rendered(*facts, options);
}

Text Show(const Config& config, const CacheOptions& options) {
  const auto fact = FindRemembered(config, options.key);
  if (!fact) return tl::make_unexpected(fact.error());
  if (*fact) return Rendered({**fact}, options);
  return options.json ? Rendered({}, options) : EscapeForLog(options.key) + ": not remembered\n";
}

Text Flush(const Config& config, const CacheOptions& options) {
  if (options.all != options.prefix.empty()) {
    return tl::make_unexpected(std::string("flush: needs --all, or a --prefix that is not empty"));
  }
  const auto forgotten = ForgetRemembered(config, options.prefix);
  if (!forgotten) return tl::make_unexpected(forgotten.error());
  const std::string count = std::to_string(*forgotten);
  return options.json ? "{\"forgotten\":" + count + "}\n" : count + " forgotten\n";
}

int Run(const CacheOptions& options, Text (*command)(const Config&, const CacheOptions&)) {
  const tl::expected<Config, std::string> config = options.config.Load();
  if (!config) return Refuse(config.error());
  const Text text = command(*config, options);
  return text ? Print(*text) : Refuse(text.error());
}

}  // namespace

Command MakeCacheCommand(CLI::App& program) {
  CLI::App* const app =
      program.add_subcommand("cache", "Show or forget what the store remembers of callbacks");
  app->require_subcommand(1);
  const auto options = std::make_shared<CacheOptions>();
  CLI::App* const list = app->add_subcommand("list", "List what is remembered");
  CLI::App* const show = app->add_subcommand("show", "Show what is remembered of one key");
  CLI::App* const flush = app->add_subcommand("flush", "Forget");
  for (CLI::App* const command : {list, show, flush}) options->AddCommonTo(*command);
  options->AddPrefixTo(*list);
  CLI::Option* const prefix = options->AddPrefixTo(*flush);
  flush->add_flag("--all", options->all, "All facts")->excludes(prefix);
  show->add_option("key", options->key, "The key")->required()->type_name("KEY");
  return {app, [options, list, show] {
            return Run(*options, list->parsed() ? &List : show->parsed() ? &Show : &Flush);
          }};
}

}  // namespace helovet::cli
