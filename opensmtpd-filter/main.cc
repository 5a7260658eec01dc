// filter-helovet: Certified Server Validation inside OpenSMTPD.

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "confinement.h"
#include "filter.h"
#include "helovet/config.h"
#include "helovet/effective_settings.h"
#include "helovet/loop.h"
#include "helovet/metrics.h"
#include "helovet/version.h"
#include "log.h"
#include "metrics_writer.h"
#include "output.h"
#include "stream.h"
#include "validator.h"

namespace helovet {
namespace {

constexpr int kExitUsage = 2;  // Also for a configuration that cannot be used.
constexpr const char* kUsage = "usage: filter-helovet [-V] [-c config]";

int PrintVersion() {
  const std::string text = "filter-helovet " + std::string(kVersion) + "\n";
  return std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0 ? EXIT_FAILURE
                                                                          : EXIT_SUCCESS;
}

int Run(Config config, Log& log, Loop& loop) {
  const Config::Metrics metrics_settings = config.metrics;
  Metrics metrics;
  Output output;
  Filter filter(
      std::move(config),
      [&loop](const std::shared_ptr<const Config>& complete) {
        return std::make_unique<EngineValidator>(loop, complete);
      },
      output, log, metrics);
  MetricsWriter metrics_writer(loop, metrics_settings, metrics, log);
  Stream stream(loop, STDIN_FILENO, STDOUT_FILENO, filter, output);
  loop.RunUntil([&stream] {
    stream.Flush();
    return stream.finished();
  });
  metrics_writer.Write();
  return EXIT_SUCCESS;
}

// Without standard error the first socket would get its number, and log lines would go to a DNS
// server.
void KeepStderrNumber() {
  if (fcntl(STDERR_FILENO, F_GETFD) < 0) open("/dev/null", O_WRONLY);
}

// The mail server ends with its filter.
void IgnoreSignals() {
  // smtpd resets it to the default before it starts a filter; a closed pipe must end as write's
  // error instead, and so must a limit on the size of files.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  // Daemons are sent these to make them read their configuration or open their logs again.
  for (const int number : {SIGHUP, SIGUSR1, SIGUSR2}) std::signal(number, SIG_IGN);
}

// What the host is asked for only here: a confined filter cannot. Its names are asked for when
// smtpd has told its own.
Config AskHost(Config config) {
  config.our_addresses = WithHostDefaults(config, "").our_addresses;
  return WithHostServers(std::move(config));
}

// False: the filter must not run.
bool GiveUpRights(const Config& config, Log& log) {
  const std::vector<std::string> lacks = Confine(config);
  if (lacks.empty()) return true;
  const bool required = config.opensmtpd.confinement == Config::Confinement::kRequired;
  std::string text = required ? "does not run, since it is not confined" : "is not fully confined";
  for (const std::string& lack : lacks) text += (&lack == lacks.data() ? ": " : "; ") + lack;
  log.Write(text);
  return !required;
}

int Main(int argc, char** argv) {
  KeepStderrNumber();
  IgnoreSignals();
  Loop loop;
  Log log(WriteToStderr, [&loop] { return loop.Now(); });

  std::string config_path;
  opterr = 0;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread.
  for (int option = getopt(argc, argv, "c:V"); option != -1; option = getopt(argc, argv, "c:V")) {
    if (option == 'V') return PrintVersion();
    if (option != 'c') {
      log.Write(kUsage);
      return kExitUsage;
    }
    config_path = optarg;
  }
  if (optind != argc) {
    log.Write(kUsage);
    return kExitUsage;
  }
  auto config = config_path.empty() ? LoadDefaultConfig() : LoadConfig(config_path);
  if (!config) {
    log.Write(config.error().ToString());
    return kExitUsage;
  }
  Config asked = AskHost(*std::move(config));
  if (!GiveUpRights(asked, log)) return kExitUsage;
  return Run(std::move(asked), log, loop);
}

}  // namespace
}  // namespace helovet

int main(int argc, char** argv) { return helovet::Main(argc, argv); }
