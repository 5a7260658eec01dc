#include "statistics/table.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>
#include <optional>

#include "statistics/places.h"

namespace helovet {
namespace {

// CBV's own columns; a longer name or number makes them wider.
constexpr std::size_t kLabelOctets = 19;
constexpr std::size_t kValueOctets = 8;

constexpr auto kMonthNames =
    std::to_array<std::string_view>({"January", "February", "March", "April", "May", "June", "July",
                                     "August", "September", "October", "November", "December"});

struct Line {
  std::string label;
  std::uint64_t value = 0;
  std::optional<std::uint64_t> percent_of = std::nullopt;
};
using Table = std::vector<Line>;

// " ( 6.51%)"; nothing of nothing has no percentage.
std::string Percentage(const Line& line) {
  if (line.percent_of.value_or(0) == 0) return "";
  const double percent =
      100.0 * static_cast<double>(line.value) / static_cast<double>(*line.percent_of);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), " (%5.2f%%)", percent);
  return text.data();
}

std::string Render(const Table& table) {
  std::size_t label_octets = kLabelOctets;
  std::size_t value_octets = kValueOctets;
  for (const Line& line : table) {
    label_octets = std::max(label_octets, line.label.size() + 1);
    value_octets = std::max(value_octets, std::to_string(line.value).size() + 1);
  }
  std::string out;
  for (const Line& line : table) {
    const std::string value = std::to_string(line.value);
    out += line.label + std::string(label_octets - line.label.size(), ' ') + ':' +
           std::string(value_octets - value.size(), ' ') + value + Percentage(line) + '\n';
  }
  return out;
}

// A month's counters by their meaning.
class Counted {
 public:
  explicit Counted(const CounterTotals& totals) : values_(totals.values) {
    values_.resize(CounterNames().size());
  }

  [[nodiscard]] std::uint64_t At(std::size_t place) const { return values_[place]; }
  [[nodiscard]] std::uint64_t Skips() const {
    const auto first = values_.begin() + places::kSkips;
    return std::accumulate(first, first + places::kSkipTokens.size(), std::uint64_t{0});
  }
  [[nodiscard]] std::uint64_t Results(CheckId check) const {
    std::uint64_t sum = 0;
    const auto rules = places::CountedResults();
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (rules[i].check == check) sum += At(places::kResults + i);
    }
    return sum;
  }

 private:
  std::vector<std::uint64_t> values_;
};

std::string Words(std::string_view token) {
  std::string words(token);
  std::ranges::replace(words, '-', ' ');
  return words;
}

// "Re: CBV systems", ietf-smtp, 2004-01-15: percentages are of the SMTP sessions, and only of the
// two refusals that speak of the sender.
Table CallbackTable(const Counted& counted) {
  const std::uint64_t sessions = counted.At(places::kCallbackParts + 3);
  static_assert(places::kParts[3].tally == &CallbackTally::smtp_sessions);
  Table table = {{"wcsap calls", counted.At(places::kCallbacks)}, {"skips", counted.Skips()}};
  for (std::size_t i = 0; i < places::kParts.size(); ++i) {
    const places::Part& part = places::kParts[i];
    const bool of_sender = part.tally == &CallbackTally::refused_mail_from ||
                           part.tally == &CallbackTally::refused_rcpt;
    std::string label = "-" + Words(part.token);
    if (part.tally == &CallbackTally::smtp_sessions) label = "smtp sessions";
    if (part.tally == &CallbackTally::no_mx) label = "-no mx records";
    table.push_back({label, counted.At(places::kCallbackParts + i),
                     of_sender ? std::optional(sessions) : std::nullopt});
  }
  return table;
}

Table SkipTable(const Counted& counted) {
  Table table = {{"skips by kind", counted.Skips()}};
  for (std::size_t i = 0; i < places::kSkipTokens.size(); ++i) {
    table.push_back(
        {"-" + Words(places::kSkipTokens[i]), counted.At(places::kSkips + i), counted.Skips()});
  }
  return table;
}

void AppendResults(const Counted& counted, CheckId check, std::uint64_t of, bool named,
                   Table& table) {
  const auto rules = places::CountedResults();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const std::uint64_t value = counted.At(places::kResults + i);
    if (rules[i].check != check || value == 0) continue;
    const std::string_view first = named ? ToString(check) : ToString(rules[i].result);
    table.push_back(
        {"-" + std::string(first) + ' ' + std::string(ToString(rules[i].reason)), value, of});
  }
}

Table SessionTable(const Counted& counted) {
  const std::uint64_t sessions = counted.At(places::kSessions);
  Table table = {{"sessions", sessions}};
  AppendResults(counted, CheckId::kExempt, sessions, /*named=*/true, table);
  AppendResults(counted, CheckId::kConfiguration, sessions, /*named=*/true, table);
  return table;
}

Table MessageTable(const Counted& counted) {
  const std::uint64_t messages = counted.At(places::kMessages);
  Table table = {{"messages", messages}};
  for (std::size_t trust = 0; trust < places::kTrusts; ++trust) {
    for (std::size_t action = 0; action < places::kActions; ++action) {
      const auto t = static_cast<Trust>(trust);
      const auto a = static_cast<Action>(action);
      const std::uint64_t value = counted.At(places::OfVerdict(t, a));
      if (value == 0) continue;
      table.push_back(
          {"-" + std::string(ToString(t)) + ' ' + std::string(ToString(a)), value, messages});
    }
  }
  return table;
}

// A check's calls are its results: each that ran has one. CBV's own table has its calls.
Table CheckTable(const Counted& counted, CheckId check) {
  const std::uint64_t calls = counted.Results(check);
  const std::string_view what = check == CheckId::kCbv ? " results" : " calls";
  Table table = {{std::string(ToString(check)) + std::string(what), calls}};
  AppendResults(counted, check, calls, /*named=*/false, table);
  return table;
}

}  // namespace

std::string RenderStatisticsOn(std::chrono::year_month_day today, const Month& month,
                               const CounterTotals& totals) {
  const Counted counted(totals);
  const std::chrono::year_month_day_last end(
      std::chrono::year(month.year), std::chrono::month_day_last(std::chrono::month(month.month)));
  const bool under_way = today.year() == end.year() && today.month() == end.month();
  const auto last = static_cast<unsigned>(under_way ? today.day() : end.day());
  std::string out = "Statistics: " + std::string(kMonthNames[month.month - 1]) + ", " +
                    std::to_string(month.year) + " day 1 to " + std::to_string(last) + "\n\n";
  out += Render(CallbackTable(counted));
  out += '\n' + Render(SkipTable(counted));
  out += '\n' + Render(SessionTable(counted));
  out += '\n' + Render(MessageTable(counted));
  for (std::size_t i = 0; i < static_cast<std::size_t>(CheckId::kExempt); ++i) {
    out += '\n' + Render(CheckTable(counted, static_cast<CheckId>(i)));
  }
  return out;
}

std::string RenderStatistics(const Month& month, const CounterTotals& totals) {
  return RenderStatisticsOn(std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()),
                            month, totals);
}

}  // namespace helovet
