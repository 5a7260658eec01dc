// The way from a session to a verdict.
#ifndef HELOVET_ENGINE_H_
#define HELOVET_ENGINE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "helovet/config.h"
#include "helovet/file_error.h"
#include "helovet/loop.h"
#include "helovet/session.h"
#include "helovet/verdict.h"

namespace helovet {

class Dns;  // core/dns/dns.h

// One validation under way. Destroying it cancels what it still waits for; its callback is then
// never called. It must not outlive its engine.
class Validation {
 public:
  virtual ~Validation() = default;
  Validation(const Validation&) = delete;
  Validation& operator=(const Validation&) = delete;

  // The verdict, or null while it is not reached.
  [[nodiscard]] virtual const Verdict* verdict() const = 0;

 protected:
  Validation() = default;
};

// Where an engine takes its DNS answers from, beside its configuration.
struct DnsSources {
  // RFC 1035 master files. With any, only names in their zones have answers, and the network is
  // asked for the others only if `server` is given.
  std::vector<std::string> zone_files;
  // Overrides dns.servers.
  std::optional<DnsServer> server;
};

// Validates sessions, many at a time, on one loop. Not thread-safe.
class Engine {
 public:
  // The loop must outlive the engine. Fails only for a zone file that cannot be read.
  [[nodiscard]] static FileErrorOr<std::unique_ptr<Engine>> Create(
      Loop& loop, std::shared_ptr<const Config> config, const DnsSources& sources = {});

  // For other sources of answers, tests' own among them.
  Engine(Loop& loop, std::shared_ptr<const Config> config, std::unique_ptr<Dns> dns);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Starts to validate `session`: every first question leaves at once. `done` is called exactly
  // once, from the loop and never from inside this call, at the latest when `config().deadline` has
  // passed; what is not known by then counts as a temporary failure. `done` may destroy the
  // validation. An exempt session costs no query.
  [[nodiscard]] std::unique_ptr<Validation> Validate(Session session,
                                                     absl::AnyInvocable<void(const Verdict&)> done);

  // Validates and turns the loop until the verdict is there. The loop's other registrations are
  // served meanwhile.
  [[nodiscard]] Verdict ValidateAndWait(Session session);

  [[nodiscard]] const Config& config() const { return *config_; }

 private:
  Loop& loop_;
  std::shared_ptr<const Config> config_;
  std::unique_ptr<Dns> dns_;
};

}  // namespace helovet

#endif  // HELOVET_ENGINE_H_
