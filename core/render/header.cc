#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/own_host.h"
#include "helovet/authentication_results.h"
#include "helovet/render.h"
#include "render/escape.h"
#include "render/header.h"
#include "render/identity.h"

namespace helovet {
namespace {

constexpr std::size_t kLineOctets = 78;  // RFC 5322 §2.1.1: SHOULD; 998 is the MUST.
// A domain name fits whole; escaped and quoted, it stays far below the 998.
constexpr std::size_t kMaxNameOctets = 255;
constexpr std::size_t kMaxCodes = 8;  // Of one list; more than any list gives.

// One statement: its words may stand on lines of their own, RFC 8601 §2.2 has [CFWS] between them.
using Statement = std::vector<std::string>;

// RFC 8601 §2.7.6: methods outside the registry are experimental, hence the "x-".
std::string_view MethodOf(const CheckResult& check) {
  switch (check.check) {
    case CheckId::kHelo:
      return "x-helo";
    case CheckId::kCsa:
      return "x-csa";
    case CheckId::kForward:
      return "x-forward";
    case CheckId::kIprev:
      return "iprev";
    case CheckId::kReverseMatch:
      return "x-reverse-match";
    case CheckId::kWellKnown:
      return "x-well-known";
    case CheckId::kDna:
      return "x-dna";
    case CheckId::kVbr:
      return "vbr";  // RFC 6212
    case CheckId::kLocalList:
      return "x-local-list";
    case CheckId::kAddressList:
      // RFC 8904 registers lists that speak for a client, and no others.
      return check.result == Result::kPass ? "dnswl" : "x-address-list";
    case CheckId::kNameList:
      return "x-name-list";
    case CheckId::kDmp:
      return "x-dmp";
    case CheckId::kDrip:
      return "x-drip";
    case CheckId::kRmx:
      return "x-rmx";
    case CheckId::kSpfHelo:
    case CheckId::kSpf:
      return "spf";
    case CheckId::kCbv:
      return "x-cbv";
    case CheckId::kExempt:
    case CheckId::kConfiguration:
      break;
  }
  return "";
}

// RFC 8904 §2, property dns.sec: every answer that the check used was authenticated.
bool IsSecure(const CheckResult& check) {
  return !check.evidence.empty() &&
         std::ranges::all_of(check.evidence, [](const Evidence& item) { return item.ad; });
}

// RFC 5322 §3.2.3, without the characters that EscapeName does not leave.
bool IsDotAtom(std::string_view text) {
  return !text.empty() && !text.starts_with('.') && !text.ends_with('.') &&
         text.find("..") == std::string_view::npos &&
         text.find_first_of("[]:\\") == std::string_view::npos;
}

// RFC 6376 §3.5, domain-name: two labels at least, of letters, digits and inner hyphens.
bool IsDomainName(std::string_view text) {
  const std::string dotted = '.' + std::string(text) + '.';
  return IsDotAtom(text) && text.find('.') != std::string_view::npos &&
         text.find('_') == std::string_view::npos && dotted.find(".-") == std::string::npos &&
         dotted.find("-.") == std::string::npos;
}

void AddName(Statement& words, std::string_view property, std::string_view name) {
  if (name.empty()) return;
  words.push_back(std::string(property) + "=" + HeaderValue(EscapeName(name, kMaxNameOctets)));
}

void AddHelo(Statement& words, const Session& session) {
  words.push_back("smtp.helo=" + HeaderValue(EscapeName(session.helo, kMaxNameOctets)));
}

// RFC 8601 §2.2: a mailbox whose parts are plain may stand bare; a local part that is no dot-atom
// of letters, digits, "-" and "_", and a domain that is no name, make it a quoted-string.
std::string MailboxValue(std::string_view path) {
  const std::size_t at = path.rfind('@');
  const std::string local = EscapeName(path.substr(0, at), kMaxNameOctets);
  const std::string domain = EscapeName(path.substr(at + 1), kMaxNameOctets);
  const std::string mailbox = local + '@' + domain;
  const bool plain = IsDotAtom(local) && IsDomainName(domain);
  return plain ? mailbox : QuotedString(mailbox);
}

// Whose word was judged (RFC 8601 §2.7.2): of MAIL FROM the domain, where a callback was about the
// mailbox that too.
void AddIdentity(Statement& words, const CheckResult& check, const Session& session) {
  if (!IsOfMailFrom(check, session)) {
    AddHelo(words, session);
  } else if (check.check == CheckId::kCbv && session.mail_from->find('@') != std::string::npos) {
    words.push_back("smtp.mailfrom=" + MailboxValue(*session.mail_from));
  } else {
    words.push_back("smtp.mailfrom=" +
                    HeaderValue(EscapeName(DomainOf(check, session), kMaxNameOctets)));
  }
}

void AddRating(Statement& words, const CheckResult& check) {
  if (check.rating) words.push_back("policy.rating=" + std::string(ToString(*check.rating)));
}

// RFC 8904 §2, property policy.ip: what the list that decided answered, separated by commas.
// Nothing but addresses gets through.
std::string CodesOf(const CheckResult& check) {
  const auto opinion = std::ranges::find(check.opinions, check.authority, &Opinion::authority);
  if (opinion == check.opinions.end()) return "";
  std::string codes;
  std::string_view rest = opinion->text;
  for (std::size_t count = 0; count < kMaxCodes && !rest.empty(); ++count) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const std::optional<IpAddress> code = IpAddress::Parse(rest.substr(0, end));
    if (!code) return "";
    if (!codes.empty()) codes += ',';
    codes += code->ToString();
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return codes;
}

void AddZone(Statement& words, const CheckResult& check) {
  if (check.authority.empty()) return;
  AddName(words, "dns.zone", check.authority);
  const std::string codes = CodesOf(check);
  if (!codes.empty()) words.push_back("policy.ip=" + HeaderValue(codes));
}

// What the check was about, and whose word it rests on. Nothing tells what an administrator's own
// list has.
void AddProperties(Statement& words, const CheckResult& check, const Session& session) {
  switch (check.check) {
    case CheckId::kIprev:
      words.push_back("policy.iprev=" + HeaderValue(session.client.ToString()));
      return;
    case CheckId::kDna:
      AddHelo(words, session);
      AddName(words, "policy.accreditor", check.authority);
      AddRating(words, check);
      return;
    case CheckId::kVbr:
      AddHelo(words, session);
      AddName(words, "policy.mv", check.authority);
      return;
    case CheckId::kAddressList:
      if (check.result == Result::kPass) {
        AddZone(words, check);
        return;
      }
      words.push_back("smtp.remote-ip=" + HeaderValue(session.client.ToString()));
      AddZone(words, check);
      AddRating(words, check);
      return;
    case CheckId::kNameList:
      AddHelo(words, session);
      AddZone(words, check);
      AddRating(words, check);
      return;
    case CheckId::kHelo:
    case CheckId::kCsa:
    case CheckId::kForward:
    case CheckId::kReverseMatch:
    case CheckId::kWellKnown:
    case CheckId::kLocalList:
    case CheckId::kExempt:
    case CheckId::kConfiguration:
      AddHelo(words, session);
      return;
    case CheckId::kDmp:
    case CheckId::kDrip:
    case CheckId::kRmx:
    case CheckId::kSpfHelo:
    case CheckId::kSpf:
    case CheckId::kCbv:
      AddIdentity(words, check, session);
      return;
  }
}

Statement StatementOf(const CheckResult& check, const Session& session) {
  Statement words;
  words.push_back(std::string(MethodOf(check)) + "=" + std::string(ToString(check.result)));
  words.push_back("reason=" + QuotedString(ToString(check.reason)));
  AddProperties(words, check, session);
  if (IsSecure(check)) words.emplace_back("dns.sec=yes");
  return words;
}

std::string_view ResultOf(Trust trust) {
  switch (trust) {
    case Trust::kLow:
      return "fail";
    case Trust::kUnknown:
      return "neutral";
    case Trust::kHigh:
      return "pass";
  }
  return "";
}

Statement SummaryOf(const Verdict& verdict) {
  std::string reason(ToString(verdict.decided_by.check));
  reason += ": ";
  reason += ToString(verdict.decided_by.reason);
  return {"x-csv=" + std::string(ResultOf(verdict.trust)),
          "reason=" + QuotedString(reason),
          "policy.trust=" + std::string(ToString(verdict.trust)),
          "policy.action=" + std::string(ToString(verdict.action)),
          "policy.standard=" + std::string(ToString(verdict.shadow.standard)),
          "policy.strict=" + std::string(ToString(verdict.shadow.strict))};
}

// Every statement begins a line; words that do not fit go to further lines, indented more.
void AppendFolded(std::vector<std::string>& lines, const Statement& words) {
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty() && line.size() + 1 + word.size() > kLineOctets) {
      lines.push_back(std::exchange(line, "  "));
    }
    line += ' ';
    line += word;
  }
  lines.push_back(std::move(line));
}

}  // namespace

std::string AuthservIdOf(const Config& config) {
  if (!config.authserv_id.empty()) return config.authserv_id;
  const std::string host = OwnHostName();
  return host.empty() ? "localhost" : host;
}

std::string AuthservId(const Config& config) {
  const std::string id = EscapeForLog(AuthservIdOf(config));
  return HeaderValue(std::string_view(id).substr(0, kMaxNameOctets));
}

std::vector<std::string> RenderHeader(const Verdict& verdict, const Config& config) {
  if (!config.header || verdict.decided_by.check == CheckId::kConfiguration) return {};
  std::vector<Statement> statements;
  for (const CheckResult& check : verdict.checks) {
    if (check.result != Result::kSkipped) {
      statements.push_back(StatementOf(check, verdict.session));
    }
  }
  if (statements.empty()) return {};
  for (Statement& statement : statements) statement.back() += ';';
  statements.push_back(SummaryOf(verdict));

  std::vector<std::string> lines = {"Authentication-Results: " + AuthservId(config) + ";"};
  for (const Statement& statement : statements) AppendFolded(lines, statement);
  return lines;
}

std::string HeaderText(const Verdict& verdict, const Config& config) {
  std::string text;
  for (const std::string& line : RenderHeader(verdict, config)) {
    if (!text.empty()) text += '\n';
    text += line;
  }
  return text;
}

}  // namespace helovet
