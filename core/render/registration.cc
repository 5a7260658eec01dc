#include "helovet/registration.h"

#include <string_view>

#include "base/printable.h"
#include "nlohmann/json.hpp"
#include "render/evidence.h"

namespace helovet {
namespace {

using Json = nlohmann::ordered_json;

// Meaning() has e-mail and the records of CSA-02 in view where the two dialects share a reason.
std::string_view MeaningOf(Reason reason) {
  if (reason == Reason::kAuthorized) return "the domain authorizes the name for the service";
  if (reason == Reason::kProhibited) return "the domain prohibits the name from the service";
  return Meaning(reason);
}

std::string_view SourceOf(Reason reason) {
  if (reason == Reason::kAuthorized) return "DSAR-00 §3.3.1";
  if (reason == Reason::kNoRecord) return "DSAR-00 §3.2.1";
  return helovet::SourceOf(CheckId::kCsa, reason);
}

}  // namespace

std::string RenderRegistration(const Registration& registration) {
  const CheckResult& check = registration.check;
  std::string text = Printable(registration.name) + ", role " + Printable(registration.role) +
                     ", application " + Printable(registration.application) + ": ";
  text.append(ToString(check.result)).append(", ").append(ToString(check.reason)) += "\n  ";
  text.append(MeaningOf(check.reason)) += "\n  ";
  text.append(SourceOf(check.reason)) += '\n';
  for (const Evidence& item : check.evidence) text += "  " + EvidenceText(item) + "\n";
  return text;
}

std::string RenderRegistrationJson(const Registration& registration) {
  const CheckResult& check = registration.check;
  Json json = {{"role", registration.role},        {"application", registration.application},
               {"name", registration.name},        {"result", ToString(check.result)},
               {"reason", ToString(check.reason)}, {"meaning", MeaningOf(check.reason)},
               {"source", SourceOf(check.reason)}};
  Json& evidence = json["evidence"] = Json::array();
  for (const Evidence& item : check.evidence) evidence.push_back(EvidenceJson(item));
  // ASCII alone: a C1 control in UTF-8 is a command to some terminals. `replace` never throws.
  return json.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
}

}  // namespace helovet
