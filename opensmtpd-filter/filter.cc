#include "filter.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "helovet/authentication_results.h"
#include "helovet/render.h"

namespace helovet {
namespace {

void MoveTo(std::vector<Exchange>& to, std::vector<Exchange>& from) {
  if (to.empty()) to.swap(from);
  std::ranges::move(from, std::back_inserter(to));
  from = {};
}

}  // namespace

Filter::Filter(Config config, StartValidator start, Output& output, Log& log, Metrics& metrics)
    : config_(std::make_shared<const Config>(std::move(config))),
      start_(std::move(start)),
      output_(output),
      log_(log),
      metrics_(metrics) {}

void Filter::OnLine(std::string_view line) {
  // The last line of a body, a lone dot, ends more than the line.
  if (const auto text = body_.TextOf(line); text && *text != ".") {
    output_.DataLine(body_.id(), body_.version(), *text, Section::kBody);
    return;
  }
  body_.Forget();
  line_ = line;
  std::visit([this](const auto& event) { On(event); }, ParseEvent(line));
}

void Filter::On(const Malformed& event) { log_.Complain(event.problem, line_); }

void Filter::On(const ConfigValue& event) {
  if (event.key == "admd" && admd_.empty()) admd_ = event.value;
}

void Filter::On(const ConfigReady&) {
  // A second registration would make smtpd ask everything twice.
  if (validator_ != nullptr) return;
  config_ = std::make_shared<const Config>(WithHostDefaults(*config_, admd_));
  authserv_id_ = AuthservIdOf(*config_);
  refusals_.emplace(config_);
  validator_ = start_(config_);
  calls_back_ = std::ranges::count(config_->senders.checks, CheckId::kCbv) > 0;
  output_.Register({.rcpt_to = refusals_->need_recipients(),
                    .data = config_->opensmtpd.junk || calls_back_,
                    .data_line = config_->header});
  TellComplaints();
}

void Filter::On(const LinkConnect& event) {
  // The end of the former was not told: what that client was let in for is not this one's.
  if (Forget(event.session)) log_.Complain("session connected twice", line_);
  SessionState session;
  session.client = event.client;
  session.exempt = !event.client;
  sessions_.emplace(event.session, std::move(session));
}

void Filter::On(const LinkDisconnect& event) { Forget(event.session); }

void Filter::On(const LinkAuth& event) {
  SessionState* const session = Find(event.session);
  if (session == nullptr || !event.passed) return;
  session->exempt = true;
  Release(*session);
}

void Filter::On(const OtherReport&) {}

void Filter::On(const FilterRequest& event) {
  // smtpd takes any answer before register|ready for a fault.
  if (validator_ == nullptr) {
    log_.Complain("request before config|ready", line_);
    return;
  }
  if (SessionState* const session = Find(event.id.session)) {
    Answer(*session, event);
  } else if (event.phase == Phase::kDataLine) {
    output_.DataLine(event.id, event.version, event.argument, Section::kBody);
  } else {
    output_.Proceed(event.id);
  }
}

void Filter::Answer(SessionState& session, const FilterRequest& request) {
  switch (request.phase) {
    case Phase::kIdentify:
      output_.Proceed(request.id);
      Identify(session, request);
      return;
    case Phase::kMailFrom:
      MailFrom(session, request);
      return;
    case Phase::kRcptTo:
      RcptTo(session, request);
      return;
    case Phase::kData:
      Data(session, request);
      return;
    case Phase::kDataLine:
      DataLine(session, request);
      return;
    case Phase::kOther:
      output_.Proceed(request.id);
      return;
  }
}

void Filter::Identify(SessionState& session, const FilterRequest& request) {
  EndMessage(request.id.session, session);
  session.helo = request.argument;
  session.validation.reset();
  session.name_verdict.reset();
  session.untold.clear();
  session.told.clear();
  if (!session.exempt) ValidateName(request.id.session, session);
}

void Filter::MailFrom(SessionState& session, const FilterRequest& request) {
  session.lines = {};
  EndMessage(request.id.session, session);
  if (session.exempt) {
    output_.Proceed(request.id);
    return;
  }
  session.mail_from = request.argument;
  session.parked.push_back({.id = request.id});
  if (session.name_verdict != nullptr) {
    ValidateMessage(request.id.session, session);
  } else if (session.validation == nullptr) {
    // No HELO at all: smtpd refuses that itself, but then it would not have asked.
    ValidateName(request.id.session, session);
  }
}

void Filter::RcptTo(SessionState& session, const FilterRequest& request) {
  Parked parked = {
      .id = request.id, .phase = Phase::kRcptTo, .recipient = std::string(request.argument)};
  if (session.message != nullptr) {
    Judge(session, parked);
  } else if (!session.parked.empty()) {
    session.parked.push_back(std::move(parked));
  } else {
    // Of an exempt session, or without MAIL FROM, for which smtpd has an answer of its own.
    output_.Proceed(request.id);
  }
}

void Filter::Data(SessionState& session, const FilterRequest& request) {
  Message* const message = session.message.get();
  // Where nobody was let in smtpd has an answer of its own.
  if (!calls_back_ || message == nullptr || !message->admitted) {
    BeginData(session, request.id);
  } else if (!ConsidersCallback(message->verdict, *config_)) {
    JudgeData(session, request.id);  // A client that was refused may try again.
  } else {
    session.parked.push_back({.id = request.id, .phase = Phase::kData});
    CallBack(request.id.session, session);
  }
}

void Filter::BeginData(SessionState& session, const RequestId& request) {
  if (config_->opensmtpd.junk && session.message != nullptr &&
      session.message->admitted == Action::kTag) {
    output_.Junk(request);
  } else {
    output_.Proceed(request);
  }
}

void Filter::DataLine(SessionState& session, const FilterRequest& request) {
  Lines& lines = session.lines;
  if (!lines.begun) BeginLines(session, request);
  if (lines.section == Section::kHeader) {
    HeaderSectionLine(session, request);
  } else {
    output_.DataLine(request.id, request.version, request.argument, Section::kBody);
  }
  if (request.argument == ".") {
    lines.begun = false;
  } else if (lines.section == Section::kBody) {
    body_.Follow(request);
  }
}

void Filter::BeginLines(SessionState& session, const FilterRequest& request) {
  session.lines = {.begun = true, .guarded = false, .section = Section::kHeader, .sieve = {}};
  if (session.message == nullptr) return;
  const Message& message = *session.message;
  // Hosts that are exempt may be our own, whose results are no forgeries.
  session.lines.guarded = message.verdict.decided_by.check != CheckId::kExempt;
  if (!message.admitted) return;
  const std::vector<std::string> header =
      message.admitted_for.empty()
          ? RenderHeader(message.verdict, *config_)
          : RenderHeader(ForRecipient(message.verdict, message.admitted_for, *config_), *config_);
  for (const std::string& line : header) output_.HeaderLine(request.id, request.version, line);
}

void Filter::HeaderSectionLine(SessionState& session, const FilterRequest& request) {
  Lines& lines = session.lines;
  const auto pass = [&](std::string_view line) {
    output_.DataLine(request.id, request.version, line, Section::kHeader);
  };
  if (request.argument.empty() || request.argument == ".") {
    lines.sieve.End(authserv_id_, pass);
    lines.section = Section::kBody;
    pass(request.argument);
  } else if (lines.guarded) {
    lines.sieve.Feed(request.argument, authserv_id_, pass);
  } else {
    pass(request.argument);
  }
}

void Filter::ValidateName(SessionId id, SessionState& session) {
  Session subject{.client = *session.client, .helo = session.helo};
  session.validation =
      validator_->Validate(std::move(subject), [this, id](const Verdict&) { OnNameVerdict(id); });
}

void Filter::ValidateMessage(SessionId id, SessionState& session) {
  session.validation =
      validator_->ValidateMailFrom(session.name_verdict, session.mail_from,
                                   [this, id](const Verdict&) { OnMessageVerdict(id); });
}

void Filter::CallBack(SessionId id, SessionState& session) {
  const Message& message = *session.message;
  session.validation = validator_->ValidateRecipient(
      message.verdict, message.recipients.empty() ? "" : message.recipients.front(),
      [this, id](const Verdict&) { OnCallbackVerdict(id); });
}

void Filter::OnNameVerdict(SessionId id) {
  SessionState* const session = Find(id);
  if (session == nullptr) return;
  auto of_name = std::make_shared<Verdict>(session->validation->TakeVerdict());
  MoveTo(session->untold, of_name->exchanges);
  session->name_verdict = std::move(of_name);
  session->validation.reset();
  if (!session->parked.empty()) ValidateMessage(id, *session);
  TellComplaints();
}

void Filter::OnMessageVerdict(SessionId id) {
  SessionState* const session = Find(id);
  if (session == nullptr) return;
  session->message =
      std::make_unique<Message>(Message{.verdict = session->validation->TakeVerdict()});
  KeepVerdict(*session);
  session->validation.reset();
  for (const Parked& request : std::exchange(session->parked, {})) Judge(*session, request);
  TellComplaints();
}

void Filter::OnCallbackVerdict(SessionId id) {
  SessionState* const session = Find(id);
  if (session == nullptr) return;
  session->message->verdict = session->validation->TakeVerdict();
  KeepVerdict(*session);
  session->validation.reset();
  for (const Parked& request : std::exchange(session->parked, {})) Judge(*session, request);
  TellComplaints();
}

void Filter::KeepVerdict(SessionState& session) {
  Message& message = *session.message;
  MoveTo(message.untold, message.verdict.exchanges);
  std::shared_ptr<const Verdict>& on_name = message.verdict.on_name;
  if (on_name == nullptr) return;
  if (!on_name->exchanges.empty()) {  // Among those of the message, too.
    auto without = std::make_shared<Verdict>(*on_name);
    without->exchanges = {};
    on_name = std::move(without);
  }
  session.name_verdict = on_name;
}

std::vector<Verdict> Filter::VerdictsOfRecipients(const Message& message) const {
  if (message.recipients.empty()) return {message.verdict};
  std::vector<Verdict> verdicts;
  for (const std::string& recipient : message.recipients) {
    verdicts.push_back(ForRecipient(message.verdict, recipient, *config_));
  }
  return verdicts;
}

// One answer for all: what one recipient is to have is not refused for the sake of others.
void Filter::JudgeData(SessionState& session, const RequestId& request) {
  std::vector<Verdict> verdicts = VerdictsOfRecipients(*session.message);
  const auto mildest = std::ranges::min_element(verdicts, {}, &Verdict::action);
  if (TurnsAway(mildest->action)) {
    Refuse(request, session, *mildest);
    return;
  }
  session.message->admitted.reset();
  for (Verdict& verdict : verdicts) {
    if (TurnsAway(verdict.action)) continue;
    Note(*session.message, verdict);
    Tell(request.session, session, verdict);
  }
  BeginData(session, request);
}

void Filter::TellComplaints() {
  const std::vector<FileError> complaints = validator_->TakeComplaints();
  metrics_.CountComplaints(complaints);
  for (const FileError& complaint : complaints) log_.Write(complaint.ToString());
}

void Filter::Judge(SessionState& session, const Parked& request) {
  Verdict& verdict = session.message->verdict;
  if (request.phase == Phase::kData) {
    JudgeData(session, request.id);
  } else if (request.phase == Phase::kRcptTo) {
    Verdict theirs = ForRecipient(verdict, request.recipient, *config_);
    TurnsAway(theirs.action) ? Refuse(request.id, session, theirs)
                             : Admit(request.id, session, theirs);
  } else if (refusals_->AtMailFrom(verdict)) {
    Refuse(request.id, session, verdict);
  } else if (refusals_->need_recipients()) {
    output_.Proceed(request.id);
  } else {
    Admit(request.id, session, verdict);
  }
}

void Filter::Admit(const RequestId& request, SessionState& session, Verdict& verdict) {
  output_.Proceed(request);
  Message& message = *session.message;
  Note(message, verdict);
  if (!ConsidersCallback(message.verdict, *config_)) Tell(request.session, session, verdict);
  if (verdict.session.recipient.empty()) return;
  const bool known = std::ranges::any_of(message.recipients, [&](const std::string& recipient) {
    return ForRecipient(message.verdict, recipient, *config_).profile == verdict.profile;
  });
  if (!known) message.recipients.push_back(verdict.session.recipient);
}

void Filter::Note(Message& message, const Verdict& verdict) {
  // The field names the action: of several recipients the most severe.
  if (!message.admitted || verdict.action > *message.admitted) {
    message.admitted = verdict.action;
    message.admitted_for = verdict.session.recipient;
  }
}

void Filter::Refuse(const RequestId& request, SessionState& session, Verdict& verdict) {
  output_.Reject(request, RenderReply(verdict, *config_));
  Tell(request.session, session, verdict);
}

void Filter::Tell(SessionId id, SessionState& session, Verdict& verdict) {
  const Ruling ruling = {verdict.trust, verdict.action, verdict.decided_by};
  if (std::ranges::find(session.told, ruling) != session.told.end()) return;
  session.told.push_back(ruling);
  // Lent for the line and the counters, a verdict being much to copy.
  MoveTo(verdict.exchanges, session.untold);
  MoveTo(verdict.exchanges, session.message->untold);
  log_.Write("session=" + FormatId(id) + " " + RenderLogLine(verdict));
  metrics_.Count(verdict);
  verdict.exchanges = {};
}

void Filter::EndMessage(SessionId id, SessionState& session) {
  if (session.message == nullptr) return;
  session.validation.reset();  // Of a callback.
  const Message& message = *session.message;
  if (message.admitted && ConsidersCallback(message.verdict, *config_)) {
    for (Verdict& verdict : VerdictsOfRecipients(message)) Tell(id, session, verdict);
  }
  session.message.reset();
}

void Filter::Release(SessionState& session) {
  session.validation.reset();
  session.name_verdict.reset();
  session.untold.clear();
  session.message.reset();
  for (const Parked& request : std::exchange(session.parked, {})) output_.Proceed(request.id);
}

bool Filter::Forget(SessionId id) {
  SessionState* const session = Find(id);
  if (session == nullptr) return false;
  EndMessage(id, *session);
  Release(*session);
  sessions_.erase(id);
  return true;
}

Filter::SessionState* Filter::Find(SessionId id) {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : &found->second;
}

}  // namespace helovet
