#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/printable.h"
#include "helovet/render.h"
#include "render/escape.h"

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
  AppendField(out, "logged in", session.authenticated ? "yes" : "no");
}

// "0.412 ms"
std::string Milliseconds(std::chrono::microseconds took) {
  const std::string thousandths = std::to_string(took.count() % 1000);
  return std::to_string(took.count() / 1000) + "." + std::string(3 - thousandths.size(), '0') +
         thousandths + " ms";
}

std::string AnswerText(const Exchange& exchange) {
  std::string text = Printable(exchange.outcome);
  text += ", TTL " + std::to_string(exchange.ttl);
  text += exchange.ad ? ", AD" : ", no AD";
  text += exchange.server.empty() ? ", no server" : ", from " + Printable(exchange.server);
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

std::string EvidenceText(const Evidence& item) {
  const std::string_view found = item.text.empty() ? item.outcome : item.text;
  return Printable(item.owner) + " " + Printable(item.type) + " " + Printable(found) + ", TTL " +
         std::to_string(item.ttl) + (item.ad ? ", AD" : "");
}

void AppendChecks(std::string& out, const std::vector<CheckResult>& checks) {
  out += "\nChecks\n";
  if (checks.empty()) out += "  none\n";
  for (const CheckResult& check : checks) {
    AppendField(out, ToString(check.check),
                std::string(ToString(check.result)) + ", " + std::string(ToString(check.reason)));
    AppendField(out, "", Meaning(check.reason));
    AppendField(out, "", SourceOf(check.check, check.reason));
    for (const Evidence& item : check.evidence) AppendField(out, "", "  " + EvidenceText(item));
  }
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
std::string ActionText(const Verdict& verdict, Profile profile) {
  std::string text(ToString(verdict.action));
  const CheckId decider = verdict.decided_by.check;
  if (decider != CheckId::kExempt && decider != CheckId::kConfiguration) {
    text += ", by profile ";
    text += ToString(profile);
  }
  return text;
}

void AppendVerdict(std::string& out, const Verdict& verdict, const Config& config) {
  out += "\nVerdict\n";
  AppendField(out, "trust", ToString(verdict.trust));
  AppendField(out, "authenticated", verdict.authenticated ? "yes" : "no");
  AppendField(out, "action", ActionText(verdict, config.profile));
  const Decision& decision = verdict.decided_by;
  AppendField(out, "decided by", DecisionText(verdict));
  AppendField(out, "", Meaning(decision.reason));
  AppendField(out, "", SourceOf(decision.check, decision.reason));
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
  AppendChecks(out, verdict.checks);
  AppendVerdict(out, verdict, config);
  return out;
}

}  // namespace helovet
