#include "conformance/cases.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "config/toml.h"
#include "helovet/ip_address.h"
#include "helovet/result.h"

namespace helovet::conformance {
namespace {

constexpr std::array<CheckId, 5> kChecks = {CheckId::kHelo, CheckId::kCsa, CheckId::kForward,
                                            CheckId::kIprev, CheckId::kLocalTrust};

bool IsId(const std::string& text) {
  return !text.empty() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
}

// Reads on after a mistake, and remembers the first.
class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  std::vector<Case> ReadCases(const std::vector<TomlEntry>& entries) {
    std::vector<Case> cases;
    std::set<std::string> ids;
    for (const TomlEntry& entry : entries) {
      if (entry.key != "case") Fail(entry.position, "no file has a key " + entry.key);
      for (const TomlValue& value : As<std::vector<TomlValue>>(entry.value, "[[case]]")) {
        cases.push_back(ReadCase(value));
        if (!ids.insert(cases.back().id).second) Fail(value.position, "the id occurs twice");
      }
    }
    if (cases.empty()) Fail({}, "no cases");
    return cases;
  }

  [[nodiscard]] const std::optional<FileError>& error() const { return error_; }

 private:
  void Fail(TextPosition position, const std::string& message) {
    if (error_) return;
    error_ = FileError{
        .file = file_, .line = position.line, .column = position.column, .message = message};
  }

  // An empty T where the value has another type.
  template <typename T>
  T As(const TomlValue& value, const std::string& wanted) {
    if (const T* found = std::get_if<T>(&value.data)) return *found;
    Fail(value.position, "want " + wanted);
    return T();
  }

  std::string Text(const TomlValue& value) { return As<std::string>(value, "a string"); }

  std::vector<std::string> TextList(const TomlValue& value) {
    std::vector<std::string> texts;
    for (const TomlValue& item : As<std::vector<TomlValue>>(value, "a list of strings")) {
      texts.push_back(Text(item));
    }
    return texts;
  }

  void ReadExpect(const TomlValue& value, Case& read) {
    for (const TomlEntry& entry : As<std::vector<TomlEntry>>(value, "a table")) {
      if (entry.key == "authenticated") {
        read.authenticated = As<bool>(entry.value, "true or false");
        continue;
      }
      if (std::none_of(kChecks.begin(), kChecks.end(),
                       [&entry](CheckId check) { return ToString(check) == entry.key; })) {
        Fail(entry.position, "no check has the name " + entry.key);
      }
      read.expect.push_back({entry.key, Text(entry.value)});
    }
  }

  void ReadClient(const TomlValue& value, Case& read) {
    if (const std::optional<IpAddress> client = IpAddress::Parse(Text(value))) {
      read.session.client = *client;
    } else {
      Fail(value.position, "want an address");
    }
  }

  void ReadSettings(const TomlValue& value, Case& read) {
    std::string lines;
    for (const std::string& line : TextList(value)) lines += line + "\n";
    if (FileErrorOr<Config> config = ParseConfig(lines, "settings")) {
      read.config = *std::move(config);
    } else {
      Fail(value.position, config.error().ToString());
    }
  }

  void ReadKey(const TomlEntry& entry, Case& read) {
    const TomlValue& value = entry.value;
    if (entry.key == "id") {
      read.id = Text(value);
      if (!IsId(read.id)) Fail(value.position, "an id has lower-case letters, digits and _");
    } else if (entry.key == "source") {
      read.source = Text(value);
    } else if (entry.key == "client") {
      ReadClient(value, read);
    } else if (entry.key == "helo") {
      read.session.helo = Text(value);
    } else if (entry.key == "settings") {
      ReadSettings(value, read);
    } else if (entry.key == "expect") {
      ReadExpect(value, read);
    } else if (entry.key == "asked") {
      read.asked = TextList(value);
    } else if (entry.key == "not_asked") {
      read.not_asked = TextList(value);
    } else {
      Fail(entry.position, "no case has a key " + entry.key);
    }
  }

  Case ReadCase(const TomlValue& value) {
    Case read;
    read.file = file_ + ":" + std::to_string(value.position.line);
    std::set<std::string> keys;
    for (const TomlEntry& entry : As<std::vector<TomlEntry>>(value, "a table")) {
      ReadKey(entry, read);
      keys.insert(entry.key);
    }
    for (const char* key : {"id", "source", "client", "helo", "expect"}) {
      if (!keys.contains(key)) Fail(value.position, std::string("a case needs the key ") + key);
    }
    if (read.source.empty()) Fail(value.position, "a case names its source");
    if (read.expect.empty()) Fail(value.position, "a case expects a check's result");
    return read;
  }

  std::string file_;
  std::optional<FileError> error_;
};

}  // namespace

void PrintTo(const Case& each, std::ostream* out) { *out << each.id; }

FileErrorOr<std::vector<Case>> ParseCases(const std::string& text, const std::string& file) {
  const FileErrorOr<std::vector<TomlEntry>> entries = ParseToml(text, file);
  if (!entries) return tl::unexpected(entries.error());
  Reader reader(file);
  std::vector<Case> cases = reader.ReadCases(*entries);
  if (reader.error()) return tl::unexpected(*reader.error());
  return cases;
}

}  // namespace helovet::conformance
