// How near words are to each other; helovet/spelling.h has what others need of it.
#ifndef HELOVET_CORE_CONFIG_SPELLING_H_
#define HELOVET_CORE_CONFIG_SPELLING_H_

#include <cstddef>
#include <string_view>

#include "helovet/spelling.h"  // IWYU pragma: export

namespace helovet {

// `a` becomes `b` by at most `edits` insertions, deletions, replacements and swaps of neighbours.
[[nodiscard]] bool IsNearMiss(std::string_view a, std::string_view b, std::size_t edits);

}  // namespace helovet

#endif  // HELOVET_CORE_CONFIG_SPELLING_H_
