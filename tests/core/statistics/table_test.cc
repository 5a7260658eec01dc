#include "statistics/table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "core/statistics/totals.h"

namespace helovet {
namespace {

using std::chrono::year_month_day;
using testing::December2003;
using testing::Named;
using testing::Totals;

constexpr year_month_day kLater = std::chrono::year(2026) / 11 / 22;

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// The lines from the one that begins with `first` up to the next blank one.
std::string Block(const std::string& text, std::string_view first) {
  std::string block;
  for (const std::string& line : Lines(text)) {
    if (block.empty() && !line.starts_with(first)) continue;
    if (line.empty()) break;
    block += line + '\n';
  }
  return block;
}

// "Re: CBV systems - was Re: SMTP Extensions", ietf-smtp, 2004-01-15: octet by octet.
TEST(TableTest, IsThatOfCbvsAuthorForDecember2003) {
  const std::string text = RenderStatisticsOn(kLater, {2003, 12}, Totals(December2003()));
  constexpr std::string_view kTable = R"(Statistics: December, 2003 day 1 to 31

wcsap calls        :   47782
skips              :   19615
-bad domain        :    2808
-no mx records     :     829
-bad connects      :    6749
smtp sessions      :   20125
-refused welcome   :     350
-refused noop      :    1012
-refused helo      :       5
-refused mail from :     885 ( 4.40%)
-refused rcpt to   :   15374 (76.39%)

)";
  EXPECT_EQ(text.substr(0, kTable.size()), kTable);
}

struct Percentages {
  Month month;
  Named totals;
  std::string mail_from;
  std::string rcpt_to;
};

// The same message's other months.
TEST(TableTest, TakesPercentagesOfTheSmtpSessions) {
  const std::vector<Percentages> cases = {
      {{2003, 11},
       {{"cbv.smtp-sessions", 1981}, {"cbv.refused-mail-from", 129}, {"cbv.refused-rcpt-to", 1060}},
       "-refused mail from :     129 ( 6.51%)",
       "-refused rcpt to   :    1060 (53.51%)"},
      {{2004, 1},
       {{"cbv.smtp-sessions", 843}, {"cbv.refused-mail-from", 25}, {"cbv.refused-rcpt-to", 785}},
       "-refused mail from :      25 ( 2.97%)",
       "-refused rcpt to   :     785 (93.12%)"},
      {{2004, 2}, {}, "-refused mail from :       0", "-refused rcpt to   :       0"},
      {{2004, 3},
       {{"cbv.smtp-sessions", 7}, {"cbv.refused-rcpt-to", 7}},
       "-refused mail from :       0 ( 0.00%)",
       "-refused rcpt to   :       7 (100.00%)"},
  };
  for (const Percentages& each : cases) {
    const std::vector<std::string> lines =
        Lines(RenderStatisticsOn(kLater, each.month, Totals(each.totals)));
    EXPECT_EQ(lines.at(11), each.mail_from) << each.month.ToString();
    EXPECT_EQ(lines.at(12), each.rcpt_to) << each.month.ToString();
  }
}

// "January, 2004 day 1 to 14", said on the 15th, was of a month that was not over.
TEST(TableTest, EndsWithTheDayInAMonthThatIsNotOver) {
  struct Case {
    Month month;
    year_month_day today;
    std::string head;
  };
  using namespace std::chrono_literals;
  for (const Case& each : {
           Case{{2004, 1}, 2004y / 1 / 14, "Statistics: January, 2004 day 1 to 14"},
           Case{{2004, 1}, 2004y / 2 / 14, "Statistics: January, 2004 day 1 to 31"},
           Case{{2004, 2}, 2005y / 2 / 14, "Statistics: February, 2004 day 1 to 29"},
           Case{{2026, 2}, 2026y / 11 / 22, "Statistics: February, 2026 day 1 to 28"},
       }) {
    EXPECT_EQ(Lines(RenderStatisticsOn(each.today, each.month, Totals({}))).front(), each.head);
  }
}

TEST(TableTest, TellsSkipsByTheirKinds) {
  EXPECT_EQ(Block(RenderStatisticsOn(kLater, {2003, 12}, Totals(December2003())), "skips by kind"),
            R"(skips by kind      :   19615
-exempt            :       0 ( 0.00%)
-null sender       :       0 ( 0.00%)
-decided           :   19000 (96.86%)
-cached            :     615 ( 3.14%)
-over budget       :       0 ( 0.00%)
-no store          :       0 ( 0.00%)
)");
}

// docs/rules.md §13.3.
TEST(TableTest, TellsSessionsMessagesAndEveryChecksResults) {
  const std::string text =
      RenderStatisticsOn(kLater, {2026, 11},
                         Totals({{"sessions", 200},
                                 {"exempt.skipped.network", 50},
                                 {"messages", 300},
                                 {"verdict.low.reject", 75},
                                 {"verdict.unknown.tag", 225},
                                 {"csa.pass.authenticated-elsewhere", 1},
                                 {"csa.none.no-record", 149},
                                 {"spf.permerror.too-many-void-lookups", 123456789012}}));
  EXPECT_EQ(Block(text, "sessions"),
            "sessions           :     200\n"
            "-exempt network    :      50 (25.00%)\n");
  EXPECT_EQ(Block(text, "messages"),
            "messages           :     300\n"
            "-low reject        :      75 (25.00%)\n"
            "-unknown tag       :     225 (75.00%)\n");
  EXPECT_EQ(Block(text, "csa calls"),
            "csa calls                     :     150\n"
            "-pass authenticated-elsewhere :       1 ( 0.67%)\n"
            "-none no-record               :     149 (99.33%)\n");
  EXPECT_EQ(Block(text, "spf calls"),
            "spf calls                        : 123456789012\n"
            "-permerror too-many-void-lookups : 123456789012 (100.00%)\n");
  for (int i = 0; i < static_cast<int>(CheckId::kCbv); ++i) {
    const std::string head = std::string(ToString(static_cast<CheckId>(i))) + " calls";
    EXPECT_FALSE(Block(text, head).empty()) << head;
  }
}

// Every counter that is not 0 is seen in some line, whichever it is.
TEST(TableTest, LeavesNoCounterOut) {
  const std::string empty = RenderStatisticsOn(kLater, {2026, 11}, Totals({}));
  for (const std::string& name : CounterNames()) {
    EXPECT_NE(RenderStatisticsOn(kLater, {2026, 11}, Totals({{name, 7}})), empty) << name;
  }
}

// Of another release, whose counters were fewer.
TEST(TableTest, TakesTotalsThatAreShort) {
  EXPECT_EQ(RenderStatisticsOn(kLater, {2026, 11}, {}),
            RenderStatisticsOn(kLater, {2026, 11}, Totals({})));
}

}  // namespace
}  // namespace helovet
