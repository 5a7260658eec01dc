// The cases of the conformance suite, as their files tell them.
#ifndef HELOVET_TESTS_CONFORMANCE_CASES_H_
#define HELOVET_TESTS_CONFORMANCE_CASES_H_

#include <ostream>
#include <string>
#include <vector>

#include "helovet/config.h"
#include "helovet/file_error.h"
#include "helovet/ip_address.h"
#include "helovet/session.h"
#include "helovet/verdict.h"

namespace helovet::conformance {

// One `[[case]]`:
//   id = "weight_2_match"                     lower-case letters, digits and underscores
//   source = "CSA-02 §4; docs/rules.md §4.4"  where the rule stands
//   client = "192.0.2.10"
//   helo = "mail.example.com"
//   mail_from = "user@example.org"            "": the null sender; default: not sent yet
//   recipient = "user@example.net"            default: none yet
//   smtputf8 = true                           the server announced it; default: false
//   authenticated_session = true              the client logged in; default: false
//   settings = ["csa.reverse = true"]         lines of a configuration file; default: none. The
//                                             default of senders.checks is [] here
//   asked = ["mail.example.com A"]            questions that must have left
//   not_asked = ["_client._smtp.com SRV"]     questions that must not
//   expect = { csa = "pass/authorized" }      see Expected; a check's result or what decided
struct Case {
  std::string file;  // For messages, with the line.
  std::string id;
  std::string source;
  Session session = {.client = IpAddress::FromV4({}), .helo = ""};
  Config config;
  // A part of the verdict and what it must be:
  //   csa = "pass/authorized"                any check: "result/reason"; "skipped": it did not run
  //   "dna.authority" = "a.example"          any check; "": none
  //   "dna.rating" = "D"                     any check; "": none
  //   "dna.contact" = "www.a.example:80"     any check; "": none
  //   "dna.opinions" = ["a.example pass/recommended A", "b.example none/unknown advisory"]
  //   "dmp.identity" = "helo"                any check: "helo" or "mail-from"
  //   "spf.explanation" = "Go away"          any check; "": none
  //   trust = "low"
  //   action = "reject"
  //   decided_by = "csa/address-mismatch"
  //   standard = "reject", strict = "reject" the action under that profile
  //   authenticated = true
  //   skip_address_blocklists = true
  struct Expected {
    std::string part;
    std::string wanted;  // Opinions joined by ", "; "true" or "false".
  };
  std::vector<Expected> expect;
  std::vector<std::string> asked;
  std::vector<std::string> not_asked;
};

void PrintTo(const Case& each, std::ostream* out);

// What `verdict` has for a part that a case can expect (Case::Expected).
[[nodiscard]] std::string PartOf(const Verdict& verdict, const std::string& part);

// Reads the text of a file of cases; `file` names it in errors. No cases at all, unknown or missing
// keys, values of the wrong type, checks that do not exist and ids that occur twice are errors.
[[nodiscard]] FileErrorOr<std::vector<Case>> ParseCases(const std::string& text,
                                                        const std::string& file);

}  // namespace helovet::conformance

#endif  // HELOVET_TESTS_CONFORMANCE_CASES_H_
