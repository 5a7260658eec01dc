#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "helovet/render.h"
#include "render/escape.h"
#include "render/identity.h"

namespace helovet {
namespace {

// A shorter HELO name is not cut for the sake of the meaning; a longer one gives way to it.
constexpr std::size_t kNameBeforeMeaning = 64;
constexpr std::size_t kShortestName = 16;
// Fewer octets of an explanation say nothing.
constexpr std::size_t kShortestExplanation = 24;
// An authority is a domain name, which fits whole.
constexpr std::size_t kMaxAuthorityOctets = 253;
// More than usual, so that the text seldom grows.
constexpr std::size_t kPartOctets = 64;

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

void AppendAuthority(std::string& out, const CheckResult& check) {
  AppendName(out, check.authority, kMaxAuthorityOctets);
}

// DNA-02 §5: whose report the refusal rests on, in its words.
void AppendReport(std::string& out, const CheckResult* check) {
  if (check == nullptr || check->check != CheckId::kDna || check->result != Result::kFail ||
      check->authority.empty()) {
    return;
  }
  out += "Access denied based on ";
  AppendAuthority(out, *check);
  out += " report: ";
}

// The zone of a DNS list. Where a local list has its entry is nobody else's business.
void AppendZone(std::string& out, const CheckResult* check) {
  if (check == nullptr || check->authority.empty() ||
      (check->check != CheckId::kAddressList && check->check != CheckId::kNameList)) {
    return;
  }
  out += " in ";
  AppendAuthority(out, *check);
}

// ": csa fail address-mismatch", in the tokens of the JSON.
std::string TokensOf(const Decision& decision, const CheckResult* check) {
  std::string tokens;
  tokens.reserve(kPartOctets);
  tokens.append(": ").append(ToString(decision.check));
  if (check != nullptr) tokens.append(" ").append(ToString(check->result));
  tokens.append(" ").append(ToString(decision.reason));
  AppendZone(tokens, check);
  return tokens;
}

std::string MeaningOf(Reason reason) {
  const std::string_view meaning = Meaning(reason);
  std::string text;
  text.reserve(meaning.size() + 3);
  text.append(" (").append(meaning) += ')';
  return text;
}

std::string ContactOf(const CheckResult* check) {
  if (check == nullptr || check->result != Result::kFail || check->contact.empty()) return "";
  return "; contact " + EscapeName(check->contact, kMaxReplyOctets);
}

std::string PointerOf(const Config& config) {
  if (config.explain_url.empty()) return "";
  std::string pointer;
  pointer.reserve(kPartOctets);
  pointer += "; see ";
  AppendPrintable(pointer, config.explain_url);
  return pointer;
}

// Up to the HELO name.
void AppendHead(std::string& out, const Verdict& verdict, const CheckResult* check) {
  out.append(CodesOf(verdict.action)) += ' ';
  AppendReport(out, check);
  out += verdict.session.client.ToString();
  out += verdict.action == Action::kDefer ? " is not accepted for now" : " is not accepted";
  out += verdict.session.helo.empty() ? " without a HELO name" : " as ";
}

// The sender's domain where the refusal rests on it.
std::string SenderOf(const Verdict& verdict, const CheckResult* check, std::size_t limit) {
  if (check == nullptr || !IsOfMailFrom(*check, verdict.session)) return "";
  std::string sender;
  sender.reserve(kPartOctets);
  sender += " for mail from ";
  AppendName(sender, DomainOf(*check, verdict.session), limit);
  return sender;
}

// RFC 7208 §6.2: the domain's words about a failure, told as such, as far as there is room.
void AppendExplanation(std::string& out, const Verdict& verdict, const CheckResult* check,
                       std::size_t room) {
  if (check == nullptr || check->result != Result::kFail || check->explanation.empty()) return;
  const std::size_t begin = out.size();
  out += "; ";
  AppendName(out, DomainOf(*check, verdict.session), kMaxAuthorityOctets);
  out += " explains: ";
  const std::size_t attribution = out.size() - begin;
  if (attribution + kShortestExplanation > room) {
    out.resize(begin);
  } else {
    AppendWords(out, check->explanation, std::min(room - attribution, kMaxExplanationOctets));
  }
}

// What it takes in at most `limit` octets.
std::size_t OctetsOfName(std::string& scratch, std::string_view name, std::size_t limit) {
  const std::size_t begin = scratch.size();
  AppendName(scratch, name, limit);
  const std::size_t octets = scratch.size() - begin;
  scratch.resize(begin);
  return octets;
}

// The octets of a line that are left.
class Room {
 public:
  explicit Room(std::size_t octets) : octets_(octets) {}

  // Takes what `text` needs beside `others`, or empties it where there is not that much.
  void TakeWholeOrNone(std::string& text, std::size_t others) {
    if (text.size() + others > octets_) text.clear();
    Take(text.size());
  }
  void Take(std::size_t octets) { octets_ -= octets; }
  [[nodiscard]] std::size_t octets() const { return octets_; }

 private:
  std::size_t octets_;
};

}  // namespace

std::string RenderReply(const Verdict& verdict, const Config& config) {
  if (CodesOf(verdict.action).empty()) return "";
  const CheckResult* const check = verdict.Find(verdict.decided_by.check);
  const std::string& helo = verdict.session.helo;
  std::string reply;
  reply.reserve(kMaxReplyOctets);
  AppendHead(reply, verdict, check);
  const std::string tokens = TokensOf(verdict.decided_by, check);
  std::string sender = SenderOf(verdict, check, kMaxAuthorityOctets);
  std::string meaning = MeaningOf(verdict.decided_by.reason);
  std::string contact = ContactOf(check);
  std::string pointer = PointerOf(config);

  Room room(kMaxReplyOctets - reply.size() - tokens.size());
  if (sender.size() + pointer.size() + kShortestName > room.octets()) {
    sender = SenderOf(verdict, check, kNameBeforeMeaning);
  }
  room.Take(sender.size());
  // A pointer or a contact that is cut leads nowhere: it comes whole or, where a line cannot hold
  // it, not at all.
  room.TakeWholeOrNone(pointer, kShortestName);
  room.TakeWholeOrNone(contact, kShortestName);
  room.TakeWholeOrNone(meaning, OctetsOfName(reply, helo, kNameBeforeMeaning));
  const std::size_t head = reply.size();
  AppendName(reply, helo, room.octets());
  room.Take(reply.size() - head);
  reply.append(sender).append(tokens).append(meaning).append(contact);
  AppendExplanation(reply, verdict, check, room.octets());
  reply += pointer;
  return reply;
}

}  // namespace helovet
