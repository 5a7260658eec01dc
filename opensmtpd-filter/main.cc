// filter-helovet: Certified Server Validation inside OpenSMTPD.

#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "filter.h"
#include "helovet/config.h"
#include "helovet/engine.h"
#include "helovet/loop.h"
#include "log.h"
#include "output.h"
#include "stream.h"

namespace helovet {
namespace {

constexpr int kExitUsage = 2;  // Also for a configuration that cannot be used.

int Run(Config config, Log& log, Loop& loop) {
  Engine engine(loop, std::make_shared<const Config>(config));
  Output output;
  Filter filter(
      std::move(config),
      [&engine](Session session, absl::AnyInvocable<void(const Verdict&)> done) {
        return engine.Validate(std::move(session), std::move(done));
      },
      output, log);
  Stream stream(loop, STDIN_FILENO, STDOUT_FILENO, filter, output);
  loop.RunUntil([&stream] {
    stream.Flush();
    return stream.finished();
  });
  return EXIT_SUCCESS;
}

// Without standard error the first socket would get its number, and log lines would go to a DNS
// server.
void KeepStderrNumber() {
  if (fcntl(STDERR_FILENO, F_GETFD) < 0) open("/dev/null", O_WRONLY);
}

int Main(int argc, char** argv) {
  KeepStderrNumber();
  // smtpd resets it to the default before it starts a filter; a closed pipe must end as write's
  // error instead.
  std::signal(SIGPIPE, SIG_IGN);
  // Whoever sends it, to have the configuration read again, would end the mail server.
  std::signal(SIGHUP, SIG_IGN);
  Loop loop;
  Log log(WriteToStderr, [&loop] { return loop.Now(); });

  std::string config_path;
  opterr = 0;
  for (int option = getopt(argc, argv, "c:"); option != -1; option = getopt(argc, argv, "c:")) {
    if (option != 'c') {
      log.Write("usage: filter-helovet [-c config]");
      return kExitUsage;
    }
    config_path = optarg;
  }
  if (optind != argc) {
    log.Write("usage: filter-helovet [-c config]");
    return kExitUsage;
  }
  auto config = config_path.empty() ? LoadDefaultConfig() : LoadConfig(config_path);
  if (!config) {
    log.Write(config.error().ToString());
    return kExitUsage;
  }
  return Run(*std::move(config), log, loop);
}

}  // namespace
}  // namespace helovet

int main(int argc, char** argv) { return helovet::Main(argc, argv); }
