// helovet lint: what is wrong with what a domain publishes.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "command.h"
#include "dns_options.h"
#include "helovet/lint.h"
#include "helovet/loop.h"
#include "output.h"
#include "terminal.h"
#include "tl/expected.hpp"

namespace helovet::cli {
namespace {

// Beside those of output.h.
constexpr int kExitWarnings = 3;  // Warnings, and nothing worse.
constexpr int kExitErrors = 4;    // Errors, whatever else.
constexpr int kExitUnknown = 5;   // No errors, but not everything could be looked at.

struct LintOptions {
  std::vector<std::string> names;
  DnsOptions dns;
  bool json = false;

  void AddTo(CLI::App& command) {
    command.add_option("name", names, "Domain names; without any, all of the --zone files")
        ->type_name("NAME");
    dns.AddTo(command);
    command.add_flag("--json", json, "Write one JSON object");
  }
};

std::string Paint(std::string_view word, Severity severity) {
  switch (severity) {
    case Severity::kError:
      return Coloured(word, Colour::kBad);
    case Severity::kWarning:
    case Severity::kUnknown:
      return Coloured(word, Colour::kDoubtful);
    case Severity::kNote:
      break;
  }
  return Coloured(word, Colour::kFaint);
}

int ExitOf(const LintReport& report) {
  if (report.Count(Severity::kError) > 0) return kExitErrors;
  if (report.Count(Severity::kUnknown) > 0) return kExitUnknown;
  return report.Count(Severity::kWarning) > 0 ? kExitWarnings : kExitDone;
}

tl::expected<LintReport, std::string> Look(const LintOptions& options) {
  if (options.names.empty() && options.dns.zone_files.empty()) {
    return tl::make_unexpected(std::string("lint: give a NAME or a --zone file"));
  }
  const auto config = ConfigOf(options.dns);
  if (!config) return tl::make_unexpected(config.error());
  LintRequest request = {.names = options.names, .zone_files = options.dns.zone_files};
  if (options.dns.dns) request.fallback = ZoneFallback::kNetwork;
  Loop loop;
  FileErrorOr<LintReport> report = LintAndWait(loop, *config, request);
  if (!report) {
    const FileError& error = report.error();
    return tl::make_unexpected(error.file.empty() ? "NAME: " + error.message : error.ToString());
  }
  return *std::move(report);
}

int Run(const LintOptions& options) {
  const tl::expected<LintReport, std::string> report = Look(options);
  if (!report) return Refuse(report.error());
  const int printed =
      Print(options.json ? RenderLintJson(*report) + "\n" : RenderLint(*report, &Paint));
  return printed == kExitDone ? ExitOf(*report) : printed;
}

}  // namespace

Command MakeLintCommand(CLI::App& program) {
  CLI::App* const app =
      program.add_subcommand("lint", "Find what is wrong with what a domain publishes");
  const auto options = std::make_shared<LintOptions>();
  options->AddTo(*app);
  return {app, [options] { return Run(*options); }};
}

}  // namespace helovet::cli
