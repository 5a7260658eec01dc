// key=value pairs in the form of Exim's ${extract{key}{...}}.
#ifndef HELOVET_CORE_RENDER_PAIRS_H_
#define HELOVET_CORE_RENDER_PAIRS_H_

#include <string>
#include <string_view>

#include "helovet/result.h"

namespace helovet {

[[nodiscard]] constexpr std::string_view YesOrNo(bool yes) { return yes ? "yes" : "no"; }

// The keys of a check, the first two with their "="; all others begin with `name`, too.
struct CheckKeys {
  std::string_view result;
  std::string_view reason;
  std::string_view name;
};
// Exim takes keys of letters, digits and underscores as they are.
[[nodiscard]] const CheckKeys& KeysOf(CheckId check);

// Adds ` key`, which ends in "=", to `out`, without the space at its beginning. Its value is to
// follow: a token, which is of letters, digits and - alone, or what escape.h has for Exim.
inline std::string& AppendKey(std::string& out, std::string_view key) {
  if (!out.empty()) out += ' ';
  return out += key;
}

}  // namespace helovet

#endif  // HELOVET_CORE_RENDER_PAIRS_H_
