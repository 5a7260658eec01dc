#include "confinement_calls.h"

#include <cerrno>
#include <cstdint>

#include <grp.h>
#include <sys/resource.h>
#include <unistd.h>

// Of Linux and OpenBSD here is what is a call or two; landlock.cc, empty_root.cc and
// system_call_filter.cc have the rest of Linux.
#ifndef HELOVET_PORTABLE
#if defined(__linux__)
#define HELOVET_LINUX
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#elif defined(__OpenBSD__)
#define HELOVET_OPENBSD
#endif
#endif

namespace helovet {
namespace {

[[maybe_unused]] int Limit(int resource) {
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  return setrlimit(static_cast<decltype(RLIMIT_CORE)>(resource), &none) == 0 ? 0 : errno;
}

#ifdef HELOVET_OPENBSD
int Unveil(const std::vector<std::string>& paths, const char* permissions) {
  for (const std::string& path : paths) {
    if (unveil(path.c_str(), permissions) != 0 && errno != ENOENT) return errno;
  }
  return 0;
}
#endif

}  // namespace

int BecomeUser(uid_t user, gid_t group) {
#if defined(HELOVET_PORTABLE)
  static_cast<void>(user);
  static_cast<void>(group);
  return ENOSYS;  // POSIX cannot give up supplementary groups.
#else
  if (setgroups(1, &group) != 0 || setgid(group) != 0 || setuid(user) != 0) return errno;
  // As root, setuid(2) has taken the saved one along.
  return user != 0 && setuid(0) == 0 ? EPERM : 0;
#endif
}

int DropCapabilities() {
#ifdef HELOVET_LINUX
  // capabilities(7). A store's files are given to the owner of its directory.
  constexpr std::uint32_t kOfRoot = 1U << CAP_CHOWN | 1U << CAP_DAC_OVERRIDE | 1U << CAP_FOWNER;
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3]{};
  if (syscall(SYS_capget, &header, sets) != 0) return errno;
  const std::uint32_t kept = geteuid() == 0 ? sets[0].permitted & kOfRoot : 0;
  sets[0] = {.effective = kept, .permitted = kept, .inheritable = 0};
  sets[1] = {};
  return syscall(SYS_capset, &header, sets) == 0 ? 0 : errno;
#elif defined(HELOVET_PORTABLE)
  return ENOSYS;
#else
  return 0;  // There are none.
#endif
}

int RefuseNewPrivileges() {
#ifdef HELOVET_LINUX
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : errno;
#elif defined(HELOVET_OPENBSD)
  return 0;  // pledge(2) without "exec".
#else
  return ENOSYS;
#endif
}

int LimitProcess() {
  const int core = Limit(RLIMIT_CORE);
#if defined(HELOVET_PORTABLE) || !defined(RLIMIT_NPROC)
  return core != 0 ? core : ENOSYS;
#else
  const int processes = Limit(RLIMIT_NPROC);
#ifdef HELOVET_LINUX
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return errno;
#endif
  return core != 0 ? core : processes;
#endif
}

#if defined(HELOVET_OPENBSD)

int EnterEmptyRoot(const std::string& directory, const Reach& reach) {
  // unveil(2) leaves nothing else to be seen, and these paths could not be.
  if (!reach.readable.empty() || !reach.writable.empty()) return 0;
  return chroot(directory.c_str()) == 0 && chdir("/") == 0 ? 0 : errno;
}

int RestrictFiles(const Reach& reach) {
  if (const int error = Unveil(reach.readable, "r"); error != 0) return error;
  if (const int error = Unveil(reach.writable, "rwc"); error != 0) return error;
  if (!reach.socket_directory.empty()) {
    if (const int error = Unveil({reach.socket_directory}, "rw"); error != 0) return error;
  }
  return unveil(nullptr, nullptr) == 0 ? 0 : errno;
}

int RestrictSystemCalls(const Reach& reach) {
  // "error": what is not promised fails with ENOSYS and does not end the process.
  std::string promises = "error stdio inet";
  if (!reach.readable.empty() || !reach.writable.empty()) promises += " rpath";
  if (!reach.writable.empty()) promises += " wpath cpath fattr flock";
  if (!reach.socket_directory.empty()) promises += " unix";
  return pledge(promises.c_str(), nullptr) == 0 ? 0 : errno;
}

#elif !defined(HELOVET_LINUX)

int EnterEmptyRoot(const std::string&, const Reach&) { return ENOSYS; }
int RestrictFiles(const Reach&) { return ENOSYS; }
int RestrictSystemCalls(const Reach&) { return ENOSYS; }

#endif

}  // namespace helovet
