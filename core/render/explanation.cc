#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/printable.h"
#include "helovet/render.h"
#include "render/escape.h"
#include "render/evidence.h"
#include "render/exchange.h"
#include "render/identity.h"
#include "render/source.h"

namespace helovet {
namespace {

constexpr std::size_t kLabelColumns = 15;

// "  label          value"
void AppendField(std::string& out, std::string_view label, std::string_view value) {
  out += "  ";
  out += label;
  out.append(label.size() < kLabelColumns ? kLabelColumns - label.size() : 1, ' ');
  out += value;
  out += '\n';
}

std::string MailFromText(const Session& session) {
  if (!session.mail_from) return "not given";
  return "<" + EscapeForLog(*session.mail_from) + ">";
}

void AppendSession(std::string& out, const Session& session) {
  out += "Session\n";
  AppendField(out, "client", session.client.ToString());
  AppendField(out, "HELO", session.helo.empty() ? "(none)" : EscapeForLog(session.helo));
  AppendField(out, "MAIL FROM", MailFromText(session));
  if (!session.recipient.empty()) {
    AppendField(out, "RCPT TO", "<" + EscapeForLog(session.recipient) + ">");
  }
  AppendField(out, "logged in", session.authenticated ? "yes" : "no");
}

std::string AnswerText(const Exchange& exchange) {
  std::string text = Printable(exchange.outcome);
  text += ", TTL " + std::to_string(exchange.ttl);
  text += exchange.ad ? ", AD" : ", no AD";
  text += exchange.server.empty() ? ", no server" : ", from " + Printable(exchange.server);
  if (exchange.cached) text += " (from memory)";
  text += ", " + Milliseconds(exchange.took);
  return text;
}

void AppendExchanges(std::string& out, const std::vector<Exchange>& exchanges) {
  out += "\nDNS queries\n";
  if (exchanges.empty()) out += "  none\n";
  std::size_t number = 0;
  for (const Exchange& exchange : exchanges) {
    AppendField(out, std::to_string(++number),
                Printable(exchange.name) + " " + Printable(exchange.type));
    AppendField(out, "", AnswerText(exchange));
    for (const std::string& record : exchange.records) {
      AppendField(out, "", "  " + Printable(record));
    }
  }
}

// "fail, not-recommended"
std::string RulingText(Result result, Reason reason) {
  return std::string(ToString(result)) + ", " + std::string(ToString(reason));
}

std::string RatingText(const std::optional<Rating>& rating) {
  return rating ? ", rating " + std::string(ToString(*rating)) : std::string();
}

// Whose word decided; empty where nobody's did.
std::string AuthorityText(const CheckResult& check) {
  if (check.authority.empty()) return "";
  std::string text = "by " + EscapeForLog(check.authority) + RatingText(check.rating);
  if (!check.contact.empty()) text += ", contact " + EscapeForLog(check.contact);
  return text;
}

std::string OpinionText(const Opinion& opinion) {
  std::string text = EscapeForLog(opinion.authority);
  if (opinion.result == Result::kSkipped) {
    text += ": not asked, ";
    text += opinion.reason == Reason::kNameTooLong ? Meaning(opinion.reason)
                                                   : "unknown here or one too many";
  } else {
    text += ": " + RulingText(opinion.result, opinion.reason) + RatingText(opinion.rating);
  }
  if (opinion.advisory) text += ", advisory";
  if (!opinion.text.empty()) text += ": " + EscapeForLog(opinion.text);
  return text;
}

// "of the sender at example.org"
std::string IdentityText(const CheckResult& check, const Session& session) {
  const std::string domain = EscapeForLog(DomainOf(check, session));
  return (IsOfMailFrom(check, session) ? "of the sender at " : "of the HELO name ") + domain;
}

void AppendCheck(std::string& out, const CheckResult& check, const Session& session) {
  if (check.result == Result::kSkipped) {
    std::string text = "not run";
    if (IsTold(check)) text += ", " + std::string(ToString(check.reason));
    AppendField(out, ToString(check.check), text);
    if (!IsTold(check)) return;
  } else {
    AppendField(out, ToString(check.check), RulingText(check.result, check.reason));
  }
  AppendField(out, "", Meaning(check.reason));
  AppendField(out, "", SourceOf(check));
  if (HasIdentity(check.check) && check.result != Result::kSkipped) {
    AppendField(out, "", IdentityText(check, session));
  }
  if (!check.explanation.empty()) {
    AppendField(out, "",
                EscapeForLog(DomainOf(check, session)) +
                    " explains: " + EscapeForLogWithin(check.explanation, kMaxExplanationOctets));
  }
  if (check.remembered) AppendField(out, "", "found out earlier, and remembered");
  const std::string authority = AuthorityText(check);
  if (!authority.empty()) AppendField(out, "", authority);
  for (const Opinion& opinion : check.opinions) {
    AppendField(out, "", "  " + OpinionText(opinion));
  }
  for (const Evidence& item : check.evidence) AppendField(out, "", "  " + EvidenceText(item));
}

void AppendChecks(std::string& out, const Verdict& verdict) {
  out += "\nChecks\n";
  if (verdict.checks.empty()) out += "  none\n";
  for (const CheckResult& check : verdict.checks) AppendCheck(out, check, verdict.session);
}

std::string DecisionText(const Verdict& verdict) {
  std::string text(ToString(verdict.decided_by.check));
  if (const CheckResult* check = verdict.Find(verdict.decided_by.check)) {
    text += ' ';
    text += ToString(check->result);
  }
  text += ", ";
  text += ToString(verdict.decided_by.reason);
  return text;
}

// The profile has no say where no check could.
std::string ActionText(const Verdict& verdict) {
  std::string text(ToString(verdict.action));
  const CheckId decider = verdict.decided_by.check;
  if (decider == CheckId::kExempt || decider == CheckId::kConfiguration) return text;
  text += ", by profile ";
  text += ToString(verdict.profile);
  if (!verdict.overridden) return text;
  text += " and the override of ";
  text += ToString(decider);
  if (const CheckResult* const check = verdict.Find(decider)) {
    text += ' ';
    text += ToString(check->result);
  }
  return text;
}

std::string ShadowText(const ShadowActions& shadow) {
  std::string text = "standard ";
  text += ToString(shadow.standard);
  text += ", strict ";
  text += ToString(shadow.strict);
  return text;
}

std::string_view ProofText(NameProof proof) {
  switch (proof) {
    case NameProof::kNotProven:
      return "no";
    case NameProof::kUndetermined:
      return "no, it could not be found out for now";
    case NameProof::kProven:
      return "yes";
  }
  return "";
}

void AppendVerdict(std::string& out, const Verdict& verdict, const Config& config) {
  out += "\nVerdict\n";
  AppendField(out, "trust", ToString(verdict.trust));
  AppendField(out, "authenticated", ProofText(verdict.name_proof));
  AppendField(out, "action", ActionText(verdict));
  AppendField(out, "would be", ShadowText(verdict.shadow));
  AppendField(out, "blocklists",
              verdict.skip_address_blocklists ? "may be skipped" : "to be asked");
  const Decision& decision = verdict.decided_by;
  AppendField(out, "decided by", DecisionText(verdict));
  AppendField(out, "", Meaning(decision.reason));
  AppendField(out, "", SourceOfDecision(verdict));
  const std::string reply = RenderReply(verdict, config);
  AppendField(out, "reply", reply.empty() ? "none" : reply);
  const std::vector<std::string> header = RenderHeader(verdict, config);
  if (header.empty()) AppendField(out, "header", "none");
  for (std::size_t i = 0; i < header.size(); ++i) {
    AppendField(out, i == 0 ? "header" : "", header[i]);
  }
}

}  // namespace

std::string RenderExplanation(const Verdict& verdict, const Config& config) {
  std::string out;
  AppendSession(out, verdict.session);
  AppendExchanges(out, verdict.exchanges);
  AppendChecks(out, verdict);
  AppendVerdict(out, verdict, config);
  return out;
}

}  // namespace helovet
