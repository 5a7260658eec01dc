// Texts that are meant as an accreditor's reports (DNA-02 §6).
#ifndef HELOVET_CORE_LINT_REPORT_TEXT_H_
#define HELOVET_CORE_LINT_REPORT_TEXT_H_

#include <string_view>

#include "base/ascii.h"

namespace helovet {

// It begins with the service that CSV is, whatever follows. Receivers pass over what ReadReport
// does not take, so texts of other services are nobody's mistake.
[[nodiscard]] constexpr bool LooksLikeReport(std::string_view text) {
  constexpr std::string_view kService = "MARID";
  if (!EqualsIgnoringCase(text.substr(0, kService.size()), kService)) return false;
  text.remove_prefix(kService.size());
  return text.empty() || (!IsAsciiLetter(text[0]) && !IsAsciiDigit(text[0]));
}

}  // namespace helovet

#endif  // HELOVET_CORE_LINT_REPORT_TEXT_H_
