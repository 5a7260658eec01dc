// Verdicts to render.
#ifndef HELOVET_TESTS_CORE_RENDER_SAMPLE_H_
#define HELOVET_TESTS_CORE_RENDER_SAMPLE_H_

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

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
      .profile = Profile::kStandard,
      .shadow = {.standard = Action::kReject, .strict = Action::kReject},
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
                 {.check = CheckId::kLocalList,
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

// The same client, authorized, proven and allowed by an entry of a file.
[[nodiscard]] inline Verdict High() {
  Verdict verdict = Mismatch();
  verdict.trust = Trust::kHigh;
  verdict.action = Action::kAccept;
  verdict.decided_by = {CheckId::kLocalList, Reason::kListed};
  verdict.name_proof = NameProof::kProven;
  verdict.skip_address_blocklists = true;
  verdict.shadow = {};
  verdict.checks[1].result = Result::kPass;
  verdict.checks[1].reason = Reason::kAuthorized;
  verdict.checks[2].result = Result::kPass;
  verdict.checks[2].reason = Reason::kMatched;
  verdict.checks[4].result = Result::kPass;
  verdict.checks[4].reason = Reason::kListed;
  verdict.checks[4].authority = "/etc/helovet/friends:17";
  verdict.checks[4].opinions = {{.authority = "/etc/helovet/friends:17",
                                 .result = Result::kPass,
                                 .reason = Reason::kListed,
                                 .text = ".example.com"}};
  return verdict;
}

// A client of 2001:db8::9 for whom the DNS did not answer.
[[nodiscard]] inline Verdict Deferred() {
  return {
      .session = {.client = Address("2001:db8::9"), .helo = "mail.example.com"},
      .trust = Trust::kUnknown,
      .action = Action::kDefer,
      .decided_by = {CheckId::kCsa, Reason::kDns},
      .profile = Profile::kStrict,
      .name_proof = NameProof::kUndetermined,
      .shadow = {.standard = Action::kTag, .strict = Action::kDefer},
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

[[nodiscard]] inline Evidence CodeEvidence(std::string_view owner, std::string_view code) {
  return {.owner = std::string(owner),
          .type = "A",
          .outcome = "ok",
          .ttl = 60,
          .ad = true,
          .text = std::string(code)};
}

// An accreditor whom we trust speaks against the name, one does not count, one is nobody to us.
[[nodiscard]] inline CheckResult DnaFailure() {
  return {.check = CheckId::kDna,
          .result = Result::kFail,
          .reason = Reason::kNotRecommended,
          .evidence = {{.owner = "mail.example.com.judge.example",
                        .type = "TXT",
                        .outcome = "ok",
                        .ttl = 600,
                        .text = "\"MARID,1,E;spam\""}},
          .opinions = {{.authority = "advice.example",
                        .result = Result::kPass,
                        .reason = Reason::kRecommended,
                        .rating = Rating::kB,
                        .advisory = true,
                        .text = "MARID,1,B"},
                       {.authority = "judge.example",
                        .result = Result::kFail,
                        .reason = Reason::kNotRecommended,
                        .rating = Rating::kE,
                        .text = "MARID,1,E;spam"},
                       {.authority = "stranger.example", .result = Result::kSkipped}},
          .authority = "judge.example",
          .rating = Rating::kE,
          .contact = "ask.judge.example:587"};
}

// 127.0.0.2 and 127.0.0.4 of one list, nothing of the other.
[[nodiscard]] inline CheckResult ListFailure(CheckId check) {
  return {.check = check,
          .result = Result::kFail,
          .reason = Reason::kListed,
          .evidence = {CodeEvidence("9.2.0.192.bad.example", "127.0.0.2"),
                       CodeEvidence("9.2.0.192.bad.example", "127.0.0.4")},
          .opinions = {{.authority = "bad.example",
                        .result = Result::kFail,
                        .reason = Reason::kListed,
                        .rating = Rating::kD,
                        .text = "127.0.0.2 127.0.0.4"},
                       {.authority = "good.example",
                        .result = Result::kNone,
                        .reason = Reason::kNotListed}},
          .authority = "bad.example",
          .rating = Rating::kD};
}

// Every check, and everything that one can say.
[[nodiscard]] inline Verdict Full() {
  Verdict verdict = Mismatch();
  verdict.session.mail_from = "info@example.com";
  verdict.session.recipient = "postmaster@example.net";
  verdict.decided_by = {CheckId::kDna, Reason::kNotRecommended};
  verdict.checks[1].result = Result::kPass;
  verdict.checks[1].reason = Reason::kAuthorized;
  const CheckResult local_list = {.check = CheckId::kLocalList,
                                  .result = Result::kNeutral,
                                  .reason = Reason::kNotVerified,
                                  .opinions = {{.authority = "lists.allow",
                                                .result = Result::kNeutral,
                                                .reason = Reason::kNotVerified,
                                                .text = "mail.example.com"}},
                                  .authority = "lists.allow"};
  verdict.checks.pop_back();
  verdict.checks.push_back(
      {.check = CheckId::kReverseMatch, .result = Result::kNeutral, .reason = Reason::kNotMatched});
  verdict.checks.push_back(
      {.check = CheckId::kWellKnown, .result = Result::kNone, .reason = Reason::kNotListed});
  verdict.checks.push_back(DnaFailure());
  verdict.checks.push_back({.check = CheckId::kVbr,
                            .result = Result::kPass,
                            .reason = Reason::kVouched,
                            .authority = "certifier.example"});
  verdict.checks.push_back(local_list);
  verdict.checks.push_back(ListFailure(CheckId::kAddressList));
  verdict.checks.push_back(ListFailure(CheckId::kNameList));
  verdict.exchanges[1].cached = true;
  return verdict;
}

// The domain of MAIL FROM says that the client is not one of its own, and why.
[[nodiscard]] inline CheckResult SpfFailure() {
  return {.check = CheckId::kSpf,
          .result = Result::kFail,
          .reason = Reason::kNotDesignated,
          .evidence = {{.owner = "example.org",
                        .type = "TXT",
                        .outcome = "ok",
                        .ttl = 60,
                        .text = "\"v=spf1 -all exp=why.example.org\""}},
          .identity = Identity::kMailFrom,
          .explanation = "192.0.2.9 is none of ours, see https://example.org/?ip=192.0.2.9"};
}

// A message from jo@example.org that every check of senders judged.
[[nodiscard]] inline Verdict Senders() {
  Verdict verdict = Mismatch();
  verdict.session.mail_from = "jo@example.org";
  verdict.decided_by = {CheckId::kSpf, Reason::kNotDesignated};
  verdict.checks.erase(verdict.checks.begin() + 1, verdict.checks.end());
  verdict.checks.push_back(
      {.check = CheckId::kDmp, .result = Result::kPass, .reason = Reason::kDesignated});
  verdict.checks.push_back(
      {.check = CheckId::kDrip, .result = Result::kNone, .reason = Reason::kNotParticipating});
  verdict.checks.push_back({.check = CheckId::kRmx,
                            .result = Result::kNone,
                            .reason = Reason::kNoRecord,
                            .identity = Identity::kMailFrom});
  verdict.checks.push_back({.check = CheckId::kSpfHelo,
                            .result = Result::kSoftfail,
                            .reason = Reason::kProbablyNotDesignated});
  verdict.checks.push_back(SpfFailure());
  verdict.checks.push_back({.check = CheckId::kCbv,
                            .result = Result::kPass,
                            .reason = Reason::kAccepted,
                            .identity = Identity::kMailFrom,
                            .remembered = true});
  return verdict;
}

// Full's checks and those of Senders, with what the domain of the HELO name explains as well.
[[nodiscard]] inline Verdict EveryCheck() {
  Verdict verdict = Full();
  for (CheckResult check : Senders().checks) {
    if (check.check == CheckId::kHelo) continue;
    if (check.check == CheckId::kSpfHelo) {
      check.result = Result::kFail;
      check.reason = Reason::kNotDesignated;
      check.explanation = "no mail comes from here";
    }
    verdict.checks.push_back(std::move(check));
  }
  return verdict;
}

// Refused for the word of `check`, which is the last of its checks.
[[nodiscard]] inline Verdict RefusedBy(CheckResult check) {
  Verdict verdict = Mismatch();
  verdict.checks.resize(2);
  verdict.checks[1].result = Result::kPass;
  verdict.checks[1].reason = Reason::kAuthorized;
  verdict.decided_by = {check.check, check.reason};
  verdict.checks.push_back(std::move(check));
  return verdict;
}

// Refused for its HELO name alone.
[[nodiscard]] inline Verdict Refused(std::string_view helo, Reason reason) {
  return {.session = {.client = Address("192.0.2.9"), .helo = std::string(helo)},
          .trust = Trust::kLow,
          .action = Action::kReject,
          .decided_by = {CheckId::kHelo, reason},
          .profile = Profile::kStandard,
          .shadow = {.standard = Action::kReject, .strict = Action::kReject},
          .checks = {{.check = CheckId::kHelo, .result = Result::kFail, .reason = reason}}};
}

}  // namespace helovet::sample

#endif  // HELOVET_TESTS_CORE_RENDER_SAMPLE_H_
