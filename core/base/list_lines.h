// Lines of a list that an administrator wrote: entries, one a line, with comments.
#ifndef HELOVET_CORE_BASE_LIST_LINES_H_
#define HELOVET_CORE_BASE_LIST_LINES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"

namespace helovet {

// What separates the words of a line.
[[nodiscard]] constexpr bool IsListBlank(char octet) { return octet == ' ' || octet == '\t'; }

// `line` up to its comment, which is at its beginning or after a blank, and without the blanks
// before that.
[[nodiscard]] std::string_view WithoutListComment(std::string_view line);

// `text` in quotes, shortened if it is long; any octets it has.
[[nodiscard]] std::string QuotedInList(std::string_view text);

struct ListLine {
  std::uint32_t number = 0;  // From 1.
  std::string_view text;     // Without its end, comment included; as long as the call.
  std::string fault;         // Why it can be no line of any list. Empty: it can.
  std::size_t fault_at = 0;  // Where in the text, from 0.
};

// Makes lines of a file's octets, cut anywhere. Not thread-safe.
class ListLines {
 public:
  using Take = absl::FunctionRef<void(const ListLine&)>;

  // A line of more than `most_octets` is a fault, and no more of it is kept.
  explicit ListLines(std::size_t most_octets) : most_octets_(most_octets) {}

  // Calls `take` for each line that ends in `piece`.
  void TakePiece(std::string_view piece, Take take);
  // The end of the file, and of its last line.
  void Finish(Take take);

 private:
  void KeepPart(std::string_view part);
  void TakeLine(std::string_view line, Take take);

  std::size_t most_octets_;
  std::uint32_t line_ = 0;
  std::string part_;  // Of a line that began in a former piece.
};

}  // namespace helovet

#endif  // HELOVET_CORE_BASE_LIST_LINES_H_
