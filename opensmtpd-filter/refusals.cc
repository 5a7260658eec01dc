#include "refusals.h"

#include <utility>

#include "helovet/engine.h"

namespace helovet {

bool TurnsAway(Action action) { return action == Action::kDefer || action == Action::kReject; }

Refusals::Refusals(std::shared_ptr<const Config> config)
    : config_(std::move(config)),
      alternate_(*config_),
      has_alternate_(!config_->alternate.domains.empty()),
      need_recipients_(has_alternate_ ||
                       config_->opensmtpd.reject_at == Config::RejectAt::kRcptTo) {
  alternate_.profile = config_->alternate.profile;
  alternate_.alternate.domains.clear();
}

bool Refusals::AtMailFrom(const Verdict& verdict) const {
  if (!TurnsAway(verdict.action)) return false;
  if (config_->opensmtpd.reject_at == Config::RejectAt::kRcptTo) return false;
  return !has_alternate_ || ForRecipient(verdict, "", alternate_).action >= verdict.action;
}

}  // namespace helovet
