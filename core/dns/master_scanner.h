// Entries of an RFC 1035 master file, cut into tokens (§5.1).
#ifndef HELOVET_CORE_DNS_MASTER_SCANNER_H_
#define HELOVET_CORE_DNS_MASTER_SCANNER_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "helovet/file_error.h"

namespace helovet {

// Points into the scanned text.
struct MasterToken {
  std::string_view text;  // As written, escapes included, without quotation marks around it.
  bool quoted = false;
  int line = 0;
  int column = 0;
};

// A record or a directive: one line, or several held together by parentheses.
struct MasterEntry {
  bool starts_blank = false;  // White space comes first: the owner is left out.
  std::vector<MasterToken> tokens;
};

// ldns has a scanner too, but it passes over a quotation mark or parenthesis that is never closed,
// and miscounts lines (master_file_test.cc has the cases). Errors here: parentheses that do not
// match or are nested (NSD refuses those too), a quoted string that does not end on its line, a
// backslash at the end of a line, a quotation mark inside a word, and a NUL octet outside comments.
class MasterScanner {
 public:
  // `file` names the text in errors. `text` must outlive this and the tokens.
  MasterScanner(std::string file, std::string_view text) : file_(std::move(file)), text_(text) {}

  // Reads the next entry that has a token. False: there is none.
  [[nodiscard]] FileErrorOr<bool> Next(MasterEntry& entry);

  // `message` about `token`.
  [[nodiscard]] tl::unexpected<FileError> Error(const MasterToken& token,
                                                std::string message) const;

 private:
  [[nodiscard]] bool AtEnd() const { return at_ == text_.size(); }
  [[nodiscard]] tl::unexpected<FileError> ErrorHere(std::string message) const;
  void EndLine();
  void SkipComment();
  FileErrorOr<void> TakeParenthesis();
  FileErrorOr<void> TakeQuoted(MasterEntry& entry);
  FileErrorOr<void> TakeWord(MasterEntry& entry);
  FileErrorOr<void> SkipOctet();
  FileErrorOr<void> SkipToQuote();
  [[nodiscard]] MasterToken TokenFrom(std::size_t begin, bool quoted) const;

  std::string file_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_begin_ = 0;
  int line_ = 1;
  bool in_parentheses_ = false;
  MasterToken parenthesis_;  // The last one that was opened.
};

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_MASTER_SCANNER_H_
