// A report as text and as JSON.
#include <string>
#include <string_view>

#include "base/printable.h"
#include "helovet/lint.h"
#include "nlohmann/json.hpp"

namespace helovet {
namespace {

using Json = nlohmann::ordered_json;

std::string PlaceOf(const FaultyRecord& record) {
  if (record.line == 0) return "";
  // A path may have any octets.
  return Printable(record.file + ":" + std::to_string(record.line) + ": ");
}

std::string_view Intent(Remedy remedy) {
  switch (remedy) {
    case Remedy::kReplace:
      return "write instead:";
    case Remedy::kAdd:
      return "add:";
    case Remedy::kRemove:
      return "remove it";
    case Remedy::kNone:
      break;
  }
  return "";
}

void AppendFinding(const Finding& finding, const std::string& word, std::string& text) {
  const FindingRule& rule = RuleOf(finding.id);
  (((text += word) += ": ") += finding.name) += ": ";
  (text += rule.meaning) += '\n';
  if (!finding.detail.empty()) ((text += "  ") += finding.detail) += '\n';
  for (const FaultyRecord& record : finding.records) {
    ((text += "  ") += PlaceOf(record)) += record.text + "\n";
  }
  if (finding.remedy == Remedy::kNone) {
    ((text += "  ") += rule.advice) += '\n';
  } else {
    ((text += "  ") += Intent(finding.remedy)) += '\n';
  }
  for (const std::string& record : finding.corrected) ((text += "    ") += record) += '\n';
  (((text += "  ") += rule.slug) += ", ").append(rule.source) += '\n';
}

std::string Summary(const LintReport& report) {
  const auto count = [&report](Severity severity, std::string_view one) {
    const std::size_t found = report.Count(severity);
    return std::to_string(found) + " " + std::string(one) + (found == 1 ? "" : "s");
  };
  const std::size_t names = report.names.size();
  std::string text = std::to_string(names) + (names == 1 ? " name: " : " names: ") +
                     count(Severity::kError, "error") + ", " +
                     count(Severity::kWarning, "warning") + ", " + count(Severity::kNote, "note");
  if (report.Count(Severity::kUnknown) > 0) {
    text += ", " + std::to_string(report.Count(Severity::kUnknown)) + " not found out";
  }
  if (report.left_out > 0) text += ", " + std::to_string(report.left_out) + " more not shown";
  return text + "\n";
}

Json RecordJson(const FaultyRecord& record) {
  Json json = {{"record", record.text}, {"file", nullptr}, {"line", nullptr}};
  if (record.line == 0) return json;
  json["file"] = record.file;
  json["line"] = record.line;
  return json;
}

Json FindingJson(const Finding& finding) {
  const FindingRule& rule = RuleOf(finding.id);
  Json json = {{"finding", rule.slug},
               {"severity", ToString(rule.severity)},
               {"name", finding.name},
               {"meaning", rule.meaning},
               {"detail", finding.detail}};
  Json& records = json["records"] = Json::array();
  for (const FaultyRecord& record : finding.records) records.push_back(RecordJson(record));
  json["remedy"] = ToString(finding.remedy);
  json["corrected"] = finding.corrected;
  json["advice"] = rule.advice;
  json["source"] = rule.source;
  return json;
}

}  // namespace

std::string RenderLint(const LintReport& report,
                       const std::function<std::string(std::string_view, Severity)>& paint) {
  std::string text;
  for (const Finding& finding : report.findings) {
    const Severity severity = RuleOf(finding.id).severity;
    const std::string_view word = ToString(severity);
    AppendFinding(finding, paint ? paint(word, severity) : std::string(word), text);
  }
  return text + Summary(report);
}

std::string RenderLintJson(const LintReport& report) {
  Json json = {{"names", report.names}};
  Json& findings = json["findings"] = Json::array();
  for (const Finding& finding : report.findings) findings.push_back(FindingJson(finding));
  json["errors"] = report.Count(Severity::kError);
  json["unknown"] = report.Count(Severity::kUnknown);
  json["warnings"] = report.Count(Severity::kWarning);
  json["notes"] = report.Count(Severity::kNote);
  json["left_out"] = report.left_out;
  // ASCII alone: a C1 control in UTF-8 is a command to some terminals. `replace` never throws.
  return json.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
}

}  // namespace helovet
