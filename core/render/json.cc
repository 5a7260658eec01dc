#include <string>
#include <string_view>

#include "helovet/render.h"
#include "nlohmann/json.hpp"
#include "render/header.h"

namespace helovet {
namespace {

using Json = nlohmann::ordered_json;

enum class Detail : bool { kVerdict, kExplanation };

Json EvidenceJson(const Evidence& item) {
  return {{"owner", item.owner}, {"type", item.type}, {"outcome", item.outcome},
          {"ttl", item.ttl},     {"ad", item.ad},     {"text", item.text}};
}

void AddRule(Json& json, CheckId check, Reason reason) {
  json["meaning"] = Meaning(reason);
  json["source"] = SourceOf(check, reason);
}

Json CheckJson(const CheckResult& check, Detail detail) {
  Json json = {{"result", ToString(check.result)}, {"reason", ToString(check.reason)}};
  if (detail == Detail::kExplanation) AddRule(json, check.check, check.reason);
  Json& evidence = json["evidence"] = Json::array();
  for (const Evidence& item : check.evidence) evidence.push_back(EvidenceJson(item));
  return json;
}

Json DecisionJson(const Decision& decision, Detail detail) {
  Json json = {{"check", ToString(decision.check)}, {"reason", ToString(decision.reason)}};
  if (detail == Detail::kExplanation) AddRule(json, decision.check, decision.reason);
  return json;
}

Json ExchangeJson(const Exchange& exchange) {
  return {{"name", exchange.name},       {"type", exchange.type},
          {"outcome", exchange.outcome}, {"server", exchange.server},
          {"ttl", exchange.ttl},         {"ad", exchange.ad},
          {"records", exchange.records}, {"microseconds", exchange.took.count()}};
}

Json VerdictJson(const Verdict& verdict, const Config& config, Detail detail) {
  Json json = {{"ip", verdict.session.client.ToString()},
               {"helo", verdict.session.helo},
               {"trust", ToString(verdict.trust)},
               {"action", ToString(verdict.action)},
               {"decided_by", DecisionJson(verdict.decided_by, detail)}};
  Json& checks = json["checks"] = Json::object();
  for (const CheckResult& check : verdict.checks) {
    if (check.result == Result::kSkipped) continue;
    checks[std::string(ToString(check.check))] = CheckJson(check, detail);
  }
  json["reply"] = RenderReply(verdict, config);
  json["header"] = HeaderText(verdict, config);
  return json;
}

// ASCII alone: a C1 control in UTF-8 is a command to some terminals. `replace` never throws.
std::string Dump(const Json& json) {
  return json.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
}

}  // namespace

std::string RenderJson(const Verdict& verdict, const Config& config) {
  return Dump(VerdictJson(verdict, config, Detail::kVerdict));
}

std::string RenderExplanationJson(const Verdict& verdict, const Config& config) {
  Json json = VerdictJson(verdict, config, Detail::kExplanation);
  json["authenticated"] = verdict.authenticated;
  Json& exchanges = json["exchanges"] = Json::array();
  for (const Exchange& exchange : verdict.exchanges) exchanges.push_back(ExchangeJson(exchange));
  return Dump(json);
}

}  // namespace helovet
