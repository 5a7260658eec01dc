// Where in a transaction the settings have a message refused.
#ifndef HELOVET_OPENSMTPD_FILTER_REFUSALS_H_
#define HELOVET_OPENSMTPD_FILTER_REFUSALS_H_

#include <memory>

#include "helovet/config.h"
#include "helovet/verdict.h"

namespace helovet {

// Reject and defer.
[[nodiscard]] bool TurnsAway(Action action);

// Config::OpenSmtpd::reject_at and Config::Alternate, read together.
class Refusals {
 public:
  explicit Refusals(std::shared_ptr<const Config> config);

  // RCPT TO has to be asked for.
  [[nodiscard]] bool need_recipients() const { return need_recipients_; }

  // Whether a message under `verdict`, which is for no recipient in particular, is refused before
  // its recipients are known. It is not where one of them could be treated more mildly.
  [[nodiscard]] bool AtMailFrom(const Verdict& verdict) const;

 private:
  std::shared_ptr<const Config> config_;
  Config alternate_;  // The settings as they are for recipients of Config::Alternate.
  bool has_alternate_;
  bool need_recipients_;
};

}  // namespace helovet

#endif  // HELOVET_OPENSMTPD_FILTER_REFUSALS_H_
