// A million entries: time, memory and look-ups, each measured in a process of its own.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "core/lists/list_fixture.h"
#include "gtest/gtest.h"

#if defined(__SANITIZE_ADDRESS__)  // gcc's way to say it; __has_feature is clang's.
constexpr bool kSanitized = true;  // Its memory and time are not ours.
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) != 0;
#else
constexpr bool kSanitized = false;
#endif

namespace helovet::testing {
namespace {

constexpr std::size_t kEntries = 1'000'000;
constexpr std::size_t kMaxPeakKiB = 64 * 1024;
constexpr double kMaxLoadSeconds = 2;  // Of the processor: other processes do not count.
constexpr double kMaxLookupMicroseconds = 20;
constexpr std::uint32_t kScatter = 2654435761U;  // Odd, so that multiples differ modulo 2^32.

// A host's name of some 26 octets, another one for each number.
std::string Name(std::size_t number) {
  const auto scattered = static_cast<std::uint32_t>(number) * kScatter;
  return "host-" + std::to_string(scattered) + ".mail.example" +
         std::to_string(scattered % 1000 / 100);
}

std::string V4(std::size_t number) {
  const auto scattered = static_cast<std::uint32_t>(number) * kScatter;
  return IpAddress::FromV4({static_cast<std::uint8_t>(scattered >> 24),
                            static_cast<std::uint8_t>(scattered >> 16),
                            static_cast<std::uint8_t>(scattered >> 8),
                            static_cast<std::uint8_t>(scattered)})
      .ToString();
}

std::string V6(std::size_t number) {
  IpAddress::V6Bytes bytes{0x20, 0x01, 0x0d, 0xb8};
  const auto scattered = static_cast<std::uint32_t>(number) * kScatter;
  for (unsigned i = 0; i < 4; ++i) {
    bytes[4 + i] = bytes[12 + i] = static_cast<std::uint8_t>(scattered >> (8 * i));
  }
  return IpAddress::FromV6(bytes).ToString();
}

struct Figures {
  bool right = true;  // Everything was found that is listed, and nothing else.
  double load_seconds = 0;
  double lookup_microseconds = 0;
  std::size_t peak_kib = 0;
};

// VmHWM of proc(5). The figure of getrusage(2) would include what the process was before exec(3).
std::size_t PeakKiB() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6));
  }
  return 0;
}

double ProcessorSeconds() {
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Loads and asks, in a child of its own.
Figures Measure(const std::string& path,
                const std::function<ListMatch(const LocalLists&, std::size_t)>& ask) {
  int ends[2];
  if (pipe(ends) != 0) return {.right = false};
  const pid_t child = fork();
  if (child == 0) {
    Figures figures;
    const double begin = ProcessorSeconds();
    LocalLists lists({}, {path});
    figures.load_seconds = ProcessorSeconds() - begin;
    figures.right = lists.TakeComplaints().empty();
    figures.peak_kib = PeakKiB();
    constexpr std::size_t kLookups = 100'000;
    const double asked = ProcessorSeconds();
    for (std::size_t i = 0; i < kLookups; ++i) {
      const std::size_t number = i * 20;  // Every other question is beyond the entries.
      const bool listed = ask(lists, number).listing == Listing::kDeny;
      if (listed != (number < kEntries)) figures.right = false;
    }
    figures.lookup_microseconds = (ProcessorSeconds() - asked) * 1e6 / kLookups;
    const bool sent = write(ends[1], &figures, sizeof(figures)) == sizeof(figures);
    _exit(sent ? 0 : 1);
  }
  close(ends[1]);
  Figures figures;
  if (read(ends[0], &figures, sizeof(figures)) != sizeof(figures)) figures.right = false;
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return figures;
}

void Check(const Figures& figures) {
  EXPECT_TRUE(figures.right);
  EXPECT_GT(figures.peak_kib, 0U);
  std::printf("load %.3f s, peak %zu KiB, look-up %.2f us\n", figures.load_seconds,
              figures.peak_kib, figures.lookup_microseconds);
  if (kSanitized) return;
  EXPECT_LE(figures.load_seconds, kMaxLoadSeconds);
  EXPECT_LE(figures.peak_kib, kMaxPeakKiB);
  EXPECT_LE(figures.lookup_microseconds, kMaxLookupMicroseconds);
}

class LocalListsLoadTest : public ListTest {
 protected:
  std::string WriteEntries(const std::function<std::string(std::size_t)>& entry) {
    std::ofstream file(Path("deny"), std::ios::binary);
    for (std::size_t i = 0; i < kEntries; ++i) file << entry(i) << '\n';
    return Path("deny");
  }
};

TEST_F(LocalListsLoadTest, AMillionNames) {
  Check(Measure(WriteEntries(Name),
                [](const LocalLists& lists, std::size_t i) { return lists.FindName(Name(i)); }));
}

TEST_F(LocalListsLoadTest, AMillionSuffixesOfSendersDomains) {
  const std::string path = WriteEntries([](std::size_t i) { return "@." + Name(i); });
  Check(Measure(path, [](const LocalLists& lists, std::size_t i) {
    return lists.FindSenderDomain("bounce." + Name(i));
  }));
}

TEST_F(LocalListsLoadTest, AMillionIpv4Addresses) {
  Check(Measure(WriteEntries(V4), [](const LocalLists& lists, std::size_t i) {
    return lists.FindAddress(*IpAddress::Parse(V4(i)));
  }));
}

TEST_F(LocalListsLoadTest, AMillionIpv6Addresses) {
  Check(Measure(WriteEntries(V6), [](const LocalLists& lists, std::size_t i) {
    return lists.FindAddress(*IpAddress::Parse(V6(i)));
  }));
}

TEST_F(LocalListsLoadTest, AMillionOfEveryKind) {
  const std::string path = WriteEntries([](std::size_t i) {
    switch (i % 60) {
      case 0:
        return V4(i);
      case 20:
        return V6(i);
      case 40:
        return Name(i);
      default:
        return i % 3 == 0 ? V4(i) : '@' + Name(i);
    }
  });
  Check(Measure(path, [](const LocalLists& lists, std::size_t i) {
    switch (i % 60) {
      case 0:
        return lists.FindAddress(*IpAddress::Parse(V4(i)));
      case 20:
        return lists.FindAddress(*IpAddress::Parse(V6(i)));
      default:
        return lists.FindName(Name(i));
    }
  }));
}

// A name as long as names can be, with as many suffixes, asked of a big table.
TEST_F(LocalListsLoadTest, TheLongestNameCostsNoMoreThanItsLabels) {
  std::string name = "a";
  while (name.size() + 2 <= 253) name += ".a";
  const LocalLists lists({}, {WriteEntries(Name)});
  constexpr int kRounds = 2000;
  const double begin = ProcessorSeconds();
  for (int i = 0; i < kRounds; ++i) {
    ASSERT_EQ(lists.FindName(name).listing, Listing::kNone);
    ASSERT_EQ(lists.FindSenderDomain(name).listing, Listing::kNone);
  }
  const double microseconds = (ProcessorSeconds() - begin) * 1e6 / kRounds / 2;
  std::printf("127 labels: %.1f us\n", microseconds);
  EXPECT_LE(microseconds, kSanitized ? 20'000 : 200);
}

}  // namespace
}  // namespace helovet::testing
