#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "helovet/statistics.h"

namespace helovet {
namespace {

TEST(MonthTest, IsReadAndWritten) {
  for (const std::string text : {"1970-01", "2003-12", "2026-11", "0001-02", "9999-10"}) {
    const std::optional<Month> month = Month::Parse(text);
    ASSERT_TRUE(month.has_value()) << text;
    EXPECT_EQ(month->ToString(), text);
  }
}

TEST(MonthTest, RefusesEverythingElse) {
  for (const std::string text :
       {"", "2026", "2026-1", "2026-00", "2026-13", "2026-111", "2026/11", "26-11-1", "+026-11",
        "2026-+1", " 026-11", "2026-1 ", "2026-1x", "-026-11", "2026-11-22"}) {
    EXPECT_FALSE(Month::Parse(text).has_value()) << '"' << text << '"';
  }
  EXPECT_FALSE(Month::Parse(std::string("2026-1\0", 7)).has_value());
}

TEST(MonthTest, ComesAfterTheMonthBefore) {
  const std::vector<Month> months = {{2025, 12}, {2026, 1}, {2026, 2}, {2027, 1}};
  for (std::size_t i = 1; i < months.size(); ++i) EXPECT_LT(months[i - 1], months[i]) << i;
}

TEST(MonthTest, NowIsOfUtc) {
  const auto today = [] {
    return std::chrono::year_month_day(
        std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()));
  };
  const std::chrono::year_month_day before = today();
  const Month now = Month::Now();
  const std::chrono::year_month_day after = today();
  const auto month_of = [](const std::chrono::year_month_day& day) {
    return Month{static_cast<int>(day.year()), static_cast<unsigned>(day.month())};
  };
  EXPECT_TRUE(now == month_of(before) || now == month_of(after)) << now.ToString();
}

}  // namespace
}  // namespace helovet
