// What accreditors, certifiers and domains publish in TXT records, into the checks that read them:
// dna (DNA-02 §6), vbr (RFC 5518 §5), rmx (RMX-04 §4) and dmp (DMP-01 §4). The first octet chooses
// the check. Each line of the rest is a record; all questions for TXT records have all of them for
// an answer.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "checks/dmp.h"
#include "checks/dna.h"
#include "checks/helo.h"
#include "checks/rmx.h"
#include "checks/rmx_record.h"
#include "checks/vbr.h"
#include "fuzz.h"
#include "invented_dns.h"
#include "results.h"

namespace helovet::fuzz {
namespace {

constexpr std::size_t kMostRecords = 32;
constexpr std::string_view kBlanks = " \t";

std::string_view Stripped(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

// docs/rules.md §6.1, read once more: "MARID", "1" and a rating between commas, then the end or a
// semicolon; neither case nor spaces and tabs around them matter.
std::optional<Rating> RatingOf(std::string_view report) {
  Choices parts(report.substr(0, report.find(';')));
  const std::string_view protocol = Stripped(parts.TakeUpTo(','));
  const std::string_view version = Stripped(parts.TakeUpTo(','));
  const std::string_view rating = Stripped(parts.rest());
  if (!EqualsIgnoringCase(protocol, "MARID") || version != "1") return std::nullopt;
  return ParseRating(rating);
}

class Records {
 public:
  explicit Records(std::string_view input) {
    for (Choices lines(input); !lines.empty() && texts_.size() < kMostRecords;) {
      texts_.emplace_back(lines.Line());
    }
  }

  [[nodiscard]] const std::vector<std::string>& texts() const { return texts_; }

  [[nodiscard]] DnsReply ReplyTo(const DnsQuestion& question, bool reversed) const {
    DnsReply reply;
    reply.outcome = DnsOutcome::kOk;
    const auto add = [&](DnsData data) {
      reply.answers.push_back(
          {.owner = question.name, .type = question.type, .ttl = 300, .data = std::move(data)});
    };
    if (question.type == DnsType::kPtr) add(*DnsName::Parse("_vouch._smtp.a.test"));
    if (question.type != DnsType::kTxt) return reply;
    for (const std::string& text : texts_) add(text);
    if (reversed) std::ranges::reverse(reply.answers);
    return reply;
  }

 private:
  std::vector<std::string> texts_;
};

template <typename Check>
CheckResult RunCheck(const Records& records, bool reversed, Check check) {
  StandingClock clock;
  const Loop::TimePoint deadline = clock.now() + std::chrono::seconds(5);
  InventedDns::Answers answers;
  InventedDns dns(clock.loop(), answers, [&](const DnsQuestion& question) {
    return std::optional(records.ReplyTo(question, reversed));
  });
  SessionDns session_dns(clock.loop(), dns, deadline);
  return RunTask(clock, deadline, check(session_dns));
}

// Runs a check over the records in both orders, which must leave no trace (docs/rules.md §2).
template <typename Check>
CheckResult RunBothWays(const Records& records, Check check) {
  CheckResult result = RunCheck(records, false, check);
  const CheckResult other = RunCheck(records, true, check);
  Hold(result.result == other.result && result.reason == other.reason &&
           result.rating == other.rating && result.authority == other.authority,
       "the order of records leaves no trace");
  return result;
}

void HoldDna(const CheckResult& result, const Records& records) {
  std::optional<Rating> worst;
  for (const std::string& text : records.texts()) {
    const std::optional<Rating> rating = ReadReport(text);
    Hold(rating == RatingOf(text), "a report is read as docs/rules.md §6.1 has it");
    if (rating) worst = std::max(worst.value_or(Rating::kA), *rating);
  }
  if (!worst) {
    Hold(result.reason == Reason::kUnknown, "without a report nothing is known");
  } else if (*worst >= Rating::kD) {
    Hold(result.result == Result::kFail && result.rating == worst, "the worst report counts");
  } else {
    Hold((result.result == Result::kPass) == (*worst <= Rating::kB), "the worst report counts");
  }
}

void HoldEntries(const Records& records) {
  DnsAnswer answer;
  for (const std::string& text : records.texts()) {
    answer.records.push_back({.owner = DnsName(), .type = DnsType::kTxt, .data = text});
    const std::optional<RmxEntry> entry = ReadRmxEntry(text);
    if (!entry) continue;
    Hold(text.find(':') != text.npos, "an entry has a tag");
    const bool is_range =
        entry->type == RmxEntry::Type::kIpv4 || entry->type == RmxEntry::Type::kIpv6;
    Hold(entry->range.has_value() == is_range, "networks alone have a range");
    Hold(!entry->name || !is_range, "networks have no name");
  }
  Hold(ReadRmxEntries(answer).list.size() <= kMaxRmxEntries, "entries are bounded");
}

}  // namespace

void Try(std::string_view input) {
  Choices choices(input);
  const unsigned check = choices.Below(4);
  const Records records(choices.rest());
  const Config config;
  const Session session = {.client = *IpAddress::Parse("192.0.2.1"), .helo = "mail.example.com"};
  const HeloFinding helo = CheckHelo(session, config);
  const SenderIdentity sender = IdentifySender("joe@example.com");
  const Config::Dna dna = {.trusted = {{.name = "a.test"}}};
  const Config::Vbr vbr = {.certifiers = {"a.test"}, .types = {"list"}};

  CheckResult result{.check = CheckId::kDna};
  switch (check) {
    case 0:
      result = RunBothWays(records, [&](SessionDns& dns) { return CheckDna(helo, dna, dns); });
      HoldDna(result, records);
      break;
    case 1:
      result = RunBothWays(records, [&](SessionDns& dns) { return CheckVbr(helo, vbr, dns); });
      break;
    case 2:
      result = RunBothWays(records, [&](SessionDns& dns) {
        return CheckDmp(helo, sender, session.client, config.dmp, dns);
      });
      break;
    default:
      result = RunBothWays(records,
                           [&](SessionDns& dns) { return CheckRmx(sender, session.client, dns); });
      HoldEntries(records);
  }
  HoldResults({&result, 1});
}

}  // namespace helovet::fuzz
