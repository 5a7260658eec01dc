#include "base/system_calls.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>
#if __has_include(<sys/random.h>)
#include <sys/random.h>
#endif

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "base/read_file.h"

// HELOVET_HAS_...: what the build has found (core/CMakeLists.txt). What is a macro of the system's
// can be asked here; HELOVET_PORTABLE asks for nothing.
#ifndef HELOVET_PORTABLE
#if defined(SOCK_NONBLOCK) && defined(SOCK_CLOEXEC)
#define HELOVET_HAS_SOCKET_FLAGS
#endif
#ifdef MSG_NOSIGNAL
#define HELOVET_HAS_NOSIGNAL
#endif
#ifdef O_PATH
#define HELOVET_HAS_PATH_DESCRIPTORS
#endif
#ifdef F_OFD_SETLK
#define HELOVET_HAS_OPEN_FILE_LOCKS
#endif
#endif

namespace helovet {
namespace {

// FD_CLOEXEC, a moment after the descriptor was made: in this moment another thread may fork.
[[maybe_unused]] OwnedDescriptor ClosedOnExec(OwnedDescriptor file) {
  if (file && fcntl(file.get(), F_SETFD, FD_CLOEXEC) != 0) file.Close();
  return file;
}

[[maybe_unused]] bool ReadRandomDevice(std::span<std::uint8_t> octets) {
  const OwnedDescriptor device(open("/dev/urandom", O_RDONLY | O_CLOEXEC));
  while (device && !octets.empty()) {
    const ssize_t count = read(device.get(), octets.data(), octets.size());
    if (count > 0) {
      octets = octets.subspan(static_cast<std::size_t>(count));
    } else if (count == 0 || errno != EINTR) {
      if (count == 0) errno = EIO;
      return false;
    }
  }
  return octets.empty();
}

// Has send(2) answer EPIPE without the signal, which is blocked meanwhile and then taken away,
// unless it was waiting already.
[[maybe_unused]] ssize_t SendWithSignalBlocked(int socket, const void* octets, std::size_t count) {
  sigset_t pipe;
  sigset_t waiting;
  sigset_t former;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  sigemptyset(&waiting);
  sigpending(&waiting);
  if (const int error = pthread_sigmask(SIG_BLOCK, &pipe, &former); error != 0) {
    errno = error;
    return -1;
  }
  const ssize_t sent = send(socket, octets, count, MSG_DONTWAIT);
  const int error = errno;
  if (sent < 0 && error == EPIPE && sigismember(&waiting, SIGPIPE) == 0) {
    // Where SIGPIPE is ignored nothing waits.
    int taken = 0;
    sigpending(&waiting);
    if (sigismember(&waiting, SIGPIPE) == 1) sigwait(&pipe, &taken);
  }
  pthread_sigmask(SIG_SETMASK, &former, nullptr);
  errno = error;
  return sent;
}

template <typename Address>
Address Copied(const sockaddr* address) {
  Address copy{};
  std::memcpy(&copy, address, sizeof copy);
  return copy;
}

}  // namespace

bool FillWithRandom(std::span<std::uint8_t> octets) {
#if defined(HELOVET_HAS_GETRANDOM)
  // At most 256 octets come whole or not at all; getrandom(2).
  for (;;) {
    const ssize_t count = getrandom(octets.data(), octets.size(), 0);
    if (count >= 0) return static_cast<std::size_t>(count) == octets.size();
    if (errno == ENOSYS) return ReadRandomDevice(octets);
    if (errno != EINTR) return false;
  }
#elif defined(HELOVET_HAS_GETENTROPY)
  return getentropy(octets.data(), octets.size()) == 0;
#else
  return ReadRandomDevice(octets);
#endif
}

OwnedDescriptor OpenSocket(int family, int type) {
#ifdef HELOVET_HAS_SOCKET_FLAGS
  OwnedDescriptor opened(socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
#else
  OwnedDescriptor opened = ClosedOnExec(OwnedDescriptor(socket(family, type, 0)));
  const int flags = opened ? fcntl(opened.get(), F_GETFL) : -1;
  if (opened && (flags < 0 || fcntl(opened.get(), F_SETFL, flags | O_NONBLOCK) != 0)) {
    opened.Close();
  }
#endif
  return opened;
}

ssize_t SendAtOnce(int socket, const void* octets, std::size_t count) {
#ifdef HELOVET_HAS_NOSIGNAL
  return send(socket, octets, count, MSG_DONTWAIT | MSG_NOSIGNAL);
#else
  return SendWithSignalBlocked(socket, octets, count);
#endif
}

int PendingError(int socket) {
  int error = 0;
  socklen_t length = sizeof error;
  return getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

std::optional<IpAddress> AddressIn(const sockaddr* address) {
  if (address == nullptr) return std::nullopt;
  if (address->sa_family == AF_INET) {
    const auto v4 = Copied<sockaddr_in>(address);
    IpAddress::V4Bytes bytes{};
    std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
    return IpAddress::FromV4(bytes);
  }
  if (address->sa_family != AF_INET6) return std::nullopt;
  const auto v6 = Copied<sockaddr_in6>(address);
  IpAddress::V6Bytes bytes{};
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  return IpAddress::FromV6(bytes);
}

OwnedDescriptor OpenForStatus(const std::string& path) {
#ifdef HELOVET_HAS_PATH_DESCRIPTORS
  return OwnedDescriptor(open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
#else
  return OwnedDescriptor(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
#endif
}

OwnedDescriptor MakeTemporaryFile(std::string& pattern) {
#ifdef HELOVET_HAS_MKOSTEMP
  return OwnedDescriptor(mkostemp(pattern.data(), O_CLOEXEC));
#else
  return ClosedOnExec(OwnedDescriptor(mkstemp(pattern.data())));
#endif
}

int ForceToDisk(int file) {
#ifdef HELOVET_HAS_FDATASYNC
  return fdatasync(file) == 0 ? 0 : errno;
#else
  return fsync(file) == 0 ? 0 : errno;
#endif
}

int LockOctet(int file, off_t offset, LockKind kind) {
#ifdef HELOVET_HAS_OPEN_FILE_LOCKS
  struct flock lock {};
  lock.l_type = F_UNLCK;
  if (kind == LockKind::kShared) lock.l_type = F_RDLCK;
  if (kind == LockKind::kExclusive) lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = offset;
  lock.l_len = 1;
  return fcntl(file, F_OFD_SETLK, &lock) == 0 ? 0 : errno;
#else
  static_cast<void>(offset);
  int operation = LOCK_UN;
  if (kind == LockKind::kShared) operation = LOCK_SH;
  if (kind == LockKind::kExclusive) operation = LOCK_EX;
  if (flock(file, operation | LOCK_NB) == 0) return 0;
  return errno == EWOULDBLOCK ? EAGAIN : errno;
#endif
}

std::string BootId() {
#ifdef HELOVET_PORTABLE
  return "";
#else
  // Where there is no such file, it is another kernel.
  constexpr std::size_t kMaxOctets = 64;
  std::string text = ReadFile("/proc/sys/kernel/random/boot_id", kMaxOctets).value_or("");
  return text.substr(0, text.find_first_not_of("0123456789abcdef-"));
#endif
}

std::chrono::nanoseconds TimeSinceBoot() {
#if defined(CLOCK_BOOTTIME) && !defined(HELOVET_PORTABLE)
  constexpr clockid_t kClock = CLOCK_BOOTTIME;
#else
  constexpr clockid_t kClock = CLOCK_MONOTONIC;
#endif
  timespec now{};
  clock_gettime(kClock, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace helovet
