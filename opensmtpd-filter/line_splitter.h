// Lines out of a stream of octets.
#ifndef HELOVET_OPENSMTPD_FILTER_LINE_SPLITTER_H_
#define HELOVET_OPENSMTPD_FILTER_LINE_SPLITTER_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"

namespace helovet {

// smtpd takes no longer line from a client or a filter than its buffer of 65,536 octets (IOBUF_MAX
// in its iobuf.c) and puts less than a hundred before it; so this cuts nothing that smtpd sends.
inline constexpr std::size_t kMaxInputLineOctets = std::size_t{2} * 65536;

// Keeps the beginning of a line until its end has come, bounded: of a line longer than
// kMaxInputLineOctets the rest is dropped.
class LineSplitter {
 public:
  // Calls `on_line` for each line that `octets` complete, without its line feed.
  void Feed(std::string_view octets, absl::FunctionRef<void(std::string_view)> on_line);

  // Octets of the unfinished line kept at present.
  [[nodiscard]] std::size_t kept() const { return partial_.size(); }

 private:
  void Keep(std::string_view octets);

  std::string partial_;
};

}  // namespace helovet

#endif  // HELOVET_OPENSMTPD_FILTER_LINE_SPLITTER_H_
