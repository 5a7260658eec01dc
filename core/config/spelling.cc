#include "config/spelling.h"

#include "base/ascii.h"

namespace helovet {
namespace {

constexpr std::size_t kMaxEdits = 2;

}  // namespace

bool IsNearMiss(std::string_view a, std::string_view b, std::size_t edits) {
  // Few edits are tried one by one at the first difference: no table is needed.
  while (!a.empty() && !b.empty() && a.front() == b.front()) {
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  if (a.empty() || b.empty()) return a.size() + b.size() <= edits;
  if (edits == 0) return false;
  const bool swapped = a.size() > 1 && b.size() > 1 && a[0] == b[1] && a[1] == b[0];
  return (swapped && IsNearMiss(a.substr(2), b.substr(2), edits - 1)) ||
         IsNearMiss(a.substr(1), b.substr(1), edits - 1) || IsNearMiss(a.substr(1), b, edits - 1) ||
         IsNearMiss(a, b.substr(1), edits - 1);
}

std::string_view FindNearMiss(std::string_view word, std::span<const std::string_view> known) {
  for (const std::string_view each : known) {
    if (!each.empty() && EqualsIgnoringCase(word, each)) return each;
  }
  // A short word is near to too many others.
  for (std::size_t edits = 1; edits <= kMaxEdits && 2 * edits < word.size(); ++edits) {
    for (const std::string_view each : known) {
      if (!each.empty() && IsNearMiss(word, each, edits)) return each;
    }
  }
  return {};
}

std::string DidYouMean(std::string_view word) {
  return word.empty() ? "" : "; did you mean " + std::string(word) + "?";
}

}  // namespace helovet
