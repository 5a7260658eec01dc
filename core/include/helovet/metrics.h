// Counters of what a process has judged, for Prometheus.
#ifndef HELOVET_METRICS_H_
#define HELOVET_METRICS_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "helovet/file_error.h"
#include "helovet/verdict.h"

namespace helovet {

// Counts since it was made. Its labels are closed sets, whatever clients and name servers send.
// Counting takes well below a microsecond and no memory. Not thread-safe.
class Metrics {
 public:
  // `started`: when the process was, for process_start_time_seconds.
  explicit Metrics(
      std::chrono::system_clock::time_point started = std::chrono::system_clock::now());

  // Counts a session by its verdict. To be called once a session, with the last verdict if there
  // were several: each holds the exchanges of those before it.
  void Count(const Verdict& verdict);

  // Counts problems as Engine::TakeComplaints gives them: those of the store, which name it as
  // their file, and those of the files of local lists.
  void CountComplaints(std::span<const FileError> complaints);

  // All of it in Prometheus's text format (version 0.0.4): HELP, TYPE and samples, lines ended by
  // "\n". Every series that can occur is there from the start, with 0.
  [[nodiscard]] std::string ToPrometheus() const;

 private:
  static constexpr std::size_t kTrusts = 3;
  static constexpr std::size_t kActions = 4;
  static constexpr std::size_t kProfiles = 2;  // ShadowActions'.
  static constexpr std::size_t kChecks = static_cast<std::size_t>(CheckId::kConfiguration) + 1;
  static constexpr std::size_t kResults = static_cast<std::size_t>(Result::kSkipped) + 1;
  static constexpr std::size_t kReasons = static_cast<std::size_t>(Reason::kNameTooLong) + 1;
  static constexpr std::size_t kOutcomes = 15;
  static constexpr std::size_t kBuckets = 14;

  template <std::size_t size>
  using Counters = std::array<std::uint64_t, size>;

  void CountExchange(const Exchange& exchange);

  void AppendVerdicts(std::string& out) const;
  void AppendResults(std::string& out) const;
  void AppendDecisions(std::string& out) const;
  void AppendQueries(std::string& out) const;

  std::chrono::system_clock::time_point started_;
  std::array<Counters<kActions>, kTrusts> verdicts_{};
  std::array<Counters<kActions>, kProfiles> shadows_{};
  std::array<Counters<kResults>, kChecks> results_{};
  std::array<Counters<kReasons>, kChecks> decisions_{};
  Counters<kOutcomes> outcomes_{};
  Counters<kBuckets> durations_{};  // Each its own, not yet summed up; the last is +Inf.
  std::chrono::microseconds duration_sum_{0};
  std::uint64_t memory_hits_ = 0;
  std::uint64_t list_complaints_ = 0;
  std::uint64_t store_complaints_ = 0;
};

// Puts `text` in place of the file `path`: whole or not at all, through a new file beside it, which
// is removed where that fails. A link is replaced and not followed; a device or a pipe is an error
// and stays. The file is readable for all. Never waits for another process. The error names `path`.
[[nodiscard]] FileErrorOr<void> WriteMetricsFile(const std::string& path, std::string_view text);

}  // namespace helovet

#endif  // HELOVET_METRICS_H_
