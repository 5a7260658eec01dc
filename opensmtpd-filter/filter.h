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
#include "event.h"
#include "helovet/config.h"
#include "helovet/engine.h"
#include "helovet/ip_address.h"
#include "helovet/session.h"
#include "helovet/verdict.h"
#include "log.h"
#include "output.h"

namespace helovet {

// Reads what smtpd says line by line and answers. Validation starts at HELO or EHLO, which always
// pass; MAIL FROM waits for the verdict; an authenticated client is let through. Does no input or
// output itself and never throws.
class Filter {
 public:
  // Engine::Validate, or what stands for it in tests.
  using Validate = absl::AnyInvocable<std::unique_ptr<Validation>(
      Session session, absl::AnyInvocable<void(const Verdict&)> done)>;

  // `output` and `log`, and the engine behind `validate`, must outlive the filter. An empty
  // config.authserv_id is replaced by the one that smtpd names.
  Filter(Config config, Validate validate, Output& output, Log& log);
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

  // One line of smtpd's, without its line feed.
  void OnLine(std::string_view line);

  // Sessions known at present.
  [[nodiscard]] std::size_t session_count() const { return sessions_.size(); }

 private:
  // What is left of a verdict once it is reached.
  struct Outcome {
    std::optional<std::string> refusal;  // The reply to MAIL FROM; empty: it passes.
    std::vector<std::string> header;     // Lines for the top of each message.
  };

  struct SessionState {
    std::optional<IpAddress> client;
    bool exempt = false;  // Local submission, or the client has authenticated.
    std::string helo;
    std::unique_ptr<Validation> validation;  // While it is under way.
    std::optional<Outcome> outcome;
    std::vector<RequestId> parked;  // MAIL FROM requests that wait for the outcome.
    bool in_message = false;        // Between the first data-line and the final dot.
    Section section = Section::kHeader;
  };

  void On(const Malformed& event);
  void On(const ConfigValue& event);
  void On(const ConfigReady& event);
  void On(const LinkConnect& event);
  void On(const LinkDisconnect& event);
  void On(const LinkAuth& event);
  void On(const OtherReport& event);
  void On(const FilterRequest& event);

  void Identify(SessionState& session, const FilterRequest& request);
  void MailFrom(SessionState& session, const FilterRequest& request);
  void DataLine(SessionState& session, const FilterRequest& request);

  void Start(SessionId id, SessionState& session);
  void Finish(SessionId id, const Verdict& verdict);
  void Answer(const RequestId& id, const Outcome& outcome);
  // Forgets everything about the client's name and lets what waits for it pass.
  void Release(SessionState& session);
  [[nodiscard]] SessionState* Find(SessionId id);

  Config config_;
  Validate validate_;
  Output& output_;
  Log& log_;
  std::string_view line_;  // The one being handled, for complaints.
  bool registered_ = false;
  absl::flat_hash_map<SessionId, SessionState> sessions_;
};

}  // namespace helovet

#endif  // HELOVET_OPENSMTPD_FILTER_FILTER_H_
