// Each way that a system may have (core/base/system_calls.h) keeps the same promises; the test runs
// with this system's and, as portable.helovet_system_calls_test, with that of every one.
#include "base/system_calls.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "testing/directory_test.h"

namespace helovet {
namespace {

class SystemCallsTest : public testing::DirectoryTest {};

TEST_F(SystemCallsTest, RandomOctetsFillWhatTheyAreGiven) {
  std::set<std::string> seen;
  for (const std::size_t octets : {1U, 16U, 256U}) {
    // One draw may leave an octet at zero; a hundred do not.
    std::vector<std::uint8_t> touched(octets);
    for (int draw = 0; draw < 100; ++draw) {
      std::vector<std::uint8_t> drawn(octets);
      ASSERT_TRUE(FillWithRandom(drawn)) << strerror(errno);
      for (std::size_t i = 0; i < octets; ++i) touched[i] |= drawn[i];
      if (octets == 16) seen.emplace(drawn.begin(), drawn.end());
    }
    EXPECT_EQ(std::ranges::count(touched, 0), 0) << octets << " octets";
  }
  EXPECT_EQ(seen.size(), 100U);
}

TEST_F(SystemCallsTest, SocketsDoNotBlockAndDoNotOutliveAnExec) {
  for (const int type : {SOCK_DGRAM, SOCK_STREAM}) {
    for (const int family : {AF_INET, AF_UNIX}) {
      const OwnedDescriptor opened = OpenSocket(family, type);
      ASSERT_TRUE(opened) << family << ' ' << type << ": " << strerror(errno);
      EXPECT_NE(fcntl(opened.get(), F_GETFL) & O_NONBLOCK, 0) << family << ' ' << type;
      EXPECT_NE(fcntl(opened.get(), F_GETFD) & FD_CLOEXEC, 0) << family << ' ' << type;
    }
  }
  EXPECT_FALSE(OpenSocket(-1, SOCK_STREAM));
  EXPECT_EQ(errno, EAFNOSUPPORT);
}

class SendAtOnceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::array<int, 2> ends{};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
    ours_ = OwnedDescriptor(ends[0]);
    theirs_ = OwnedDescriptor(ends[1]);
  }

  // As the system's default has it, in which the signal would end this program.
  static bool SignalWaits() {
    sigset_t waiting;
    sigpending(&waiting);
    return sigismember(&waiting, SIGPIPE) == 1;
  }

  OwnedDescriptor ours_;
  OwnedDescriptor theirs_;
};

TEST_F(SendAtOnceTest, ToAPeerThatHasGoneRaisesNoSignal) {
  theirs_.Close();
  for (const auto disposition : {SIG_DFL, SIG_IGN}) {
    const auto former = std::signal(SIGPIPE, disposition);
    EXPECT_EQ(SendAtOnce(ours_.get(), "x", 1), -1);
    EXPECT_EQ(errno, EPIPE);
    EXPECT_FALSE(SignalWaits());
    std::signal(SIGPIPE, former);
  }
}

TEST_F(SendAtOnceTest, LeavesASignalThatWasWaiting) {
  theirs_.Close();
  sigset_t pipe;
  sigset_t former;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, &former);
  raise(SIGPIPE);
  EXPECT_EQ(SendAtOnce(ours_.get(), "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
  EXPECT_TRUE(SignalWaits());
  int taken = 0;
  sigwait(&pipe, &taken);
  pthread_sigmask(SIG_SETMASK, &former, nullptr);
}

TEST_F(SendAtOnceTest, DoesNotWaitWhereThereIsNoRoom) {
  const std::string octets(std::size_t{1} << 20U, 'x');
  ssize_t sent = 0;
  while ((sent = SendAtOnce(ours_.get(), octets.data(), octets.size())) > 0) {
  }
  EXPECT_EQ(sent, -1);
  EXPECT_TRUE(errno == EAGAIN || errno == EWOULDBLOCK) << strerror(errno);
}

TEST_F(SystemCallsTest, ASocketTellsHowItsConnectionWent) {
  const OwnedDescriptor listener = OpenSocket(AF_INET, SOCK_STREAM);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const place = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address;
  // Bound and without listen(2): connections are refused.
  ASSERT_EQ(bind(listener.get(), place, length), 0);
  ASSERT_EQ(getsockname(listener.get(), place, &length), 0);
  const OwnedDescriptor caller = OpenSocket(AF_INET, SOCK_STREAM);
  ASSERT_EQ(connect(caller.get(), place, length), -1);
  if (errno == EINPROGRESS) {
    pollfd ready = {.fd = caller.get(), .events = POLLOUT, .revents = 0};
    ASSERT_EQ(poll(&ready, 1, 10000), 1);
    EXPECT_EQ(PendingError(caller.get()), ECONNREFUSED);
  }
  EXPECT_EQ(PendingError(caller.get()), 0) << "it is told once";
  EXPECT_EQ(PendingError(-1), EBADF);
}

TEST_F(SystemCallsTest, AddressesOfTheInternetFamiliesAreUnderstood) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(0xC0000201);
  EXPECT_EQ(AddressIn(reinterpret_cast<const sockaddr*>(&v4)), IpAddress::Parse("192.0.2.1"));
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_addr.s6_addr[0] = 0x20;
  v6.sin6_addr.s6_addr[1] = 0x01;
  v6.sin6_addr.s6_addr[15] = 7;
  EXPECT_EQ(AddressIn(reinterpret_cast<const sockaddr*>(&v6)), IpAddress::Parse("2001::7"));
  sockaddr_storage other{};
  other.ss_family = AF_UNIX;
  EXPECT_EQ(AddressIn(reinterpret_cast<const sockaddr*>(&other)), std::nullopt);
  EXPECT_EQ(AddressIn(nullptr), std::nullopt);
}

TEST_F(SystemCallsTest, ATemporaryFileIsNewAndOnesOwn) {
  std::string first = Path(".new.XXXXXX");
  std::string second = first;
  const OwnedDescriptor one = MakeTemporaryFile(first);
  const OwnedDescriptor other = MakeTemporaryFile(second);
  ASSERT_TRUE(one && other) << strerror(errno);
  EXPECT_NE(first, second);
  struct stat status {};
  ASSERT_EQ(stat(first.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_NE(fcntl(one.get(), F_GETFD) & FD_CLOEXEC, 0);
  ASSERT_EQ(write(one.get(), "x", 1), 1);
  EXPECT_EQ(ForceToDisk(one.get()), 0);
  EXPECT_EQ(ForceToDisk(-1), EBADF);
  std::string nowhere = Path("missing/XXXXXX");
  EXPECT_FALSE(MakeTemporaryFile(nowhere));
  EXPECT_EQ(errno, ENOENT);
}

TEST_F(SystemCallsTest, ALockBelongsToTheOpenFileAndEndsWithIt) {
  std::string path = Path("XXXXXX");
  OwnedDescriptor one = MakeTemporaryFile(path);
  const OwnedDescriptor other(open(path.c_str(), O_RDWR | O_CLOEXEC));
  const auto is_taken = [&](LockKind kind) {
    const int error = LockOctet(other.get(), 0, kind);
    return error == EAGAIN || error == EACCES;
  };
  ASSERT_EQ(LockOctet(one.get(), 0, LockKind::kShared), 0);
  EXPECT_TRUE(is_taken(LockKind::kExclusive));
  EXPECT_FALSE(is_taken(LockKind::kShared));
  ASSERT_EQ(LockOctet(other.get(), 0, LockKind::kNone), 0);
  ASSERT_EQ(LockOctet(one.get(), 0, LockKind::kExclusive), 0);
  EXPECT_TRUE(is_taken(LockKind::kShared));
  // Another descriptor of the file in this process, which does not end the lock when it goes.
  OwnedDescriptor(open(path.c_str(), O_RDWR | O_CLOEXEC)).Close();
  EXPECT_TRUE(is_taken(LockKind::kShared));
  one.Close();
  EXPECT_FALSE(is_taken(LockKind::kExclusive));
  EXPECT_EQ(LockOctet(-1, 0, LockKind::kShared), EBADF);
}

TEST_F(SystemCallsTest, AFilesStatusCanBeSeen) {
  std::string path = Path("XXXXXX");
  const OwnedDescriptor made = MakeTemporaryFile(path);
  const OwnedDescriptor file = OpenForStatus(path);
  struct stat status {};
  struct stat expected {};
  ASSERT_EQ(fstat(file.get(), &status), 0);
  ASSERT_EQ(fstat(made.get(), &expected), 0);
  EXPECT_EQ(status.st_ino, expected.st_ino);
  EXPECT_FALSE(OpenForStatus(path + ".missing"));
  EXPECT_EQ(errno, ENOENT);
}

TEST_F(SystemCallsTest, TimeAndBootAreTheKernels) {
  const auto before = TimeSinceBoot();
  EXPECT_GT(before.count(), 0);
  EXPECT_GE(TimeSinceBoot(), before);
  EXPECT_EQ(BootId(), BootId());
  EXPECT_EQ(BootId().find_first_not_of("0123456789abcdef-"), std::string::npos);
}

}  // namespace
}  // namespace helovet
