// Configuration files (docs/settings.md).
#include <string>
#include <string_view>

#include "config/settings.h"
#include "config/toml_precheck.h"
#include "fuzz.h"
#include "helovet/config.h"

namespace helovet::fuzz {
namespace {

constexpr const char* kFile = "helovet.toml";

void HoldError(const FileError& error, std::string_view input) {
  const std::string text = error.ToString();
  Hold(IsPrintable(text), "a complaint is one printable line");
  Hold(text.starts_with(kFile) && !error.message.empty(), "a complaint says where and what");
  const auto lines = std::ranges::count(input, '\n') + 1;
  Hold(error.line >= 0 && error.line <= lines, "a complaint's line is one of the file");
  Hold(error.column >= 0 && error.column <= static_cast<int>(input.size()) + 1,
       "a complaint's column is one of the file");
}

// Settings with dots in their names, those without a table first, as the manual has them.
std::string TextOf(const Config& config) {
  const Config defaults;
  std::string text;
  for (const Setting& setting : Settings()) {
    const std::string value = setting.show(config);
    Hold(IsPrintable(value), "a value is shown in one printable line");
    // A default that gives way to the deadline is no reason to write what has no effect.
    const bool idle = setting.need.is_met != nullptr && !setting.need.is_met(config);
    if (value.empty() || idle || value == setting.show(defaults)) continue;
    text += std::string(setting.key) + " = " + value + '\n';
  }
  return text;
}

}  // namespace

void Try(std::string_view input) {
  const FileErrorOr<Config> config = ParseConfig(input, kFile);
  if (!config) {
    HoldError(config.error(), input);
    return;
  }
  Hold(!PrecheckToml(input), "what the parser cannot bear is no configuration");
  const std::string shown = TextOf(*config);
  const FileErrorOr<Config> again = ParseConfig(shown, kFile);
  if (!again) std::fprintf(stderr, "%s\n%s", again.error().ToString().c_str(), shown.c_str());
  Hold(again.has_value(), "what is shown can be read");
  Hold(*again == *config, "what is shown says the same");
  Hold(TextOf(*again) == shown, "what is shown is shown again");
}

}  // namespace helovet::fuzz
