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

// "csa fail address-mismatch", in the tokens of the JSON.
std::string Tokens(const Verdict& verdict) {
  std::string tokens(ToString(verdict.decided_by.check));
  if (const CheckResult* check = verdict.Find(verdict.decided_by.check)) {
    tokens += ' ';
    tokens += ToString(check->result);
  }
  tokens += ' ';
  tokens += ToString(verdict.decided_by.reason);
  return tokens;
}

}  // namespace

std::string RenderReply(const Verdict& verdict, const Config& config) {
  const std::string_view codes = CodesOf(verdict.action);
  if (codes.empty()) return "";
  std::string reply(codes);
  reply += ' ';
  reply += verdict.session.client.ToString();
  reply += verdict.action == Action::kDefer ? " is not accepted for now" : " is not accepted";
  const std::string& helo = verdict.session.helo;
  reply += helo.empty() ? " without a HELO name" : " as ";

  const std::string tokens = ": " + Tokens(verdict);
  std::string meaning = " (";
  meaning += Meaning(verdict.decided_by.reason);
  meaning += ')';
  std::string pointer;
  if (!config.explain_url.empty()) pointer = "; see " + Printable(config.explain_url);

  std::size_t room = kMaxReplyOctets - reply.size() - tokens.size();
  // A pointer that is cut leads nowhere: it comes whole or, where a line cannot hold it, not at
  // all.
  if (pointer.size() + kShortestName > room) pointer.clear();
  room -= pointer.size();
  if (meaning.size() + EscapeName(helo, kNameBeforeMeaning).size() > room) meaning.clear();
  room -= meaning.size();

  reply += EscapeName(helo, room);
  reply += tokens;
  reply += meaning;
  reply += pointer;
  return reply;
}

}  // namespace helovet
