#include "session_cache.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "helovet/engine.h"

namespace helovet {
namespace {

template <typename T>
void AddBounded(std::vector<T>& kept, T item, std::size_t most) {
  if (kept.size() >= most) kept.erase(kept.begin());
  kept.push_back(std::move(item));
}

Settings Complete(Config&& loaded, const std::string& server_name) {
  Settings settings;
  settings.config =
      std::make_shared<const Config>(WithHostDefaults(std::move(loaded), server_name));
  const Config::Lists& lists = settings.config->lists;
  settings.lists = std::make_shared<LocalLists>(lists.allow, lists.deny);
  settings.reader = getpid();
  return settings;
}

// All that the checks of the HELO name depend on.
bool IsSameSession(const Session& one, const Session& other) {
  return one.client == other.client && one.helo == other.helo &&
         one.authenticated == other.authenticated && one.smtputf8 == other.smtputf8;
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

FileErrorOr<Settings> SessionCache::Configuration(const std::string& path,
                                                  const std::string& server_name) {
  // Before it is read: a change between the two is then seen by the next call.
  const FileIdentity identity = Identify(path.empty() ? std::string(kDefaultConfigPath) : path);
  const auto kept = std::ranges::find_if(configurations_, [&](const KeptConfiguration& each) {
    return each.path == path && each.server_name == server_name;
  });
  if (kept != configurations_.end()) {
    if (kept->identity == identity) return kept->settings;
    configurations_.erase(kept);
  }
  FileErrorOr<Settings> settings =
      (path.empty() ? LoadDefaultConfig() : LoadConfig(path)).map([&](Config&& loaded) {
        return Complete(std::move(loaded), server_name);
      });
  if (settings) {
    std::erase_if(failures_, [&path](const Failure& failure) { return failure.path == path; });
  }
  // Why a file could not be read may lie in this process, such as too few descriptors; with a
  // failure kept, one bad moment of the daemon would disarm every session until the file changes.
  const bool read = settings || settings.error().line != 0;
  if (read) {
    AddBounded(configurations_, KeptConfiguration{path, server_name, identity, settings},
               kMaxConfigurations);
  }
  return settings;
}

bool SessionCache::IsFirstPreload(const SharedConfig& config) {
  const auto kept = std::ranges::find_if(configurations_, [&](const KeptConfiguration& each) {
    return each.settings && each.settings->config == config;
  });
  return kept != configurations_.end() && !std::exchange(kept->preloaded, true);
}

SessionCache::KeptSession& SessionCache::FindOrAdd(const Session& session,
                                                   const SharedConfig& config) {
  std::erase_if(sessions_, [now = now_()](const KeptSession& kept) { return kept.expires <= now; });
  const auto known = std::ranges::find_if(sessions_, [&](const KeptSession& kept) {
    return kept.config == config && IsSameSession(kept.session, session);
  });
  if (known != sessions_.end()) return *known;
  AddBounded(sessions_, KeptSession{config, session, now_() + kResultLifetime}, kMaxSessions);
  return sessions_.back();
}

// One session is validated once, so that it is counted once.
Verdict SessionCache::JudgeMessage(const KeptSession& kept, const Session& asked,
                                   SessionValidator& validator) {
  if (kept.name) return validator.ValidateMailFrom(*kept.name, *asked.mail_from);
  if (!kept.message && !kept.csa) return validator.Validate(asked);
  if (!kept.message) {
    return validator.ValidateMailFrom(Verdict{.session = kept.session}, *asked.mail_from);
  }
  Verdict former = *kept.message;
  former.session.recipient.clear();
  return validator.ValidateMailFrom(former, *asked.mail_from);
}

Verdict SessionCache::Judge(const Session& session, const SharedConfig& config,
                            SessionValidator& validator) {
  Session asked = session;
  asked.recipient.clear();
  KeptSession& kept = FindOrAdd(asked, config);
  if (!asked.mail_from) {
    if (!kept.name) {
      kept.name = kept.csa ? validator.ValidateCounted(asked) : validator.Validate(asked);
    }
    return *kept.name;
  }
  if (!kept.message || kept.message->session.mail_from != asked.mail_from) {
    kept.message = JudgeMessage(kept, asked, validator);
    // A verdict that cost no question says nothing of the name.
    if (kept.message->on_name != nullptr) kept.name = *kept.message->on_name;
  }
  // Each recipient asks, so that calls and what spares them are counted; the finding is kept.
  if (!session.recipient.empty() && ConsidersCallback(*kept.message, *config)) {
    kept.message = validator.ValidateRecipient(*kept.message, session.recipient);
  }
  return *kept.message;
}

Verdict SessionCache::JudgeCsa(const Session& session, const SharedConfig& config,
                               SessionValidator& validator) {
  Session asked = session;
  asked.recipient.clear();
  asked.mail_from.reset();
  KeptSession& kept = FindOrAdd(asked, config);
  if (kept.name) return *kept.name;
  if (!kept.csa) kept.csa = validator.ValidateCsa(asked);
  return *kept.csa;
}

bool SessionCache::IsNews(const std::string& complaint) {
  if (complaints_.size() >= kMaxComplaints) return false;
  if (std::find(complaints_.begin(), complaints_.end(), complaint) != complaints_.end()) {
    return false;
  }
  complaints_.push_back(complaint);
  return true;
}

bool SessionCache::IsNewFailure(const std::string& path, const std::string& complaint) {
  const auto last = std::ranges::find(failures_, path, &Failure::path);
  if (last != failures_.end()) return std::exchange(last->complaint, complaint) != complaint;
  if (failures_.size() >= kMaxComplaints) return false;
  failures_.push_back({path, complaint});
  return true;
}

bool SessionCache::IsNewsToAll(const std::string& complaint) {
  return shared_complaints_.IsNews(complaint, now_());
}

char* SessionCache::Keep(std::string answer) {
  answer_ = std::move(answer);
  return answer_.data();
}

}  // namespace helovet
