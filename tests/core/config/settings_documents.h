// The table of settings as documents.
#ifndef HELOVET_TESTS_CORE_CONFIG_SETTINGS_DOCUMENTS_H_
#define HELOVET_TESTS_CORE_CONFIG_SETTINGS_DOCUMENTS_H_

#include <string>

namespace helovet {

// docs/settings.md, the whole file.
[[nodiscard]] std::string SettingsMarkdown();
// The list of settings in docs/man/helovet.toml.5, between its two marks.
[[nodiscard]] std::string SettingsMdoc();
// core/config/helovet.toml, the whole file: every setting, commented out, with its default.
[[nodiscard]] std::string SettingsToml();

}  // namespace helovet

#endif  // HELOVET_TESTS_CORE_CONFIG_SETTINGS_DOCUMENTS_H_
