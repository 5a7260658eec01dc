// Many processes at one store, processes that are killed, forks, and places without room
// (docs/rules.md §13.1).
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/system_calls.h"
#include "core/store/awaited_store.h"
#include "core/store/lmdb_place.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "store/store_directory.h"
#include "testing/directory_test.h"

namespace helovet::testing {
namespace {

using ::testing::HasSubstr;

class LmdbProcessesTest : public DirectoryTest {
 protected:
  AwaitedStore Open(int mebibytes = 8) {
    return {loop_, MakeLmdbStore(ConfigOfStore(directory(), mebibytes))};
  }

 private:
  Loop loop_;
};

// Exim makes its objects and forks.
TEST_F(LmdbProcessesTest, NothingIsOpenedBeforeItIsNeeded) {
  AwaitedStore store = Open();
  EXPECT_EQ(NamesIn(directory()).size(), 0U);
  ExpectEndsWell(Fork([&] { EXPECT_TRUE(store.Put("a", "one")); }));
  EXPECT_EQ(store.Value("a"), "one");
}

TEST_F(LmdbProcessesTest, AStoreThatWasUsedMayBeUsedAfterAFork) {
  AwaitedStore store = Open();
  store.Put("a", "one");
  store.Count({{.counter = 0}});
  for (int i = 0; i < 5; ++i) {
    ExpectEndsWell(Fork([&] {
      EXPECT_EQ(store.Value("a"), "one");
      EXPECT_TRUE(store.Put("child", "two"));
      EXPECT_TRUE(store.Count({{.counter = 0}}));
      ExpectEndsWell(Fork([&] {
        EXPECT_EQ(store.Value("child"), "two");
        EXPECT_TRUE(store.Count({{.counter = 0}}));
      }));
    }));
    EXPECT_EQ(store.Value("child"), "two");
    EXPECT_TRUE(store.Put("a", "one"));
  }
  EXPECT_EQ(store.Totals(Month::Now()).at(0), 11U);
}

// A descriptor that a mail server's children inherit by exec would be one for each delivery.
TEST_F(LmdbProcessesTest, NoDescriptorOutlivesExec) {
  AwaitedStore store = Open();
  store.Put("a", "one");
  store.Count({{.counter = 0}});
  const std::string command = "ls -l /proc/self/fd | grep -q '" + directory().string() + "'";
  EXPECT_NE(std::system(command.c_str()), 0);  // NOLINT(cert-env33-c)
}

TEST_F(LmdbProcessesTest, ClosingLeavesNoDescriptor) {
  const auto descriptors = [] { return NamesIn("/proc/self/fd").size(); };
  const std::size_t before = descriptors();
  for (int i = 0; i < 10; ++i) {
    AwaitedStore store = Open();
    store.Put("a", "one");
    store.Count({{.counter = 0}});
    EXPECT_GT(descriptors(), before);
  }
  EXPECT_EQ(descriptors(), before);
}

// On a busy machine eight that write without pause may make one of them wait too long.
template <typename T>
std::optional<T> UnlessBusy(Loop& loop, Task<StoreErrorOr<T>> task) {
  StoreErrorOr<T> result = Await(loop, std::move(task));
  if (result) return std::move(*result);
  if (result.error().message.find("busy") == std::string::npos) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::abort();
  }
  return std::nullopt;
}

// Every fact has its number as its value's beginning.
[[noreturn]] void Work(Loop& loop, Store& store, unsigned seed) {
  std::minstd_rand random(seed);
  for (;;) {
    const std::string number = std::to_string(random() % 200);
    const std::string value = number + ":" + std::string(random() % 600, 'v');
    UnlessBusy(loop, store.Put("fact:" + number, value, milliseconds(1 + random() % 3000),
                               Overwrite::kAlways));
    const auto lease = UnlessBusy(loop, store.Acquire("lease", 3, milliseconds(300)));
    UnlessBusy(loop, store.Find("fact:" + std::to_string(random() % 200)));
    if (lease && *lease) UnlessBusy(loop, store.Release(**lease));
    if (random() % 50 == 0) UnlessBusy(loop, store.Flush("fact:1"));
    if (random() % 20 == 0) UnlessBusy(loop, store.List("fact:2"));
  }
}

TEST_F(LmdbProcessesTest, KilledWritersLeaveAWholeStore) {
  constexpr std::size_t kWriters = 8;
  constexpr int kKills = 150;
  std::minstd_rand random(1);
  const auto start_writer = [&] {
    const unsigned seed = static_cast<unsigned>(random());
    return Fork([&, seed] {
      Loop loop;
      Work(loop, *MakeLmdbStore(ConfigOfStore(directory(), 32)), seed);
    });
  };
  std::vector<pid_t> writers;
  for (std::size_t i = 0; i < kWriters; ++i) writers.push_back(start_writer());
  for (int i = 0; i < kKills; ++i) {
    usleep(static_cast<useconds_t>(random() % 10000));
    pid_t& writer = writers.at(random() % kWriters);
    ASSERT_EQ(kill(writer, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(waitpid(writer, &status, 0), writer);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "ended itself: " << status;
    writer = start_writer();
  }
  for (const pid_t writer : writers) kill(writer, SIGKILL);
  for (const pid_t writer : writers) waitpid(writer, nullptr, 0);
  AwaitedStore store = Open(32);
  for (const StoredFact& fact : store.List("fact:")) {
    EXPECT_EQ(fact.value.substr(0, fact.value.find(':')), fact.key.substr(5));
  }
  EXPECT_TRUE(Eventually([&] { return store.List("fact:").empty(); })) << "all end";
  EXPECT_TRUE(Eventually([&] { return store.Acquire("lease", 1).has_value(); })) << "all end";
  EXPECT_TRUE(store.Put("a", "one"));
  EXPECT_EQ(store.Value("a"), "one");
  EXPECT_EQ(NamesIn(directory(), "facts-").size(), 2U) << "it was never replaced";
  EXPECT_TRUE(NamesIn(directory(), "facts-").front().ends_with(".1")) << "it was never replaced";
}

// With a limit of one nobody meets another inside.
TEST_F(LmdbProcessesTest, ALeaseIsHeldByOneProcessAtATime) {
  constexpr int kRounds = 300;
  std::vector<pid_t> holders;
  for (int i = 0; i < 4; ++i) {
    holders.push_back(Fork([&] {
      AwaitedStore store = Open();
      for (int done = 0; done < kRounds;) {
        const std::optional<Lease> lease = store.Acquire("one", 1);
        if (!lease) {
          sched_yield();
          continue;
        }
        const std::string inside = store.Value("inside");
        EXPECT_EQ(inside, done == 0 && inside == "nothing" ? "nothing" : "no");
        store.Put("inside", "yes");
        store.Put("inside", "no");
        EXPECT_TRUE(store.Release(*lease));
        ++done;
      }
    }));
  }
  for (const pid_t holder : holders) ExpectEndsWell(holder);
}

// One that is stopped in the midst of its work, by a debugger or a frozen container, holds the
// others up for no longer than a moment.
TEST_F(LmdbProcessesTest, AStoppedProcessHoldsNobodyUp) {
  AwaitedStore store = Open();
  store.Put("a", "one");
  for (int i = 0; i < 20; ++i) {
    const pid_t writer = Fork([&] {
      AwaitedStore other = Open();
      for (;;) other.Put("b", std::string(500, 'x'));
    });
    usleep(3000 + static_cast<useconds_t>(i) * 37);
    kill(writer, SIGSTOP);
    const auto start = std::chrono::steady_clock::now();
    const std::string error = store.Error((*store).Put("c", "two", hours(1), Overwrite::kAlways));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(3));
    EXPECT_THAT(error, ::testing::AnyOf("", HasSubstr("busy")));
    kill(writer, SIGKILL);
    waitpid(writer, nullptr, 0);
    EXPECT_TRUE(store.Put("c", "three"));
  }
}

// Of the transactions of a step that process holds up the first alone.
TEST_F(LmdbProcessesTest, AStoppedProcessHoldsUpOneTransaction) {
  AwaitedStore store = Open();
  store.Put("a", "one");
  const OwnedDescriptor file(open(FactsFile(directory()).c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(LockOctet(file.get(), 0, LockKind::kExclusive), 0);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 12; ++i) {
    EXPECT_THAT(store.Error((*store).Acquire("b", 1, hours(1))), HasSubstr("busy"));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(1200));
  EXPECT_EQ(store.Value("a"), "one");
  ASSERT_EQ(LockOctet(file.get(), 0, LockKind::kNone), 0);
  EXPECT_TRUE(store.Put("c", "three")) << "who is free is not waited for";
}

// Senders that nobody will see again, in domains that do not exist, fill what there is; callbacks
// for others need leases all the same.
TEST_F(LmdbProcessesTest, InAFullStoreTheFactsThatEndFirstMakeRoom) {
  AwaitedStore store = Open(1);
  const std::string value(500, 'v');
  EXPECT_TRUE(store.Put("long", value, hours(24)));
  EXPECT_TRUE(store.Acquire("held", 1, milliseconds(60000)));
  for (int i = 0; i < 3000; ++i) {
    const std::string number = std::to_string(i);
    ASSERT_EQ(store.Error((*store).Put("domain:" + number, value, hours(3), Overwrite::kAlways)),
              "")
        << i;
    if (i % 10 == 0) {
      ASSERT_EQ(store.Error((*store).Acquire("rate:" + number, 1, milliseconds(60000))), "") << i;
    }
  }
  EXPECT_EQ(store.Value("long"), value);
  EXPECT_NE(store.Value("domain:0"), value) << "it made room";
  EXPECT_EQ(store.Value("domain:2999"), value);
  EXPECT_FALSE(store.Acquire("held", 1, milliseconds(60000))) << "no lease makes room";
}

TEST_F(LmdbProcessesTest, AStoreFullOfLeasesTakesNoMoreUntilTheyEnd) {
  AwaitedStore store = Open(1);
  std::string error;
  for (int i = 0; error.empty() && i < 10000; ++i) {
    error = store.Error((*store).Acquire("rate:" + std::string(400, 'k') + std::to_string(i), 1,
                                         milliseconds(1500)));
  }
  EXPECT_THAT(error, HasSubstr("MDB_MAP_FULL"));
  EXPECT_TRUE(Eventually(
      [&] { return store.Error((*store).Put("a", "one", hours(1), Overwrite::kAlways)).empty(); }));
  EXPECT_EQ(store.Value("a"), "one");
}

TEST_F(LmdbProcessesTest, AFullStoreCanBeFlushed) {
  AwaitedStore store = Open(1);
  for (int i = 0; i < 1000; ++i) {
    static_cast<void>(store.Error((*store).Put("fact:" + std::to_string(i), std::string(1000, 'v'),
                                               hours(1), Overwrite::kAlways)));
  }
  EXPECT_GT(store.Flush(""), 300U);
  EXPECT_TRUE(store.Put("a", "one"));
}

// Whoever writes for years with living facts bounded never fills the store.
TEST_F(LmdbProcessesTest, EndedFactsMakeRoomByThemselves) {
  AwaitedStore store = Open(1);
  for (int i = 0; i < 20000; ++i) {
    ASSERT_TRUE(store.Put("fact:" + std::to_string(i), std::string(500, 'v'), milliseconds(5)))
        << i;
  }
}

// Runs `body` with a file system of `octets` at `path`, in a process with mounts of its own. Needs
// root, or user namespaces.
void OnSmallFileSystem(const std::string& path, const std::string& octets,
                       const std::function<void()>& body) {
  ExpectEndsWell(Fork([&] {
    const int namespaces = geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER;
    ASSERT_EQ(unshare(namespaces), 0) << "this test needs to mount";
    ASSERT_EQ(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    const std::string options = "mode=0700,size=" + octets;
    ASSERT_EQ(mount("tmpfs", path.c_str(), "tmpfs", 0, options.c_str()), 0);
    body();
  }));
}

TEST_F(LmdbProcessesTest, ADiskThatFillsUpIsAnErrorAndNoSignal) {
  OnSmallFileSystem(directory(), "600k", [&] {
    AwaitedStore store = Open();
    EXPECT_TRUE(store.Count({{.counter = 0}}));
    int facts = 0;
    std::string error;
    for (; error.empty() && facts < 5000; ++facts) {
      error = store.Error((*store).Put("fact:" + std::to_string(facts), std::string(1000, 'v'),
                                       hours(1), Overwrite::kAlways));
    }
    // A page that was written in part is LMDB's EIO.
    EXPECT_THAT(error,
                ::testing::AnyOf("store: " + directory().string() + ": No space left on device",
                                 "store: " + directory().string() + ": Input/output error"));
    EXPECT_GT(facts, 50);
    EXPECT_EQ(store.Keys("").size(), static_cast<std::size_t>(facts - 1));
    EXPECT_TRUE(store.Count({{.counter = 0}})) << "counters have their room";
    EXPECT_EQ(store.Totals(Month::Now()).at(0), 2U);
    Write("more", std::string(100000, 'x'));
    EXPECT_EQ(Open().Value("fact:0"), std::string(1000, 'v'));
  });
}

TEST_F(LmdbProcessesTest, ADiskThatIsFullIsAnErrorAndNoSignal) {
  OnSmallFileSystem(directory(), "64k", [&] {
    Write("more", std::string(100000, 'x'));
    AwaitedStore store = Open();
    const std::string full = ": No space left on device";
    EXPECT_THAT(store.Error((*store).Find("a")), HasSubstr(full));
    EXPECT_THAT(store.Error((*store).Acquire("a", 1, hours(1))), HasSubstr(full));
    EXPECT_THAT(store.Error((*store).Count({{.counter = 0}})), HasSubstr(full));
    EXPECT_EQ(NamesIn(directory()), std::vector<std::string>{"more"}) << "nothing half made";
    std::filesystem::remove(Path("more"));
  });
}

}  // namespace
}  // namespace helovet::testing
