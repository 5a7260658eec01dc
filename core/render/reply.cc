#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/printable.h"
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

// Up to the HELO name.
std::string HeadOf(const Verdict& verdict, const CheckResult* check) {
  std::string head(CodesOf(verdict.action));
  head += ' ';
  head += ReportOf(check);
  head += verdict.session.client.ToString();
  head += verdict.action == Action::kDefer ? " is not accepted for now" : " is not accepted";
  head += verdict.session.helo.empty() ? " without a HELO name" : " as ";
  return head;
}

// The sender's domain where the refusal rests on it.
std::string SenderOf(const Verdict& verdict, const CheckResult* check, std::size_t limit) {
  if (check == nullptr || !IsOfMailFrom(*check, verdict.session)) return "";
  return " for mail from " + EscapeName(DomainOf(*check, verdict.session), limit);
}

// RFC 7208 §6.2: the domain's words about a failure, told as such, as far as there is room.
std::string ExplanationOf(const Verdict& verdict, const CheckResult* check, std::size_t room) {
  if (check == nullptr || check->result != Result::kFail || check->explanation.empty()) return "";
  const std::string attribution =
      "; " + EscapeName(DomainOf(*check, verdict.session), kMaxAuthorityOctets) + " explains: ";
  if (attribution.size() + kShortestExplanation > room) return "";
  return attribution + EscapeWords(check->explanation,
                                   std::min(room - attribution.size(), kMaxExplanationOctets));
}

// The octets of a line that are left.
class Room {
 public:
  explicit Room(std::size_t octets) : octets_(octets) {}

  // Takes what `text` needs beside `others`, or empties it where there is not that much.
  void TakeWholeOrNone(std::string& text, std::size_t others) {
    if (text.size() + others > octets_) text.clear();
    Take(text);
  }
  void Take(const std::string& text) { octets_ -= text.size(); }
  [[nodiscard]] std::size_t octets() const { return octets_; }

 private:
  std::size_t octets_;
};

}  // namespace

std::string RenderReply(const Verdict& verdict, const Config& config) {
  if (CodesOf(verdict.action).empty()) return "";
  const CheckResult* const check = verdict.Find(verdict.decided_by.check);
  const std::string& helo = verdict.session.helo;
  const std::string head = HeadOf(verdict, check);
  const std::string tokens = ": " + Tokens(verdict.decided_by, check) + ZoneOf(check);
  std::string sender = SenderOf(verdict, check, kMaxAuthorityOctets);
  std::string meaning = " (" + std::string(Meaning(verdict.decided_by.reason)) + ")";
  std::string contact = ContactOf(check);
  std::string pointer;
  if (!config.explain_url.empty()) pointer = "; see " + Printable(config.explain_url);

  Room room(kMaxReplyOctets - head.size() - tokens.size());
  if (sender.size() + pointer.size() + kShortestName > room.octets()) {
    sender = SenderOf(verdict, check, kNameBeforeMeaning);
  }
  room.Take(sender);
  // A pointer or a contact that is cut leads nowhere: it comes whole or, where a line cannot hold
  // it, not at all.
  room.TakeWholeOrNone(pointer, kShortestName);
  room.TakeWholeOrNone(contact, kShortestName);
  room.TakeWholeOrNone(meaning, EscapeName(helo, kNameBeforeMeaning).size());
  const std::string name = EscapeName(helo, room.octets());
  room.Take(name);
  const std::string explanation = ExplanationOf(verdict, check, room.octets());
  return head + name + sender + tokens + meaning + contact + explanation + pointer;
}

}  // namespace helovet
