#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
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

// One try to make the line, with texts of others in at most `limit` octets before they are quoted.
class LogLine {
 public:
  explicit LogLine(std::size_t limit) : limit_(limit) { line_.reserve(kMaxLogLineOctets); }

  // As AppendKey.
  std::string& Key(std::string_view key) {
    if (line_.size() + 1 + kCut.size() <= kMaxLogLineOctets) room_for_cut_ = line_.size();
    return AppendKey(line_, key);
  }
  void AddText(std::string_view key, std::string_view text) {
    AppendExtractText(Key(key), text, limit_);
  }
  void AddCheck(const CheckResult& check);

  [[nodiscard]] bool Fits() const { return line_.size() <= kMaxLogLineOctets; }
  // Pairs at the end give way to kCut. Only of a line that does not fit.
  void Cut() {
    line_.resize(room_for_cut_);
    line_ += ' ';
    line_ += kCut;
  }
  [[nodiscard]] std::string Take() { return std::move(line_); }

 private:
  std::size_t limit_;
  std::string line_;
  std::size_t room_for_cut_ = 0;  // The most whole pairs that leave room for it, in octets.
};

void LogLine::AddCheck(const CheckResult& check) {
  const CheckKeys& keys = KeysOf(check.check);
  Key(keys.result) += ToString(check.result);
  Key(keys.reason) += ToString(check.reason);
  if (!check.authority.empty()) {
    AppendExtractText(Key(keys.name) += "_authority=", check.authority, limit_);
  }
  if (check.check == CheckId::kCbv) (Key(keys.name) += "_remembered=") += YesOrNo(check.remembered);
}

void AppendNumber(std::string& out, std::int64_t number) {
  std::array<char, std::numeric_limits<std::int64_t>::digits10 + 2> digits{};
  out.append(digits.data(), std::to_chars(digits.begin(), digits.end(), number).ptr);
}

void AddSession(LogLine& line, const Session& session) {
  AppendExtractValue(line.Key("ip="), session.client.ToString());
  line.AddText("helo_name=", session.helo);
  if (session.mail_from) line.AddText("mail_from=", *session.mail_from);
  if (!session.recipient.empty()) line.AddText("recipient=", session.recipient);
}

// How many questions left for a server, and the longest time that one took.
void AddQueries(LogLine& line, const std::vector<Exchange>& exchanges) {
  const auto sent = std::ranges::count(exchanges, false, &Exchange::cached);
  std::chrono::microseconds longest{0};
  for (const Exchange& exchange : exchanges) longest = std::max(longest, exchange.took);
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(longest).count();
  AppendNumber(line.Key("queries="), sent);
  AppendNumber(line.Key("ms="), ms);
}

LogLine LineOf(const Verdict& verdict, std::size_t limit) {
  LogLine line(limit);
  line.Key("action=") += ToString(verdict.action);
  line.Key("trust=") += ToString(verdict.trust);
  line.Key("decided_by=") += ToString(verdict.decided_by.check);
  line.Key("decided_reason=") += ToString(verdict.decided_by.reason);
  if (!verdict.checks.empty()) line.Key("profile=") += ToString(verdict.profile);
  line.Key("standard=") += ToString(verdict.shadow.standard);
  line.Key("strict=") += ToString(verdict.shadow.strict);
  line.Key("authenticated=") += YesOrNo(verdict.authenticated());
  AddSession(line, verdict.session);
  AddQueries(line, verdict.exchanges);
  for (const CheckResult& check : verdict.checks) {
    if (IsTold(check)) line.AddCheck(check);
  }
  return line;
}

}  // namespace

std::string RenderLogLine(const Verdict& verdict) {
  LogLine line = LineOf(verdict, kWholeTextOctets);
  if (!line.Fits()) line = LineOf(verdict, kShortTextOctets);
  if (!line.Fits()) line.Cut();
  return line.Take();
}

}  // namespace helovet
