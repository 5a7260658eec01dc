// Counters of months (docs/rules.md §13.3): none is lost.
#include "store/counters_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "core/store/lmdb_place.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/directory_test.h"

namespace helovet::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

constexpr Month kMonth = {.year = 2026, .month = 11};

const std::vector<std::string>& Names() {
  static const std::vector<std::string> names = {"sessions", "messages", "cbv.calls"};
  return names;
}
const CountersLayout& Layout() {
  static const CountersLayout layout(Names());
  return layout;
}

class CountersFileTest : public DirectoryTest {
 protected:
  [[nodiscard]] CountersFile Open() const { return {directory(), Layout()}; }
  [[nodiscard]] std::vector<std::uint64_t> Totals(Month month = kMonth) const {
    const StoreErrorOr<CounterTotals> totals = Open().Totals(month);
    if (totals) return totals->values;
    ADD_FAILURE() << totals.error().message;
    return {};
  }
  [[nodiscard]] std::string File() const { return Path("statistics-2026-11." + Layout().hash()); }
};

TEST_F(CountersFileTest, AddsUp) {
  CountersFile file = Open();
  EXPECT_THAT(Totals(), ElementsAre(0, 0, 0));
  EXPECT_TRUE(file.Add(kMonth, {{.counter = 2, .by = 3}}));
  EXPECT_TRUE(file.Add(kMonth, {{.counter = 0}, {.counter = 2}, {.counter = 0}}));
  EXPECT_TRUE(file.Add(kMonth, {}));
  EXPECT_THAT(Totals(), ElementsAre(2, 0, 4));
  EXPECT_TRUE(Open().Add(kMonth, {{.counter = 1}}));
  EXPECT_THAT(Totals(), ElementsAre(2, 1, 4));
}

TEST_F(CountersFileTest, EachMonthHasItsOwn) {
  CountersFile file = Open();
  const Month next = {.year = 2026, .month = 12};
  EXPECT_TRUE(file.Add(kMonth, {{.counter = 0, .by = 1}}));
  EXPECT_TRUE(file.Add(next, {{.counter = 0, .by = 10}}));
  EXPECT_TRUE(file.Add(kMonth, {{.counter = 0, .by = 100}}));
  EXPECT_THAT(Totals(), ElementsAre(101, 0, 0));
  EXPECT_THAT(Totals(next), ElementsAre(10, 0, 0));
  EXPECT_THAT(NamesIn(directory()), ElementsAre("statistics-2026-11." + Layout().hash(),
                                                "statistics-2026-12." + Layout().hash()));
}

// Two versions of the program in one month, side by side or one after the other.
TEST_F(CountersFileTest, CountersOfOtherVersionsCountByTheirNames) {
  const std::vector<std::string> others = {"cbv.calls", "gone", "sessions"};
  const CountersLayout other_layout(others);
  EXPECT_NE(other_layout.hash(), Layout().hash());
  CountersFile other(directory(), other_layout);
  EXPECT_TRUE(other.Add(kMonth, {{.counter = 0, .by = 1}, {.counter = 1, .by = 2}}));
  EXPECT_TRUE(other.Add(kMonth, {{.counter = 2, .by = 4}}));
  EXPECT_TRUE(Open().Add(kMonth, {{.counter = 0, .by = 10}, {.counter = 2, .by = 20}}));
  EXPECT_THAT(Totals(), ElementsAre(14, 0, 21));
  EXPECT_THAT(other.Totals(kMonth)->values, ElementsAre(21, 2, 14));
}

TEST_F(CountersFileTest, NamesThatDifferInAnythingHaveAnotherHash) {
  const std::vector<std::vector<std::string>> sets = {
      {"a", "b"},  {"b", "a"},        {"a"},         {"ab"},       {"a", "b", ""},
      {"a", "bc"}, {"abcdefgh", "i"}, {"abcdefghi"}, {"abcdefgh"}, {"abcdefgh", "j"}};
  std::vector<std::string> hashes;
  for (const auto& names : sets) hashes.push_back(CountersLayout(names).hash());
  std::sort(hashes.begin(), hashes.end());
  EXPECT_EQ(std::unique(hashes.begin(), hashes.end()), hashes.end());
}

TEST_F(CountersFileTest, DamagedFilesAreSetAside) {
  const std::vector<std::function<void(const std::string&)>> damages = {
      [](const std::string& file) { fs::resize_file(file, 0); },
      [](const std::string& file) { fs::resize_file(file, 5000); },
      [](const std::string& file) { fs::resize_file(file, fs::file_size(file) + 1); },
      [](const std::string& file) { std::ofstream(file) << std::string(9000, 'x'); },
      [](const std::string& file) { std::fstream(file, std::ios::in | std::ios::out) << "hullo"; },
  };
  for (const auto& damage : damages) {
    CountersFile open_before = Open();
    EXPECT_TRUE(open_before.Add(kMonth, {{.counter = 0}}));
    damage(File());
    EXPECT_TRUE(Open().Add(kMonth, {{.counter = 1, .by = 5}}));
    EXPECT_TRUE(fs::exists(File() + ".damaged"));
    EXPECT_THAT(Totals(), ElementsAre(0, 5, 0));
    fs::remove(File());
  }
}

TEST_F(CountersFileTest, WhoHasAFileOpenNoticesThatItIsGone) {
  CountersFile file = Open();
  EXPECT_TRUE(file.Add(kMonth, {{.counter = 0, .by = 100}}));
  fs::remove(File());
  EXPECT_TRUE(file.Add(kMonth, {{.counter = 0, .by = 1}}));
  EXPECT_THAT(Totals(), ElementsAre(1, 0, 0));
  fs::resize_file(File(), 100);
  EXPECT_TRUE(file.Add(kMonth, {{.counter = 0, .by = 2}}));
  EXPECT_THAT(Totals(), ElementsAre(2, 0, 0));
}

TEST_F(CountersFileTest, LinksAndPipesAreNotFollowed) {
  const std::string target = Write("target", "untouched");
  fs::create_symlink(target, File());
  EXPECT_FALSE(Open().Add(kMonth, {{.counter = 0}}));
  fs::remove(File());
  ASSERT_EQ(mkfifo(File().c_str(), 0600), 0);
  const StoreErrorOr<bool> added = Open().Add(kMonth, {{.counter = 0}});
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().message, "store: " + File() + ": Operation not permitted");
  EXPECT_EQ(fs::file_size(target), 9U);
}

// What a killed process left when it was making a file goes with the next month's.
TEST_F(CountersFileTest, RemainsGo) {
  Write(".statistics-old", "half");
  Write(".statistics-new", "half");
  fs::last_write_time(Path(".statistics-old"),
                      fs::file_time_type::clock::now() - std::chrono::hours(1));
  EXPECT_TRUE(Open().Add(kMonth, {{.counter = 0}}));
  EXPECT_THAT(NamesIn(directory(), "."), ElementsAre(".statistics-new"));
}

TEST_F(CountersFileTest, NoCountIsLostAmongProcesses) {
  constexpr int kProcesses = 8;
  constexpr std::uint64_t kCounts = 100000;
  std::vector<pid_t> processes;
  for (int i = 0; i < kProcesses; ++i) {
    processes.push_back(Fork([this] {
      CountersFile file = Open();
      for (std::uint64_t count = 0; count < kCounts; ++count) {
        if (!file.Add(kMonth, {{.counter = 0}, {.counter = 2, .by = 2}})) std::abort();
      }
    }));
  }
  for (const pid_t process : processes) ExpectEndsWell(process);
  EXPECT_THAT(Totals(), ElementsAre(kProcesses * kCounts, 0, 2 * kProcesses * kCounts));
}

// More writers than shards, all new at every count, as Exim's processes are.
TEST_F(CountersFileTest, NoCountIsLostAmongMoreProcessesThanShards) {
  constexpr std::uint64_t kProcesses = 40;
  constexpr std::uint64_t kCounts = 200;
  std::vector<pid_t> processes;
  for (std::uint64_t i = 0; i < kProcesses; ++i) {
    processes.push_back(Fork([this] {
      for (std::uint64_t count = 0; count < kCounts; ++count) {
        const StoreErrorOr<bool> added = Open().Add(kMonth, {{.counter = 1}});
        EXPECT_TRUE(added) << added.error().message;
      }
    }));
  }
  for (const pid_t process : processes) ExpectEndsWell(process);
  EXPECT_THAT(Totals(), ElementsAre(0, kProcesses * kCounts, 0));
}

// A counter tells what it has counted through a pipe; killed at any moment, it has counted that, or
// one more that it could not tell.
TEST_F(CountersFileTest, AKilledProcessTakesNoCountWithIt) {
  std::uint64_t told = 0;
  constexpr int kProcesses = 60;
  for (int i = 0; i < kProcesses; ++i) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t process = Fork([&] {
      CountersFile file = Open();
      for (;;) {
        if (!file.Add(kMonth, {{.counter = 0}, {.counter = 2}})) std::abort();
        if (write(ends[1], "x", 1) != 1) std::abort();
      }
    });
    close(ends[1]);
    usleep(1000 + static_cast<useconds_t>(i) * 53);
    kill(process, SIGKILL);
    waitpid(process, nullptr, 0);
    char octets[4096];
    for (ssize_t count = 0; (count = read(ends[0], octets, sizeof octets)) > 0;) {
      told += static_cast<std::uint64_t>(count);
    }
    close(ends[0]);
  }
  const std::vector<std::uint64_t> totals = Totals();
  EXPECT_GE(totals.at(0), told);
  EXPECT_LE(totals.at(0), told + kProcesses);
  EXPECT_EQ(totals.at(0), totals.at(2)) << "a step counts whole";
  EXPECT_GT(told, 0U);
}

// The counter of a fork is a writer of its own: the two must not hold one lock together.
TEST_F(CountersFileTest, AForkDoesNotShareItsLocks) {
  CountersFile file = Open();
  EXPECT_TRUE(file.Add(kMonth, {{.counter = 0}}));
  std::vector<pid_t> processes;
  constexpr std::uint64_t kCounts = 20000;
  for (int i = 0; i < 4; ++i) {
    processes.push_back(Fork([&] {
      for (std::uint64_t count = 0; count < kCounts; ++count) {
        if (!file.Add(kMonth, {{.counter = 0}})) std::abort();
      }
    }));
  }
  for (const pid_t process : processes) ExpectEndsWell(process);
  EXPECT_THAT(Totals(), ElementsAre(4 * kCounts + 1, 0, 0));
}

}  // namespace
}  // namespace helovet::testing
