#include "base/host_name.h"

#include <algorithm>

#include "base/ascii.h"

namespace helovet {

bool IsLdhLabel(std::string_view label) {
  if (label.empty() || label.size() > kMaxLabelOctets) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  return std::all_of(label.begin(), label.end(),
                     [](char c) { return IsAsciiLetter(c) || IsAsciiDigit(c) || c == '-'; });
}

bool IsUnderscoreLabel(std::string_view label) {
  return label.starts_with('_') && label.size() <= kMaxLabelOctets && IsLdhLabel(label.substr(1));
}

std::optional<std::size_t> FindBadLabel(std::string_view name) {
  for (std::size_t begin = 0;;) {
    const std::size_t dot = name.find('.', begin);
    const std::string_view label = name.substr(begin, dot - begin);
    if (!IsLdhLabel(label) && !IsUnderscoreLabel(label)) return begin;
    if (dot == std::string_view::npos) return std::nullopt;
    begin = dot + 1;
  }
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), ToAsciiLower);
  return lower;
}

}  // namespace helovet
