#include <string>
#include <string_view>

#include "base/printable.h"
#include "helovet/render.h"
#include "render/escape.h"

namespace helovet {
namespace {

// A shorter HELO name is not cut for the sake of the meaning; a longer one gives way to it.
constexpr std::size_t kNameBeforeMeaning = 64;
constexpr std::size_t kShortestName = 16;
// An authority is a domain name, which fits whole.
constexpr std::size_t kMaxAuthorityOctets = 253;

// RFC 5321 §4.2.2 and RFC 3463 §3.8: X.7.1, delivery not authorized, message refused.
std::string_view CodesOf(Action action) {
  switch (action) {
    case Action::kAccept:
    case Action::kTag:
      return "";
    case Action::kDefer:
      return "451 4.7.1";
    case Action::kReject:
      return "550 5.7.1";
  }
  return "";
}

std::string Authority(const CheckResult& check) {
  return EscapeName(check.authority, kMaxAuthorityOctets);
}

// DNA-02 §5: whose report the refusal rests on, in its words.
std::string ReportOf(const CheckResult* check) {
  if (check == nullptr || check->check != CheckId::kDna || check->result != Result::kFail ||
      check->authority.empty()) {
    return "";
  }
  return "Access denied based on " + Authority(*check) + " report: ";
}

// The zone of a DNS list. Where a local list has its entry is nobody else's business.
std::string ZoneOf(const CheckResult* check) {
  if (check == nullptr || check->authority.empty() ||
      (check->check != CheckId::kAddressList && check->check != CheckId::kNameList)) {
    return "";
  }
  return " in " + Authority(*check);
}

// "csa fail address-mismatch", in the tokens of the JSON.
std::string Tokens(const Decision& decision, const CheckResult* check) {
  std::string tokens(ToString(decision.check));
  if (check != nullptr) {
    tokens += ' ';
    tokens += ToString(check->result);
  }
  tokens += ' ';
  tokens += ToString(decision.reason);
  return tokens;
}

std::string ContactOf(const CheckResult* check) {
  if (check == nullptr || check->result != Result::kFail || check->contact.empty()) return "";
  return "; contact " + EscapeName(check->contact, kMaxReplyOctets);
}

}  // namespace

std::string RenderReply(const Verdict& verdict, const Config& config) {
  const std::string_view codes = CodesOf(verdict.action);
  if (codes.empty()) return "";
  const CheckResult* const check = verdict.Find(verdict.decided_by.check);
  std::string reply(codes);
  reply += ' ';
  reply += ReportOf(check);
  reply += verdict.session.client.ToString();
  reply += verdict.action == Action::kDefer ? " is not accepted for now" : " is not accepted";
  const std::string& helo = verdict.session.helo;
  reply += helo.empty() ? " without a HELO name" : " as ";

  const std::string tokens = ": " + Tokens(verdict.decided_by, check) + ZoneOf(check);
  std::string meaning = " (";
  meaning += Meaning(verdict.decided_by.reason);
  meaning += ')';
  std::string contact = ContactOf(check);
  std::string pointer;
  if (!config.explain_url.empty()) pointer = "; see " + Printable(config.explain_url);

  std::size_t room = kMaxReplyOctets - reply.size() - tokens.size();
  // A pointer or a contact that is cut leads nowhere: it comes whole or, where a line cannot hold
  // it, not at all.
  if (pointer.size() + kShortestName > room) pointer.clear();
  room -= pointer.size();
  if (contact.size() + kShortestName > room) contact.clear();
  room -= contact.size();
  if (meaning.size() + EscapeName(helo, kNameBeforeMeaning).size() > room) meaning.clear();
  room -= meaning.size();

  reply += EscapeName(helo, room);
  reply += tokens;
  reply += meaning;
  reply += contact;
  reply += pointer;
  return reply;
}

}  // namespace helovet
