#include "confinement.h"

#include <cerrno>
#include <optional>
#include <string_view>
#include <system_error>

#include <pwd.h>
#include <unistd.h>

#include "confinement_calls.h"
#include "reach.h"

namespace helovet {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
#else
constexpr bool kSanitized = false;
#endif

// What has failed so far.
class Lacks {
 public:
  void Note(std::string_view what, int error) {
    if (error != 0) Note(what, std::generic_category().message(error));
  }
  void Note(std::string_view what, std::string_view why) {
    all_.push_back(std::string(what) + ": " + std::string(why));
  }
  std::vector<std::string> Take() { return std::move(all_); }

 private:
  std::vector<std::string> all_;
};

// What root alone can do: whom to become has to be found out while there are files.
void LeaveRoot(const Config::OpenSmtpd& settings, const Reach& reach, Lacks& lacks) {
  const passwd* account = nullptr;
  if (settings.user.empty()) {
    lacks.Note("user", "opensmtpd.user is empty, and root has started the filter");
  } else {
    errno = 0;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread.
    account = getpwnam(settings.user.c_str());
    if (account == nullptr) {
      lacks.Note("user", "there is no " + settings.user + ", and root has started the filter");
    } else if (account->pw_uid == 0) {
      lacks.Note("user", settings.user + " is root");
    }
  }
  if (!settings.chroot.empty()) {
    lacks.Note("root " + settings.chroot, EnterEmptyRoot(settings.chroot, reach));
  }
  if (account != nullptr) {
    lacks.Note("user " + settings.user, BecomeUser(account->pw_uid, account->pw_gid));
  }
}

}  // namespace

std::vector<std::string> Confine(const Config& config) {
  if (kSanitized || config.opensmtpd.confinement == Config::Confinement::kOff) return {};
  const Reach reach = ReachOf(config);
  Lacks lacks;
  if (geteuid() == 0) LeaveRoot(config.opensmtpd, reach, lacks);
  lacks.Note("capabilities", DropCapabilities());
  lacks.Note("new privileges", RefuseNewPrivileges());
  lacks.Note("processes", LimitProcess());
  lacks.Note("files", RestrictFiles(reach));
  lacks.Note("system calls", RestrictSystemCalls(reach));
  return lacks.Take();
}

}  // namespace helovet
