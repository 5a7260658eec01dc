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

// More than a usual statement, so that the text seldom grows.
constexpr std::size_t kStatementOctets = 80;
constexpr std::size_t kStatementsBesideChecks = 4;  // The first line and the summary.

// The field as its lines stand in it, with "\n" between them. Every statement begins a line; words
// that do not fit go to further lines, indented more, where RFC 8601 §2.2 has [CFWS] between them.
class FoldedField {
 public:
  FoldedField(std::string_view authserv_id, std::size_t statements) {
    text_.reserve(kStatementOctets * statements);
    text_.append("Authentication-Results: ") += authserv_id;
  }

  // Ends the statement before it.
  void BeginStatement() {
    text_ += ';';
    FoldLastWord();
    text_ += '\n';
    line_ = word_ = text_.size();
  }
  // A word of the statement that begins so; the rest of it is to be added to what this returns.
  std::string& AddWord(std::string_view beginning) {
    FoldLastWord();
    word_ = text_.size();
    text_ += ' ';
    return text_ += beginning;
  }
  [[nodiscard]] std::string Take() {
    FoldLastWord();
    return std::move(text_);
  }

 private:
  void FoldLastWord() {
    if (word_ == line_ || text_.size() - line_ <= kLineOctets) return;
    text_.insert(word_, "\n  ");
    line_ = ++word_;
  }

  std::string text_;
  std::size_t line_ = 0;  // Where the last line begins,
  std::size_t word_ = 0;  // and its last word; the same where it has one alone.
};

// RFC 8601 §2.7.6: methods outside the registry are experimental, hence the "x-".
std::string_view MethodOf(const CheckResult& check) {
  switch (check.check) {
    case CheckId::kHelo:
      return "x-helo=";
    case CheckId::kCsa:
      return "x-csa=";
    case CheckId::kForward:
      return "x-forward=";
    case CheckId::kIprev:
      return "iprev=";
    case CheckId::kReverseMatch:
      return "x-reverse-match=";
    case CheckId::kWellKnown:
      return "x-well-known=";
    case CheckId::kDna:
      return "x-dna=";
    case CheckId::kVbr:
      return "vbr=";  // RFC 6212
    case CheckId::kLocalList:
      return "x-local-list=";
    case CheckId::kAddressList:
      // RFC 8904 registers lists that speak for a client, and no others.
      return check.result == Result::kPass ? "dnswl=" : "x-address-list=";
    case CheckId::kNameList:
      return "x-name-list=";
    case CheckId::kDmp:
      return "x-dmp=";
    case CheckId::kDrip:
      return "x-drip=";
    case CheckId::kRmx:
      return "x-rmx=";
    case CheckId::kSpfHelo:
    case CheckId::kSpf:
      return "spf=";
    case CheckId::kCbv:
      return "x-cbv=";
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
  constexpr auto kNone = std::string_view::npos;
  return IsDotAtom(text) && !text.starts_with('-') && !text.ends_with('-') &&
         text.find('.') != kNone && text.find('_') == kNone && text.find(".-") == kNone &&
         text.find("-.") == kNone;
}

void AddName(FoldedField& field, std::string_view property, std::string_view name) {
  AppendHeaderName(field.AddWord(property), name, kMaxNameOctets);
}

// What all checks are about. Most name the HELO name, so its word is made once.
struct Subject {
  explicit Subject(const Session& of) : session(of) {
    AppendHeaderName(helo, session.helo, kMaxNameOctets);
  }

  const Session& session;
  std::string helo = "smtp.helo=";
};

void AddAddress(FoldedField& field, std::string_view property, const Session& session) {
  AppendHeaderValue(field.AddWord(property), session.client.ToString());
}

// RFC 8601 §2.2: a mailbox whose parts are plain may stand bare; a local part that is no dot-atom
// of letters, digits, "-" and "_", and a domain that is no name, make it a quoted-string.
void AppendMailbox(std::string& out, std::string_view path) {
  const std::size_t at = path.rfind('@');
  const std::string local = EscapeName(path.substr(0, at), kMaxNameOctets);
  const std::string domain = EscapeName(path.substr(at + 1), kMaxNameOctets);
  if (IsDotAtom(local) && IsDomainName(domain)) {
    out.append(local).append("@").append(domain);
  } else {
    AppendQuoted(out, local + '@' + domain);
  }
}

// Whose word was judged (RFC 8601 §2.7.2): of MAIL FROM the domain, where a callback was about the
// mailbox that too.
void AddIdentity(FoldedField& field, const CheckResult& check, const Subject& subject) {
  const Session& session = subject.session;
  constexpr std::string_view kMailFrom = "smtp.mailfrom=";
  if (!IsOfMailFrom(check, session)) {
    field.AddWord(subject.helo);
  } else if (check.check == CheckId::kCbv && session.mail_from->find('@') != std::string::npos) {
    AppendMailbox(field.AddWord(kMailFrom), *session.mail_from);
  } else {
    AddName(field, kMailFrom, DomainOf(check, session));
  }
}

// Whose word it rests on; nothing where nobody's decided.
void AddAuthority(FoldedField& field, std::string_view property, const CheckResult& check) {
  if (!check.authority.empty()) AddName(field, property, check.authority);
}

void AddRating(FoldedField& field, const CheckResult& check) {
  if (check.rating) field.AddWord("policy.rating=") += ToString(*check.rating);
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

void AddZone(FoldedField& field, const CheckResult& check) {
  if (check.authority.empty()) return;
  AddAuthority(field, "dns.zone=", check);
  const std::string codes = CodesOf(check);
  if (!codes.empty()) AppendHeaderValue(field.AddWord("policy.ip="), codes);
}

// What the check was about, and whose word it rests on. Nothing tells what an administrator's own
// list has.
void AddProperties(FoldedField& field, const CheckResult& check, const Subject& subject) {
  switch (check.check) {
    case CheckId::kIprev:
      AddAddress(field, "policy.iprev=", subject.session);
      return;
    case CheckId::kDna:
      field.AddWord(subject.helo);
      AddAuthority(field, "policy.accreditor=", check);
      AddRating(field, check);
      return;
    case CheckId::kVbr:
      field.AddWord(subject.helo);
      AddAuthority(field, "policy.mv=", check);
      return;
    case CheckId::kAddressList:
      if (check.result == Result::kPass) {
        AddZone(field, check);
        return;
      }
      AddAddress(field, "smtp.remote-ip=", subject.session);
      AddZone(field, check);
      AddRating(field, check);
      return;
    case CheckId::kNameList:
      field.AddWord(subject.helo);
      AddZone(field, check);
      AddRating(field, check);
      return;
    case CheckId::kHelo:
    case CheckId::kCsa:
    case CheckId::kForward:
    case CheckId::kReverseMatch:
    case CheckId::kWellKnown:
    case CheckId::kLocalList:
    case CheckId::kExempt:
    case CheckId::kConfiguration:
      field.AddWord(subject.helo);
      return;
    case CheckId::kDmp:
    case CheckId::kDrip:
    case CheckId::kRmx:
    case CheckId::kSpfHelo:
    case CheckId::kSpf:
    case CheckId::kCbv:
      AddIdentity(field, check, subject);
      return;
  }
}

void AddCheck(FoldedField& field, const CheckResult& check, const Subject& subject) {
  field.BeginStatement();
  field.AddWord(MethodOf(check)) += ToString(check.result);
  field.AddWord("reason=\"").append(ToString(check.reason)) += '"';
  AddProperties(field, check, subject);
  if (IsSecure(check)) field.AddWord("dns.sec=yes");
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

void AddSummary(FoldedField& field, const Verdict& verdict) {
  const auto [check, reason] = verdict.decided_by;
  field.BeginStatement();
  field.AddWord("x-csv=") += ResultOf(verdict.trust);
  field.AddWord("reason=\"").append(ToString(check)).append(": ").append(ToString(reason)) += '"';
  field.AddWord("policy.trust=") += ToString(verdict.trust);
  field.AddWord("policy.action=") += ToString(verdict.action);
  field.AddWord("policy.standard=") += ToString(verdict.shadow.standard);
  field.AddWord("policy.strict=") += ToString(verdict.shadow.strict);
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

std::string HeaderText(const Verdict& verdict, const Config& config) {
  const auto ran = [](const CheckResult& check) { return check.result != Result::kSkipped; };
  if (!config.header || verdict.decided_by.check == CheckId::kConfiguration ||
      std::ranges::none_of(verdict.checks, ran)) {
    return "";
  }
  FoldedField field(AuthservId(config), verdict.checks.size() + kStatementsBesideChecks);
  const Subject subject(verdict.session);
  for (const CheckResult& check : verdict.checks) {
    if (ran(check)) AddCheck(field, check, subject);
  }
  AddSummary(field, verdict);
  return field.Take();
}

std::vector<std::string> RenderHeader(const Verdict& verdict, const Config& config) {
  const std::string text = HeaderText(verdict, config);
  if (text.empty()) return {};
  std::vector<std::string> lines;
  lines.reserve(verdict.checks.size() + kStatementsBesideChecks);
  for (std::string_view rest = text;;) {
    const std::size_t end = rest.find('\n');
    lines.emplace_back(rest.substr(0, end));
    if (end == rest.npos) return lines;
    rest.remove_prefix(end + 1);
  }
}

}  // namespace helovet
