#include "helovet/metrics.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "core/render/sample.h"
#include "dns/dns.h"
#include "gtest/gtest.h"

namespace helovet {
namespace {

using std::chrono::microseconds;

constexpr auto kStart = std::chrono::system_clock::time_point(std::chrono::seconds(1700000000));

// The samples of a text, by all that stands before the value.
std::map<std::string, std::string> SamplesOf(const std::string& text) {
  std::map<std::string, std::string> samples;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#")) continue;
    const std::size_t blank = line.rfind(' ');
    EXPECT_TRUE(samples.emplace(line.substr(0, blank), line.substr(blank + 1)).second)
        << "twice: " << line;
  }
  return samples;
}

std::map<std::string, std::string> SamplesOf(const Metrics& metrics) {
  return SamplesOf(metrics.ToPrometheus());
}

// Those that are not 0, without the histogram's buckets.
std::string Counted(const Metrics& metrics) {
  std::string text;
  for (const auto& [series, value] : SamplesOf(metrics)) {
    if (value == "0" || series.find("_bucket") != series.npos) continue;
    text += series + " " + value + "\n";
  }
  return text;
}

TEST(MetricsTest, CountsVerdictsResultsDecisionsAndQueries) {
  Metrics metrics(kStart);
  metrics.Count(sample::Full());
  metrics.Count(sample::Mismatch());
  metrics.Count(sample::Exempt());
  EXPECT_EQ(Counted(metrics),
            R"(helovet_answer_memory_hits_total 1
helovet_check_results_total{check="address-list",result="fail"} 1
helovet_check_results_total{check="csa",result="fail"} 1
helovet_check_results_total{check="csa",result="pass"} 1
helovet_check_results_total{check="dna",result="fail"} 1
helovet_check_results_total{check="forward",result="neutral"} 2
helovet_check_results_total{check="helo",result="pass"} 2
helovet_check_results_total{check="iprev",result="permerror"} 2
helovet_check_results_total{check="local-list",result="neutral"} 1
helovet_check_results_total{check="local-list",result="none"} 1
helovet_check_results_total{check="name-list",result="fail"} 1
helovet_check_results_total{check="reverse-match",result="neutral"} 1
helovet_check_results_total{check="vbr",result="pass"} 1
helovet_check_results_total{check="well-known",result="none"} 1
helovet_decisions_total{check="csa",reason="address-mismatch"} 1
helovet_decisions_total{check="dna",reason="not-recommended"} 1
helovet_decisions_total{check="exempt",reason="network"} 1
helovet_dns_queries_total{outcome="nxdomain"} 2
helovet_dns_queries_total{outcome="ok"} 3
helovet_dns_query_duration_seconds_count 5
helovet_dns_query_duration_seconds_sum 6.012831
helovet_shadow_verdicts_total{profile="standard",action="accept"} 1
helovet_shadow_verdicts_total{profile="standard",action="reject"} 2
helovet_shadow_verdicts_total{profile="strict",action="accept"} 1
helovet_shadow_verdicts_total{profile="strict",action="reject"} 2
helovet_verdicts_total{trust="low",action="reject"} 2
helovet_verdicts_total{trust="unknown",action="accept"} 1
process_start_time_seconds 1700000000.000000
)");
}

TEST(MetricsTest, CountsChecksOfSenders) {
  Metrics metrics(kStart);
  Verdict verdict = sample::Senders();
  verdict.exchanges.clear();
  metrics.Count(verdict);
  verdict.checks.back() = {.check = CheckId::kCbv, .reason = Reason::kDecided};
  metrics.Count(verdict);
  EXPECT_EQ(Counted(metrics),
            R"(helovet_check_results_total{check="cbv",result="pass"} 1
helovet_check_results_total{check="cbv",result="skipped"} 1
helovet_check_results_total{check="dmp",result="pass"} 2
helovet_check_results_total{check="drip",result="none"} 2
helovet_check_results_total{check="helo",result="pass"} 2
helovet_check_results_total{check="rmx",result="none"} 2
helovet_check_results_total{check="spf",result="fail"} 2
helovet_check_results_total{check="spf-helo",result="softfail"} 2
helovet_decisions_total{check="spf",reason="not-designated"} 2
helovet_dns_query_duration_seconds_sum 0.000000
helovet_shadow_verdicts_total{profile="standard",action="reject"} 2
helovet_shadow_verdicts_total{profile="strict",action="reject"} 2
helovet_verdicts_total{trust="low",action="reject"} 2
process_start_time_seconds 1700000000.000000
)");
}

// Engine::TakeComplaints gives those of both.
TEST(MetricsTest, TellsComplaintsOfTheStoreFromThoseOfLists) {
  Metrics metrics(kStart);
  const std::vector<FileError> complaints = {
      {.file = "store", .message = "/var/lib/helovet: No space left on device"},
      {.file = "/etc/helovet/store", .line = 1, .message = "not UTF-8"},
      {.file = "store", .message = "127.0.0.1:6379: Connection refused"},
      {.file = "/etc/helovet/deny", .message = "is a directory"},
      {.file = "/etc/helovet/deny", .message = "cannot be read"}};
  metrics.CountComplaints(complaints);
  const auto samples = SamplesOf(metrics);
  EXPECT_EQ(samples.at("helovet_store_complaints_total"), "2");
  EXPECT_EQ(samples.at("helovet_list_complaints_total"), "3");
}

// A series that appears with its first event has no rate before it.
TEST(MetricsTest, EverySeriesIsThereFromTheStart) {
  Metrics metrics(kStart);
  const auto before = SamplesOf(metrics);
  for (const Verdict& verdict : {sample::EveryCheck(), sample::Senders(), sample::Mismatch(),
                                 sample::High(), sample::Deferred(), sample::Exempt()}) {
    metrics.Count(verdict);
  }
  const auto after = SamplesOf(metrics);
  for (const auto& [series, value] : after) {
    // Checks that were skipped are no result of the table.
    if (series.find("skipped") != series.npos) continue;
    EXPECT_TRUE(before.contains(series)) << series;
  }
  EXPECT_TRUE(before.contains(R"(helovet_verdicts_total{trust="high",action="accept"})"));
  EXPECT_TRUE(before.contains(R"(helovet_decisions_total{check="csa",reason="dns"})"));
  EXPECT_TRUE(before.contains(R"(helovet_check_results_total{check="vbr",result="pass"})"));
}

struct DurationCase {
  microseconds took;
  std::string first_bucket;  // The least that has it.
};

TEST(MetricsTest, DurationsFallIntoBuckets) {
  const std::vector<DurationCase> cases = {
      {microseconds(0), "0.0005"},     {microseconds(500), "0.0005"},
      {microseconds(501), "0.001"},    {microseconds(2500), "0.0025"},
      {microseconds(4999), "0.005"},   {microseconds(10000), "0.01"},
      {microseconds(25000), "0.025"},  {microseconds(50000), "0.05"},
      {microseconds(100000), "0.1"},   {microseconds(250000), "0.25"},
      {microseconds(500000), "0.5"},   {microseconds(1000000), "1"},
      {microseconds(2500000), "2.5"},  {microseconds(5000000), "5"},
      {microseconds(5000001), "+Inf"},
  };
  const std::vector<std::string> bounds = {"0.0005", "0.001", "0.0025", "0.005", "0.01",
                                           "0.025",  "0.05",  "0.1",    "0.25",  "0.5",
                                           "1",      "2.5",   "5",      "+Inf"};
  for (const DurationCase& test : cases) {
    Metrics metrics(kStart);
    Verdict verdict = sample::Exempt();
    verdict.exchanges = {{.name = "n", .type = "A", .outcome = "ok", .took = test.took}};
    metrics.Count(verdict);
    const auto samples = SamplesOf(metrics);
    bool reached = false;
    for (const std::string& bound : bounds) {
      reached |= bound == test.first_bucket;
      EXPECT_EQ(samples.at("helovet_dns_query_duration_seconds_bucket{le=\"" + bound + "\"}"),
                reached ? "1" : "0")
          << test.took.count() << " in " << bound;
    }
    EXPECT_EQ(samples.at("helovet_dns_query_duration_seconds_count"), "1");
  }
}

struct OutcomeCase {
  Exchange exchange;
  std::string outcome;  // Empty: memory answered.
  bool timed;
};

// Only the time of an answer that a server gave says something about servers.
TEST(MetricsTest, OutcomesOfQuestions) {
  const std::vector<OutcomeCase> cases = {
      {{.name = "n", .type = "A", .outcome = "ok"}, "ok", true},
      {{.name = "n", .type = "A", .outcome = "servfail"}, "servfail", true},
      {{.name = "n", .type = "A", .outcome = "timeout"}, "timeout", false},
      {{.name = "n", .type = "A", .outcome = "unreachable"}, "unreachable", false},
      {{.name = "n", .type = "A", .outcome = "unanswered"}, "unanswered", false},
      {{.name = "n", .type = "A", .outcome = "ok", .cached = true}, "", false},
      {{.name = "n", .type = "A", .outcome = "\"} 1\nx 2"}, "other", false},
      {{.name = "n", .type = "A", .outcome = ""}, "other", false},
  };
  for (const OutcomeCase& test : cases) {
    Metrics metrics(kStart);
    Verdict verdict = sample::Exempt();
    verdict.exchanges = {test.exchange};
    metrics.Count(verdict);
    const auto samples = SamplesOf(metrics);
    const bool cached = test.outcome.empty();
    EXPECT_EQ(samples.at("helovet_answer_memory_hits_total"), cached ? "1" : "0");
    if (!cached) {
      EXPECT_EQ(samples.at("helovet_dns_queries_total{outcome=\"" + test.outcome + "\"}"), "1");
    }
    EXPECT_EQ(samples.at("helovet_dns_query_duration_seconds_count"), test.timed ? "1" : "0")
        << test.outcome;
  }
}

TEST(MetricsTest, KnowsEveryOutcomeOfDns) {
  const auto samples = SamplesOf(Metrics(kStart));
  for (int value = 0; value <= std::numeric_limits<std::uint8_t>::max(); ++value) {
    const std::string token(ToString(static_cast<DnsOutcome>(value)));
    if (token.empty()) continue;
    EXPECT_TRUE(samples.contains("helovet_dns_queries_total{outcome=\"" + token + "\"}")) << token;
  }
}

// Prometheus's text format: HELP and TYPE before each family's samples, names and labels of its
// alphabet.
TEST(MetricsTest, FormIsPrometheus) {
  Metrics metrics(kStart);
  metrics.Count(sample::Full());
  const std::string text = metrics.ToPrometheus();
  ASSERT_TRUE(text.ends_with("\n"));
  std::istringstream lines(text);
  std::string family;
  for (std::string line; std::getline(lines, line);) {
    ASSERT_FALSE(line.empty());
    if (line.starts_with("# HELP ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
      ASSERT_TRUE(std::getline(lines, line));
      ASSERT_TRUE(line.starts_with("# TYPE " + family + " ")) << line;
      continue;
    }
    ASSERT_TRUE(line.starts_with(family)) << line;
    const std::string_view name = std::string_view(line).substr(0, line.find_first_of("{ "));
    ASSERT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), name.npos) << line;
    ASSERT_EQ(line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_-{}=\",.0123456789+I "), line.npos)
        << line;
  }
}

// Whatever a verdict carries, the text has the same series.
TEST(MetricsTest, NoTextOfOthersInIt) {
  std::mt19937 random(9090);
  Metrics metrics(kStart);
  const std::size_t series = SamplesOf(metrics).size();
  for (int round = 0; round < 2000; ++round) {
    std::string text(random() % 20, '\0');
    for (char& octet : text) octet = static_cast<char>(random() % 256);
    Verdict verdict = sample::EveryCheck();
    verdict.session.helo = text;
    for (CheckResult& check : verdict.checks) {
      check.authority = check.contact = check.explanation = text;
    }
    for (Exchange& exchange : verdict.exchanges) exchange.outcome = exchange.name = text;
    metrics.Count(verdict);
  }
  EXPECT_EQ(SamplesOf(metrics).size(), series);
}

// Well below what a session costs otherwise; the bound leaves room for sanitizers and busy hosts.
TEST(MetricsTest, CountingIsCheap) {
  constexpr int kRounds = 20000;
  const Verdict verdict = sample::Full();
  Metrics metrics(kStart);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kRounds; ++i) metrics.Count(verdict);
  const std::chrono::duration<double, std::micro> each =
      (std::chrono::steady_clock::now() - start) / kRounds;
  RecordProperty("microseconds", std::to_string(each.count()));
  EXPECT_LT(each.count(), 50.0);
}

}  // namespace
}  // namespace helovet
