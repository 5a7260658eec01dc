#include "helovet/metrics.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>

namespace helovet {
namespace {

// Upper bounds of the histogram's buckets, without +Inf.
struct Bucket {
  std::chrono::microseconds bound;
  std::string_view seconds;
};
constexpr auto kDurationBuckets = std::to_array<Bucket>({
    {std::chrono::microseconds(500), "0.0005"},
    {std::chrono::microseconds(1000), "0.001"},
    {std::chrono::microseconds(2500), "0.0025"},
    {std::chrono::microseconds(5000), "0.005"},
    {std::chrono::microseconds(10000), "0.01"},
    {std::chrono::microseconds(25000), "0.025"},
    {std::chrono::microseconds(50000), "0.05"},
    {std::chrono::microseconds(100000), "0.1"},
    {std::chrono::microseconds(250000), "0.25"},
    {std::chrono::microseconds(500000), "0.5"},
    {std::chrono::microseconds(1000000), "1"},
    {std::chrono::microseconds(2500000), "2.5"},
    {std::chrono::microseconds(5000000), "5"},
});

// Exchange::outcome: DnsOutcome's tokens and the one for a question whose answer nobody awaited,
// the usual ones first. Answered: its duration is a server's.
struct Outcome {
  std::string_view token;
  bool answered;
};
constexpr auto kOutcomeTokens = std::to_array<Outcome>({
    {"ok", true},
    {"nodata", true},
    {"nxdomain", true},
    {"unanswered", false},
    {"timeout", false},
    {"servfail", true},
    {"refused", true},
    {"notimp", true},
    {"formerr", true},
    {"malformed", true},
    {"too-large", true},
    {"alias-chain", true},
    {"unreachable", false},
    {"query-limit", false},
    {"other", false},
});

constexpr auto kShadowProfiles = std::to_array<std::string_view>({"standard", "strict"});

// Never beyond the last, "other".
std::size_t OutcomeIndex(std::string_view token) {
  const auto found = std::find_if(kOutcomeTokens.begin(), std::prev(kOutcomeTokens.end()),
                                  [token](const Outcome& each) { return each.token == token; });
  return static_cast<std::size_t>(found - kOutcomeTokens.begin());
}

template <typename Enum>
constexpr std::size_t Index(Enum value) {
  return static_cast<std::size_t>(value);
}

void AppendHead(std::string& out, std::string_view name, std::string_view type,
                std::string_view help) {
  out += "# HELP ";
  out += name;
  out += ' ';
  out += help;
  out += "\n# TYPE ";
  out += name;
  out += ' ';
  out += type;
  out += '\n';
}

void AppendValue(std::string& out, std::string_view value) {
  out += ' ';
  out += value;
  out += '\n';
}

struct Label {
  std::string_view name;
  std::string_view value;
};

// Values are tokens of ours, in which nothing needs an escape.
void AppendSample(std::string& out, std::string_view name, std::initializer_list<Label> labels,
                  std::uint64_t value) {
  out += name;
  char separator = '{';
  for (const Label& label : labels) {
    out += separator;
    out += label.name;
    out += "=\"";
    out += label.value;
    out += '"';
    separator = ',';
  }
  if (labels.size() > 0) out += '}';
  AppendValue(out, std::to_string(value));
}

// "12.000345"
std::string Seconds(std::chrono::microseconds duration) {
  constexpr std::int64_t kMicroseconds = 1000000;
  const std::string fraction = std::to_string(duration.count() % kMicroseconds);
  return std::to_string(duration.count() / kMicroseconds) + "." +
         std::string(6 - fraction.size(), '0') + fraction;
}

}  // namespace

Metrics::Metrics(std::chrono::system_clock::time_point started) : started_(started) {
  static_assert(kOutcomeTokens.size() == kOutcomes);
  static_assert(kDurationBuckets.size() + 1 == kBuckets);
  static_assert(kShadowProfiles.size() == kProfiles);
  static_assert(Index(Trust::kHigh) + 1 == kTrusts && Index(Action::kReject) + 1 == kActions);
}

void Metrics::Count(const Verdict& verdict) {
  ++verdicts_[Index(verdict.trust)][Index(verdict.action)];
  ++shadows_[0][Index(verdict.shadow.standard)];
  ++shadows_[1][Index(verdict.shadow.strict)];
  ++decisions_[Index(verdict.decided_by.check)][Index(verdict.decided_by.reason)];
  for (const CheckResult& check : verdict.checks)
    ++results_[Index(check.check)][Index(check.result)];
  for (const Exchange& exchange : verdict.exchanges) CountExchange(exchange);
}

void Metrics::CountComplaints(std::span<const FileError> complaints) {
  for (const FileError& complaint : complaints) {
    ++(complaint.file == kStoreComplaint ? store_complaints_ : list_complaints_);
  }
}

void Metrics::CountExchange(const Exchange& exchange) {
  if (exchange.cached) {
    ++memory_hits_;
    return;
  }
  const std::size_t outcome = OutcomeIndex(exchange.outcome);
  ++outcomes_[outcome];
  if (!kOutcomeTokens[outcome].answered) return;
  const auto bucket = std::ranges::find_if(
      kDurationBuckets, [&](const Bucket& each) { return exchange.took <= each.bound; });
  ++durations_[static_cast<std::size_t>(bucket - kDurationBuckets.begin())];
  duration_sum_ += exchange.took;
}

void Metrics::AppendVerdicts(std::string& out) const {
  constexpr std::string_view kVerdicts = "helovet_verdicts_total";
  AppendHead(out, kVerdicts, "counter", "Sessions by the trust and the action of their verdicts.");
  for (std::size_t trust = 0; trust < kTrusts; ++trust) {
    for (std::size_t action = 0; action < kActions; ++action) {
      AppendSample(out, kVerdicts,
                   {{"trust", ToString(static_cast<Trust>(trust))},
                    {"action", ToString(static_cast<Action>(action))}},
                   verdicts_[trust][action]);
    }
  }
  constexpr std::string_view kShadows = "helovet_shadow_verdicts_total";
  AppendHead(out, kShadows, "counter",
             "Sessions by the action that the profiles standard and strict would have taken.");
  for (std::size_t profile = 0; profile < kProfiles; ++profile) {
    for (std::size_t action = 0; action < kActions; ++action) {
      AppendSample(out, kShadows,
                   {{"profile", kShadowProfiles[profile]},
                    {"action", ToString(static_cast<Action>(action))}},
                   shadows_[profile][action]);
    }
  }
}

// Each pair of ResultRules() once; those of a check stand together, results of one kind apart.
void Metrics::AppendResults(std::string& out) const {
  constexpr std::string_view kName = "helovet_check_results_total";
  AppendHead(out, kName, "counter", "Results of checks; skipped ones did not run.");
  for (std::size_t check = 0; check < Index(CheckId::kExempt); ++check) {
    for (std::size_t result = 0; result < kResults; ++result) {
      const bool occurs = std::ranges::any_of(ResultRules(), [&](const ResultRule& rule) {
        return Index(rule.check) == check && Index(rule.result) == result;
      });
      if (!occurs && results_[check][result] == 0) continue;
      AppendSample(out, kName,
                   {{"check", ToString(static_cast<CheckId>(check))},
                    {"result", ToString(static_cast<Result>(result))}},
                   results_[check][result]);
    }
  }
}

void Metrics::AppendDecisions(std::string& out) const {
  constexpr std::string_view kName = "helovet_decisions_total";
  AppendHead(out, kName, "counter", "Sessions by the check and the reason that decided.");
  for (std::size_t check = 0; check < kChecks; ++check) {
    for (std::size_t reason = 0; reason < kReasons; ++reason) {
      const bool occurs =
          !SourceOf(static_cast<CheckId>(check), static_cast<Reason>(reason)).empty();
      if (!occurs && decisions_[check][reason] == 0) continue;
      AppendSample(out, kName,
                   {{"check", ToString(static_cast<CheckId>(check))},
                    {"reason", ToString(static_cast<Reason>(reason))}},
                   decisions_[check][reason]);
    }
  }
}

void Metrics::AppendQueries(std::string& out) const {
  constexpr std::string_view kDuration = "helovet_dns_query_duration_seconds";
  AppendHead(out, kDuration, "histogram", "Time from a DNS question to a server's answer.");
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    count += durations_[i];
    const std::string_view bound =
        i < kDurationBuckets.size() ? kDurationBuckets[i].seconds : std::string_view("+Inf");
    AppendSample(out, "helovet_dns_query_duration_seconds_bucket", {{"le", bound}}, count);
  }
  out += "helovet_dns_query_duration_seconds_sum";
  AppendValue(out, Seconds(duration_sum_));
  AppendSample(out, "helovet_dns_query_duration_seconds_count", {}, count);

  constexpr std::string_view kQueries = "helovet_dns_queries_total";
  AppendHead(out, kQueries, "counter",
             "DNS questions that memory could not answer, by what came of them.");
  for (std::size_t i = 0; i < kOutcomes; ++i) {
    AppendSample(out, kQueries, {{"outcome", kOutcomeTokens[i].token}}, outcomes_[i]);
  }
}

std::string Metrics::ToPrometheus() const {
  std::string out;
  AppendVerdicts(out);
  AppendResults(out);
  AppendDecisions(out);
  AppendQueries(out);
  constexpr std::string_view kHits = "helovet_answer_memory_hits_total";
  AppendHead(out, kHits, "counter", "DNS questions that were answered from memory.");
  AppendSample(out, kHits, {}, memory_hits_);
  constexpr std::string_view kComplaints = "helovet_list_complaints_total";
  AppendHead(out, kComplaints, "counter", "Problems with the files of local lists.");
  AppendSample(out, kComplaints, {}, list_complaints_);
  constexpr std::string_view kStoreComplaints = "helovet_store_complaints_total";
  AppendHead(out, kStoreComplaints, "counter",
             "Problems with the store of callbacks and statistics.");
  AppendSample(out, kStoreComplaints, {}, store_complaints_);
  constexpr std::string_view kStart = "process_start_time_seconds";
  AppendHead(out, kStart, "gauge", "When the process started, in seconds since 1970.");
  out += kStart;
  AppendValue(
      out,
      Seconds(std::chrono::duration_cast<std::chrono::microseconds>(started_.time_since_epoch())));
  return out;
}

}  // namespace helovet
