// What was meant by a key that no setting has.
#ifndef HELOVET_CORE_CONFIG_SUGGESTION_H_
#define HELOVET_CORE_CONFIG_SUGGESTION_H_

#include <string_view>

namespace helovet {

// What stands before the last dot; empty without one.
[[nodiscard]] std::string_view TableOf(std::string_view key);

// The setting or table that was meant by `key`: a near miss in its own table, the one there of
// whose name it is a part, the same word in another table, or a near miss of any. Empty where none
// is near.
[[nodiscard]] std::string_view SuggestionFor(std::string_view key);

}  // namespace helovet

#endif  // HELOVET_CORE_CONFIG_SUGGESTION_H_
