#include "config_option.h"

#include <utility>

namespace helovet::cli {

void ConfigOption::AddTo(CLI::App& command) {
  command.add_option("--config", file, "Settings instead of " + std::string(kDefaultConfigPath))
      ->type_name("FILE");
}

tl::expected<Config, std::string> ConfigOption::Load() const {
  FileErrorOr<Config> config = file ? LoadConfig(*file) : LoadDefaultConfig();
  if (!config) return tl::make_unexpected(config.error().ToString());
  return *std::move(config);
}

}  // namespace helovet::cli
