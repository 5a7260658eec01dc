#include "config/toml.h"

#include <algorithm>
#include <optional>
#include <utility>

// This file alone knows the TOML library, compiled into it: the library's shared object would be
// one more to load in every Exim process. Formatters would bring iostreams along.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace helovet {
namespace {

TextPosition ToPosition(const toml::source_position& position) {
  return {.line = static_cast<int>(position.line), .column = static_cast<int>(position.column)};
}

TomlValue ToValue(const toml::node& node);

std::vector<TomlEntry> ToEntries(const toml::table& table) {
  std::vector<TomlEntry> entries;
  entries.reserve(table.size());
  for (const auto& [key, node] : table) {
    entries.push_back({std::string(key.str()), ToPosition(key.source().begin), ToValue(node)});
  }
  return entries;
}

std::vector<TomlValue> ToItems(const toml::array& array) {
  std::vector<TomlValue> items;
  items.reserve(array.size());
  for (const toml::node& node : array) items.push_back(ToValue(node));
  return items;
}

// Recurses no deeper than the parser did: TOML_MAX_NESTED_VALUES times kMaxKeyParts at most.
TomlValue ToValue(const toml::node& node) {
  TomlValue value{.position = ToPosition(node.source().begin), .data = TomlOther{"a number"}};
  if (const toml::value<std::string>* const text = node.as_string()) {
    value.data = text->get();
  } else if (const toml::value<bool>* const boolean = node.as_boolean()) {
    value.data = boolean->get();
  } else if (const toml::array* const array = node.as_array()) {
    value.data = ToItems(*array);
  } else if (const toml::table* const table = node.as_table()) {
    value.data = ToEntries(*table);
  } else if (!node.is_number()) {
    value.data = TomlOther{"a date or time"};
  }
  return value;
}

// Goes over a TOML text as far as it takes to know which dots part keys.
class KeyPartCounter {
 public:
  explicit KeyPartCounter(std::string_view text) : text_(text) {}

  // Where a key of more than kMaxKeyParts parts goes too far.
  std::optional<TextPosition> FindTooMany() {
    std::size_t dots = 0;
    while (at_ < text_.size()) {
      const char octet = text_[at_];
      if (octet == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (octet == '"' || octet == '\'') {
        SkipString(octet);
      } else {
        if (octet == '.' && ++dots >= kMaxKeyParts) return Position();
        // What stands between keys and values, and at the end of either.
        if (std::string_view("\n=,[]{}").find(octet) != std::string_view::npos) dots = 0;
        ++at_;
      }
    }
    return std::nullopt;
  }

 private:
  void SkipString(char quote) {
    const bool multi_line = text_.substr(at_).starts_with(std::string(3, quote));
    const std::string end(multi_line ? 3 : 1, quote);
    for (at_ += end.size(); at_ < text_.size(); ++at_) {
      if (quote == '"' && text_[at_] == '\\') {
        ++at_;
      } else if (text_.substr(at_).starts_with(end)) {
        at_ += end.size();
        return;
      } else if (text_[at_] == '\n' && !multi_line) {
        return;  // Not TOML; the parser will say so.
      }
    }
  }

  TextPosition Position() const {
    const std::string_view before = text_.substr(0, at_);
    const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0.
    return {.line = static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
            .column = static_cast<int>(at_ - line_begin) + 1};
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

FileErrorOr<std::vector<TomlEntry>> ParseToml(std::string_view text, const std::string& file) {
  const auto error = [&file](TextPosition position, std::string message) {
    return tl::make_unexpected(FileError{file, position.line, position.column, std::move(message)});
  };
  if (const std::optional<TextPosition> position = KeyPartCounter(text).FindTooMany()) {
    return error(*position, "a key of more than " + std::to_string(kMaxKeyParts) + " parts");
  }
  const toml::parse_result result = toml::parse(text);
  if (!result) {
    std::string_view message = result.error().description();
    constexpr std::string_view kPreamble = "Error while parsing ";
    if (message.starts_with(kPreamble)) message.remove_prefix(kPreamble.size());
    return error(ToPosition(result.error().source().begin), std::string(message));
  }
  return ToEntries(result.table());
}

}  // namespace helovet
