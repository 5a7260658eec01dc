#include "config/toml_precheck.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/ascii.h"

namespace helovet {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

constexpr unsigned char Octet(char octet) { return static_cast<unsigned char>(octet); }
constexpr bool IsAscii(char octet) { return Octet(octet) < 0x80; }
constexpr bool IsContinuation(char octet) { return (Octet(octet) & 0xc0) == 0x80; }

// RFC 3629 §4: the first octets of characters and the bounds of the octet after them.
struct Utf8Form {
  unsigned char first_least;
  unsigned char first_most;
  unsigned char second_least;
  unsigned char second_most;
  std::size_t octets;
};
constexpr std::array kUtf8Forms = {
    Utf8Form{0xc2, 0xdf, 0x80, 0xbf, 2}, Utf8Form{0xe0, 0xe0, 0xa0, 0xbf, 3},
    Utf8Form{0xe1, 0xec, 0x80, 0xbf, 3}, Utf8Form{0xed, 0xed, 0x80, 0x9f, 3},
    Utf8Form{0xee, 0xef, 0x80, 0xbf, 3}, Utf8Form{0xf0, 0xf0, 0x90, 0xbf, 4},
    Utf8Form{0xf1, 0xf3, 0x80, 0xbf, 4}, Utf8Form{0xf4, 0xf4, 0x80, 0x8f, 4},
};

// How many octets the character at the beginning of `text` has; 0: it is none.
std::size_t Utf8Octets(std::string_view text) {
  if (IsAscii(text[0])) return 1;
  for (const Utf8Form& form : kUtf8Forms) {
    if (Octet(text[0]) < form.first_least || Octet(text[0]) > form.first_most) continue;
    if (text.size() < form.octets || Octet(text[1]) < form.second_least ||
        Octet(text[1]) > form.second_most) {
      return 0;
    }
    const std::string_view rest = text.substr(2, form.octets - 2);
    return std::all_of(rest.begin(), rest.end(), IsContinuation) ? form.octets : 0;
  }
  return 0;
}

// Where the first octet stands that is not UTF-8; the text's size if there is none.
std::size_t FindNotUtf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t octets = Utf8Octets(text.substr(at));
    if (octets == 0) break;
    at += octets;
  }
  return at;
}

TextPosition PositionOf(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const std::string_view line = before.substr(before.rfind('\n') + 1);  // npos + 1 is 0.
  const auto characters =
      std::count_if(line.begin(), line.end(), [](char octet) { return !IsContinuation(octet); });
  return {.line = static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          .column = static_cast<int>(characters) + 1};
}

// Knows what is text and comment in a TOML file as far as the file is right. Behind a mistake it
// may err until the line ends, which does no harm: the parser has stopped at the mistake.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::optional<TomlMistake> Find() {
    std::size_t dots = 0;
    while (at_ < text_.size()) {
      const char octet = text_[at_];
      if (octet == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (octet == '"' || octet == '\'') {
        if (!TextMayBegin()) return MistakeHere("a quote in the middle of a word");
        if (text_.substr(at_).starts_with(std::string(3, octet))) {
          return MistakeHere("no setting takes a text in triple quotes");
        }
        SkipText(octet);
      } else {
        if (!IsAscii(octet)) return MistakeHere("only texts and comments may go beyond ASCII");
        if (octet == '.' && ++dots >= kMaxKeyParts) {
          return MistakeHere("a key of more than " + std::to_string(kMaxKeyParts) + " parts");
        }
        // What stands between keys and values, and at the end of either.
        if (std::string_view("\n=,[]{}").find(octet) != std::string_view::npos) dots = 0;
        Note(octet);
        if (!SkipNumber(octet)) return MistakeHere("a quote in the middle of a word");
      }
    }
    return std::nullopt;
  }

 private:
  // Whether a key or a value stands next.
  void Note(char octet) {
    if (octet == '=') expects_value_ = true;
    if (octet == '{') {
      open_ += octet;
      expects_value_ = false;
    }
    // Otherwise it is the header of a table.
    if (octet == '[' && (expects_value_ || !open_.empty())) {
      open_ += octet;
      expects_value_ = true;
    }
    if (octet == ']' || octet == '}') {
      if (!open_.empty()) open_.pop_back();
      expects_value_ = false;
    }
    if (octet == ',') expects_value_ = open_.ends_with('[');
    if (octet == '\n' && open_.empty()) expects_value_ = false;
  }

  // Skips `octet`, and all of the number or date that it may begin: these the parser reads up to
  // what ends a value, whatever comes. False: it would read a text.
  [[nodiscard]] bool SkipNumber(char octet) {
    ++at_;
    if (!expects_value_ || !(IsAsciiDigit(octet) || octet == '+' || octet == '-')) return true;
    while (at_ < text_.size() &&
           std::string_view("\r\n,]}#\"'").find(text_[at_]) == std::string_view::npos &&
           IsAscii(text_[at_])) {
      ++at_;
    }
    return at_ == text_.size() || (text_[at_] != '"' && text_[at_] != '\'');
  }

  // The parser goes on to read a number or a date across a quote.
  [[nodiscard]] bool TextMayBegin() const {
    return at_ == 0 ||
           std::string_view(" \t\n=,[{.").find(text_[at_ - 1]) != std::string_view::npos;
  }

  void SkipText(char quote) {
    expects_value_ = false;
    ++at_;
    while (at_ < text_.size() && text_[at_] != '\n' && text_[at_] != quote) SkipOctet(quote);
    if (at_ < text_.size() && text_[at_] == quote) ++at_;
  }

  // One octet of a text, with the backslash before it.
  void SkipOctet(char quote) { at_ += quote == '"' && text_[at_] == '\\' ? 2 : 1; }

  [[nodiscard]] TomlMistake MistakeHere(std::string message) const {
    return {PositionOf(text_, at_), std::move(message)};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string open_;            // The brackets and braces of values that are not closed yet.
  bool expects_value_ = false;  // Not of what follows a value.
};

}  // namespace

std::optional<TomlMistake> PrecheckToml(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const std::size_t not_utf8 = FindNotUtf8(text);
  if (not_utf8 < text.size()) return TomlMistake{PositionOf(text, not_utf8), "not UTF-8"};
  return Scanner(text).Find();
}

}  // namespace helovet
