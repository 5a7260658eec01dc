#include "base/list_lines.h"

#include <algorithm>
#include <utility>

namespace helovet {
namespace {

constexpr std::size_t kMaxQuotedOctets = 40;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

std::string_view WithoutListComment(std::string_view line) {
  for (std::size_t hash = line.find('#'); hash != std::string_view::npos;
       hash = line.find('#', hash + 1)) {
    if (hash != 0 && !IsListBlank(line[hash - 1])) continue;
    line = line.substr(0, hash);
    break;
  }
  while (!line.empty() && IsListBlank(line.back())) line.remove_suffix(1);
  return line;
}

std::string QuotedInList(std::string_view text) {
  if (text.size() <= kMaxQuotedOctets) return '"' + std::string(text) + '"';
  return '"' + std::string(text.substr(0, kMaxQuotedOctets)) + "...\"";
}

void ListLines::TakePiece(std::string_view piece, Take take) {
  for (;;) {
    const std::size_t end = piece.find('\n');
    if (end == std::string_view::npos) break;
    if (part_.empty()) {
      TakeLine(piece.substr(0, end), take);
    } else {
      KeepPart(piece.substr(0, end));
      TakeLine(std::exchange(part_, {}), take);
    }
    piece.remove_prefix(end + 1);
  }
  KeepPart(piece);
}

void ListLines::Finish(Take take) {
  if (!part_.empty()) TakeLine(std::exchange(part_, {}), take);
}

// No more than tells that the line is too long, a CR at its end notwithstanding.
void ListLines::KeepPart(std::string_view part) {
  const std::size_t most = most_octets_ + 2;
  part_ += part.substr(0, most - std::min(part_.size(), most));
}

void ListLines::TakeLine(std::string_view text, Take take) {
  ListLine line;
  line.number = ++line_;
  const bool begins_with_mark = line_ == 1 && text.starts_with(kByteOrderMark);
  if (text.ends_with('\r')) text.remove_suffix(1);
  line.text = text;
  const std::size_t nul = text.find('\0');
  if (begins_with_mark) {
    line.fault = "a byte order mark: the file must not begin with one";
  } else if (text.size() > most_octets_) {
    line.fault =
        QuotedInList(text) + " is a line of more than " + std::to_string(most_octets_) + " octets";
    line.fault_at = most_octets_;
  } else if (nul != std::string_view::npos) {
    line.fault = "a NUL: this is no text";
    line.fault_at = nul;
  }
  take(line);
}

}  // namespace helovet
