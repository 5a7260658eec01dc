// Lines for the mail server's log.
#ifndef HELOVET_OPENSMTPD_FILTER_LOG_H_
#define HELOVET_OPENSMTPD_FILTER_LOG_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "helovet/loop.h"

namespace helovet {

// Complaints about what smtpd sends; verdicts are not counted.
inline constexpr int kMaxComplaints = 10;
inline constexpr std::chrono::seconds kComplaintPeriod{60};
// One line: smtpd reads a filter's stderr by lines and gives up on one that fills its buffer.
inline constexpr std::size_t kMaxLogOctets = 4096;

// Writes log lines, each beginning with "helovet: ".
class Log {
 public:
  // `write` takes a line with its line feed; `now` is the clock that limits complaints.
  Log(std::function<void(std::string_view)> write, std::function<Loop::TimePoint()> now)
      : write_(std::move(write)), now_(std::move(now)) {}

  // Writes `text`, which must be escaped already.
  void Write(std::string_view text);

  // Writes that `problem` was found in `line`, escaped and shortened; beyond kMaxComplaints in
  // kComplaintPeriod only their number is written, at the next occasion.
  void Complain(std::string_view problem, std::string_view line);

 private:
  std::function<void(std::string_view)> write_;
  std::function<Loop::TimePoint()> now_;
  Loop::TimePoint period_end_{};
  int complaints_ = 0;  // In this period.
};

// Writes `line` to stderr if that is possible without waiting, and drops it otherwise: mail must
// not wait for its log.
void WriteToStderr(std::string_view line);

}  // namespace helovet

#endif  // HELOVET_OPENSMTPD_FILTER_LOG_H_
