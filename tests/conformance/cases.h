// The cases of the conformance suite, as their files tell them.
#ifndef HELOVET_TESTS_CONFORMANCE_CASES_H_
#define HELOVET_TESTS_CONFORMANCE_CASES_H_

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "helovet/config.h"
#include "helovet/file_error.h"
#include "helovet/ip_address.h"
#include "helovet/session.h"

namespace helovet::conformance {

// One `[[case]]`:
//   id = "weight_2_match"                     lower-case letters, digits and underscores
//   source = "CSA-02 §4; docs/rules.md §4.4"  where the rule stands
//   client = "192.0.2.10"
//   helo = "mail.example.com"
//   settings = ["csa.reverse = true"]         lines of a configuration file; default: none
//   expect = { csa = "pass/authorized", authenticated = true }      checks by name; at least one
//   asked = ["mail.example.com A"]            questions that must have left
//   not_asked = ["_client._smtp.com SRV"]     questions that must not
struct Case {
  std::string file;  // For messages, with the line.
  std::string id;
  std::string source;
  Session session = {.client = IpAddress::FromV4({}), .helo = ""};
  Config config;
  struct Expected {
    std::string check;
    std::string outcome;  // "result/reason"
  };
  std::vector<Expected> expect;
  std::optional<bool> authenticated;
  std::vector<std::string> asked;
  std::vector<std::string> not_asked;
};

void PrintTo(const Case& each, std::ostream* out);

// Reads the text of a file of cases; `file` names it in errors. No cases at all, unknown or missing
// keys, values of the wrong type, checks that do not exist and ids that occur twice are errors.
[[nodiscard]] FileErrorOr<std::vector<Case>> ParseCases(const std::string& text,
                                                        const std::string& file);

}  // namespace helovet::conformance

#endif  // HELOVET_TESTS_CONFORMANCE_CASES_H_
