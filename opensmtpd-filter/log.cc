#include "log.h"

#include <cerrno>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "helovet/render.h"

namespace helovet {
namespace {

constexpr std::size_t kMaxQuotedOctets = 200;  // Of a line complained of.

}  // namespace

void Log::Write(std::string_view text) {
  constexpr std::string_view kName = "helovet: ";
  std::string line(kName);
  line += text.substr(0, kMaxLogOctets - kName.size() - 1);
  line += '\n';
  write_(line);
}

void Log::Complain(std::string_view problem, std::string_view line) {
  const Loop::TimePoint now = now_();
  if (now >= period_end_) {
    if (complaints_ > kMaxComplaints) {
      Write(std::to_string(complaints_ - kMaxComplaints) + " more complaints were not written");
    }
    complaints_ = 0;
    period_end_ = now + kComplaintPeriod;
  }
  if (++complaints_ > kMaxComplaints) return;
  std::string text(problem);
  text += ": ";
  text += EscapeForLog(line.substr(0, kMaxQuotedOctets));
  if (line.size() > kMaxQuotedOctets) text += "...";
  Write(text);
}

void WriteToStderr(std::string_view line) {
  pollfd room{STDERR_FILENO, POLLOUT, 0};
  if (poll(&room, 1, 0) != 1 || (room.revents & POLLOUT) == 0) return;
  // smtpd gives a socket; by hand it is a terminal, a pipe or a file.
  ssize_t written = send(STDERR_FILENO, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (written < 0 && errno == ENOTSOCK) written = write(STDERR_FILENO, line.data(), line.size());
  // A log that cannot be written has nobody to be told of.
  static_cast<void>(written);
}

}  // namespace helovet
