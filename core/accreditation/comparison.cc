// What came of a verification.
#include <algorithm>
#include <string>
#include <string_view>

#include "helovet/accreditation.h"
#include "nlohmann/json.hpp"

namespace helovet {

std::string_view ToString(AccreditationFinding finding) {
  switch (finding) {
    case AccreditationFinding::kMissing:
      return "missing";
    case AccreditationFinding::kDifferent:
      return "different";
    case AccreditationFinding::kExtra:
      return "extra";
    case AccreditationFinding::kUnknown:
      break;
  }
  return "unknown";
}

bool AccreditationComparison::differs() const {
  return std::any_of(differences.begin(), differences.end(), [](const auto& difference) {
    return difference.finding != AccreditationFinding::kUnknown;
  });
}

bool AccreditationComparison::incomplete() const {
  return unknown > 0 ||
         std::any_of(differences.begin(), differences.end(), [](const auto& difference) {
           return difference.finding == AccreditationFinding::kUnknown;
         });
}

std::string RenderAccreditationJson(const AccreditationComparison& comparison) {
  using Json = nlohmann::ordered_json;
  Json json = {{"zone", comparison.zone},       {"domains", comparison.domains},
               {"asked", comparison.asked},     {"equal", comparison.equal},
               {"missing", comparison.missing}, {"different", comparison.different},
               {"unknown", comparison.unknown}, {"gave_up", comparison.gave_up}};
  Json& differences = json["differences"] = Json::array();
  for (const AccreditationDifference& each : comparison.differences) {
    differences.push_back({{"owner", each.owner},
                           {"finding", ToString(each.finding)},
                           {"wanted", each.wanted},
                           {"found", each.found}});
  }
  // ASCII alone: a C1 control in UTF-8 is a command to some terminals. `replace` never throws.
  return json.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
}

}  // namespace helovet
