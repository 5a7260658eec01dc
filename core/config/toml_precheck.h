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

// Finds what the parser (toml++ 3.3) cannot bear or cannot place:
// - octets that are not UTF-8 (RFC 3629): its columns are wrong;
// - characters beyond ASCII outside of texts and comments: undefined behaviour;
// - texts in triple quotes: the same, for some characters after a backslash;
// - a quote inside a word: it reads on, and would not agree with us on what is text;
// - keys of more than kMaxKeyParts parts: its recursion overflows the stack.
// What TOML allows among these has no use in our settings.
[[nodiscard]] std::optional<TomlMistake> PrecheckToml(std::string_view text);

}  // namespace helovet

#endif  // HELOVET_CORE_CONFIG_TOML_PRECHECK_H_
