// All that the module remembers between two calls.
#ifndef HELOVET_EXIM_DLFUNC_SESSION_CACHE_H_
#define HELOVET_EXIM_DLFUNC_SESSION_CACHE_H_

#include <chrono>
#include <compare>
#include <cstddef>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "arguments.h"
#include "helovet/config.h"
#include "helovet/file_error.h"
#include "helovet/verdict.h"

namespace helovet {

// Results kept at once. A process of Exim serves one connection, and few clients say HELO twice.
inline constexpr std::size_t kMaxResults = 8;
// Configuration files kept at once; different ACLs may name different ones.
inline constexpr std::size_t kMaxConfigurations = 8;
// Distinct complaints that are remembered as written. Beyond, complaints are no longer written.
inline constexpr std::size_t kMaxComplaints = 64;
// How long a result serves the later ACLs of its session. Exim waits 5 minutes for each command of
// a client (smtp_receive_timeout), so that ACLs of one message seldom lie further apart.
inline constexpr std::chrono::minutes kResultLifetime{5};

using SharedConfig = std::shared_ptr<const Config>;

// One process has one of these. Exim's daemon hands it on to the children it forks, which then own
// what it holds: it has no descriptor, no lock and no thread. Not thread-safe, as Exim is not.
class SessionCache {
 public:
  using Clock = std::chrono::steady_clock;

  // `now` is the clock; tests give their own.
  explicit SessionCache(std::function<Clock::time_point()> now = &Clock::now)
      : now_(std::move(now)) {}

  // The configuration at `path` (empty: at kDefaultConfigPath, or the defaults where it is
  // missing). It is read again when the file has another identity: device, inode, size or times,
  // or when it could not be read.
  [[nodiscard]] FileErrorOr<SharedConfig> Configuration(const std::string& path);

  // The verdict on `session` under `config`: a kept one, or what `validate` returns. Two calls
  // share a verdict only if all that it depends on is equal: address, HELO name, exemption,
  // configuration and the options that change it. MAIL FROM is not among these as long as no check
  // asks about it; the verdict returned has that of `session`.
  [[nodiscard]] Verdict Judge(const Session& session, const SharedConfig& config,
                              const Options& options, const std::function<Verdict()>& validate);

  // True the first time that `complaint` is seen in this process or in those it descends from.
  [[nodiscard]] bool IsNews(const std::string& complaint);

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
    FileIdentity identity;
    FileErrorOr<SharedConfig> config;
  };
  struct KeptResult {
    SharedConfig config;  // Held, so that no other configuration can come to live at its address.
    Options options;
    Clock::time_point expires;
    Verdict verdict;
  };

  [[nodiscard]] static FileIdentity Identify(const std::string& path);
  [[nodiscard]] const Verdict* Find(const Session& session, const SharedConfig& config,
                                    const Options& options);

  std::function<Clock::time_point()> now_;
  std::vector<KeptConfiguration> configurations_;  // Oldest first, as the next two.
  std::vector<KeptResult> results_;
  std::vector<std::string> complaints_;
  std::string answer_;
};

}  // namespace helovet

#endif  // HELOVET_EXIM_DLFUNC_SESSION_CACHE_H_
