// Hostile names and words in every text that is made of a verdict (helovet/render.h): whatever the
// client, name servers, mail servers, accreditors and domains have said. The first three octets
// choose the text and what decided; "~" parts the texts, of which each field takes the next.
#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/render/authres_grammar.h"
#include "core/render/exim_extract.h"
#include "fuzz.h"
#include "helovet/config.h"
#include "helovet/render.h"
#include "helovet/result.h"
#include "nlohmann/json.hpp"
#include "render/escape.h"

namespace helovet::fuzz {
namespace {

constexpr std::size_t kMaxHeaderLineOctets = 998;  // RFC 5322 §2.1.1

CheckResult ResultOf(const ResultRule& rule, Choices& choices) {
  const auto text = [&choices] { return std::string(choices.TakeUpTo('~')); };
  CheckResult check = {.check = rule.check, .result = rule.result, .reason = rule.reason};
  check.evidence = {{.owner = text(), .type = text(), .outcome = text(), .text = text()}};
  check.authority = text();
  check.contact = text();
  check.explanation = text();
  check.opinions = {{.authority = check.authority, .text = text()}};
  check.identity = check.explanation.size() % 2 == 0 ? Identity::kHelo : Identity::kMailFrom;
  check.rating = static_cast<Rating>(check.authority.size() % 5);
  return check;
}

Verdict VerdictOf(Choices& choices) {
  const std::span<const ResultRule> rules = ResultRules();
  const std::uint8_t bits = choices.Octet();
  const ResultRule& decided = rules[choices.Octet() % rules.size()];
  const ResultRule& beside = rules[choices.Octet() % rules.size()];
  const auto text = [&choices] { return std::string(choices.TakeUpTo('~')); };
  const char* const client = (bits & 1U) != 0 ? "2001:db8::1" : "192.0.2.1";
  Verdict verdict = {.session = {.client = *IpAddress::Parse(client), .helo = text()},
                     .trust = static_cast<Trust>(bits % 3),
                     .action = static_cast<Action>(bits >> 2U & 3U),
                     .decided_by = {decided.check, decided.reason}};
  if ((bits & 16U) != 0) verdict.session.mail_from = text();
  if ((bits & 32U) != 0) verdict.session.recipient = text();
  const bool is_check = decided.check < CheckId::kExempt;
  if (is_check) verdict.checks.push_back(ResultOf(decided, choices));
  if (is_check && decided.check < beside.check && beside.check < CheckId::kExempt) {
    verdict.checks.push_back(ResultOf(beside, choices));
  }
  verdict.exchanges = {{.name = text(), .type = text(), .outcome = text(), .server = text()}};
  verdict.exchanges[0].records = {text()};
  return verdict;
}

void HoldReply(const Verdict& verdict, const Config& config) {
  const std::string reply = RenderReply(verdict, config);
  Hold(IsPrintable(reply), "a reply is printable");
  Hold(reply.size() <= kMaxReplyOctets, "a reply fits RFC 5321 §4.5.3.1.5");
  Hold(reply.find_first_of("\"|${}") == reply.npos, "a reply has no octet that means something");
  Hold(reply.find("; see ") == reply.rfind("; see "), "nobody else says where to see more");
  switch (verdict.action) {
    case Action::kAccept:
    case Action::kTag:
      Hold(reply.empty(), "who is let in has no reply");
      break;
    case Action::kDefer:
      Hold(reply.starts_with("451 4.7.1 "), "a reply has the code of its action");
      break;
    case Action::kReject:
      Hold(reply.starts_with("550 5.7.1 "), "a reply has the code of its action");
      break;
  }
}

void HoldHeader(const Verdict& verdict, const Config& config) {
  const std::vector<std::string> header = RenderHeader(verdict, config);
  for (const std::string& line : header) {
    Hold(IsPrintable(line), "a header line is printable");
    Hold(line.size() <= kMaxHeaderLineOctets, "a header line fits RFC 5322 §2.1.1");
    Hold(line.starts_with(' ') == (&line != &header.front()), "all lines but the first are folded");
    Hold(line.find_first_not_of(' ') != line.npos, "no line of a field is blank");
  }
  if (header.empty()) return;
  const std::optional<AuthresField> field = AuthresParser::Parse(header);
  Hold(field.has_value(), "a header field is one of RFC 8601 §2.2");
  const auto ran = std::ranges::count_if(
      verdict.checks, [](const CheckResult& check) { return check.result != Result::kSkipped; });
  Hold(std::ssize(field->statements) == ran + 1, "each check has one statement, and nobody else");
}

void HoldPairs(const Verdict& verdict, const Config& config) {
  const std::string log = RenderLogLine(verdict);
  Hold(IsPrintable(log) && log.size() <= kMaxLogLineOctets, "a log line is printable and bounded");
  Hold(EximPairs(log).Extract("action") == ToString(verdict.action), "a log line has its action");
  const std::string pairs = RenderKeyValues(verdict, config);
  Hold(IsPrintable(pairs), "key=value is one printable line");
  Hold(EximPairs(pairs).Extract("reply") == RenderReply(verdict, config),
       "Exim extracts the reply");
  Hold(EximPairs(pairs).Extract("log") == log, "Exim extracts the log line");
}

// Lines of printable ASCII; the paragraph sign is ours.
bool IsPlainText(std::string_view text) {
  constexpr std::string_view kSection = "\xc2\xa7";
  while (!text.empty()) {
    const std::size_t octets = text.starts_with(kSection) ? kSection.size() : 1;
    if (octets == 1 && text[0] != '\n' && !IsPrintable(text.substr(0, 1))) return false;
    text.remove_prefix(octets);
  }
  return true;
}

void HoldJson(const Verdict& verdict, const Config& config) {
  const std::string json = RenderExplanationJson(verdict, config);
  Hold(IsPrintable(json) && nlohmann::json::accept(json), "JSON is printable and JSON");
}

}  // namespace

void Try(std::string_view input) {
  Choices choices(input);
  Config config;
  config.authserv_id = "mx.example.net";
  config.explain_url = "https://mx.example.net/why";
  const Verdict verdict = VerdictOf(choices);
  switch (input.empty() ? 0 : static_cast<std::uint8_t>(input[0]) >> 6U) {
    case 0:
      HoldReply(verdict, config);
      HoldPairs(verdict, config);
      break;
    case 1:
      HoldHeader(verdict, config);
      break;
    case 2:
      HoldJson(verdict, config);
      break;
    default:
      Hold(IsPlainText(RenderExplanation(verdict, config)), "an explanation is plain text");
  }
}

}  // namespace helovet::fuzz
