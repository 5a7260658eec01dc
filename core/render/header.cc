#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "helovet/render.h"
#include "render/escape.h"
#include "render/header.h"

namespace helovet {
namespace {

constexpr std::size_t kLineOctets = 78;  // RFC 5322 §2.1.1: SHOULD; 998 is the MUST.
// A domain name fits whole; escaped and quoted, it stays far below the 998.
constexpr std::size_t kMaxNameOctets = 255;

// One statement: its words may stand on lines of their own, RFC 8601 §2.2 has [CFWS] between them.
using Statement = std::vector<std::string>;

std::string HostName() {
  std::array<char, 256> name{};  // POSIX: at most 255 octets.
  if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

// RFC 8601 §2.7.6: methods outside the registry are experimental, hence the "x-".
std::string_view MethodOf(CheckId check) {
  switch (check) {
    case CheckId::kHelo:
      return "x-helo";
    case CheckId::kCsa:
      return "x-csa";
    case CheckId::kForward:
      return "x-forward";
    case CheckId::kIprev:
      return "iprev";
    case CheckId::kLocalTrust:
      return "x-local-trust";
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

Statement StatementOf(const CheckResult& check, const Session& session) {
  Statement words;
  words.push_back(std::string(MethodOf(check.check)) + "=" + std::string(ToString(check.result)));
  words.push_back("reason=" + QuotedString(ToString(check.reason)));
  if (check.check == CheckId::kIprev) {
    words.push_back("policy.iprev=" + HeaderValue(session.client.ToString()));
  } else {
    words.push_back("smtp.helo=" + HeaderValue(EscapeName(session.helo, kMaxNameOctets)));
  }
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
  return {"x-csv=" + std::string(ResultOf(verdict.trust)), "reason=" + QuotedString(reason),
          "policy.trust=" + std::string(ToString(verdict.trust)),
          "policy.action=" + std::string(ToString(verdict.action))};
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

std::string AuthservId(const Config& config) {
  const std::string id = EscapeForLog(config.authserv_id.empty() ? HostName() : config.authserv_id);
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
