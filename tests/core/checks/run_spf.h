// Runs the check spf by itself.
#ifndef HELOVET_TESTS_CORE_CHECKS_RUN_SPF_H_
#define HELOVET_TESTS_CORE_CHECKS_RUN_SPF_H_

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "checks/sender_identity.h"
#include "checks/spf.h"
#include "core/checks/run_check.h"
#include "testing/scripted_dns.h"

namespace helovet::testing {

struct SpfCase {
  std::string id;
  std::string source;
  std::vector<ScriptLine> script;
  std::string wanted;
  std::string client = "192.0.2.1";
  std::optional<std::string> mail_from = "user@example.com";
  std::string helo = "mail.example.com";
};
inline void PrintTo(const SpfCase& each, std::ostream* out) { *out << each.id; }

struct SpfRun {
  CheckResult result;
  std::vector<std::string> asked;
};

inline SpfRun RunSpf(const SpfCase& each, ScriptedDns::Order order = ScriptedDns::Order::kAsAsked,
                     const Config::Spf& settings = {}) {
  Loop loop;
  ScriptedDns dns(loop, each.script, order);
  SessionDns session_dns(loop, dns, loop.Now() + kShortDeadline);
  const IpAddress client = Address(each.client);
  const HeloFinding helo = HeloOf(each.helo, client);
  const SenderIdentity sender = IdentifySender(each.mail_from);
  const SpfContext context = {
      .helo = each.helo,
      .receiver = "mx.example.net",
      .now = std::chrono::system_clock::time_point(std::chrono::seconds(1234567890))};
  CheckResult result =
      RunTask(loop, CheckSpf(helo, sender, client, context, settings, session_dns));
  EXPECT_EQ(result.check, CheckId::kSpf);
  return {std::move(result), dns.asked()};
}

// The record of example.com alone.
inline std::vector<ScriptLine> RecordOf(const std::string& record) {
  return {{"example.com TXT", record}};
}

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_CORE_CHECKS_RUN_SPF_H_
