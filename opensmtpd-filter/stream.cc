#include "stream.h"

#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace helovet {
namespace {

// More than a socket holds (208 KiB on Linux): smtpd may write again while this works.
constexpr std::size_t kReadOctets = std::size_t{256} * 1024;

bool WouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

Stream::Stream(Loop& loop, int in, int out, Filter& filter, Output& output)
    : loop_(loop),
      in_(in),
      out_(out),
      filter_(filter),
      output_(output),
      block_(std::make_unique_for_overwrite<char[]>(kReadOctets)) {
  const int flags = fcntl(out_, F_GETFL);
  if (flags >= 0) fcntl(out_, F_SETFL, flags | O_NONBLOCK);
  WatchInput();
}

void Stream::WatchInput() {
  readable_ = loop_.WatchDescriptor(in_, POLLIN, [this](short) { Read(); });
}

void Stream::Read() {
  const ssize_t got = read(in_, block_.get(), kReadOctets);
  if (got < 0 && WouldBlock(errno)) return;
  if (got <= 0) {
    EndInput();
    return;
  }
  lines_.Feed(std::string_view(block_.get(), static_cast<std::size_t>(got)),
              [this](std::string_view line) { filter_.OnLine(line); });
  if (output_.queued().size() > kMaxQueuedOctets) readable_.Cancel();
}

void Stream::EndInput() {
  readable_.Cancel();
  input_ended_ = true;
  drain_limit_ = loop_.CallAt(loop_.Now() + kDrainTime, [this] { finished_ = true; });
}

void Stream::Flush() {
  while (!output_.queued().empty() && !finished_) {
    const std::string_view queued = output_.queued();
    const ssize_t written = write(out_, queued.data(), queued.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && WouldBlock(errno)) break;
    if (written < 0) {
      finished_ = true;  // Nobody is there to be answered.
      return;
    }
    output_.Drop(static_cast<std::size_t>(written));
    if (static_cast<std::size_t>(written) < queued.size()) break;  // There is no more room.
  }
  if (output_.queued().empty()) {
    writable_.Cancel();
    if (input_ended_) finished_ = true;
  } else if (!writable_) {
    writable_ = loop_.WatchDescriptor(out_, POLLOUT, [this](short) { Flush(); });
  }
  if (!input_ended_ && !readable_ && output_.queued().size() <= kResumeQueuedOctets) WatchInput();
}

}  // namespace helovet
