#include "helovet/callback.h"

#include <chrono>
#include <cstddef>
#include <string_view>

#include "base/printable.h"
#include "helovet/render.h"
#include "nlohmann/json.hpp"
#include "render/evidence.h"
#include "render/exchange.h"

namespace helovet {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kTimeColumns = 12;

constexpr std::size_t kTimeWidth = kTimeColumns + 3;  // "      12.345 ms"

std::string TimeColumn(std::chrono::microseconds time) {
  std::string text = Milliseconds(time);
  if (text.size() < kTimeWidth) text.insert(0, kTimeWidth - text.size(), ' ');
  return text;
}

std::string_view Arrow(CallbackLine::Kind kind) {
  switch (kind) {
    case CallbackLine::Kind::kNote:
      return "--";
    case CallbackLine::Kind::kSent:
      return "->";
    case CallbackLine::Kind::kReceived:
      return "<-";
  }
  return "";
}

std::string_view Token(CallbackLine::Kind kind) {
  switch (kind) {
    case CallbackLine::Kind::kNote:
      return "note";
    case CallbackLine::Kind::kSent:
      return "sent";
    case CallbackLine::Kind::kReceived:
      return "received";
  }
  return "";
}

void AppendExchange(std::string& out, const Exchange& exchange) {
  out += TimeColumn(exchange.took) + "  " + Printable(exchange.name) + " " +
         Printable(exchange.type) + ": " + Printable(exchange.outcome);
  if (!exchange.server.empty()) out += ", from " + Printable(exchange.server);
  out += exchange.ad ? ", AD\n" : "\n";
  for (const std::string& record : exchange.records) {
    out += std::string(kTimeColumns + 7, ' ') + Printable(record) + "\n";
  }
}

void AppendLine(std::string& out, const CallbackLine& line) {
  out += TimeColumn(line.at) + "  ";
  out.append(Arrow(line.kind)) += ' ';
  out += EscapeForLog(line.text) + "\n";
}

Json TallyJson(const CallbackTally& tally) {
  return {
      {"bad_domain", tally.bad_domain},           {"no_mx", tally.no_mx},
      {"bad_connects", tally.bad_connects},       {"smtp_sessions", tally.smtp_sessions},
      {"refused_welcome", tally.refused_welcome}, {"refused_noop", tally.refused_noop},
      {"refused_helo", tally.refused_helo},       {"refused_mail_from", tally.refused_mail_from},
      {"refused_rcpt", tally.refused_rcpt}};
}

Json LineJson(const CallbackLine& line) {
  return {{"kind", Token(line.kind)}, {"microseconds", line.at.count()}, {"text", line.text}};
}

}  // namespace

std::string RenderCallback(const CallbackReport& report) {
  std::string out = "Callback to <" + EscapeForLog(report.address) + ">\n";
  out += "\nDNS queries\n";
  if (report.exchanges.empty()) out += "  none\n";
  for (const Exchange& exchange : report.exchanges) AppendExchange(out, exchange);
  out += "\nDialogue\n";
  if (report.dialogue.empty()) out += "  none\n";
  for (const CallbackLine& line : report.dialogue) AppendLine(out, line);
  const CheckResult& check = report.check;
  out += "\nResult\n  ";
  out.append(ToString(check.result)).append(", ").append(ToString(check.reason)) += "\n  ";
  out.append(Meaning(check.reason)) += "\n  ";
  out.append(SourceOf(check.check, check.reason)) += '\n';
  return out;
}

std::string RenderCallbackJson(const CallbackReport& report) {
  const CheckResult& check = report.check;
  Json json = {{"address", report.address},
               {"result", ToString(check.result)},
               {"reason", ToString(check.reason)},
               {"meaning", Meaning(check.reason)},
               {"source", SourceOf(check.check, check.reason)}};
  Json& evidence = json["evidence"] = Json::array();
  for (const Evidence& item : check.evidence) evidence.push_back(EvidenceJson(item));
  json["tally"] = TallyJson(report.tally);
  Json& exchanges = json["exchanges"] = Json::array();
  for (const Exchange& exchange : report.exchanges) exchanges.push_back(ExchangeJson(exchange));
  Json& dialogue = json["dialogue"] = Json::array();
  for (const CallbackLine& line : report.dialogue) dialogue.push_back(LineJson(line));
  // ASCII alone: a C1 control in UTF-8 is a command to some terminals. `replace` never throws.
  return json.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace) + "\n";
}

}  // namespace helovet
