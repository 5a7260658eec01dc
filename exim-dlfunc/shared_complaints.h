// What a daemon and all the processes that it forks tell once.
#ifndef HELOVET_EXIM_DLFUNC_SHARED_COMPLAINTS_H_
#define HELOVET_EXIM_DLFUNC_SHARED_COMPLAINTS_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace helovet {

// How long nobody tells a complaint again. Ours: a line in the log for each session of a busy
// server would bury the rest, and one alone is forgotten before somebody looks.
inline constexpr std::chrono::hours kComplaintInterval{1};

// A few words of memory that processes forked later share with this one: no descriptor, no file, no
// lock. Where the system has none to give, each process has its own.
class SharedComplaints {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  // Beyond so many distinct complaints, further ones are not told.
  static constexpr std::size_t kMost = 64;

  SharedComplaints();

  // True for one process alone, the first, in each interval. `now` is of a clock that these
  // processes share, and not 0.
  [[nodiscard]] bool IsNews(std::string_view complaint, TimePoint now);

 private:
  struct Place {
    std::atomic<std::uint64_t> complaint;  // Its hash; 0: free.
    std::atomic<std::int64_t> told;        // In the clock's ticks; 0: never.
  };
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

  [[nodiscard]] std::span<Place> places();
  [[nodiscard]] Place* PlaceOf(std::uint64_t complaint);

  struct Unmap {
    void operator()(Place* places) const;
  };

  std::unique_ptr<Place[], Unmap> shared_;  // Null: there was no memory to share.
  std::vector<Place> own_;                  // Then these are used.
};

}  // namespace helovet

#endif  // HELOVET_EXIM_DLFUNC_SHARED_COMPLAINTS_H_
