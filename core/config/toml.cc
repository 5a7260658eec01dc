#include "config/toml.h"

#include <optional>
#include <utility>

#include "config/toml_precheck.h"

// This file alone knows the TOML library, compiled into it: the library's shared object would be
// one more to load in every Exim process. Numbers are read by <charconv>: left to itself the
// library takes string streams, and with them come locales, a megabyte and 0.3 to 0.5 ms of dlopen.
// Some mistakes in a file break the library's assertions, which would end the process, or, under
// NDEBUG, mislead the compiler; behind each stands an ordinary error, so they are made nothing.
#undef NDEBUG
#define TOML_ASSERT(expression) static_assert(true)
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_INT_CHARCONV 1
#define TOML_FLOAT_CHARCONV 1
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
  TomlValue value{.position = ToPosition(node.source().begin), .data = TomlOther{"a date or time"}};
  if (const toml::value<std::string>* const text = node.as_string()) {
    value.data = text->get();
  } else if (const toml::value<bool>* const boolean = node.as_boolean()) {
    value.data = boolean->get();
  } else if (const toml::value<std::int64_t>* const number = node.as_integer()) {
    value.data = number->get();
  } else if (const toml::array* const array = node.as_array()) {
    value.data = ToItems(*array);
  } else if (const toml::table* const table = node.as_table()) {
    value.data = ToEntries(*table);
  } else if (node.is_floating_point()) {
    value.data = TomlOther{"a fraction"};
  }
  return value;
}

}  // namespace

FileErrorOr<std::vector<TomlEntry>> ParseToml(std::string_view text, const std::string& file) {
  const auto error = [&file](TextPosition position, std::string message) {
    return tl::make_unexpected(FileError{file, position.line, position.column, std::move(message)});
  };
  if (const std::optional<TomlMistake> mistake = PrecheckToml(text)) {
    return error(mistake->position, mistake->message);
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
