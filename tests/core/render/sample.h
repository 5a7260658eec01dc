// Verdicts to render.
#ifndef HELOVET_TESTS_CORE_RENDER_SAMPLE_H_
#define HELOVET_TESTS_CORE_RENDER_SAMPLE_H_

#include <chrono>
#include <string>
#include <string_view>

#include "helovet/config.h"
#include "helovet/verdict.h"

namespace helovet::sample {

[[nodiscard]] inline IpAddress Address(std::string_view text) {
  return IpAddress::Parse(text).value();
}

// Standard profile, authserv-id mx.example.net, a pointer to explanations.
[[nodiscard]] inline Config Settings() {
  Config config;
  config.profile = Profile::kStandard;
  config.authserv_id = "mx.example.net";
  config.explain_url = "https://mx.example.net/csv";
  return config;
}

[[nodiscard]] inline Evidence SrvEvidence(bool ad) {
  return {.owner = "_client._smtp.mail.example.com",
          .type = "SRV",
          .outcome = "ok",
          .ttl = 300,
          .ad = ad,
          .text = "1 2 0 mail.example.com"};
}

[[nodiscard]] inline Evidence AddressEvidence(bool ad) {
  return {.owner = "mail.example.com",
          .type = "A",
          .outcome = "ok",
          .ttl = 300,
          .ad = ad,
          .text = "192.0.2.10"};
}

// 192.0.2.9 says mail.example.com, whose CSA record names another address.
[[nodiscard]] inline Verdict Mismatch() {
  return {
      .session = {.client = Address("192.0.2.9"), .helo = "mail.example.com"},
      .trust = Trust::kLow,
      .action = Action::kReject,
      .decided_by = {CheckId::kCsa, Reason::kAddressMismatch},
      .checks = {{.check = CheckId::kHelo, .result = Result::kPass, .reason = Reason::kFqdn},
                 {.check = CheckId::kCsa,
                  .result = Result::kFail,
                  .reason = Reason::kAddressMismatch,
                  .evidence = {SrvEvidence(true), AddressEvidence(true)}},
                 {.check = CheckId::kForward,
                  .result = Result::kNeutral,
                  .reason = Reason::kNotMatched,
                  .evidence = {AddressEvidence(true)}},
                 {.check = CheckId::kIprev,
                  .result = Result::kPermerror,
                  .reason = Reason::kNoPtr,
                  .evidence = {{.owner = "9.2.0.192.in-addr.arpa",
                                .type = "PTR",
                                .outcome = "nxdomain",
                                .ttl = 3600,
                                .text = ""}}},
                 {.check = CheckId::kLocalTrust,
                  .result = Result::kNone,
                  .reason = Reason::kNotListed}},
      .exchanges = {{.name = "_client._smtp.mail.example.com",
                     .type = "SRV",
                     .outcome = "ok",
                     .server = "127.0.0.1:53",
                     .ad = true,
                     .ttl = 300,
                     .records = {"_client._smtp.mail.example.com 300 SRV 1 2 0 mail.example.com"},
                     .took = std::chrono::microseconds(412)},
                    {.name = "mail.example.com",
                     .type = "A",
                     .outcome = "ok",
                     .server = "127.0.0.1:53",
                     .ad = true,
                     .ttl = 300,
                     .records = {"mail.example.com 300 A 192.0.2.10"},
                     .took = std::chrono::microseconds(12007)},
                    {.name = "9.2.0.192.in-addr.arpa",
                     .type = "PTR",
                     .outcome = "nxdomain",
                     .server = "127.0.0.1:53",
                     .ttl = 3600,
                     .took = std::chrono::microseconds(3000000)}},
  };
}

// The same client, authorized, proven and vouched for.
[[nodiscard]] inline Verdict High() {
  Verdict verdict = Mismatch();
  verdict.trust = Trust::kHigh;
  verdict.action = Action::kAccept;
  verdict.decided_by = {CheckId::kLocalTrust, Reason::kListed};
  verdict.authenticated = true;
  verdict.checks[1].result = Result::kPass;
  verdict.checks[1].reason = Reason::kAuthorized;
  verdict.checks[2].result = Result::kPass;
  verdict.checks[2].reason = Reason::kMatched;
  verdict.checks[4].result = Result::kPass;
  verdict.checks[4].reason = Reason::kListed;
  return verdict;
}

// A client of 2001:db8::9 for whom the DNS did not answer.
[[nodiscard]] inline Verdict Deferred() {
  return {
      .session = {.client = Address("2001:db8::9"), .helo = "mail.example.com"},
      .trust = Trust::kUnknown,
      .action = Action::kDefer,
      .decided_by = {CheckId::kCsa, Reason::kDns},
      .checks = {{.check = CheckId::kCsa, .result = Result::kTemperror, .reason = Reason::kDns},
                 {.check = CheckId::kForward, .result = Result::kSkipped},
                 {.check = CheckId::kIprev, .result = Result::kPass, .reason = Reason::kConfirmed}},
  };
}

[[nodiscard]] inline Verdict Exempt() {
  return {.session = {.client = Address("127.0.0.1"), .helo = "localhost"},
          .trust = Trust::kUnknown,
          .action = Action::kAccept,
          .decided_by = {CheckId::kExempt, Reason::kNetwork}};
}

// Refused for its HELO name alone.
[[nodiscard]] inline Verdict Refused(std::string_view helo, Reason reason) {
  return {.session = {.client = Address("192.0.2.9"), .helo = std::string(helo)},
          .trust = Trust::kLow,
          .action = Action::kReject,
          .decided_by = {CheckId::kHelo, reason},
          .checks = {{.check = CheckId::kHelo, .result = Result::kFail, .reason = reason}}};
}

}  // namespace helovet::sample

#endif  // HELOVET_TESTS_CORE_RENDER_SAMPLE_H_
