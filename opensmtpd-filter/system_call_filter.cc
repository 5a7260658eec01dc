// RestrictSystemCalls on Linux: a program for seccomp(2) that allows what is listed here.
#include "confinement_calls.h"

#if defined(__linux__) && !defined(HELOVET_PORTABLE)

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace helovet {
namespace {

// The processors whose list below is known to be right; seccomp(2) tells them apart, since another
// one's numbers (of 32-bit programs) mean other calls. All of them have the low half of an argument
// first.
#if defined(__x86_64__) && !defined(__ILP32__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#elif defined(__riscv) && __riscv_xlen == 64
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_RISCV64;
#else
constexpr std::uint32_t kArchitecture = 0;
#endif

// Whatever their arguments. Each with what needs it; some exist on some processors only, and newer
// kernels and C libraries have newer ways to do the same.
constexpr long kAllowed[] = {
// The loop, and smtpd's lines.
#ifdef SYS_poll
    SYS_poll,
#endif
    SYS_ppoll, SYS_read, SYS_write, SYS_readv, SYS_writev,
#ifdef SYS_epoll_wait
    SYS_epoll_wait,
#endif
    SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait,
    // DNS, callbacks, Redis; socket(2) has rules of its own.
    SYS_sendto, SYS_recvfrom, SYS_sendmsg, SYS_recvmsg, SYS_sendmmsg, SYS_recvmmsg, SYS_connect,
    SYS_bind, SYS_getsockopt, SYS_setsockopt, SYS_getsockname, SYS_getpeername, SYS_shutdown,
    // Time and random numbers.
    SYS_clock_gettime, SYS_clock_getres, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday,
    SYS_getrandom,
#ifdef SYS_time
    SYS_time,
#endif
    // Memory: the C library and mimalloc; mmap(2) and mprotect(2) have rules of their own.
    SYS_munmap, SYS_mremap, SYS_madvise, SYS_brk, SYS_getcpu, SYS_sched_getaffinity,
    // Files: lists, the store, metrics. Which, is up to RestrictFiles.
    SYS_openat, SYS_close, SYS_lseek, SYS_fcntl, SYS_flock, SYS_fstat, SYS_newfstatat, SYS_statx,
    SYS_faccessat, SYS_getdents64, SYS_readlinkat, SYS_pread64, SYS_pwrite64, SYS_preadv,
    SYS_pwritev, SYS_ftruncate, SYS_fallocate, SYS_fsync, SYS_fdatasync, SYS_msync, SYS_fchmod,
    SYS_fchmodat, SYS_fchown, SYS_linkat, SYS_unlinkat, SYS_renameat2, SYS_umask, SYS_statfs,
    SYS_fstatfs,
#ifdef SYS_faccessat2
    SYS_faccessat2,
#endif
#ifdef SYS_renameat
    SYS_renameat,
#endif
#ifdef SYS_open
    SYS_open, SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_link, SYS_unlink, SYS_rename,
    SYS_chmod,
#endif
    // The store's locks: LMDB's between processes, and those of the C library.
    SYS_futex, SYS_set_robust_list, SYS_sched_yield,
    // Who we are, how much there is.
    SYS_getpid, SYS_gettid, SYS_getppid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid,
    SYS_uname, SYS_sysinfo, SYS_getrusage,
#ifdef SYS_getrlimit
    SYS_getrlimit,
#endif
    // Signals of our own, and the end; tgkill(2) has a rule of its own.
    SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigpending, SYS_rt_sigtimedwait,
    SYS_restart_syscall, SYS_exit, SYS_exit_group};

constexpr std::uint32_t kAllow = SECCOMP_RET_ALLOW;
constexpr std::uint32_t Refuse(int error) {
  return SECCOMP_RET_ERRNO | (static_cast<std::uint32_t>(error) & SECCOMP_RET_DATA);
}

constexpr std::uint32_t LowHalf(int argument) {
  return static_cast<std::uint32_t>(offsetof(seccomp_data, args) +
                                    sizeof(std::uint64_t) * static_cast<std::size_t>(argument));
}
constexpr std::uint32_t HighHalf(int argument) { return LowHalf(argument) + 4; }

// Instructions for the kernel's packet filter (BPF), written from top to bottom. The number of the
// call is loaded at the start of each part.
class Program {
 public:
  Program() {
    Load(offsetof(seccomp_data, arch));
    Skip(BPF_JEQ, kArchitecture, 1, 0);
    Return(Refuse(ENOSYS));
    Load(offsetof(seccomp_data, nr));
  }

  void Allow(long call) {
    Skip(BPF_JEQ, static_cast<std::uint32_t>(call), 0, 1);
    Return(kAllow);
  }
  // If the argument is one of `values`, otherwise `error`.
  void AllowOneOf(long call, int argument, const std::vector<std::uint32_t>& values, int error) {
    const auto count = static_cast<std::uint8_t>(values.size());
    Skip(BPF_JEQ, static_cast<std::uint32_t>(call), 0, static_cast<std::uint8_t>(2 * count + 2));
    Load(LowHalf(argument));
    for (const std::uint32_t value : values) {
      Skip(BPF_JEQ, value, 0, 1);
      Return(kAllow);
    }
    Return(Refuse(error));
  }
  // If the argument has none of `bits`, otherwise `error`.
  void AllowWithout(long call, int argument, std::uint32_t bits, int error) {
    Skip(BPF_JEQ, static_cast<std::uint32_t>(call), 0, 4);
    Load(LowHalf(argument));
    Skip(BPF_JSET, bits, 1, 0);
    Return(kAllow);
    Return(Refuse(error));
  }
  // If the argument is a null pointer, otherwise `error`.
  void AllowNull(long call, int argument, int error) {
    Skip(BPF_JEQ, static_cast<std::uint32_t>(call), 0, 6);
    Load(LowHalf(argument));
    Skip(BPF_JEQ, 0, 0, 3);
    Load(HighHalf(argument));
    Skip(BPF_JEQ, 0, 0, 1);
    Return(kAllow);
    Return(Refuse(error));
  }
  void RefuseAllElse() { Return(Refuse(ENOSYS)); }

  // 0, or why the kernel did not take it. The kernel's log (audit) has what is refused, where it
  // can.
  [[nodiscard]] int Install() {
    const sock_fprog program{.len = static_cast<unsigned short>(code_.size()),
                             .filter = code_.data()};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, &program) == 0) {
      return 0;
    }
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0 ? 0 : errno;
  }

 private:
  void Load(std::size_t offset) {
    code_.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)));
  }
  // Leaves out so many instructions where the comparison with `value` holds, and where not.
  void Skip(std::uint16_t comparison, std::uint32_t value, std::uint8_t if_true,
            std::uint8_t if_false) {
    code_.push_back(BPF_JUMP(static_cast<std::uint16_t>(BPF_JMP | comparison | BPF_K), value,
                             if_true, if_false));
  }
  void Return(std::uint32_t action) { code_.push_back(BPF_STMT(BPF_RET | BPF_K, action)); }

  std::vector<sock_filter> code_;
};

}  // namespace

int RestrictSystemCalls(const Reach& reach) {
  if (kArchitecture == 0) return ENOSYS;
  Program program;
  for (const long call : kAllowed) program.Allow(call);
  program.AllowWithout(SYS_mmap, 2, PROT_EXEC, EACCES);
  program.AllowWithout(SYS_mprotect, 2, PROT_EXEC, EACCES);
  std::vector<std::uint32_t> families = {AF_INET, AF_INET6};
  if (!reach.socket_directory.empty()) families.push_back(AF_UNIX);
  program.AllowOneOf(SYS_socket, 0, families, EAFNOSUPPORT);
  // abort(3).
  program.AllowOneOf(SYS_tgkill, 0, {static_cast<std::uint32_t>(getpid())}, EPERM);
  // To be asked, not set.
  program.AllowNull(SYS_prlimit64, 2, EPERM);
  program.RefuseAllElse();
  return program.Install();
}

}  // namespace helovet

#endif
