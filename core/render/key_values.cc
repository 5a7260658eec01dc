#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "helovet/render.h"
#include "render/escape.h"
#include "render/header.h"

namespace helovet {
namespace {

// RFC 5321 §4.2.3: what the MTA answers by itself where the verdict has no reply.
constexpr std::string_view kCodeWithoutReply = "250";
constexpr std::size_t kCodeDigits = 3;  // RFC 5321 §4.2

// Exim takes a key of letters, digits and underscores as it is.
std::string KeyOf(CheckId check) {
  std::string key(ToString(check));
  std::ranges::replace(key, '-', '_');
  return key;
}

void Append(std::string& out, std::string_view key, std::string_view value) {
  if (!out.empty()) out += ' ';
  out += key;
  out += '=';
  out += ExtractValue(value);
}

}  // namespace

std::string RenderKeyValues(const Verdict& verdict, const Config& config, std::string_view error) {
  const std::string reply = RenderReply(verdict, config);
  std::string out;
  Append(out, "action", ToString(verdict.action));
  Append(out, "trust", ToString(verdict.trust));
  Append(out, "decided_by", ToString(verdict.decided_by.check));
  Append(out, "decided_reason", ToString(verdict.decided_by.reason));
  Append(out, "code",
         reply.empty() ? kCodeWithoutReply : std::string_view(reply).substr(0, kCodeDigits));
  Append(out, "reply", reply);
  Append(out, "header", HeaderText(verdict, config));
  Append(out, "authenticated", verdict.authenticated ? "yes" : "no");
  Append(out, "ip", verdict.session.client.ToString());
  Append(out, "helo_name", EscapeForLog(verdict.session.helo));
  for (const CheckResult& check : verdict.checks) {
    if (check.result == Result::kSkipped) continue;
    const std::string key = KeyOf(check.check);
    Append(out, key, ToString(check.result));
    Append(out, key + "_reason", ToString(check.reason));
  }
  if (!error.empty()) Append(out, "error", error);
  return out;
}

}  // namespace helovet
