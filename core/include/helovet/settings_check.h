// All that is wrong with a file of settings, and with what it names: for `helovet config check`.
#ifndef HELOVET_SETTINGS_CHECK_H_
#define HELOVET_SETTINGS_CHECK_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "helovet/config.h"
#include "helovet/file_error.h"

namespace helovet {

struct SettingsCheck {
  std::string file;          // As it was named, or kDefaultConfigPath.
  std::size_t settings = 0;  // That the file sets.
  // Empty: hosts start with it and have nothing to complain about. In the order of the text, then
  // those of what the file names: files of local lists, of a password and of certificates, the
  // directories of the store and of metrics.
  std::vector<FileError> mistakes = {};
  std::vector<std::string> remarks = {};  // Worth knowing and no mistake; printable.
};

// Reads `path` and what it names, all as this process's user may read it; asks nobody over a
// network, and writes nothing. `path` empty: kDefaultConfigPath, which may be missing. A mistake of
// syntax hides what stands after it, and what a file names is looked at once the file is right.
// `server_name` as in WithHostDefaults. Thread-safe.
[[nodiscard]] SettingsCheck CheckSettings(const std::optional<std::string>& path,
                                          std::string_view server_name = {});

// A line for each mistake, or "FILE: fine, N settings"; then a line for each remark, after "note:".
[[nodiscard]] std::string RenderSettingsCheck(const SettingsCheck& check);
// An object with "file", "fine", "settings", "mistakes", an array of objects with "file", "line"
// and "column" (null: the whole) and "message", and "notes", an array; ended by "\n".
[[nodiscard]] std::string RenderSettingsCheckJson(const SettingsCheck& check);

}  // namespace helovet

#endif  // HELOVET_SETTINGS_CHECK_H_
