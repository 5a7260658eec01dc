// Settings that are right each by itself and wrong together.
#ifndef HELOVET_CORE_CONFIG_CONTRADICTIONS_H_
#define HELOVET_CORE_CONFIG_CONTRADICTIONS_H_

#include <span>
#include <vector>

#include "config/settings.h"
#include "config/values.h"
#include "helovet/config.h"

namespace helovet {

// A setting as the file has it.
struct WrittenSetting {
  const Setting* setting;
  const TomlEntry* entry;
};

// What `config`, made from `written`, has against itself, in no particular order; each message
// begins with a setting's key. Only what is written can be wrong, no default.
[[nodiscard]] std::vector<ValueError> FindContradictions(const Config& config,
                                                         std::span<const WrittenSetting> written);

}  // namespace helovet

#endif  // HELOVET_CORE_CONFIG_CONTRADICTIONS_H_
