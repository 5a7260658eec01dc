// Near misses of words.
#ifndef HELOVET_CORE_CONFIG_SPELLING_H_
#define HELOVET_CORE_CONFIG_SPELLING_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace helovet {

// `a` becomes `b` by at most `edits` insertions, deletions, replacements and swaps of neighbours.
[[nodiscard]] bool IsNearMiss(std::string_view a, std::string_view b, std::size_t edits);

// The word of `known` that was probably meant by `word`: the one that the fewest edits lead to.
// Empty where none is near.
[[nodiscard]] std::string_view FindNearMiss(std::string_view word,
                                            std::span<const std::string_view> known);

// "; did you mean csa?", or nothing where there is no such word.
[[nodiscard]] std::string DidYouMean(std::string_view word);

}  // namespace helovet

#endif  // HELOVET_CORE_CONFIG_SPELLING_H_
