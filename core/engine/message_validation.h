// What MAIL FROM adds to the verdict on a session's name.
#ifndef HELOVET_CORE_ENGINE_MESSAGE_VALIDATION_H_
#define HELOVET_CORE_ENGINE_MESSAGE_VALIDATION_H_

#include <memory>
#include <optional>

#include "checks/helo.h"
#include "dns/dns.h"
#include "engine/announced_validation.h"
#include "engine/sender_series.h"
#include "helovet/config.h"
#include "helovet/local_lists.h"
#include "helovet/session.h"
#include "helovet/verdict.h"

namespace helovet {

// The verdict on a session whose client's address or sender the lists deny, where no other check
// can change what comes of it; nothing is asked then.
[[nodiscard]] std::optional<Verdict> VerdictOfDenial(const Session& session,
                                                     const HeloFinding& helo, const Config& config,
                                                     const LocalLists& lists);

// `session` has MAIL FROM. Whose series is to run for it.
[[nodiscard]] SeriesOf SeriesFor(const Session& session);

// The verdict on the message that `session` is about: what `on_name` has, the lists' word on the
// sender, and `finding`, which a series about its sender came to (nothing for a null sender).
[[nodiscard]] Verdict VerdictOnMessage(std::shared_ptr<const Verdict> on_name, Session session,
                                       SeriesFinding finding, const HeloFinding& helo,
                                       const Config& config, const LocalLists& lists);

// MAIL FROM by itself, after the verdict on the name. The references must outlive it.
class MessageValidation final : public AnnouncedValidation {
 public:
  // `session` has MAIL FROM; it is that of `on_name` otherwise.
  MessageValidation(const ValidationContext& context, std::shared_ptr<const Verdict> on_name,
                    Session session, Loop::TimePoint deadline, Done done);

 private:
  void Finish(SeriesFinding finding);
  // Keeps the verdict for when the same client comes again with the same sender.
  void Keep(Verdict verdict, Loop::TimePoint holds_until) const;
  void BeforeAnnouncement(const Verdict& verdict) override;

  const ValidationContext context_;
  const std::shared_ptr<const Verdict> on_name_;
  Session session_;
  const HeloFinding helo_;
  std::optional<SenderSeries> series_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_ENGINE_MESSAGE_VALIDATION_H_
