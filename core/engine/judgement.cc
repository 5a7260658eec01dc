#include "engine/judgement.h"

#include <optional>
#include <string>
#include <utility>

#include "checks/sender.h"
#include "helovet/engine.h"
#include "policy/policy.h"

namespace helovet {

void ApplyJudgement(const Config& config, Verdict& verdict) {
  const std::optional<std::string> domain = DomainOfPath(verdict.session.recipient);
  const Profile profile = ProfileFor(config, domain);
  const Judgement judgement = Judge(verdict.checks, verdict.name_proof, config, profile);
  verdict.trust = judgement.trust;
  verdict.action = judgement.action;
  verdict.decided_by = judgement.decided_by;
  verdict.profile = profile;
  verdict.overridden = judgement.overridden;
  verdict.skip_address_blocklists = judgement.skip_address_blocklists;
  verdict.shadow = judgement.shadow;
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
