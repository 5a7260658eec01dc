// What POSIX.1-2008 lacks and systems call by different names, or do not have: Linux's way where
// it is there, and one that all have otherwise. With HELOVET_PORTABLE, an option of the build that
// tests use, it is always the latter.
#ifndef HELOVET_CORE_BASE_SYSTEM_CALLS_H_
#define HELOVET_CORE_BASE_SYSTEM_CALLS_H_

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/descriptor.h"
#include "helovet/ip_address.h"

struct sockaddr;

// All of it is thread-safe, and nothing is kept that the children of a fork would share.
namespace helovet {

// Fills `octets`, 256 at most, with random ones that nobody can foresee. False: the system has
// none, and errno(3) says why.
[[nodiscard]] bool FillWithRandom(std::span<std::uint8_t> octets);

// A socket of `family` and `type` (socket(2)) that does not block, raises no SIGPIPE, and is closed
// in programs that the host executes. None: errno(3) says why.
[[nodiscard]] OwnedDescriptor OpenSocket(int family, int type);
// send(2) to such a socket: never waits, and no signal where the peer has gone.
[[nodiscard]] ssize_t SendAtOnce(int socket, const void* octets, std::size_t count);
// The error that `socket` has kept (SO_ERROR), which asking clears: after a connection was begun,
// how that went. 0: none.
[[nodiscard]] int PendingError(int socket);
// Empty for addresses of other families, and for null.
[[nodiscard]] std::optional<IpAddress> AddressIn(const sockaddr* address);

// For fstat(2) alone, of a file in which this process may hold locks: where there is O_PATH,
// closing the descriptor ends none of them, elsewhere it does. None: errno(3) says why.
[[nodiscard]] OwnedDescriptor OpenForStatus(const std::string& path);
// mkostemp(3): a new file whose name takes the place of `pattern`, which ends with "XXXXXX".
[[nodiscard]] OwnedDescriptor MakeTemporaryFile(std::string& pattern);
// Waits until what was written is on the disk. An errno(3) value, or 0.
[[nodiscard]] int ForceToDisk(int file);

enum class LockKind : std::uint8_t { kShared, kExclusive, kNone };
// Takes or, with kNone, leaves the lock of one octet of `file`, without waiting: EAGAIN or EACCES
// where somebody else has it, another errno(3) value, or 0. It belongs to the open file, not to the
// process, and ends with its last descriptor. Where only whole files can be locked like that
// (flock(2)), all octets are one.
[[nodiscard]] int LockOctet(int file, off_t offset, LockKind kind);

// The kernel's identifier of this boot, [0-9a-f-]; empty where it has none.
[[nodiscard]] std::string BootId();
// Never goes back as long as the kernel runs, and counts sleep where the system can.
[[nodiscard]] std::chrono::nanoseconds TimeSinceBoot();

}  // namespace helovet

#endif  // HELOVET_CORE_BASE_SYSTEM_CALLS_H_
