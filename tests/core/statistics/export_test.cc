#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

#include "core/statistics/totals.h"
#include "helovet/statistics.h"
#include "nlohmann/json.hpp"

namespace helovet {
namespace {

using testing::December2003;
using testing::Named;
using testing::Totals;

TEST(StatisticsJsonTest, IsOneLineWithEveryCounter) {
  const std::string text = RenderStatisticsJson({2003, 12}, Totals(December2003()));
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  const nlohmann::json json = nlohmann::json::parse(text);
  EXPECT_EQ(json.at("month"), "2003-12");
  ASSERT_EQ(json.at("counters").size(), CounterNames().size());
  const Named counted = December2003();
  for (const std::string& name : CounterNames()) {
    const std::uint64_t want = counted.contains(name) ? counted.at(name) : 0;
    EXPECT_EQ(json.at("counters").at(name), want) << name;
  }
}

// Prometheus's text format 0.0.4: HELP and TYPE before a metric's samples, no series twice.
TEST(StatisticsPrometheusTest, HasOneSeriesForEveryCounter) {
  const std::string text =
      RenderStatisticsPrometheus({2026, 11}, Totals({{"sessions", 1},
                                                     {"messages", 2},
                                                     {"verdict.low.reject", 3},
                                                     {"cbv.calls", 4},
                                                     {"cbv.skip.cached", 5},
                                                     {"cbv.refused-rcpt-to", 6},
                                                     {"csa.fail.no-address", 7}}));
  std::set<std::string> series;
  std::set<std::string> seen;
  std::string counted;
  std::string metric;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP ")) continue;
    if (line.starts_with("# TYPE ")) {
      metric = line.substr(7, line.rfind(' ') - 7);
      EXPECT_TRUE(line.ends_with(" counter")) << line;
      EXPECT_TRUE(seen.insert(metric).second) << "in two places: " << metric;
      continue;
    }
    EXPECT_TRUE(line.starts_with(metric + "{month=\"2026-11\"")) << line;
    EXPECT_TRUE(series.insert(line.substr(0, line.rfind(' '))).second) << "twice: " << line;
    if (!line.ends_with(" 0")) counted += line + '\n';
  }
  EXPECT_EQ(series.size(), CounterNames().size());
  EXPECT_EQ(counted,
            R"(helovet_statistics_sessions_total{month="2026-11"} 1
helovet_statistics_messages_total{month="2026-11"} 2
helovet_statistics_verdicts_total{month="2026-11",trust="low",action="reject"} 3
helovet_statistics_callbacks_total{month="2026-11"} 4
helovet_statistics_callback_skips_total{month="2026-11",kind="cached"} 5
helovet_statistics_callback_parts_total{month="2026-11",part="refused-rcpt-to"} 6
helovet_statistics_check_results_total{month="2026-11",check="csa",result="fail",reason="no-address"} 7
)");
}

}  // namespace
}  // namespace helovet
