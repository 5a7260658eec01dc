// What was probably meant by a word that nobody knows.
#ifndef HELOVET_SPELLING_H_
#define HELOVET_SPELLING_H_

#include <span>
#include <string>
#include <string_view>

namespace helovet {

// The word of `known` that was probably meant by `word`: the same in another case, or the one that
// the fewest edits lead to. Empty where none is near.
[[nodiscard]] std::string_view FindNearMiss(std::string_view word,
                                            std::span<const std::string_view> known);

// "; did you mean csa?", or nothing where there is no such word.
[[nodiscard]] std::string DidYouMean(std::string_view word);

}  // namespace helovet

#endif  // HELOVET_SPELLING_H_
