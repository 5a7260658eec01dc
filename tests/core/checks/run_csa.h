// Runs the check csa by itself.
#ifndef HELOVET_TESTS_CORE_CHECKS_RUN_CSA_H_
#define HELOVET_TESTS_CORE_CHECKS_RUN_CSA_H_

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "checks/csa.h"
#include "core/checks/run_check.h"
#include "testing/scripted_dns.h"

namespace helovet::testing {

// The two questions of mail.example.com.
inline const std::string kSrv = "_client._smtp.mail.example.com SRV";
inline const std::string kParent = "_client._smtp.example.com SRV";

struct CsaRun {
  CsaFinding finding;
  std::vector<std::string> asked;
};

inline CsaRun RunCsa(const std::string& helo_text, const std::string& client_text,
                     const std::vector<ScriptLine>& script, const Config::Csa& settings = {},
                     ScriptedDns::Order order = ScriptedDns::Order::kAsAsked) {
  Loop loop;
  ScriptedDns dns(loop, script, order);
  SessionDns session_dns(loop, dns, loop.Now() + kShortDeadline);
  const IpAddress client = Address(client_text);
  const HeloFinding helo = HeloOf(helo_text, client);
  CsaFinding finding = RunTask(loop, CheckCsa(helo, client, settings, session_dns));
  EXPECT_EQ(finding.result.check, CheckId::kCsa);
  return {std::move(finding), dns.asked()};
}

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_CORE_CHECKS_RUN_CSA_H_
