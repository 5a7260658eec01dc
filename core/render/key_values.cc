#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "helovet/render.h"
#include "render/escape.h"
#include "render/header.h"
#include "render/identity.h"
#include "render/pairs.h"
#include "render/source.h"

namespace helovet {
namespace {

// RFC 5321 §4.2.3: what the MTA answers by itself where the verdict has no reply.
constexpr std::string_view kCodeWithoutReply = "250";
constexpr std::size_t kCodeDigits = 3;  // RFC 5321 §4.2

void AppendCheck(std::string& out, const CheckResult& check) {
  const std::string key = KeyOf(check.check);
  AppendPair(out, key, ToString(check.result));
  AppendPair(out, key + "_reason", ToString(check.reason));
  if (!check.authority.empty()) {
    AppendPair(out, key + "_authority", EscapeForLog(check.authority));
  }
  if (check.rating) AppendPair(out, key + "_rating", ToString(*check.rating));
  if (!check.contact.empty()) AppendPair(out, key + "_contact", EscapeForLog(check.contact));
  if (HasIdentity(check.check)) AppendPair(out, key + "_identity", ToString(check.identity));
  if (!check.explanation.empty()) {
    AppendPair(out, key + "_explanation",
               EscapeForLogWithin(check.explanation, kMaxExplanationOctets));
  }
  if (check.check == CheckId::kCbv) AppendPair(out, key + "_remembered", YesOrNo(check.remembered));
}

}  // namespace

std::string KeyOf(CheckId check) {
  std::string key(ToString(check));
  std::ranges::replace(key, '-', '_');
  return key;
}

void AppendPair(std::string& out, std::string_view key, std::string_view value) {
  if (!out.empty()) out += ' ';
  out += key;
  out += '=';
  out += ExtractValue(value);
}

std::string RenderKeyValues(const Verdict& verdict, const Config& config, std::string_view error) {
  const std::string reply = RenderReply(verdict, config);
  std::string out;
  AppendPair(out, "action", ToString(verdict.action));
  AppendPair(out, "trust", ToString(verdict.trust));
  AppendPair(out, "decided_by", ToString(verdict.decided_by.check));
  AppendPair(out, "decided_reason", ToString(verdict.decided_by.reason));
  AppendPair(out, "code",
             reply.empty() ? kCodeWithoutReply : std::string_view(reply).substr(0, kCodeDigits));
  AppendPair(out, "reply", reply);
  AppendPair(out, "header", HeaderText(verdict, config));
  AppendPair(out, "authenticated", YesOrNo(verdict.authenticated()));
  AppendPair(out, "skip_address_blocklists", YesOrNo(verdict.skip_address_blocklists));
  AppendPair(out, "standard", ToString(verdict.shadow.standard));
  AppendPair(out, "strict", ToString(verdict.shadow.strict));
  AppendPair(out, "ip", verdict.session.client.ToString());
  AppendPair(out, "helo_name", EscapeForLog(verdict.session.helo));
  for (const CheckResult& check : verdict.checks) {
    if (IsTold(check)) AppendCheck(out, check);
  }
  AppendPair(out, "log", RenderLogLine(verdict));
  if (!error.empty()) AppendPair(out, "error", error);
  return out;
}

}  // namespace helovet
