// key=value pairs in the form of Exim's ${extract{key}{...}}.
#ifndef HELOVET_CORE_RENDER_PAIRS_H_
#define HELOVET_CORE_RENDER_PAIRS_H_

#include <string>
#include <string_view>

#include "helovet/result.h"

namespace helovet {

// The key of a check. Exim takes one of letters, digits and underscores as it is.
[[nodiscard]] std::string KeyOf(CheckId check);

[[nodiscard]] constexpr std::string_view YesOrNo(bool yes) { return yes ? "yes" : "no"; }

// Adds ` key=value` to `out`, without the space at its beginning, the value in the form of
// ExtractValue. `value` is printable ASCII, beside "\n".
void AppendPair(std::string& out, std::string_view key, std::string_view value);

}  // namespace helovet

#endif  // HELOVET_CORE_RENDER_PAIRS_H_
