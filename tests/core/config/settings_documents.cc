#include "core/config/settings_documents.h"

#include <string_view>
#include <vector>

#include "config/settings.h"

namespace helovet {
namespace {

constexpr std::size_t kColumns = 80;

std::string_view TableOf(std::string_view key) {
  const std::size_t dot = key.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : key.substr(0, dot);
}

std::string_view NameInTable(std::string_view key) { return key.substr(key.rfind('.') + 1); }

// mdoc begins every sentence on a new line.
std::vector<std::string> Sentences(std::string_view text) {
  std::vector<std::string> sentences;
  for (std::size_t end; (end = text.find(". ")) != std::string_view::npos;) {
    sentences.emplace_back(text.substr(0, end + 1));
    text.remove_prefix(end + 2);
  }
  sentences.emplace_back(text);
  return sentences;
}

// `text` in lines of at most kColumns, each with `prefix`.
std::string Wrapped(std::string_view text, std::string_view prefix) {
  std::string lines;
  while (!text.empty()) {
    std::size_t end = text.size();
    if (prefix.size() + end > kColumns) end = text.rfind(' ', kColumns - prefix.size());
    lines += std::string(prefix) + std::string(text.substr(0, end)) + '\n';
    text.remove_prefix(end == text.size() ? end : end + 1);
  }
  return lines;
}

// A text with quotes inside a quoted mdoc argument doubles them.
std::string MdocQuoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char octet : text) {
    if (octet == '"') quoted += '"';
    quoted += octet;
  }
  return quoted + '"';
}

// The default for people: as TOML in `code` marks, or in words.
std::string DefaultText(const Setting& setting) {
  if (setting.default_value.empty()) return std::string(setting.default_words);
  return '`' + std::string(setting.default_value) + '`';
}

// The meaning, and what comes of a setting without what it needs.
std::vector<std::string> Meaning(const Setting& setting) {
  std::vector<std::string> sentences = Sentences(setting.meaning);
  if (!setting.need.words.empty()) {
    sentences.push_back("An error " + std::string(setting.need.words) + ".");
  }
  return sentences;
}

}  // namespace

std::string SettingsMarkdown() {
  std::string text =
      "# Settings\n\n"
      "All of them stand in one TOML file, `/etc/helovet/helovet.toml` unless a program is told\n"
      "otherwise. Without that file the defaults hold. An unknown setting or a wrong value is an\n"
      "error that names file, line and column; nothing is ignored. `dns.servers` is the setting\n"
      "`servers` of the table `[dns]`. A duration is a whole number with `ms`, `s`, `m`, `h` or\n"
      "`d`. A setting that would have no effect is an error too.\n\n"
      "This page is made from the table in `core/config/settings.cc`, and a test compares them.\n\n"
      "| setting | type | default | meaning |\n"
      "|---|---|---|---|\n";
  for (const Setting& setting : Settings()) {
    text += "| `" + std::string(setting.key) + "` | " + std::string(setting.type) + " | " +
            DefaultText(setting) + " |";
    for (const std::string& sentence : Meaning(setting)) text += ' ' + sentence;
    if (!setting.example.empty()) text += " Example: `" + std::string(setting.example) + "`";
    text += " |\n";
  }
  return text;
}

std::string SettingsMdoc() {
  std::string text = ".Bl -tag -width Ds\n";
  for (const Setting& setting : Settings()) {
    text += ".It Va " + std::string(setting.key) + "\n";
    for (const std::string& sentence : Meaning(setting)) text += Wrapped(sentence, "");
    text += Wrapped("Type: " + std::string(setting.type) + ".", "");
    if (setting.default_value.empty()) {
      text += Wrapped("Default: " + std::string(setting.default_words) + ".", "");
    } else {
      text += "Default:\n.Li " + MdocQuoted(setting.default_value) + " .\n";
    }
    if (!setting.example.empty()) text += "Example:\n.Dl " + MdocQuoted(setting.example) + "\n";
  }
  return text + ".El\n";
}

std::string SettingsToml() {
  std::string text =
      "# Settings of helovet: helovet.toml(5). A line that begins with # and a setting shows its\n"
      "# default; remove the # to change it. `helovet check` tries a changed file without a mail\n"
      "# server:\n"
      "#   helovet check --config FILE --ip 192.0.2.1 --helo mail.example.org\n";
  std::string_view table;
  for (const Setting& setting : Settings()) {
    text += '\n';
    if (TableOf(setting.key) != table) {
      table = TableOf(setting.key);
      text += '[' + std::string(table) + "]\n";
    }
    for (const std::string& sentence : Meaning(setting)) text += Wrapped(sentence, "# ");
    const std::string name(NameInTable(setting.key));
    if (!setting.example.empty()) {
      text += "# Example:\n#   " + name + " = " + std::string(setting.example) + '\n';
    }
    if (setting.default_value.empty()) {
      text += Wrapped("Default: " + std::string(setting.default_words) + ".", "# ");
    } else {
      text += '#' + name + " = " + std::string(setting.default_value) + '\n';
    }
  }
  return text;
}

}  // namespace helovet
