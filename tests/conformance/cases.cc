#include "conformance/cases.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

#include "config/toml.h"
#include "helovet/ip_address.h"
#include "helovet/result.h"
#include "helovet/verdict.h"

namespace helovet::conformance {
namespace {

constexpr std::array<CheckId, 17> kChecks = {
    CheckId::kHelo,         CheckId::kCsa,         CheckId::kForward,  CheckId::kIprev,
    CheckId::kReverseMatch, CheckId::kWellKnown,   CheckId::kDna,      CheckId::kVbr,
    CheckId::kLocalList,    CheckId::kAddressList, CheckId::kNameList, CheckId::kDmp,
    CheckId::kDrip,         CheckId::kRmx,         CheckId::kSpfHelo,  CheckId::kSpf,
    CheckId::kCbv};

// Parts of a verdict that are told as texts, and those that are true or false.
constexpr std::array<std::string_view, 5> kTexts = {"trust", "action", "decided_by", "standard",
                                                    "strict"};
constexpr std::array<std::string_view, 2> kSwitches = {"authenticated", "skip_address_blocklists"};
constexpr std::array<std::string_view, 5> kDetails = {"authority", "rating", "contact", "identity",
                                                      "explanation"};
constexpr std::string_view kOpinions = "opinions";
// The setting that a case names where it is about designated senders or callbacks.
constexpr std::string_view kSenderChecks = "senders.checks";

bool IsAmong(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::optional<CheckId> CheckNamed(std::string_view name) {
  const auto* const found = std::find_if(kChecks.begin(), kChecks.end(),
                                         [&](CheckId check) { return ToString(check) == name; });
  return found == kChecks.end() ? std::nullopt : std::optional(*found);
}

// "dna.rating" taken apart; no detail for a check's result.
struct CheckPart {
  std::optional<CheckId> check;
  std::string_view detail;
};

CheckPart ToCheckPart(std::string_view part) {
  const std::size_t dot = part.find('.');
  return {.check = CheckNamed(part.substr(0, dot)),
          .detail = dot == part.npos ? std::string_view() : part.substr(dot + 1)};
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : ", ") + text;
  return joined;
}

template <typename Key, typename Value>
std::string Pair(Key key, Value value) {
  return std::string(ToString(key)) + "/" + std::string(ToString(value));
}

std::string ToText(const Opinion& opinion) {
  std::string text = opinion.authority + " " + Pair(opinion.result, opinion.reason);
  if (opinion.rating) text += " " + std::string(ToString(*opinion.rating));
  if (opinion.advisory) text += " advisory";
  return text;
}

std::string DetailOf(const CheckResult& result, std::string_view detail) {
  if (detail.empty()) return Pair(result.result, result.reason);
  if (detail == "authority") return result.authority;
  if (detail == "rating") return result.rating ? std::string(ToString(*result.rating)) : "";
  if (detail == "contact") return result.contact;
  if (detail == "identity") return result.identity == Identity::kHelo ? "helo" : "mail-from";
  if (detail == "explanation") return result.explanation;
  std::vector<std::string> opinions;
  for (const Opinion& opinion : result.opinions) opinions.push_back(ToText(opinion));
  return Joined(opinions);
}

std::string ToText(bool value) { return value ? "true" : "false"; }

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

  std::string ReadExpected(const TomlEntry& entry) {
    if (IsAmong(kSwitches, entry.key)) return ToText(As<bool>(entry.value, "true or false"));
    if (IsAmong(kTexts, entry.key)) return Text(entry.value);
    const CheckPart part = ToCheckPart(entry.key);
    if (!part.check) Fail(entry.position, "no check has the name " + entry.key);
    if (part.detail == kOpinions) return Joined(TextList(entry.value));
    if (!part.detail.empty() && !IsAmong(kDetails, part.detail)) {
      Fail(entry.position, "no check has a part " + std::string(part.detail));
    }
    return Text(entry.value);
  }

  void ReadExpect(const TomlValue& value, Case& read) {
    for (const TomlEntry& entry : As<std::vector<TomlEntry>>(value, "a table")) {
      read.expect.push_back({entry.key, ReadExpected(entry)});
    }
    // Else nothing would hold the case to the rule that it names.
    if (std::none_of(read.expect.begin(), read.expect.end(), [](const Case::Expected& expected) {
          return CheckNamed(expected.part) || expected.part == "decided_by";
        })) {
      Fail(value.position, "a case expects a check's result or what decided");
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
    bool names_sender_checks = false;
    for (const std::string& line : TextList(value)) {
      lines += line + "\n";
      names_sender_checks |= line.starts_with(kSenderChecks);
    }
    if (FileErrorOr<Config> config = ParseConfig(lines, "settings")) {
      read.config = *std::move(config);
      if (!names_sender_checks) read.config.senders.checks.clear();
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
    } else if (entry.key == "mail_from") {
      read.session.mail_from = Text(value);
    } else if (entry.key == "recipient") {
      read.session.recipient = Text(value);
    } else if (entry.key == "smtputf8") {
      read.session.smtputf8 = As<bool>(value, "true or false");
    } else if (entry.key == "authenticated_session") {
      read.session.authenticated = As<bool>(value, "true or false");
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
    read.config.senders.checks.clear();
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
    return read;
  }

  std::string file_;
  std::optional<FileError> error_;
};

}  // namespace

void PrintTo(const Case& each, std::ostream* out) { *out << each.id; }

std::string PartOf(const Verdict& verdict, const std::string& part) {
  if (part == "trust") return std::string(ToString(verdict.trust));
  if (part == "action") return std::string(ToString(verdict.action));
  if (part == "decided_by") return Pair(verdict.decided_by.check, verdict.decided_by.reason);
  if (part == "standard") return std::string(ToString(verdict.shadow.standard));
  if (part == "strict") return std::string(ToString(verdict.shadow.strict));
  if (part == "authenticated") return ToText(verdict.authenticated());
  if (part == "skip_address_blocklists") return ToText(verdict.skip_address_blocklists);
  const CheckPart of_check = ToCheckPart(part);
  if (!of_check.check) return "no such part";
  const CheckResult* const result = verdict.Find(*of_check.check);
  if (result == nullptr || result->result == Result::kSkipped) return "skipped";
  return DetailOf(*result, of_check.detail);
}

FileErrorOr<std::vector<Case>> ParseCases(const std::string& text, const std::string& file) {
  const FileErrorOr<std::vector<TomlEntry>> entries = ParseToml(text, file);
  if (!entries) return tl::unexpected(entries.error());
  Reader reader(file);
  std::vector<Case> cases = reader.ReadCases(*entries);
  if (reader.error()) return tl::unexpected(*reader.error());
  return cases;
}

}  // namespace helovet::conformance
