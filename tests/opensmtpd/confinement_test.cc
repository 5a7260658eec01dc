// What the filter gives up: docs/opensmtpd.md, "Confinement". Each case gives it up in a process of
// its own and tries there.
#include "confinement.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#ifdef __linux__
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#endif

#include "confinement_calls.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "reach.h"
#include "testing/directory_test.h"

namespace helovet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What `run` returns in a child, from 0 to 255. Errors of ours are 1000 and more.
int InChild(const std::function<int()>& run) {
  const pid_t child = fork();
  if (child < 0) return 1000 + errno;
  if (child == 0) _exit(run());
  int status = 0;
  if (waitpid(child, &status, 0) != child) return 1000 + errno;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 2000 + WTERMSIG(status);
}

// 0, or errno(3).
int Outcome(bool succeeded) { return succeeded ? 0 : errno; }

int OpenForReading(const std::string& path) {
  return Outcome(open(path.c_str(), O_RDONLY | O_CLOEXEC) >= 0);
}
int Make(const std::string& path) {
  return Outcome(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) >= 0);
}
int OpenSocketOf(int family, int type) { return Outcome(socket(family, type, 0) >= 0); }

// Nothing listens there: whoever may connect is refused by the port.
int ConnectTo(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int peer = socket(AF_INET, SOCK_STREAM, 0);
  return Outcome(connect(peer, reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
                 0);  // NOLINT
}

class ReachTest : public testing::DirectoryTest {};

struct ReachCase {
  const char* name;
  const char* toml;
  Reach want;
};
void PrintTo(const ReachCase& test, std::ostream* out) { *out << test.name; }

class ReachOfSettingsTest : public ::testing::TestWithParam<ReachCase> {};

TEST_P(ReachOfSettingsTest, IsWhatTheyName) {
  const FileErrorOr<Config> config = ParseConfig(GetParam().toml, "f");
  ASSERT_TRUE(config) << config.error().ToString();
  const Reach got = ReachOf(*config);
  const Reach& want = GetParam().want;
  EXPECT_EQ(got.readable, want.readable);
  EXPECT_EQ(got.writable, want.writable);
  EXPECT_EQ(got.socket_directory, want.socket_directory);
  EXPECT_EQ(got.tcp_ports, want.tcp_ports);
}

constexpr const char* kBootId = "/proc/sys/kernel/random/boot_id";
const ReachCase kReachCases[] = {
    {"defaults", "", {.readable = {kBootId}, .writable = {"/var/lib/helovet"}}},
    {"nothing", "store.kind = \"none\"", {}},
    {"lists",
     "store.kind = \"none\"\n"
     "lists.allow = [\"/no/lists/a\", \"192.0.2.1\", \"/no/lists/b\"]\n"
     "lists.deny = [\"/no/other/c\", \"/top\", \"@a.example\"]",
     {.readable = {"/", "/no/lists", "/no/other"}}},
    {"metrics",
     "store.kind = \"none\"\nmetrics.file = \"/run/helovet/m.prom\"",
     {.writable = {"/run/helovet"}}},
    {"dns_over_tcp",
     "store.kind = \"none\"\ndns.servers = [\"192.0.2.1:5353\", \"192.0.2.1\", \"::1\"]",
     {.tcp_ports = {53, 5353}}},
    {"callbacks",
     "senders.checks = [\"cbv\"]\ncbv.port = 2525",
     {.readable = {kBootId}, .writable = {"/var/lib/helovet"}, .tcp_ports = {2525}}},
    {"redis_by_address",
     "store.kind = \"redis\"\nredis.server = \"[2001:db8::7]:6380\"\n"
     "redis.password_file = \"/no/password/file\"",
     {.readable = {"/etc/hosts", "/no/password"}, .tcp_ports = {6380}}},
    {"redis_by_socket",
     "store.kind = \"redis\"\nredis.server = \"/run/redis/redis.sock\"",
     {.socket_directory = "/run/redis"}},
};
INSTANTIATE_TEST_SUITE_P(Settings, ReachOfSettingsTest, ::testing::ValuesIn(kReachCases),
                         [](const auto& test) { return std::string(test.param.name); });

// A list that is a link: the one that it leads to may be replaced as well.
TEST_F(ReachTest, FollowsLinks) {
  const std::filesystem::path real = std::filesystem::canonical(directory());
  std::filesystem::create_directories(real / "here");
  std::filesystem::create_directories(real / "there");
  Write("there/list", "a.example\n");
  std::filesystem::create_symlink(real / "there/list", real / "here/list");
  Config config;
  config.store.kind = Config::StoreKind::kNone;
  config.lists.allow = {real / "here/list"};
  EXPECT_THAT(ReachOf(config).readable, ElementsAre(real / "here", real / "there"));
}

class ConfinementTest : public testing::DirectoryTest {
 protected:
  void SetUp() override {
    DirectoryTest::SetUp();
#if defined(HELOVET_PORTABLE) || !defined(__linux__)
    GTEST_SKIP() << "Landlock and seccomp are Linux's";
#endif
    for (const char* const name : {"lists", "store", "other"}) {
      std::filesystem::create_directory(directory() / name);
    }
    Write("lists/allow", "a.example\n");
    Write("other/secret", "x");
    reach_.readable = {Path("lists")};
    reach_.writable = {Path("store")};
    reach_.tcp_ports = {53};
  }

  // What `attempt` comes to after `confine`, which has to succeed.
  static int After(const std::function<int()>& confine, const std::function<int()>& attempt) {
    return InChild([&] {
      if (RefuseNewPrivileges() != 0) return 250;
      return confine() != 0 ? 251 : attempt();
    });
  }
  [[nodiscard]] int WithFilesRestricted(const std::function<int()>& attempt) const {
    return After([this] { return RestrictFiles(reach_); }, attempt);
  }
  [[nodiscard]] int WithCallsRestricted(const std::function<int()>& attempt) const {
    return After([this] { return RestrictSystemCalls(reach_); }, attempt);
  }

  Reach reach_;
};

#ifdef __linux__

long LandlockVersion() { return syscall(444, nullptr, std::size_t{0}, 1U); }

TEST_F(ConfinementTest, OpensNothingButWhatItReaches) {
  if (LandlockVersion() < 1) GTEST_SKIP() << "this kernel has no Landlock";
  EXPECT_EQ(WithFilesRestricted([] { return OpenForReading("/etc/passwd"); }), EACCES);
  EXPECT_EQ(WithFilesRestricted([] { return OpenForReading("/proc/self/maps"); }), EACCES);
  EXPECT_EQ(WithFilesRestricted([this] { return OpenForReading(Path("other/secret")); }), EACCES);
  EXPECT_EQ(WithFilesRestricted([this] { return Make(Path("lists/allow")); }), EACCES);
  EXPECT_EQ(WithFilesRestricted([this] { return Make(Path("other/new")); }), EACCES);
  EXPECT_EQ(WithFilesRestricted([this] { return Make(Path("lists/new")); }), EACCES);
  EXPECT_EQ(
      WithFilesRestricted([this] { return Outcome(mkdir(Path("store/d").c_str(), 0700) == 0); }),
      EACCES);
  EXPECT_EQ(WithFilesRestricted([] {
              execl("/bin/true", "true", nullptr);
              return errno;
            }),
            EACCES);
}

TEST_F(ConfinementTest, ReadsListsThatWereReplacedAndKeepsItsStore) {
  if (LandlockVersion() < 1) GTEST_SKIP() << "this kernel has no Landlock";
  EXPECT_EQ(WithFilesRestricted([this] { return OpenForReading(Path("lists/allow")); }), 0);
  EXPECT_EQ(WithFilesRestricted([this] {
              const std::string file = Path("store/1");
              const std::string fresh = Path("store/1.new");
              const int made = Make(fresh);
              if (made != 0) return made;
              if (link(fresh.c_str(), file.c_str()) != 0) return errno;
              if (rename(fresh.c_str(), file.c_str()) != 0) return errno;
              return Outcome(unlink(fresh.c_str()) == 0 && unlink(file.c_str()) == 0);
            }),
            0);
  // The directory counts, not the file that was there: it is replaced while the child waits.
  int turn[2];
  ASSERT_EQ(pipe(turn), 0);
  const pid_t child = fork();
  if (child == 0) {
    if (RefuseNewPrivileges() != 0 || RestrictFiles(reach_) != 0) _exit(251);
    if (write(turn[1], "r", 1) != 1) _exit(252);
    while (access(Path("lists/replaced").c_str(), F_OK) != 0) usleep(1000);
    _exit(OpenForReading(Path("lists/allow")));
  }
  char ready = 0;
  ASSERT_EQ(read(turn[0], &ready, 1), 1);
  std::filesystem::rename(Write("lists/new", "b.example\n"), Path("lists/allow"));
  Write("lists/replaced", "");
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  close(turn[0]);
  close(turn[1]);
}

TEST_F(ConfinementTest, ConnectsToItsPortsAlone) {
  if (LandlockVersion() < 4) GTEST_SKIP() << "this kernel's Landlock knows no ports";
  EXPECT_EQ(WithFilesRestricted([] { return ConnectTo(9); }), EACCES);
  EXPECT_NE(WithFilesRestricted([] { return ConnectTo(53); }), EACCES);
}

struct CallCase {
  const char* name;
  int (*attempt)();
  int want;  // errno(3), or 0.
};
void PrintTo(const CallCase& test, std::ostream* out) { *out << test.name; }

class RestrictedCallTest : public ConfinementTest,
                           public ::testing::WithParamInterface<CallCase> {};

int MapAnonymous(int protection) {
  return Outcome(mmap(nullptr, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}

const CallCase kCallCases[] = {
    {"execve",
     [] {
       execl("/bin/true", "true", nullptr);
       return errno;
     },
     ENOSYS},
    {"fork",
     [] {
       const pid_t child = fork();
       if (child == 0) _exit(0);
       return Outcome(child > 0);
     },
     ENOSYS},
    {"ptrace", [] { return Outcome(ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0); }, ENOSYS},
    {"kill", [] { return Outcome(kill(getppid(), 0) == 0); }, ENOSYS},
    {"signal_to_another", [] { return Outcome(syscall(SYS_tgkill, getppid(), getppid(), 0) == 0); },
     EPERM},
    {"listen", [] { return Outcome(listen(socket(AF_INET, SOCK_STREAM, 0), 1) == 0); }, ENOSYS},
    {"netlink_socket", [] { return OpenSocketOf(AF_NETLINK, SOCK_RAW); }, EAFNOSUPPORT},
    {"packet_socket", [] { return OpenSocketOf(AF_PACKET, SOCK_RAW); }, EAFNOSUPPORT},
    {"unix_socket", [] { return OpenSocketOf(AF_UNIX, SOCK_STREAM); }, EAFNOSUPPORT},
    {"executable_memory", [] { return MapAnonymous(PROT_READ | PROT_EXEC); }, EACCES},
    {"memory_made_executable",
     [] {
       void* const page = mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
       return Outcome(mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0);
     },
     EACCES},
    {"more_rights", [] { return Outcome(setuid(1) == 0); }, ENOSYS},
    {"mount", [] { return Outcome(syscall(SYS_mount, 0, 0, 0, 0, 0) == 0); }, ENOSYS},
    {"namespace", [] { return Outcome(syscall(SYS_unshare, 0) == 0); }, ENOSYS},
    {"limit_raised",
     [] {
       const rlimit limit{};
       return Outcome(syscall(SYS_prlimit64, 0, 0, &limit, nullptr) == 0);
     },
     EPERM},
    {"limit_asked",
     [] {
       rlimit limit{};
       return Outcome(syscall(SYS_prlimit64, 0, 0, nullptr, &limit) == 0);
     },
     0},
    {"udp4", [] { return OpenSocketOf(AF_INET, SOCK_DGRAM); }, 0},
    {"tcp6",
     [] {
       const int error = OpenSocketOf(AF_INET6, SOCK_STREAM);
       // A host may be without IPv6.
       return error == EAFNOSUPPORT && access("/proc/net/if_inet6", F_OK) != 0 ? 0 : error;
     },
     0},
    {"memory", [] { return MapAnonymous(PROT_READ | PROT_WRITE); }, 0},
};

TEST_P(RestrictedCallTest, HasItsError) {
  const CallCase& test = GetParam();
  EXPECT_EQ(WithCallsRestricted(test.attempt), test.want);
}
INSTANTIATE_TEST_SUITE_P(Calls, RestrictedCallTest, ::testing::ValuesIn(kCallCases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(ConfinementTest, ConnectsToASocketOfItsSettings) {
  reach_.socket_directory = "/run/redis";
  EXPECT_EQ(WithCallsRestricted([] { return OpenSocketOf(AF_UNIX, SOCK_STREAM); }), 0);
}

// A failed assertion has to end the process as it does elsewhere.
TEST_F(ConfinementTest, CanAbort) {
  EXPECT_EQ(WithCallsRestricted([]() -> int { std::abort(); }), 2000 + SIGABRT);
}

TEST_F(ConfinementTest, HasNoCapabilitiesAndShowsNoMemory) {
  EXPECT_EQ(InChild([] { return LimitProcess(); }), 0);
  EXPECT_EQ(InChild([] {
              if (LimitProcess() != 0) return 250;
              return prctl(PR_GET_DUMPABLE);
            }),
            0);
  EXPECT_EQ(InChild([] {
              if (DropCapabilities() != 0) return 250;
              // Of what root may do beside files nothing is left.
              return Outcome(sethostname("x", 1) == 0);
            }),
            EPERM);
}

// --- kernels that lack something

// From now on these calls fail, as in a kernel that has not got them.
void Without(const std::vector<long>& calls, int error) {
  std::vector<sock_filter> code = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  for (const long call : calls) {
    code.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1));
    code.push_back(
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error)));
  }
  code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    _exit(253);
  }
}

TEST_F(ConfinementTest, GoesOnWithoutLandlock) {
  EXPECT_EQ(InChild([this] {
              Without({444}, ENOSYS);
              return RestrictFiles(reach_);
            }),
            ENOSYS);
  // Built into the kernel and switched off.
  EXPECT_EQ(InChild([this] {
              Without({444}, EOPNOTSUPP);
              return RestrictFiles(reach_);
            }),
            EOPNOTSUPP);
}

TEST_F(ConfinementTest, GoesOnWithoutSeccomp) {
  EXPECT_EQ(InChild([this] {
              Without({SYS_seccomp, SYS_prctl}, EINVAL);
              return RestrictSystemCalls(reach_);
            }),
            EINVAL);
}

TEST_F(ConfinementTest, InstallsTheFilterWhereSeccompIsOld) {
  EXPECT_EQ(InChild([this] {
              Without({SYS_seccomp}, ENOSYS);
              if (RestrictSystemCalls(reach_) != 0) return 250;
              return Outcome(kill(getppid(), 0) == 0);
            }),
            ENOSYS);
}

#endif

// --- the whole

TEST(ConfineTest, DoesNothingWhereItIsOff) {
  Config config;
  config.opensmtpd.confinement = Config::Confinement::kOff;
  EXPECT_THAT(Confine(config), IsEmpty());
  EXPECT_EQ(OpenForReading("/etc/passwd"), 0);
}

#ifdef HELOVET_PORTABLE
TEST(ConfineTest, SaysAllThatItLacks) {
  Config config;
  config.store.kind = Config::StoreKind::kNone;
  std::vector<std::string> want = {"capabilities", "new privileges", "processes", "files",
                                   "system calls"};
  for (std::string& each : want) each += ": Function not implemented";
  std::vector<std::string> got = Confine(config);
  // Root would have more to give up.
  if (geteuid() == 0) got.erase(got.begin(), got.end() - static_cast<std::ptrdiff_t>(want.size()));
  EXPECT_EQ(got, want);
}
#endif

}  // namespace
}  // namespace helovet
