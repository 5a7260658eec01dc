#include "policy/policy.h"

#include <algorithm>

namespace helovet {
namespace {

const CheckResult* Find(std::span<const CheckResult> checks, CheckId id) {
  const auto found = std::find_if(checks.begin(), checks.end(),
                                  [id](const CheckResult& check) { return check.check == id; });
  return found == checks.end() ? nullptr : &*found;
}

bool Has(std::span<const CheckResult> checks, CheckId id, Result result) {
  const CheckResult* const check = Find(checks, id);
  return check != nullptr && check->result == result;
}

bool HasReason(std::span<const CheckResult> checks, CheckId id, Reason reason) {
  const CheckResult* const check = Find(checks, id);
  return check != nullptr && check->reason == reason;
}

// Is the client proven to be the host it names? Reverse DNS alone proves nothing (CSV-02 B.2):
// iprev counts only with the HELO name among its confirmed names.
bool IsAuthenticated(const Findings& findings) {
  return HasReason(findings.checks, CheckId::kCsa, Reason::kAuthorized) ||
         Has(findings.checks, CheckId::kForward, Result::kPass) || findings.iprev_confirms_helo;
}

// The check that stands between the client and high trust.
Decision WhatIsMissing(std::span<const CheckResult> checks) {
  const CheckResult* const helo = Find(checks, CheckId::kHelo);
  if (helo != nullptr && helo->result != Result::kPass) return {CheckId::kHelo, helo->reason};
  const CheckResult* const csa = Find(checks, CheckId::kCsa);
  if (csa == nullptr) return {CheckId::kCsa, Reason::kNoName};
  if (csa->result != Result::kPass) return {CheckId::kCsa, csa->reason};
  const CheckResult* const trust = Find(checks, CheckId::kLocalTrust);
  return {CheckId::kLocalTrust, trust == nullptr ? Reason::kNotListed : trust->reason};
}

struct Assessment {
  Trust trust;
  Decision decided_by;
};

Assessment Assess(const Findings& findings, bool authenticated) {
  for (const CheckId id : {CheckId::kHelo, CheckId::kCsa}) {
    const CheckResult* const check = Find(findings.checks, id);
    if (check != nullptr && check->result == Result::kFail) {
      return {Trust::kLow, {id, check->reason}};
    }
  }
  if (authenticated && Has(findings.checks, CheckId::kCsa, Result::kPass) &&
      Has(findings.checks, CheckId::kLocalTrust, Result::kPass)) {
    return {Trust::kHigh, {CheckId::kLocalTrust, Reason::kListed}};
  }
  return {Trust::kUnknown, WhatIsMissing(findings.checks)};
}

// A temporary failure stands between the client and a csa pass. Where csa hangs on iprev, that may
// be one of the HELO name's own addresses, which forward asked for too, while iprev has passed by
// another name.
bool FailedForNow(std::span<const CheckResult> checks) {
  if (Has(checks, CheckId::kCsa, Result::kTemperror)) return true;
  if (!HasReason(checks, CheckId::kCsa, Reason::kTargetIgnored)) return false;
  return Has(checks, CheckId::kIprev, Result::kTemperror) ||
         (Has(checks, CheckId::kIprev, Result::kPass) &&
          Has(checks, CheckId::kForward, Result::kTemperror));
}

Action ActionFor(Profile profile, Trust trust, std::span<const CheckResult> checks) {
  switch (profile) {
    case Profile::kObserve:
      return Action::kTag;
    case Profile::kStandard:
      switch (trust) {
        case Trust::kLow:
          return Action::kReject;
        case Trust::kUnknown:
          return Action::kTag;
        case Trust::kHigh:
          return Action::kAccept;
      }
      break;
    case Profile::kStrict:
      if (trust == Trust::kHigh) return Action::kAccept;
      if (trust == Trust::kUnknown && FailedForNow(checks)) return Action::kDefer;
      return Action::kReject;
  }
  return Action::kTag;
}

}  // namespace

std::optional<Reason> Exemption(const Session& session, const Config& config) {
  if (session.authenticated) return Reason::kAuthenticatedSession;
  for (const IpNetwork& network : config.exempt.networks) {
    if (network.Contains(session.client)) return Reason::kNetwork;
  }
  return std::nullopt;
}

Judgement Judge(const Findings& findings, Profile profile) {
  const bool authenticated = IsAuthenticated(findings);
  const Assessment assessment = Assess(findings, authenticated);
  return {.trust = assessment.trust,
          .action = ActionFor(profile, assessment.trust, findings.checks),
          .decided_by = assessment.decided_by,
          .authenticated = authenticated};
}

}  // namespace helovet
