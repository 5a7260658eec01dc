// A file of settings as it was read: what it sets and where, and every mistake.
#ifndef HELOVET_CORE_CONFIG_READING_H_
#define HELOVET_CORE_CONFIG_READING_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/toml.h"
#include "helovet/config.h"
#include "helovet/file_error.h"

namespace helovet {

// Where a file sets a setting.
struct SettingPlace {
  std::string_view key;   // As in the table of settings.
  TextPosition position;  // Of its key.
  TextPosition value;
};

struct ConfigReading {
  std::string file;                       // As it was named.
  Config config = {};                     // Only without mistakes to be used.
  std::vector<SettingPlace> places = {};  // In no particular order.
  // In the order of the text. Whether settings agree is asked when each is right; after a mistake
  // of syntax nothing else is known. Of one setting there is one mistake at most.
  std::vector<FileError> mistakes = {};

  // Null where the file does not set it.
  [[nodiscard]] const SettingPlace* Find(std::string_view key) const;
};

// Thread-safe, both.
[[nodiscard]] ConfigReading ReadConfig(std::string_view toml, const std::string& file);
// Of `path`; empty: of kDefaultConfigPath, where a missing file sets nothing and `file` is empty.
[[nodiscard]] ConfigReading ReadConfigFile(const std::optional<std::string>& path);

}  // namespace helovet

#endif  // HELOVET_CORE_CONFIG_READING_H_
