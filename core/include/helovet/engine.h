// The way from a session to a verdict.
#ifndef HELOVET_ENGINE_H_
#define HELOVET_ENGINE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "helovet/config.h"
#include "helovet/file_error.h"
#include "helovet/local_lists.h"
#include "helovet/loop.h"
#include "helovet/registration.h"
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

// Who answers for names that are in none of an engine's zone files.
enum class ZoneFallback : std::uint8_t { kRefuse, kNetwork };

// Whether an engine remembers answers for the time that their zones allow. It pays for engines that
// live longer than a session.
enum class AnswerMemory : std::uint8_t { kNone, kKept };

// Validates sessions, many at a time, on one loop. Not thread-safe.
class Engine {
 public:
  // Takes DNS answers from the servers of `config`, or of /etc/resolv.conf where it names none. The
  // loop must outlive the engine. `lists` are those of `config`; null: the engine reads them.
  Engine(Loop& loop, const std::shared_ptr<const Config>& config,
         std::shared_ptr<LocalLists> lists = nullptr, AnswerMemory memory = AnswerMemory::kNone);

  // Takes them from RFC 1035 master files. Fails for a file that cannot be read or has a mistake.
  [[nodiscard]] static FileErrorOr<std::unique_ptr<Engine>> CreateWithZones(
      Loop& loop, std::shared_ptr<const Config> config, const std::vector<std::string>& zone_files,
      ZoneFallback fallback = ZoneFallback::kRefuse);

  // For other sources of answers, tests' own among them.
  Engine(Loop& loop, std::shared_ptr<const Config> config, std::unique_ptr<Dns> dns,
         std::shared_ptr<LocalLists> lists = nullptr);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Starts to validate `session`: every first question leaves at once. `done` is called exactly
  // once, from the loop and never from inside this call, at the latest when `config().deadline` has
  // passed; what is not known by then counts as a temporary failure. `done` may destroy the
  // validation. An exempt session costs no query.
  [[nodiscard]] std::unique_ptr<Validation> Validate(Session session,
                                                     absl::AnyInvocable<void(const Verdict&)> done);

  // Goes on from `verdict`, which Validate gave for a session without MAIL FROM under this engine's
  // configuration, to the verdict on a message from `mail_from` (as in Session). The checks of the
  // HELO name are not repeated. Otherwise as Validate.
  [[nodiscard]] std::unique_ptr<Validation> ValidateMailFrom(
      const Verdict& verdict, std::string mail_from, absl::AnyInvocable<void(const Verdict&)> done);

  // Validates and turns the loop until the verdict is there. The loop's other registrations are
  // served meanwhile.
  [[nodiscard]] Verdict ValidateAndWait(Session session);

  // What the domain registers of `name` for a service (DSAR-00 §3.2.1), whatever the dialect that
  // the configuration has for csa. `role` and `application` are labels, with or without an
  // underscore before them. Unexpected: the first argument that is no label, or no domain name.
  // Turns the loop like ValidateAndWait.
  [[nodiscard]] tl::expected<Registration, RegistrationPart> AskRegistrationAndWait(
      std::string_view role, std::string_view application, std::string_view name);

  // What has been wrong with the files of the local lists since the last call: each problem once.
  // Files are looked at when a validation starts, at most once a second.
  [[nodiscard]] std::vector<FileError> TakeComplaints();

  [[nodiscard]] const Config& config() const { return *config_; }

 private:
  void RefreshLists();

  Loop& loop_;
  std::shared_ptr<const Config> config_;
  std::shared_ptr<LocalLists> lists_;
  std::unique_ptr<Dns> dns_;
  std::vector<FileError> complaints_;
};

// The same verdict for mail to `recipient`: another action where Config::Alternate names its domain
// (docs/rules.md §10). Pure, and cheap: no check runs.
[[nodiscard]] Verdict ForRecipient(Verdict verdict, std::string recipient, const Config& config);

// The verdict on a session that cannot be validated because the configuration is unusable: an
// administrator's mistake stops no mail. Trust unknown, accept, csa temperror/invalid.
[[nodiscard]] Verdict VerdictWithoutConfiguration(Session session);

}  // namespace helovet

#endif  // HELOVET_ENGINE_H_
