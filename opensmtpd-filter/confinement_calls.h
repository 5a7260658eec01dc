// What only some systems have for giving up rights: Linux's and OpenBSD's ways where they are
// there, and ENOSYS otherwise. With HELOVET_PORTABLE, an option of the build that tests use, it is
// always the latter.
#ifndef HELOVET_OPENSMTPD_FILTER_CONFINEMENT_CALLS_H_
#define HELOVET_OPENSMTPD_FILTER_CONFINEMENT_CALLS_H_

#include <string>

#include <sys/types.h>

#include "reach.h"

namespace helovet {

// Each returns 0, or the errno(3) value that says why it did nothing. For a process of one thread;
// what is given up never comes back.

// Makes `directory` the root, with nothing below it but what `reach` names, at its paths: what is
// readable cannot be written there. Other processes see no difference. Needs root's rights.
[[nodiscard]] int EnterEmptyRoot(const std::string& directory, const Reach& reach);

// Becomes a user and a group for good, with no other groups.
[[nodiscard]] int BecomeUser(uid_t user, gid_t group);

// Gives up what root may do more than others. Of a process that is still root's, what it needs to
// keep files for their directory's owner stays.
[[nodiscard]] int DropCapabilities();

// No program that is executed gives more rights than these.
[[nodiscard]] int RefuseNewPrivileges();

// No other process, no image of the memory, and no other program of this user that looks into it.
[[nodiscard]] int LimitProcess();

// No files but those of `reach`, which can be found now; of TCP, no connections but to its ports.
// Landlock, unveil(2). Where the kernel has an older Landlock, as much as that can.
[[nodiscard]] int RestrictFiles(const Reach& reach);

// No system calls but those that the filter makes: others fail with ENOSYS, sockets but those of
// the internet (and UNIX ones where `reach` has one) with EAFNOSUPPORT, executable memory with
// EACCES. None ends the process. seccomp(2), pledge(2).
[[nodiscard]] int RestrictSystemCalls(const Reach& reach);

}  // namespace helovet

#endif  // HELOVET_OPENSMTPD_FILTER_CONFINEMENT_CALLS_H_
