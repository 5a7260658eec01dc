#include "render/evidence.h"

#include <string_view>

#include "base/printable.h"

namespace helovet {

std::string EvidenceText(const Evidence& item) {
  const std::string_view found = item.text.empty() ? item.outcome : item.text;
  return Printable(item.owner) + " " + Printable(item.type) + " " + Printable(found) + ", TTL " +
         std::to_string(item.ttl) + (item.ad ? ", AD" : "");
}

nlohmann::ordered_json EvidenceJson(const Evidence& item) {
  return {{"owner", item.owner}, {"type", item.type}, {"outcome", item.outcome},
          {"ttl", item.ttl},     {"ad", item.ad},     {"text", item.text}};
}

}  // namespace helovet
