// Header sections of messages, out of which fields go that claim to be our results (RFC 8601 §5).
// Each line of the input is one of the header section, which an empty one or a lone dot ends.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz.h"
#include "helovet/authentication_results.h"
#include "results_sieve.h"

namespace helovet::fuzz {
namespace {

constexpr std::string_view kOurs = "mx.example";
constexpr std::size_t kMostLines = 256;

using Lines = std::vector<std::string>;

Lines LinesOf(std::string_view input) {
  Lines lines;
  for (Choices rest(input); !rest.empty() && lines.size() < kMostLines;) {
    const std::string_view line = rest.Line();
    if (line.empty() || line == ".") break;
    lines.emplace_back(line);
  }
  return lines;
}

Lines Through(const Lines& lines) {
  ResultsSieve sieve;
  Lines out;
  const auto pass = [&out](std::string_view line) { out.emplace_back(line); };
  for (const std::string& line : lines) {
    sieve.Feed(line, kOurs, pass);
    Hold(sieve.held() <= kMaxHeldFieldOctets, "what is held is bounded");
  }
  sieve.End(kOurs, pass);
  Hold(sieve.held() == 0, "nothing is held after the end");
  return out;
}

// Those of `some` are among `all`, in their order.
bool AreAmong(const Lines& some, const Lines& all) {
  auto next = all.begin();
  for (const std::string& each : some) {
    next = std::find(next, all.end(), each);
    if (next == all.end()) return false;
    ++next;
  }
  return true;
}

bool IsFolded(std::string_view line) {
  if (line.starts_with('.')) line.remove_prefix(1);
  return line.starts_with(' ') || line.starts_with('\t');
}

// Fields as a reader takes them who knows nothing of bare carriage returns. Folded lines at the
// beginning continue smtpd's own Received field, and a line of control characters begins none.
Lines FieldsOf(const Lines& lines) {
  const auto is_visible = [](unsigned char octet) { return octet > ' ' && octet != 0x7f; };
  Lines fields;
  bool in_field = false;
  for (const std::string& line : lines) {
    const std::string text = line.starts_with('.') ? line.substr(1) : line;
    if (!IsFolded(line)) {
      in_field = std::ranges::any_of(text, is_visible);
      if (in_field) fields.push_back(text);
    } else if (in_field) {
      fields.back() += "\r\n" + text;
    }
  }
  return fields;
}

}  // namespace

void Try(std::string_view input) {
  const Lines lines = LinesOf(input);
  const Lines out = Through(lines);
  Hold(AreAmong(out, lines), "what passes is what came, in its order");
  Hold(Through(out) == out, "what has passed passes again");
  for (const std::string& field : FieldsOf(out)) {
    Hold(!ClaimsAuthservId(field, kOurs), "nothing that claims to be ours is left");
  }
  const std::size_t colon = input.find(':');
  if (colon == input.npos) return;
  const std::string_view body = input.substr(colon + 1);
  const std::vector<std::string_view> bodies = {body, " mx.example; none", " other.example; none"};
  const std::vector<std::string_view> foreign = ForeignResults(bodies, kOurs);
  Hold(foreign.size() == (BodyClaimsAuthservId(body, kOurs) ? 1U : 2U) &&
           foreign.back() == bodies[2],
       "a stranger's results stay, and ours alone go");
  if (ClaimsAuthservId(input, kOurs)) {
    Hold(BodyClaimsAuthservId(body, kOurs), "a field claims what its body claims");
  }
}

}  // namespace helovet::fuzz
