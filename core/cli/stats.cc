// helovet stats: what has been counted in a month (docs/rules.md §13.3).
#include <memory>
#include <optional>
#include <string>

#include "command.h"
#include "config_option.h"
#include "dns_options.h"
#include "helovet/config.h"
#include "helovet/statistics.h"
#include "helovet/store_access.h"
#include "output.h"
#include "tl/expected.hpp"

namespace helovet::cli {
namespace {

struct StatsOptions {
  std::optional<std::string> month;  // None: the present one.
  ConfigOption config;
  bool json = false;
  bool prometheus = false;

  void AddTo(CLI::App& command) {
    command.add_option("--month", month, "The month, of UTC; the present one unless it is given")
        ->type_name("YYYY-MM");
    config.AddTo(command);
    CLI::Option* const as_json = command.add_flag("--json", json, "Write one JSON object");
    command.add_flag("--prometheus", prometheus, "Write Prometheus's text format")
        ->excludes(as_json);
  }
};

tl::expected<std::string, std::string> Render(const StatsOptions& options) {
  const std::optional<Month> month = options.month ? Month::Parse(*options.month) : Month::Now();
  if (!month) return NotA("--month", *options.month, "a month such as \"2026-11\"");
  const tl::expected<Config, std::string> config = options.config.Load();
  if (!config) return tl::make_unexpected(config.error());
  const StoreAccessOr<CounterTotals> totals = ReadCounters(*config, *month);
  if (!totals) return tl::make_unexpected(totals.error());
  if (options.json) return RenderStatisticsJson(*month, *totals);
  if (options.prometheus) return RenderStatisticsPrometheus(*month, *totals);
  return RenderStatistics(*month, *totals);
}

int Run(const StatsOptions& options) {
  const tl::expected<std::string, std::string> text = Render(options);
  return text ? Print(*text) : Refuse(text.error());
}

}  // namespace

Command MakeStatsCommand(CLI::App& program) {
  CLI::App* const app =
      program.add_subcommand("stats", "Show what has been counted in a month, as CBV does");
  const auto options = std::make_shared<StatsOptions>();
  options->AddTo(*app);
  return {app, [options] { return Run(*options); }};
}

}  // namespace helovet::cli
