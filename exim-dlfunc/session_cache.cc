#include "session_cache.h"

#include <sys/stat.h>

#include <algorithm>

namespace helovet {
namespace {

template <typename T>
void AddBounded(std::vector<T>& kept, T item, std::size_t most) {
  if (kept.size() >= most) kept.erase(kept.begin());
  kept.push_back(std::move(item));
}

}  // namespace

SessionCache::FileIdentity SessionCache::Identify(const std::string& path) {
  struct stat file {};
  if (stat(path.c_str(), &file) != 0) return {};
  return {.device = file.st_dev,
          .inode = file.st_ino,
          .size = file.st_size,
          .modified = {file.st_mtim.tv_sec, file.st_mtim.tv_nsec},
          .changed = {file.st_ctim.tv_sec, file.st_ctim.tv_nsec}};
}

FileErrorOr<SharedConfig> SessionCache::Configuration(const std::string& path) {
  // Before it is read: a change between the two is then seen by the next call.
  const FileIdentity identity = Identify(path.empty() ? std::string(kDefaultConfigPath) : path);
  const auto same_path = [&](const KeptConfiguration& kept) { return kept.path == path; };
  const auto kept = std::find_if(configurations_.begin(), configurations_.end(), same_path);
  if (kept != configurations_.end()) {
    if (kept->identity == identity) return kept->config;
    configurations_.erase(kept);
  }
  FileErrorOr<SharedConfig> config =
      (path.empty() ? LoadDefaultConfig() : LoadConfig(path)).map([](Config&& loaded) {
        return std::make_shared<const Config>(std::move(loaded));
      });
  // Why a file could not be read may lie in this process, such as too few descriptors; with a
  // failure kept, one bad moment of the daemon would disarm every session until the file changes.
  const bool read = config || config.error().line != 0;
  if (read) {
    AddBounded(configurations_, KeptConfiguration{path, identity, config}, kMaxConfigurations);
  }
  return config;
}

const Verdict* SessionCache::Find(const Session& session, const SharedConfig& config,
                                  const Options& options) {
  for (const KeptResult& kept : results_) {
    const Session& known = kept.verdict.session;
    if (kept.config == config && known.client == session.client && known.helo == session.helo &&
        known.authenticated == session.authenticated && kept.options.profile == options.profile &&
        kept.options.authserv_id == options.authserv_id) {
      return &kept.verdict;
    }
  }
  return nullptr;
}

Verdict SessionCache::Judge(const Session& session, const SharedConfig& config,
                            const Options& options, const std::function<Verdict()>& validate) {
  std::erase_if(results_, [now = now_()](const KeptResult& kept) { return kept.expires <= now; });
  if (const Verdict* known = Find(session, config, options)) {
    Verdict verdict = *known;
    verdict.session.mail_from = session.mail_from;
    return verdict;
  }
  Verdict verdict = validate();
  AddBounded(results_, KeptResult{config, options, now_() + kResultLifetime, verdict}, kMaxResults);
  return verdict;
}

bool SessionCache::IsNews(const std::string& complaint) {
  if (complaints_.size() >= kMaxComplaints) return false;
  if (std::find(complaints_.begin(), complaints_.end(), complaint) != complaints_.end()) {
    return false;
  }
  complaints_.push_back(complaint);
  return true;
}

char* SessionCache::Keep(std::string answer) {
  answer_ = std::move(answer);
  return answer_.data();
}

}  // namespace helovet
