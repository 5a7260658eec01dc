// All that the module remembers between two calls.
#ifndef HELOVET_EXIM_DLFUNC_SESSION_CACHE_H_
#define HELOVET_EXIM_DLFUNC_SESSION_CACHE_H_

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "helovet/config.h"
#include "helovet/file_error.h"
#include "helovet/local_lists.h"
#include "helovet/session.h"
#include "helovet/verdict.h"
#include "shared_complaints.h"

namespace helovet {

// Sessions kept at once. A process of Exim serves one connection, and few clients say HELO twice.
inline constexpr std::size_t kMaxSessions = 8;
// Configuration files kept at once; different ACLs may name different ones.
inline constexpr std::size_t kMaxConfigurations = 8;
// Distinct complaints, and paths of failures, that are remembered as written. Beyond, they are no
// longer written.
inline constexpr std::size_t kMaxComplaints = 64;
// How long a result serves the later ACLs of its session. Exim waits 5 minutes for each command of
// a client (smtp_receive_timeout), so that ACLs of one message seldom lie further apart.
inline constexpr std::chrono::minutes kResultLifetime{5};

using SharedConfig = std::shared_ptr<const Config>;

// A configuration that has been read.
struct Settings {
  SharedConfig config;                // With the host's defaults filled in.
  std::shared_ptr<LocalLists> lists;  // Those of `config`.
  // The process that read it. Those forked from it see the same mistakes in the files of the lists
  // later, and should not tell them again.
  pid_t reader = 0;
};

// How a verdict is reached where none is kept.
class SessionValidator {
 public:
  SessionValidator() = default;
  virtual ~SessionValidator() = default;
  SessionValidator(const SessionValidator&) = delete;
  SessionValidator& operator=(const SessionValidator&) = delete;

  // As Engine::Validate: with MAIL FROM, or without.
  [[nodiscard]] virtual Verdict Validate(const Session& session) = 0;
  // The same for a session that has been counted, without MAIL FROM.
  [[nodiscard]] virtual Verdict ValidateCounted(const Session& session) = 0;
  // As Engine::ValidateCsaAndWait.
  [[nodiscard]] virtual Verdict ValidateCsa(const Session& session) = 0;
  // As Engine::ValidateMailFrom: also from a verdict that cost no question.
  [[nodiscard]] virtual Verdict ValidateMailFrom(const Verdict& verdict,
                                                 const std::string& mail_from) = 0;
  // As Engine::ValidateRecipient, and asked only where ConsidersCallback says so.
  [[nodiscard]] virtual Verdict ValidateRecipient(const Verdict& verdict,
                                                  const std::string& recipient) = 0;
};

// One process has one of these. Exim's daemon hands it on to the children it forks, which then own
// what it holds, but for what all of them complain of: it has no descriptor, no lock and no thread.
// Not thread-safe, as Exim is not.
class SessionCache {
 public:
  using Clock = std::chrono::steady_clock;

  // `now` is the clock; tests give their own.
  explicit SessionCache(std::function<Clock::time_point()> now = &Clock::now)
      : now_(std::move(now)) {}

  // The configuration at `path` (empty: at kDefaultConfigPath, or the defaults where it is missing)
  // on a server that calls itself `server_name`, with its lists. It is read again when the file has
  // another identity: device, inode, size or times, or when it could not be read. The host's names
  // and addresses are those of the last reading.
  [[nodiscard]] FileErrorOr<Settings> Configuration(const std::string& path,
                                                    const std::string& server_name);

  // True the first time for each `config` that Configuration() has read and keeps: what is to be
  // done once for it, and not for each connection, follows.
  [[nodiscard]] bool IsFirstPreload(const SharedConfig& config);

  // The verdict on `session` under `config`: a kept one, or what `validator` finds. With a
  // recipient it has what a callback finds out, where the configuration has callbacks; which
  // profile acts for the recipient is left to ForRecipient. Two calls share the checks of the HELO
  // name only if all that these depend on is equal: address, HELO name, exemption, SMTPUTF8 and
  // configuration. Each MAIL FROM is judged together with them, whatever lists say of it, so that a
  // session asks and waits once.
  [[nodiscard]] Verdict Judge(const Session& session, const SharedConfig& config,
                              SessionValidator& validator);

  // The same for a host that wants the result of csa alone: what Judge has found of the name, or
  // csa alone, which Judge does not go on from. A session that Judge comes to later is still
  // counted once.
  [[nodiscard]] Verdict JudgeCsa(const Session& session, const SharedConfig& config,
                                 SessionValidator& validator);

  // True the first time that `complaint` is seen in this process or in those it descends from.
  [[nodiscard]] bool IsNews(const std::string& complaint);

  // The same for a failure of Configuration(path). The same failure is news again once the
  // configuration has been read in between.
  [[nodiscard]] bool IsNewFailure(const std::string& path, const std::string& complaint);

  // The same for all processes that have this one's memory, each complaint once an hour: what every
  // session would have to tell.
  [[nodiscard]] bool IsNewsToAll(const std::string& complaint);

  // Keeps `answer` until the next call and returns its text, for hosts that copy it at once.
  [[nodiscard]] char* Keep(std::string answer);

 private:
  // What stat(2) says of a file; all zero where there is none.
  struct FileIdentity {
    unsigned long long device = 0;
    unsigned long long inode = 0;
    long long size = 0;
    // The change time as well: chmod(1) can make an unreadable file readable.
    std::pair<std::time_t, long> modified{};
    std::pair<std::time_t, long> changed{};
    friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
  };
  struct KeptConfiguration {
    std::string path;
    std::string server_name;
    FileIdentity identity;
    FileErrorOr<Settings> settings;
    bool preloaded = false;
  };
  struct KeptSession {
    SharedConfig config;  // Held, so that no other configuration can come to live at its address.
    Session session;      // As it was first seen.
    Clock::time_point expires;
    std::optional<Verdict> name = std::nullopt;     // Without MAIL FROM.
    std::optional<Verdict> message = std::nullopt;  // With the last one.
    std::optional<Verdict> csa = std::nullopt;      // On csa alone.
  };

  struct Failure {
    std::string path;
    std::string complaint;
  };

  [[nodiscard]] static FileIdentity Identify(const std::string& path);
  [[nodiscard]] KeptSession& FindOrAdd(const Session& session, const SharedConfig& config);
  [[nodiscard]] static Verdict JudgeMessage(const KeptSession& kept, const Session& asked,
                                            SessionValidator& validator);

  std::function<Clock::time_point()> now_;
  std::vector<KeptConfiguration> configurations_;  // Oldest first, as the next three.
  std::vector<KeptSession> sessions_;
  std::vector<std::string> complaints_;
  std::vector<Failure> failures_;  // At most one for a path: the last.
  SharedComplaints shared_complaints_;
  std::string answer_;
};

}  // namespace helovet

#endif  // HELOVET_EXIM_DLFUNC_SESSION_CACHE_H_
