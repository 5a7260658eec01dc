#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "helovet/render.h"
#include "render/escape.h"
#include "render/pairs.h"
#include "render/source.h"

namespace helovet {
namespace {

constexpr std::string_view kCut = "cut=yes";

// Longest names and paths: whole ones, if a line can hold them all (RFC 5321 §4.5.3.1), otherwise
// what still tells one from another.
constexpr std::size_t kWholeTextOctets = 320;
constexpr std::size_t kShortTextOctets = 40;

using Pairs = std::vector<std::string>;

// Texts of others in at most `limit` octets, before they are quoted.
class LogPairs {
 public:
  explicit LogPairs(std::size_t limit) : limit_(limit) {}

  void Add(std::string_view key, std::string_view value) {
    AppendPair(pairs_.emplace_back(), key, value);
  }
  void AddText(std::string_view key, std::string_view text) {
    Add(key, EscapeForLogWithin(text, limit_));
  }
  [[nodiscard]] const Pairs& pairs() const { return pairs_; }

 private:
  std::size_t limit_;
  Pairs pairs_;
};

void AddSession(LogPairs& pairs, const Session& session) {
  pairs.Add("ip", session.client.ToString());
  pairs.AddText("helo_name", session.helo);
  if (session.mail_from) pairs.AddText("mail_from", *session.mail_from);
  if (!session.recipient.empty()) pairs.AddText("recipient", session.recipient);
}

// How many questions left for a server, and the longest time that one took.
void AddQueries(LogPairs& pairs, const std::vector<Exchange>& exchanges) {
  const auto sent = std::ranges::count(exchanges, false, &Exchange::cached);
  std::chrono::microseconds longest{0};
  for (const Exchange& exchange : exchanges) longest = std::max(longest, exchange.took);
  pairs.Add("queries", std::to_string(sent));
  pairs.Add("ms",
            std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(longest).count()));
}

void AddCheck(LogPairs& pairs, const CheckResult& check) {
  const std::string key = KeyOf(check.check);
  pairs.Add(key, ToString(check.result));
  pairs.Add(key + "_reason", ToString(check.reason));
  if (!check.authority.empty()) pairs.AddText(key + "_authority", check.authority);
  if (check.check == CheckId::kCbv) pairs.Add(key + "_remembered", YesOrNo(check.remembered));
}

Pairs PairsOf(const Verdict& verdict, std::size_t limit) {
  LogPairs pairs(limit);
  pairs.Add("action", ToString(verdict.action));
  pairs.Add("trust", ToString(verdict.trust));
  pairs.Add("decided_by", ToString(verdict.decided_by.check));
  pairs.Add("decided_reason", ToString(verdict.decided_by.reason));
  if (!verdict.checks.empty()) pairs.Add("profile", ToString(verdict.profile));
  pairs.Add("standard", ToString(verdict.shadow.standard));
  pairs.Add("strict", ToString(verdict.shadow.strict));
  pairs.Add("authenticated", YesOrNo(verdict.authenticated()));
  AddSession(pairs, verdict.session);
  AddQueries(pairs, verdict.exchanges);
  for (const CheckResult& check : verdict.checks) {
    if (IsTold(check)) AddCheck(pairs, check);
  }
  return pairs.pairs();
}

std::size_t OctetsOf(const Pairs& pairs) {
  std::size_t octets = 0;
  for (const std::string& pair : pairs) octets += pair.size() + 1;
  return octets == 0 ? 0 : octets - 1;
}

}  // namespace

std::string RenderLogLine(const Verdict& verdict) {
  Pairs pairs = PairsOf(verdict, kWholeTextOctets);
  if (OctetsOf(pairs) > kMaxLogLineOctets) pairs = PairsOf(verdict, kShortTextOctets);
  if (OctetsOf(pairs) > kMaxLogLineOctets) {
    while (OctetsOf(pairs) + 1 + kCut.size() > kMaxLogLineOctets) pairs.pop_back();
    pairs.emplace_back(kCut);
  }
  std::string line;
  for (const std::string& pair : pairs) {
    if (!line.empty()) line += ' ';
    line += pair;
  }
  return line;
}

}  // namespace helovet
