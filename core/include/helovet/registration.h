// What a domain registers of a name and a service, by DSAR-00 §3.2.1, for any service.
#ifndef HELOVET_REGISTRATION_H_
#define HELOVET_REGISTRATION_H_

#include <cstdint>
#include <string>

#include "helovet/result.h"

namespace helovet {

// The parts of a question about a registration.
enum class RegistrationPart : std::uint8_t { kRole, kApplication, kName };

struct Registration {
  std::string role;         // "client" or "server", or whatever a service defines; lower case.
  std::string application;  // "smtp"; lower case, and like the role without an underscore.
  std::string name;         // The domain name, lower case, no trailing dot.
  // Of the check csa as it is in the dialect dsar-00, docs/rules.md §4.7. It speaks of the name and
  // of no host.
  CheckResult check = {.check = CheckId::kCsa};
};

// Text for people, UTF-8, lines ended by "\n": the question, result and reason, what the reason
// means, where the rule stands, and each record behind it.
[[nodiscard]] std::string RenderRegistration(const Registration& registration);

// One JSON object (RFC 8259) on one line of printable ASCII: "role", "application", "name",
// "result", "reason", "meaning", "source" and "evidence".
[[nodiscard]] std::string RenderRegistrationJson(const Registration& registration);

}  // namespace helovet

#endif  // HELOVET_REGISTRATION_H_
