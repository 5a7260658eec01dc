#include <string>
#include <string_view>

#include "helovet/render.h"
#include "nlohmann/json.hpp"
#include "render/evidence.h"
#include "render/exchange.h"
#include "render/header.h"
#include "render/identity.h"
#include "render/source.h"

namespace helovet {
namespace {

using Json = nlohmann::ordered_json;

enum class Detail : bool { kVerdict, kExplanation };

std::string_view NameProofToken(NameProof proof) {
  switch (proof) {
    case NameProof::kNotProven:
      return "not-proven";
    case NameProof::kUndetermined:
      return "undetermined";
    case NameProof::kProven:
      return "proven";
  }
  return "";
}

Json OpinionJson(const Opinion& opinion) {
  Json json = {{"authority", opinion.authority},     {"result", ToString(opinion.result)},
               {"reason", ToString(opinion.reason)}, {"rating", nullptr},
               {"advisory", opinion.advisory},       {"text", opinion.text}};
  if (opinion.rating) json["rating"] = ToString(*opinion.rating);
  return json;
}

Json CheckJson(const CheckResult& check, Detail detail) {
  Json json = {{"result", ToString(check.result)}, {"reason", ToString(check.reason)}};
  if (detail == Detail::kExplanation) {
    json["meaning"] = Meaning(check.reason);
    json["source"] = SourceOf(check);
  }
  if (!check.authority.empty()) json["authority"] = check.authority;
  if (check.rating) json["rating"] = ToString(*check.rating);
  if (!check.contact.empty()) json["contact"] = check.contact;
  if (HasIdentity(check.check)) json["identity"] = ToString(check.identity);
  if (!check.explanation.empty()) json["explanation"] = check.explanation;
  if (check.check == CheckId::kCbv) json["remembered"] = check.remembered;
  if (!check.opinions.empty()) {
    Json& opinions = json["opinions"] = Json::array();
    for (const Opinion& opinion : check.opinions) opinions.push_back(OpinionJson(opinion));
  }
  Json& evidence = json["evidence"] = Json::array();
  for (const Evidence& item : check.evidence) evidence.push_back(EvidenceJson(item));
  return json;
}

Json DecisionJson(const Verdict& verdict, Detail detail) {
  const Decision& decision = verdict.decided_by;
  Json json = {{"check", ToString(decision.check)}, {"reason", ToString(decision.reason)}};
  if (detail == Detail::kExplanation) {
    json["meaning"] = Meaning(decision.reason);
    json["source"] = SourceOfDecision(verdict);
  }
  return json;
}

// MAIL FROM as null where it has not been sent, the null sender as an empty string.
Json SessionJson(const Session& session) {
  Json json = {{"ip", session.client.ToString()}, {"helo", session.helo}, {"mail_from", nullptr}};
  if (session.mail_from) json["mail_from"] = *session.mail_from;
  json["recipient"] = session.recipient;
  return json;
}

Json VerdictJson(const Verdict& verdict, const Config& config, Detail detail) {
  Json json = SessionJson(verdict.session);
  json["trust"] = ToString(verdict.trust);
  json["action"] = ToString(verdict.action);
  json["decided_by"] = DecisionJson(verdict, detail);
  json["authenticated"] = verdict.authenticated();
  json["name_proof"] = NameProofToken(verdict.name_proof);
  json["skip_address_blocklists"] = verdict.skip_address_blocklists;
  json["would"] = {{"standard", ToString(verdict.shadow.standard)},
                   {"strict", ToString(verdict.shadow.strict)}};
  Json& checks = json["checks"] = Json::object();
  for (const CheckResult& check : verdict.checks) {
    if (!IsTold(check)) continue;
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
  Json& exchanges = json["exchanges"] = Json::array();
  for (const Exchange& exchange : verdict.exchanges) exchanges.push_back(ExchangeJson(exchange));
  return Dump(json);
}

}  // namespace helovet
