// The two descriptors between smtpd and the filter.
#ifndef HELOVET_OPENSMTPD_FILTER_STREAM_H_
#define HELOVET_OPENSMTPD_FILTER_STREAM_H_

#include <chrono>
#include <cstddef>
#include <memory>

#include "filter.h"
#include "helovet/loop.h"
#include "line_splitter.h"
#include "output.h"

namespace helovet {

// Above this nothing more is read: smtpd, which sends without limit, is to keep its lines itself.
// More than a socket holds, and little enough to stay in a processor's cache: with 1 MiB a large
// message took a fifth more time of the processor.
inline constexpr std::size_t kMaxQueuedOctets = std::size_t{256} * 1024;
// Reading begins again below this.
inline constexpr std::size_t kResumeQueuedOctets = kMaxQueuedOctets / 2;
// How long the queue may take to drain after the end of input.
inline constexpr std::chrono::seconds kDrainTime{5};

// Carries smtpd's octets to a filter and the filter's lines to smtpd, waiting for neither.
class Stream {
 public:
  // Makes `out` non-blocking. The descriptors stay the caller's; everything must outlive this.
  Stream(Loop& loop, int in, int out, Filter& filter, Output& output);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Writes what can be written. To be called before every wait.
  void Flush();

  // The input has ended and the output is drained, or smtpd does not listen any more.
  [[nodiscard]] bool finished() const { return finished_; }

 private:
  void Read();
  void WatchInput();
  void EndInput();

  Loop& loop_;
  const int in_;
  const int out_;
  Filter& filter_;
  Output& output_;
  const std::unique_ptr<char[]> block_;  // What is read at once.
  LineSplitter lines_;
  bool input_ended_ = false;
  bool finished_ = false;
  Loop::Handle readable_;
  Loop::Handle writable_;
  Loop::Handle drain_limit_;
};

}  // namespace helovet

#endif  // HELOVET_OPENSMTPD_FILTER_STREAM_H_
