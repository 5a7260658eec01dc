#include "line_splitter.h"

namespace helovet {

void LineSplitter::Keep(std::string_view octets) {
  partial_ += octets.substr(0, kMaxInputLineOctets - partial_.size());
}

void LineSplitter::Feed(std::string_view octets,
                        absl::FunctionRef<void(std::string_view)> on_line) {
  for (std::size_t end = octets.find('\n'); end != std::string_view::npos;
       end = octets.find('\n')) {
    const std::string_view line = octets.substr(0, end);
    octets.remove_prefix(end + 1);
    if (partial_.empty()) {
      on_line(line.substr(0, kMaxInputLineOctets));
      continue;
    }
    Keep(line);
    on_line(partial_);
    partial_.clear();
  }
  Keep(octets);
}

}  // namespace helovet
