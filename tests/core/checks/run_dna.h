// Runs the check dna by itself.
#ifndef HELOVET_TESTS_CORE_CHECKS_RUN_DNA_H_
#define HELOVET_TESTS_CORE_CHECKS_RUN_DNA_H_

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "checks/dna.h"
#include "core/checks/run_check.h"
#include "testing/scripted_dns.h"

namespace helovet::testing {

inline const std::string kPtr = "mail.example.com PTR";

// PTR records that name accreditors (DNA-02 §4).
inline ScriptLine Named(const std::vector<std::string>& accreditors) {
  std::string reply;
  for (const std::string& accreditor : accreditors) {
    reply += (reply.empty() ? "_vouch._smtp." : " | _vouch._smtp.") + accreditor;
  }
  return {kPtr, reply};
}

// What `accreditor` reports (DNA-02 §6).
inline ScriptLine Report(const std::string& accreditor, const std::string& reply) {
  return {"mail.example.com." + accreditor + " TXT", reply};
}

inline Config::Dna Trusting(std::vector<Accreditor> accreditors, int required_weight = 1) {
  return {.trusted = std::move(accreditors), .required_weight = required_weight};
}

inline const Config::Dna kTrustA = Trusting({{.name = "a.test"}});
inline const Config::Dna kTrustAb = Trusting({{.name = "a.test"}, {.name = "b.test"}});
// b.test is asked about every name.
inline const Config::Dna kAlwaysB =
    Trusting({{.name = "a.test"}, {.name = "b.test", .always_ask = true}});

struct DnaCase {
  std::string id = {};
  std::string source = {};
  Config::Dna settings = {};
  std::vector<ScriptLine> script = {};
  std::string wanted = {};                        // "fail/not-recommended D a.test www.a.test:80"
  std::vector<std::string> wanted_opinions = {};  // Empty: not looked at.
  std::string helo = "mail.example.com";
};
inline void PrintTo(const DnaCase& each, std::ostream* out) { *out << each.id; }

inline CheckResult RunDna(const DnaCase& wanted, const std::vector<ScriptLine>& script,
                          ScriptedDns::Order order = ScriptedDns::Order::kAsAsked) {
  Loop loop;
  ScriptedDns dns(loop, script, order);
  SessionDns session_dns(loop, dns, loop.Now() + kShortDeadline);
  const HeloFinding helo = HeloOf(wanted.helo, Address("192.0.2.1"));
  PrefetchDna(helo, wanted.settings, session_dns);  // As the engine does.
  return RunTask(loop, CheckDna(helo, wanted.settings, session_dns));
}

inline CheckResult RunDna(const DnaCase& wanted) { return RunDna(wanted, wanted.script); }

inline std::string Summary(const CheckResult& result) {
  std::string text = Text(result);
  if (result.rating) text += " " + std::string(ToString(*result.rating));
  if (!result.authority.empty()) text += " " + result.authority;
  if (!result.contact.empty()) text += " " + result.contact;
  return text;
}

inline std::vector<std::string> OpinionsOf(const CheckResult& result) {
  std::vector<std::string> texts;
  for (const Opinion& opinion : result.opinions) {
    std::string text = opinion.authority + " " + std::string(ToString(opinion.result)) + "/" +
                       std::string(ToString(opinion.reason));
    if (opinion.rating) text += " " + std::string(ToString(*opinion.rating));
    if (opinion.advisory) text += " advisory";
    texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_CORE_CHECKS_RUN_DNA_H_
