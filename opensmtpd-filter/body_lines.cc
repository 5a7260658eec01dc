#include "body_lines.h"

namespace helovet {

void BodyLines::Follow(const FilterRequest& request) {
  if (!ids_.empty() && request.id == id_ && request.version == version_) return;
  id_ = request.id;
  version_ = request.version;
  begin_ = "filter|0." + std::to_string(version_) + "|";
  ids_ = "|smtp-in|data-line|" + FormatId(id_.session) + "|" + FormatId(id_.token) + "|";
}

std::optional<std::string_view> BodyLines::TextOf(std::string_view line) const {
  if (ids_.empty() || !line.starts_with(begin_)) return std::nullopt;
  const std::size_t bar = line.find('|', begin_.size());  // The timestamp's end.
  if (bar == std::string_view::npos) return std::nullopt;
  line.remove_prefix(bar);
  if (!line.starts_with(ids_)) return std::nullopt;
  return line.substr(ids_.size());
}

}  // namespace helovet
