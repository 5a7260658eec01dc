#include "store/counters_file.h"

#include <fcntl.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "base/system_calls.h"

namespace helovet {
namespace {

constexpr std::string_view kPrefix = "statistics-";
constexpr std::string_view kTemporaryPrefix = ".statistics-";
constexpr std::size_t kBlock = 4096;
constexpr std::size_t kCounterOctets = sizeof(std::uint64_t);
// How long all shards may be taken. Ours: a thousand times what counting takes.
constexpr std::chrono::milliseconds kPatience{250};
constexpr std::chrono::microseconds kPause{100};
constexpr int kRoundsWithoutPause = 4;

std::size_t WholeBlocks(std::size_t octets) { return (octets + kBlock - 1) / kBlock * kBlock; }

std::string HashOf(std::span<const std::string> names) {
  constexpr std::uint64_t kOffset = 0xcbf29ce484222325ULL;  // FNV-1a, 8 octets at once.
  constexpr std::uint64_t kPrime = 0x100000001b3ULL;
  std::uint64_t hash = kOffset;
  for (const std::string& name : names) {
    for (std::size_t i = 0; i <= name.size(); i += kCounterOctets) {
      std::uint64_t octets = name.size();
      std::memcpy(&octets, name.data() + i, std::min(kCounterOctets, name.size() - i));
      hash = (hash ^ octets) * kPrime;
      hash ^= hash >> 32U;
    }
  }
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(hash));
  return text.data();
}

// "helovet counters 1 HEADER-OCTETS NAMES\n" begins a file.
constexpr const char* kFirstLine = "helovet counters 1 %zu %zu\n";
constexpr std::size_t kFirstLineOctets = 64;

std::string FirstLine(std::size_t header_octets, std::size_t names) {
  std::array<char, kFirstLineOctets> line{};
  std::snprintf(line.data(), line.size(), kFirstLine, header_octets, names);
  return line.data();
}

int SetLock(int file, std::size_t offset, LockKind kind) {
  return LockOctet(file, static_cast<off_t>(offset), kind);
}

bool IsTaken(int error) { return error == EAGAIN || error == EACCES; }

void Pause() {
  const timespec pause = {.tv_sec = 0, .tv_nsec = std::chrono::nanoseconds(kPause).count()};
  nanosleep(&pause, nullptr);
}

// EBADMSG at the end of the file.
int ReadAt(int file, std::size_t offset, void* octets, std::size_t count) {
  const ssize_t got = pread(file, octets, count, static_cast<off_t>(offset));
  if (got < 0) return errno;
  return static_cast<std::size_t>(got) == count ? 0 : EBADMSG;
}

int WriteAt(int file, std::size_t offset, const void* octets, std::size_t count) {
  const ssize_t put = pwrite(file, octets, count, static_cast<off_t>(offset));
  if (put < 0) return errno;
  return static_cast<std::size_t>(put) == count ? 0 : ENOSPC;
}

// A writer changes a shard within microseconds; who cannot wait so long reads it all the same.
int ReadShard(int file, std::size_t offset, std::vector<std::uint64_t>& counters) {
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  while (IsTaken(SetLock(file, offset, LockKind::kShared)) &&
         std::chrono::steady_clock::now() < give_up) {
    Pause();
  }
  const int error = ReadAt(file, offset, counters.data(), counters.size() * kCounterOctets);
  static_cast<void>(SetLock(file, offset, LockKind::kNone));
  return error;
}

// The names that a file begins with; empty: it is none of ours.
std::vector<std::string> NamesIn(int file) {
  constexpr std::size_t kMaxHeaderOctets = std::size_t{1} << 20U;
  std::array<char, kFirstLineOctets> line{};
  std::size_t octets = 0;
  std::size_t count = 0;
  if (ReadAt(file, 0, line.data(), line.size() - 1) != 0 ||
      std::sscanf(line.data(), kFirstLine, &octets, &count) != 2 ||  // NOLINT(cert-err34-c)
      octets > kMaxHeaderOctets || octets == 0 || count > octets) {
    return {};
  }
  std::string header(octets, '\0');
  if (ReadAt(file, 0, header.data(), header.size()) != 0) return {};
  std::vector<std::string> names;
  for (std::size_t start = header.find('\n') + 1; names.size() < count;) {
    const std::size_t end = header.find('\n', start);
    if (end == std::string::npos) return {};
    names.push_back(header.substr(start, end - start));
    start = end + 1;
  }
  return CountersLayout(names).Header() == header ? names : std::vector<std::string>();
}

}  // namespace

CountersLayout::CountersLayout(std::span<const std::string> names)
    : names_(names),
      hash_(HashOf(names)),
      header_octets_(kFirstLineOctets),
      shard_octets_(WholeBlocks(names.size() * kCounterOctets)) {
  for (const std::string& name : names) header_octets_ += name.size() + 1;
  header_octets_ = WholeBlocks(header_octets_);
}

std::size_t CountersLayout::FileOctets() const { return ShardOffset(CountersFile::kShards); }

std::string CountersLayout::Header() const {
  std::string header = FirstLine(header_octets_, names_.size());
  for (const std::string& name : names_) header += name + "\n";
  header.resize(header_octets_);
  return header;
}

CountersFile::CountersFile(std::string directory, const CountersLayout& layout)
    : directory_(std::move(directory)), layout_(layout) {}

std::string CountersFile::NameOf(Month month) const {
  return std::string(kPrefix) + month.ToString() + "." + layout_.hash();
}

StoreErrorOr<bool> CountersFile::Add(Month month, const CounterIncrements& increments) {
  if (increments.empty()) return true;
  constexpr int kAttempts = 2;
  int error = 0;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (!IsOpenFor(month)) {
      open_.reset();
      const StoreErrorOr<StoreDirectory> directory = StoreDirectory::Find(directory_);
      if (!directory) return tl::make_unexpected(directory.error());
      error = OpenOrMake(*directory, month);
      if (error != 0) break;
    }
    error = AddToAnyShard(increments);
    if (error == 0) return true;
    open_.reset();
  }
  return tl::make_unexpected(StoreErrorAt(directory_ + "/" + NameOf(month), error));
}

// Whether what is open is still the file of that month, whole.
bool CountersFile::IsOpenFor(Month month) const {
  if (!open_ || open_->month != month || open_->process != getpid()) return false;
  struct stat status {};
  return fstat(open_->descriptor.get(), &status) == 0 && status.st_nlink > 0 &&
         status.st_size == static_cast<off_t>(layout_.FileOctets());
}

int CountersFile::OpenOrMake(const StoreDirectory& directory, Month month) {
  if (!MayWriteFileOf(layout_.FileOctets())) return EFBIG;
  int error = Open(directory, month);
  if (error == 0) return 0;
  const std::string path = directory.PathOf(NameOf(month));
  // Somebody may want to see what became of it.
  if (error == EBADMSG && rename(path.c_str(), (path + ".damaged").c_str()) != 0) return errno;
  if (error != EBADMSG && error != ENOENT) return error;
  error = Make(directory, path);
  return error != 0 ? error : Open(directory, month);
}

int CountersFile::Open(const StoreDirectory& directory, Month month) {
  constexpr int kFlags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  OwnedDescriptor file(open(directory.PathOf(NameOf(month)).c_str(), kFlags));
  if (!file) return errno;
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return errno;
  if (!directory.IsOurs(status)) return EPERM;
  if (status.st_size != static_cast<off_t>(layout_.FileOctets())) return EBADMSG;
  const std::string wanted = FirstLine(layout_.ShardOffset(0), layout_.names().size());
  std::string found(wanted.size(), '\0');
  if (const int error = ReadAt(file.get(), 0, found.data(), found.size()); error != 0) return error;
  if (found != wanted) return EBADMSG;
  open_ = OpenFile{.month = month, .process = getpid(), .descriptor = std::move(file)};
  return 0;
}

// Written whole and then given its name, unless another process was faster.
int CountersFile::Make(const StoreDirectory& directory, const std::string& path) const {
  static_cast<void>(directory.ForEachName([&](std::string_view name) {
    if (name.starts_with(kTemporaryPrefix) && directory.IsLeftBehind(name)) {
      unlink(directory.PathOf(name).c_str());
    }
  }));
  std::string temporary = directory.PathOf(std::string(kTemporaryPrefix) + "XXXXXX");
  const OwnedDescriptor file = MakeTemporaryFile(temporary);
  if (!file) return errno;
  std::string contents = layout_.Header();
  contents.resize(layout_.FileOctets());
  int error = WriteAt(file.get(), 0, contents.data(), contents.size());
  if (error == 0) error = directory.Settle(file.get());
  // Once a month: counts survive the machine.
  if (error == 0) error = ForceToDisk(file.get());
  if (error == 0 && link(temporary.c_str(), path.c_str()) != 0 && errno != EEXIST) error = errno;
  unlink(temporary.c_str());
  return error;
}

int CountersFile::AddToAnyShard(const CounterIncrements& increments) const {
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  const auto first = static_cast<std::size_t>(getpid());
  for (int round = 0;; ++round) {
    for (std::size_t i = 0; i < kShards; ++i) {
      const int error = AddToShard((first + i) % kShards, increments);
      if (!IsTaken(error)) return error;
    }
    if (round < kRoundsWithoutPause) {
      sched_yield();
    } else if (std::chrono::steady_clock::now() < give_up) {
      Pause();
    } else {
      return EBUSY;
    }
  }
}

// One write within one page of the file, mostly: a process that is killed has counted or has not.
int CountersFile::AddToShard(std::size_t shard, const CounterIncrements& increments) const {
  const int file = open_->descriptor.get();
  const std::size_t offset = layout_.ShardOffset(shard);
  if (const int error = SetLock(file, offset, LockKind::kExclusive); error != 0) return error;
  const auto [least, most] = std::minmax_element(
      increments.begin(), increments.end(),
      [](const auto& one, const auto& other) { return one.counter < other.counter; });
  const std::size_t start = offset + least->counter * kCounterOctets;
  std::vector<std::uint64_t> counters(most->counter - least->counter + 1);
  const std::size_t octets = counters.size() * kCounterOctets;
  int error = ReadAt(file, start, counters.data(), octets);
  if (error == 0) {
    for (const auto& [counter, by] : increments) counters[counter - least->counter] += by;
    error = WriteAt(file, start, counters.data(), octets);
  }
  static_cast<void>(SetLock(file, offset, LockKind::kNone));
  return error;
}

StoreErrorOr<CounterTotals> CountersFile::Totals(Month month) const {
  const StoreErrorOr<StoreDirectory> directory = StoreDirectory::Find(directory_);
  if (!directory) return tl::make_unexpected(directory.error());
  const std::string prefix = std::string(kPrefix) + month.ToString() + ".";
  std::map<std::string, std::uint64_t, std::less<>> sums;
  int error = 0;
  const int failure = directory->ForEachName([&](std::string_view name) {
    const bool is_ours =
        name.starts_with(prefix) && name.size() == prefix.size() + layout_.hash().size();
    if (!is_ours || error != 0) return;
    error = AddCountersOf(*directory, directory->PathOf(name), sums);
    if (error == EBADMSG || error == ENOENT) error = 0;  // It will be set aside, or just was.
  });
  if (failure != 0) error = failure;
  if (error != 0) return tl::make_unexpected(StoreErrorAt(directory_, error));
  CounterTotals totals;
  for (const std::string& name : layout_.names()) totals.values.push_back(sums[name]);
  return totals;
}

int AddCountersOf(const StoreDirectory& directory, const std::string& path,
                  std::map<std::string, std::uint64_t, std::less<>>& sums) {
  const OwnedDescriptor file(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) return errno;
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return errno;
  if (!directory.IsOurs(status)) return EPERM;
  const std::vector<std::string> names = NamesIn(file.get());
  const CountersLayout layout(names);
  if (names.empty() || status.st_size != static_cast<off_t>(layout.FileOctets())) return EBADMSG;
  std::vector<std::uint64_t> counters(names.size());
  for (std::size_t shard = 0; shard < CountersFile::kShards; ++shard) {
    const int error = ReadShard(file.get(), layout.ShardOffset(shard), counters);
    if (error != 0) return error;
    for (std::size_t i = 0; i < names.size(); ++i) sums[names[i]] += counters[i];
  }
  return 0;
}

}  // namespace helovet
