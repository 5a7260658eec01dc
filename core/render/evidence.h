// One piece of evidence, as several renderings have it.
#ifndef HELOVET_CORE_RENDER_EVIDENCE_H_
#define HELOVET_CORE_RENDER_EVIDENCE_H_

#include <string>

#include "helovet/result.h"
#include "nlohmann/json.hpp"

namespace helovet {

// "mail.example.com A 192.0.2.1, TTL 300, AD", printable.
[[nodiscard]] std::string EvidenceText(const Evidence& item);
[[nodiscard]] nlohmann::ordered_json EvidenceJson(const Evidence& item);

}  // namespace helovet

#endif  // HELOVET_CORE_RENDER_EVIDENCE_H_
