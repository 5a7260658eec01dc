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
std::vector<std::string_view> Sentences(std::string_view text) {
  std::vector<std::string_view> sentences;
  for (std::size_t end; (end = text.find(". ")) != std::string_view::npos;) {
    sentences.push_back(text.substr(0, end + 1));
    text.remove_prefix(end + 2);
  }
  sentences.push_back(text);
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

}  // namespace

std::string SettingsMarkdown() {
  std::string text =
      "# Settings\n\n"
      "All of them stand in one TOML file, `/etc/helovet/helovet.toml` unless a program is told\n"
      "otherwise. Without that file the defaults hold. An unknown setting or a wrong value is an\n"
      "error that names file, line and column; nothing is ignored. `dns.servers` is the setting\n"
      "`servers` of the table `[dns]`. A duration is a whole number with `ms`, `s` or `m`.\n\n"
      "This page is made from the table in `core/config/settings.cc`, and a test compares them.\n\n"
      "| setting | type | default | meaning |\n"
      "|---|---|---|---|\n";
  for (const Setting& setting : Settings()) {
    text += "| `" + std::string(setting.key) + "` | " + std::string(setting.type) + " | `" +
            std::string(setting.default_value) + "` | " + std::string(setting.meaning) + " |\n";
  }
  return text;
}

std::string SettingsMdoc() {
  std::string text = ".Bl -tag -width Ds\n";
  for (const Setting& setting : Settings()) {
    text += ".It Va " + std::string(setting.key) + "\n";
    for (const std::string_view sentence : Sentences(setting.meaning)) {
      text += Wrapped(sentence, "");
    }
    text += "Type: " + std::string(setting.type) + ".\n";
    text += "Default:\n.Li " + MdocQuoted(setting.default_value) + " .\n";
  }
  return text + ".El\n";
}

std::string SettingsToml() {
  std::string text =
      "# Settings of helovet: helovet.toml(5). Every line below shows a default; remove the # in\n"
      "# front of it to change it. `helovet check` tries a changed file without a mail server:\n"
      "#   helovet check --config FILE --ip 192.0.2.1 --helo mail.example.org\n";
  std::string_view table;
  for (const Setting& setting : Settings()) {
    text += '\n';
    if (TableOf(setting.key) != table) {
      table = TableOf(setting.key);
      text += '[' + std::string(table) + "]\n";
    }
    for (const std::string_view sentence : Sentences(setting.meaning))
      text += Wrapped(sentence, "# ");
    text += '#' + std::string(NameInTable(setting.key)) + " = " +
            std::string(setting.default_value) + '\n';
  }
  return text;
}

}  // namespace helovet
