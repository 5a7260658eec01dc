// The way from a session to a verdict.
#ifndef HELOVET_ENGINE_H_
#define HELOVET_ENGINE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "helovet/callback.h"
#include "helovet/config.h"
#include "helovet/file_error.h"
#include "helovet/local_lists.h"
#include "helovet/loop.h"
#include "helovet/registration.h"
#include "helovet/session.h"
#include "helovet/verdict.h"

namespace helovet {

class Dns;                 // core/dns/dns.h
struct ValidationContext;  // core/engine/announced_validation.h
class EngineStore;         // core/engine/engine_store.h
struct EngineSources;      // core/engine/engine_store.h
class VerdictMemory;       // core/engine/verdict_memory.h

// One validation under way. Destroying it cancels what it still waits for; its callback is then
// never called. It must not outlive its engine.
class Validation {
 public:
  virtual ~Validation() = default;
  Validation(const Validation&) = delete;
  Validation& operator=(const Validation&) = delete;

  // The verdict, or null while it is not reached.
  [[nodiscard]] virtual const Verdict* verdict() const = 0;

  // Gives the verdict away, which there must be; from now on there is none.
  [[nodiscard]] virtual Verdict TakeVerdict() = 0;

 protected:
  Validation() = default;
};

// Who answers for names that are in none of an engine's zone files.
enum class ZoneFallback : std::uint8_t { kRefuse, kNetwork };

// Whether an engine remembers answers for the time that their zones allow, and with
// Trail::kOutcomes the verdicts on clients that come again. It pays for engines that live longer
// than a session.
enum class AnswerMemory : std::uint8_t { kNone, kKept };

// Whether an engine counts what its checks find, in the store of its configuration. Hosts' engines
// do, those of the command do not.
enum class Statistics : std::uint8_t { kNone, kKept };

// Validates sessions, many at a time, on one loop. Not thread-safe.
class Engine {
 public:
  // Takes DNS answers from the servers of `config`, or of /etc/resolv.conf where it names none. The
  // loop must outlive the engine. `lists` are those of `config`; null: the engine reads them. The
  // store is opened when it is first needed.
  Engine(Loop& loop, const std::shared_ptr<const Config>& config,
         std::shared_ptr<LocalLists> lists = nullptr, AnswerMemory memory = AnswerMemory::kNone,
         Statistics statistics = Statistics::kNone, Trail trail = Trail::kFull);

  // Takes them from RFC 1035 master files. Fails for a file that cannot be read or has a mistake.
  [[nodiscard]] static FileErrorOr<std::unique_ptr<Engine>> CreateWithZones(
      Loop& loop, std::shared_ptr<const Config> config, const std::vector<std::string>& zone_files,
      ZoneFallback fallback = ZoneFallback::kRefuse);

  // For other sources of answers, tests' own among them.
  Engine(Loop& loop, std::shared_ptr<const Config> config, std::unique_ptr<Dns> dns,
         std::shared_ptr<LocalLists> lists = nullptr);
  // For other stores and ways to call, too.
  Engine(Loop& loop, std::shared_ptr<const Config> config, EngineSources sources,
         std::shared_ptr<LocalLists> lists = nullptr, Statistics statistics = Statistics::kNone,
         Trail trail = Trail::kFull);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Starts to validate `session`: every first question leaves at once. `done` is called exactly
  // once, from the loop and never from inside this call, at the latest when `config().deadline` has
  // passed; what is not known by then counts as a temporary failure. `done` may destroy the
  // validation. An exempt session costs no query.
  [[nodiscard]] std::unique_ptr<Validation> Validate(Session session,
                                                     absl::AnyInvocable<void(const Verdict&)> done);

  // Goes on from `verdict`, which Validate or this gave for the same session under this engine's
  // configuration, to the verdict on a message from `mail_from` (as in Session): lists of senders
  // are looked into, and the checks of designated senders ask about it. The checks of the HELO name
  // are not repeated. `latest`: the deadline is no later than this. Otherwise as Validate.
  [[nodiscard]] std::unique_ptr<Validation> ValidateMailFrom(
      const Verdict& verdict, std::string mail_from, absl::AnyInvocable<void(const Verdict&)> done,
      Loop::TimePoint latest = Loop::TimePoint::max());
  // The same for who keeps the verdict on the name: that on the message shares it.
  [[nodiscard]] std::unique_ptr<Validation> ValidateMailFrom(
      std::shared_ptr<const Verdict> verdict, std::string mail_from,
      absl::AnyInvocable<void(const Verdict&)> done,
      Loop::TimePoint latest = Loop::TimePoint::max());

  // Goes on from the verdict on a message to that for one of its recipients, of whom the host knows
  // that it takes mail for them: another profile may act (ForRecipient), and a callback verifies
  // the sender where the configuration has one and nothing has decided before (docs/rules.md §12).
  // A verdict in which cbv has run already is not called back for again. Otherwise as
  // ValidateMailFrom.
  [[nodiscard]] std::unique_ptr<Validation> ValidateRecipient(
      const Verdict& verdict, std::string recipient, absl::AnyInvocable<void(const Verdict&)> done,
      Loop::TimePoint latest = Loop::TimePoint::max());

  // Turns the loop until what has been counted is in the store, at most until `latest`. For hosts
  // that end their engine after a validation; a store in files needs no time.
  void WaitForStatistics(Loop::TimePoint latest);

  // Validates and turns the loop until the verdict is there. The loop's other registrations are
  // served meanwhile.
  [[nodiscard]] Verdict ValidateAndWait(Session session);

  // As ValidateAndWait, for hosts that ask for the result of csa alone (docs/rules.md §4): no
  // question is asked that could not change it. Of the checks only helo and csa are in the verdict,
  // neither trust nor action is judged, and ValidateMailFrom cannot go on from it; a session that
  // is exempt or denied has the verdict of ValidateAndWait. It counts as a session.
  [[nodiscard]] Verdict ValidateCsaAndWait(Session session);

  // What the domain registers of `name` for a service (DSAR-00 §3.2.1), whatever the dialect that
  // the configuration has for csa. `role` and `application` are labels, with or without an
  // underscore before them. Unexpected: the first argument that is no label, or no domain name.
  // Turns the loop like ValidateAndWait.
  [[nodiscard]] tl::expected<Registration, RegistrationPart> AskRegistrationAndWait(
      std::string_view role, std::string_view application, std::string_view name);

  // Calls the mail server of the sender `address` (a path as in Session::mail_from) back, as
  // Config::Cbv says, within its timeout (docs/rules.md §12.2, §12.3). For people: nothing is
  // remembered, no budget bounds it and no store is needed. Turns the loop like ValidateAndWait.
  [[nodiscard]] CallbackReport CallBackAndWait(std::string address);

  // What has been wrong with the files of the local lists, and with the store, since the last call:
  // each problem once. Files are looked at when a validation starts, at most once a second.
  [[nodiscard]] std::vector<FileError> TakeComplaints();

  [[nodiscard]] const Config& config() const { return *config_; }

 private:
  // What a validation of `session` is given.
  [[nodiscard]] ValidationContext ContextOf(const Session& session);
  [[nodiscard]] std::unique_ptr<Validation> ValidateAnew(
      Session session, bool counts_session, Loop::TimePoint deadline,
      absl::AnyInvocable<void(const Verdict&)> done);
  // The verdict on `session`, which goes on from `on_name` (null: it is about the name itself), if
  // it is remembered.
  [[nodiscard]] std::optional<Verdict> Recall(const Session& session,
                                              const std::shared_ptr<const Verdict>& on_name);
  void RefreshLists();

  Loop& loop_;
  const Trail trail_;
  std::shared_ptr<const Config> config_;
  std::shared_ptr<LocalLists> lists_;
  std::unique_ptr<Dns> dns_;
  std::unique_ptr<EngineStore> store_;     // After dns_, which its callbacks use.
  std::unique_ptr<VerdictMemory> memory_;  // Null: none.
  std::vector<FileError> complaints_;
};

// The same verdict for mail to `recipient`: another action where Config::Alternate names its domain
// (docs/rules.md §10). Pure, and cheap: no check runs.
[[nodiscard]] Verdict ForRecipient(Verdict verdict, std::string recipient, const Config& config);

// Whether ValidateRecipient has anything to do for `verdict` that ForRecipient does not: a
// callback, or to count why there is none.
[[nodiscard]] bool ConsidersCallback(const Verdict& verdict, const Config& config);

// The verdict on a session that cannot be validated because the configuration is unusable: an
// administrator's mistake stops no mail. Trust unknown, accept, csa temperror/invalid.
[[nodiscard]] Verdict VerdictWithoutConfiguration(Session session);

}  // namespace helovet

#endif  // HELOVET_ENGINE_H_
