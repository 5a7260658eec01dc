#include "filter.h"

#include <utility>

#include "helovet/render.h"

namespace helovet {
Filter::Filter(Config config, Validate validate, Output& output, Log& log)
    : config_(std::move(config)), validate_(std::move(validate)), output_(output), log_(log) {}

void Filter::OnLine(std::string_view line) {
  line_ = line;
  std::visit([this](const auto& event) { On(event); }, ParseEvent(line));
}

void Filter::On(const Malformed& event) { log_.Complain(event.problem, line_); }

void Filter::On(const ConfigValue& event) {
  if (registered_ || event.key != "admd" || !config_.authserv_id.empty()) return;
  config_.authserv_id = event.value;
}

void Filter::On(const ConfigReady&) {
  // A second registration would make smtpd ask everything twice.
  if (registered_) return;
  registered_ = true;
  output_.Register(config_.header);
}

void Filter::On(const LinkConnect& event) {
  SessionState session;
  session.client = event.client;
  session.exempt = !event.client;
  const auto [known, added] = sessions_.try_emplace(event.session, std::move(session));
  if (!added) log_.Complain("session connected twice", line_);
}

void Filter::On(const LinkDisconnect& event) {
  SessionState* const session = Find(event.session);
  if (session == nullptr) return;
  Release(*session);
  sessions_.erase(event.session);
}

void Filter::On(const LinkAuth& event) {
  SessionState* const session = Find(event.session);
  if (session == nullptr || !event.passed) return;
  session->exempt = true;
  Release(*session);
}

void Filter::On(const OtherReport&) {}

void Filter::On(const FilterRequest& event) {
  // smtpd takes any answer before register|ready for a fault.
  if (!registered_) {
    log_.Complain("request before config|ready", line_);
    return;
  }
  SessionState* const session = Find(event.id.session);
  switch (event.phase) {
    case Phase::kIdentify:
      output_.Proceed(event.id);
      if (session != nullptr) Identify(*session, event);
      return;
    case Phase::kMailFrom:
      if (session == nullptr) {
        output_.Proceed(event.id);
      } else {
        MailFrom(*session, event);
      }
      return;
    case Phase::kDataLine:
      if (session == nullptr) {
        output_.DataLine(event.id, event.version, event.argument, Section::kBody);
      } else {
        DataLine(*session, event);
      }
      return;
    case Phase::kOther:
      output_.Proceed(event.id);
      return;
  }
}

void Filter::Identify(SessionState& session, const FilterRequest& request) {
  session.helo = request.argument;
  session.validation.reset();
  session.outcome.reset();
  if (!session.exempt) Start(request.id.session, session);
}

void Filter::MailFrom(SessionState& session, const FilterRequest& request) {
  session.in_message = false;
  if (session.exempt) {
    output_.Proceed(request.id);
    return;
  }
  if (session.outcome) {
    Answer(request.id, *session.outcome);
    return;
  }
  session.parked.push_back(request.id);
  // No HELO at all: smtpd refuses that itself, but then it would not have asked.
  if (!session.validation) Start(request.id.session, session);
}

void Filter::DataLine(SessionState& session, const FilterRequest& request) {
  if (!session.in_message) {
    session.in_message = true;
    session.section = Section::kHeader;
    if (session.outcome) {
      for (const std::string& line : session.outcome->header) {
        output_.HeaderLine(request.id, request.version, line);
      }
    }
  }
  output_.DataLine(request.id, request.version, request.argument, session.section);
  if (request.argument.empty()) session.section = Section::kBody;
  if (request.argument == ".") session.in_message = false;
}

void Filter::Start(SessionId id, SessionState& session) {
  Session subject{*session.client, session.helo};
  session.validation =
      validate_(std::move(subject), [this, id](const Verdict& verdict) { Finish(id, verdict); });
}

void Filter::Finish(SessionId id, const Verdict& verdict) {
  SessionState* const session = Find(id);
  if (session == nullptr) return;
  Outcome outcome;
  switch (verdict.action) {
    case Action::kReject:
    case Action::kDefer:
      outcome.refusal = RenderReply(verdict, config_);
      break;
    case Action::kAccept:
    case Action::kTag:
      outcome.header = RenderHeader(verdict, config_);
      break;
  }
  log_.Write("session=" + FormatId(id) + " " + RenderKeyValues(verdict, config_));
  for (const RequestId& request : std::exchange(session->parked, {})) Answer(request, outcome);
  session->outcome = std::move(outcome);
  session->validation.reset();  // The verdict lives in there.
}

void Filter::Answer(const RequestId& id, const Outcome& outcome) {
  if (outcome.refusal) {
    output_.Reject(id, *outcome.refusal);
  } else {
    output_.Proceed(id);
  }
}

void Filter::Release(SessionState& session) {
  session.validation.reset();
  session.outcome.reset();
  for (const RequestId& request : std::exchange(session.parked, {})) output_.Proceed(request);
}

Filter::SessionState* Filter::Find(SessionId id) {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : &found->second;
}

}  // namespace helovet
