#include "engine/judgement.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "checks/sender.h"
#include "helovet/engine.h"
#include "policy/policy.h"

namespace helovet {
namespace {

// Checks of designated senders that would not have run, had what failed for now passed.
CheckSet InDoubt(const Verdict& verdict, const Config& config) {
  const Verdict& on_name = verdict.on_name ? *verdict.on_name : verdict;
  CheckSet in_doubt = ChecksInDoubt(SeriesOf::kName, on_name.checks, config);
  if (!verdict.on_name) return in_doubt;
  if (verdict.session.mail_from->empty()) {
    return ChecksInDoubt(SeriesOf::kNullSender, verdict.checks, config) | in_doubt;
  }
  in_doubt.Remove(CheckId::kDmp);  // It speaks of the sender now.
  return ChecksInDoubt(SeriesOf::kSender, verdict.checks, config) | in_doubt;
}

}  // namespace

void Put(CheckResult result, std::vector<CheckResult>& checks) {
  const auto place = std::ranges::lower_bound(checks, result.check, {}, &CheckResult::check);
  if (place != checks.end() && place->check == result.check) {
    *place = std::move(result);
  } else {
    checks.insert(place, std::move(result));
  }
}

NameProof ProofForLists(NameProof proof, std::span<const CheckResult> checks,
                        const Config& config) {
  if (!FollowsDsar(config)) return proof;
  const auto csa = std::ranges::find(checks, CheckId::kCsa, &CheckResult::check);
  if (csa != checks.end() && csa->result == Result::kPass) return proof;
  const bool open = csa != checks.end() && csa->result == Result::kTemperror;
  return open ? std::min(proof, NameProof::kUndetermined) : NameProof::kNotProven;
}

void ApplyJudgement(const Config& config, Verdict& verdict) {
  const std::optional<std::string> domain = DomainOfPath(verdict.session.recipient);
  const Profile profile = ProfileFor(config, domain);
  const Judgement judgement =
      Judge(verdict.checks, verdict.name_proof, config, profile, InDoubt(verdict, config));
  verdict.trust = judgement.trust;
  verdict.action = judgement.action;
  verdict.decided_by = judgement.decided_by;
  verdict.profile = profile;
  verdict.overridden = judgement.overridden;
  verdict.skip_address_blocklists = judgement.skip_address_blocklists;
  verdict.shadow = judgement.shadow;
}

void Settle(const Config& config, Verdict& verdict) {
  if (SkipsAddressLists(verdict.checks, verdict.name_proof, config)) {
    std::erase_if(verdict.checks,
                  [](const CheckResult& check) { return check.check == CheckId::kAddressList; });
  }
  ApplyJudgement(config, verdict);
}

Verdict ForRecipient(Verdict verdict, std::string recipient, const Config& config) {
  verdict.session.recipient = std::move(recipient);
  // An exempt session, or one without a usable configuration, is the same to all recipients.
  if (verdict.checks.empty() || verdict.decided_by.check == CheckId::kConfiguration) {
    return verdict;
  }
  ApplyJudgement(config, verdict);
  return verdict;
}

}  // namespace helovet
