// The conversation with smtpd: sessions, requests, and exactly one answer to each.
#ifndef HELOVET_OPENSMTPD_FILTER_FILTER_H_
#define HELOVET_OPENSMTPD_FILTER_FILTER_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "body_lines.h"
#include "event.h"
#include "helovet/config.h"
#include "helovet/engine.h"
#include "helovet/ip_address.h"
#include "helovet/metrics.h"
#include "helovet/verdict.h"
#include "log.h"
#include "output.h"
#include "refusals.h"
#include "results_sieve.h"
#include "validator.h"

namespace helovet {

// Reads what smtpd says line by line and answers. Validation starts at HELO or EHLO, which always
// pass; MAIL FROM waits for the verdict on the message, and DATA, which smtpd takes only where it
// has a recipient, for a callback; an authenticated client is let through.
// Does no input or output itself and never throws.
class Filter {
 public:
  // Makes what validates, once smtpd has said what the settings leave to it.
  using StartValidator =
      absl::AnyInvocable<std::unique_ptr<Validator>(std::shared_ptr<const Config> config)>;

  // `output`, `log` and `metrics` must outlive the filter. What `config` leaves to the host is
  // filled in as WithHostDefaults does, with the name that smtpd gives.
  Filter(Config config, StartValidator start, Output& output, Log& log, Metrics& metrics);
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

  // One line of smtpd's, without its line feed.
  void OnLine(std::string_view line);

  // Sessions known at present.
  [[nodiscard]] std::size_t session_count() const { return sessions_.size(); }

 private:
  // From the verdict that came of MAIL FROM to the next MAIL FROM.
  struct Message {
    // Without exchanges. For each of `recipients` it is judged anew; for none in particular before
    // the callback, and for the first of them after it.
    Verdict verdict;
    std::vector<Exchange> untold = {};  // The message's alone, since the last line of the log.
    // The most severe action with which it has been let in: accept or tag.
    std::optional<Action> admitted = std::nullopt;
    // The recipient for whom it was that; empty: none in particular. Their verdict makes the header
    // if lines come, as those of most sessions never do.
    std::string admitted_for = {};
    // Of those who are to have it, one for each profile. Empty: nobody asked, all are alike.
    std::vector<std::string> recipients = {};
  };

  // A request that waits for the verdict on the message, or, DATA, for that of a callback.
  struct Parked {
    RequestId id;
    Phase phase = Phase::kMailFrom;
    std::string recipient = {};  // Of RCPT TO.
  };

  // Of a verdict, what the log tells one from another by.
  struct Ruling {
    Trust trust = Trust::kUnknown;
    Action action = Action::kAccept;
    Decision decided_by = {CheckId::kExempt, Reason::kNetwork};
    friend bool operator==(const Ruling&, const Ruling&) = default;
  };

  // The lines of a message that smtpd is sending through the filter.
  struct Lines {
    bool begun = false;    // Until the final dot.
    bool guarded = false;  // What claims to be our results is removed.
    Section section = Section::kHeader;
    ResultsSieve sieve;
  };

  struct SessionState {
    std::optional<IpAddress> client;
    bool exempt = false;  // Local submission, or the client has authenticated.
    std::string helo;
    std::string mail_from;  // Of the message that is being validated.
    // While it is under way; where there is a message, its callback.
    std::unique_ptr<Validation> validation;
    // On the session without MAIL FROM, without exchanges; the message's verdict shares it.
    std::shared_ptr<const Verdict> name_verdict;
    std::vector<Exchange> untold;  // Those of the name, until they have been logged and counted.
    std::unique_ptr<Message> message;
    std::vector<Ruling> told;  // Those that were logged; few differ.
    std::vector<Parked> parked;
    Lines lines;
  };

  void On(const Malformed& event);
  void On(const ConfigValue& event);
  void On(const ConfigReady& event);
  void On(const LinkConnect& event);
  void On(const LinkDisconnect& event);
  void On(const LinkAuth& event);
  void On(const OtherReport& event);
  void On(const FilterRequest& event);
  void Answer(SessionState& session, const FilterRequest& request);

  void Identify(SessionState& session, const FilterRequest& request);
  void MailFrom(SessionState& session, const FilterRequest& request);
  void RcptTo(SessionState& session, const FilterRequest& request);
  void Data(SessionState& session, const FilterRequest& request);
  void DataLine(SessionState& session, const FilterRequest& request);
  void BeginLines(SessionState& session, const FilterRequest& request);
  void HeaderSectionLine(SessionState& session, const FilterRequest& request);

  void ValidateName(SessionId id, SessionState& session);
  void ValidateMessage(SessionId id, SessionState& session);
  void CallBack(SessionId id, SessionState& session);
  void OnNameVerdict(SessionId id);
  void OnMessageVerdict(SessionId id);
  void OnCallbackVerdict(SessionId id);
  void TellComplaints();

  // These need the session's message.
  // Of a verdict that has just come: nothing is kept twice, and what is told once not in it.
  static void KeepVerdict(SessionState& session);
  [[nodiscard]] std::vector<Verdict> VerdictsOfRecipients(const Message& message) const;
  void JudgeData(SessionState& session, const RequestId& request);
  void BeginData(SessionState& session, const RequestId& request);
  void Judge(SessionState& session, const Parked& request);
  void Admit(const RequestId& request, SessionState& session, Verdict& verdict);
  // Takes down that the message goes on under `verdict`.
  void Note(Message& message, const Verdict& verdict);
  void Refuse(const RequestId& request, SessionState& session, Verdict& verdict);
  // Logs and counts a verdict that has had its effect, unless the session had the like before. It
  // has no exchanges before and after that.
  void Tell(SessionId id, SessionState& session, Verdict& verdict);

  // Forgets the message, if there is one. What was let in and came to no callback is told now.
  void EndMessage(SessionId id, SessionState& session);

  // Forgets everything about the client's name and lets what waits for it pass.
  void Release(SessionState& session);
  // Ends a session. False: there is none.
  bool Forget(SessionId id);
  [[nodiscard]] SessionState* Find(SessionId id);

  std::shared_ptr<const Config> config_;
  StartValidator start_;
  Output& output_;
  Log& log_;
  Metrics& metrics_;
  std::string admd_;                  // smtpd's name for itself.
  BodyLines body_;                    // Of the line before, if it was one of a body.
  std::string_view line_;             // The one being handled, for complaints.
  std::optional<Refusals> refusals_;  // From config|ready on, as are the others below.
  bool calls_back_ = false;
  std::string authserv_id_;
  std::unique_ptr<Validator> validator_;
  absl::flat_hash_map<SessionId, SessionState> sessions_;  // After what validates them.
};

}  // namespace helovet

#endif  // HELOVET_OPENSMTPD_FILTER_FILTER_H_
