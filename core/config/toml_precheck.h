// A look at a TOML text before the parser sees it.
#ifndef HELOVET_CORE_CONFIG_TOML_PRECHECK_H_
#define HELOVET_CORE_CONFIG_TOML_PRECHECK_H_

#include <optional>
#include <string>
#include <string_view>

#include "config/toml.h"

namespace helovet {

struct TomlMistake {
  TextPosition position;
  std::string message;
};

// Finds what the parser cannot bear or cannot place: octets that are not UTF-8 (RFC 3629), for
// which its columns are wrong; outside of texts and comments, characters beyond ASCII, for which it
// runs into undefined behaviour, and keys of more than kMaxKeyParts parts, whose recursion ends the
// process. TOML allows none of it but the last, which has no use here.
[[nodiscard]] std::optional<TomlMistake> PrecheckToml(std::string_view text);

}  // namespace helovet

#endif  // HELOVET_CORE_CONFIG_TOML_PRECHECK_H_
