#include "dns/master_scanner.h"

namespace helovet {
namespace {

// A carriage return is white space, so that files with CRLF read the same.
constexpr bool IsBlank(char octet) { return octet == ' ' || octet == '\t' || octet == '\r'; }

constexpr bool EndsWord(char octet) {
  return IsBlank(octet) || octet == '\n' || octet == ';' || octet == '(' || octet == ')';
}

}  // namespace

tl::unexpected<FileError> MasterScanner::Error(const MasterToken& token,
                                               std::string message) const {
  return tl::unexpected<FileError>({file_, token.line, token.column, std::move(message)});
}

tl::unexpected<FileError> MasterScanner::ErrorHere(std::string message) const {
  return Error(TokenFrom(at_, false), std::move(message));
}

MasterToken MasterScanner::TokenFrom(std::size_t begin, bool quoted) const {
  return {.text = text_.substr(begin, at_ - begin),
          .quoted = quoted,
          .line = line_,
          .column = static_cast<int>(begin - line_begin_) + 1};
}

FileErrorOr<bool> MasterScanner::Next(MasterEntry& entry) {
  entry.tokens.clear();
  while (!AtEnd()) {
    const char octet = text_[at_];
    if (at_ == line_begin_ && entry.tokens.empty() && !in_parentheses_) {
      entry.starts_blank = IsBlank(octet);
    }
    FileErrorOr<void> taken;
    if (octet == '\n') {
      EndLine();
      if (!entry.tokens.empty() && !in_parentheses_) return true;
    } else if (IsBlank(octet)) {
      ++at_;
    } else if (octet == ';') {
      SkipComment();
    } else if (octet == '(' || octet == ')') {
      taken = TakeParenthesis();
    } else if (octet == '"') {
      taken = TakeQuoted(entry);
    } else {
      taken = TakeWord(entry);
    }
    if (!taken) return tl::unexpected(std::move(taken.error()));
  }
  if (in_parentheses_) return Error(parenthesis_, "a parenthesis that is never closed");
  return !entry.tokens.empty();
}

void MasterScanner::EndLine() {
  line_begin_ = ++at_;
  ++line_;
}

void MasterScanner::SkipComment() {
  at_ = text_.find('\n', at_);
  if (at_ == std::string_view::npos) at_ = text_.size();
}

FileErrorOr<void> MasterScanner::TakeParenthesis() {
  const bool opens = text_[at_] == '(';
  if (opens && in_parentheses_) return ErrorHere("a parenthesis inside parentheses");
  if (!opens && !in_parentheses_) return ErrorHere("a closing parenthesis that was never opened");
  if (opens) parenthesis_ = TokenFrom(at_, false);
  in_parentheses_ = opens;
  ++at_;
  return {};
}

// Passes over one octet of a word or string, with the backslash before it.
FileErrorOr<void> MasterScanner::SkipOctet() {
  if (text_[at_] == '\0') return ErrorHere("a NUL octet");
  if (text_[at_] == '\\') {
    ++at_;
    if (AtEnd() || text_[at_] == '\n' || text_[at_] == '\r') {
      return ErrorHere("a backslash with nothing after it");
    }
    if (text_[at_] == '\0') return ErrorHere("a NUL octet");
  }
  ++at_;
  return {};
}

// Stops on the closing quotation mark; `at_` is behind the opening one.
FileErrorOr<void> MasterScanner::SkipToQuote() {
  while (!AtEnd() && text_[at_] != '\n') {
    if (text_[at_] == '"') return {};
    FileErrorOr<void> skipped = SkipOctet();
    if (!skipped) return skipped;
  }
  return ErrorHere("a quoted string must end on its line");
}

FileErrorOr<void> MasterScanner::TakeQuoted(MasterEntry& entry) {
  const std::size_t begin = ++at_;
  FileErrorOr<void> skipped = SkipToQuote();
  if (!skipped) return skipped;
  entry.tokens.push_back(TokenFrom(begin, true));
  ++at_;
  return {};
}

FileErrorOr<void> MasterScanner::TakeWord(MasterEntry& entry) {
  const std::size_t begin = at_;
  while (!AtEnd() && !EndsWord(text_[at_])) {
    if (text_[at_] == '"') {
      // Only as in `alpn="h2,h3"` (RFC 9460 §2.1).
      if (text_[at_ - 1] != '=') return ErrorHere("a quotation mark inside a word");
      ++at_;
      FileErrorOr<void> skipped = SkipToQuote();
      if (!skipped) return skipped;
    }
    FileErrorOr<void> skipped = SkipOctet();
    if (!skipped) return skipped;
  }
  entry.tokens.push_back(TokenFrom(begin, false));
  return {};
}

}  // namespace helovet
