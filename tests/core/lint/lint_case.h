// Zones with one mistake each, and the nearest zones without it.
#ifndef HELOVET_TESTS_CORE_LINT_LINT_CASE_H_
#define HELOVET_TESTS_CORE_LINT_LINT_CASE_H_

#include <string>
#include <string_view>
#include <vector>

#include "helovet/lint.h"

namespace helovet::testing {

struct LintCase {
  FindingId id;
  std::string source;              // Where it stands that the one is wrong, or the other right.
  std::vector<std::string> wrong;  // Records with absolute names, one a line.
  std::vector<std::string> right;  // Likewise.
  std::vector<std::string> names = {};  // Empty: all of the zones.
};

[[nodiscard]] const std::vector<LintCase>& LintCases();

// A zone and its records: those of `records` whose owners are in it. Line 1 is the SOA record's.
// The apexes: example.com, accredit.example, arpa.
[[nodiscard]] LintReport LintRecords(const std::vector<std::string>& records,
                                     const std::vector<std::string>& names = {});

// `records` after the correction of `finding`, which LintRecords made of them.
[[nodiscard]] std::vector<std::string> Corrected(const std::vector<std::string>& records,
                                                 const Finding& finding);

// "csa-wrong-version mail.example.com: RECORD | RECORD".
[[nodiscard]] std::string Text(const Finding& finding);
[[nodiscard]] std::string Text(const LintReport& report);

[[nodiscard]] std::size_t CountOf(FindingId id, const LintReport& report);

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_CORE_LINT_LINT_CASE_H_
