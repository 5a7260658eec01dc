// A filter as smtpd runs it: one socket for its standard input and output.
#ifndef HELOVET_TESTS_BENCH_FILTER_PROCESS_H_
#define HELOVET_TESTS_BENCH_FILTER_PROCESS_H_

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>

namespace helovet {

// What becomes of its standard error, a line for each session.
enum class FilterLog { kShown, kDiscarded };

class FilterProcess {
 public:
  // `command`: as execvp(3) takes it.
  explicit FilterProcess(char* const* command, FilterLog log = FilterLog::kShown) {
    std::array<int, 2> ends;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) std::abort();
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], STDIN_FILENO);
      dup2(ends[1], STDOUT_FILENO);
      if (log == FilterLog::kDiscarded) dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
      execvp(command[0], command);
      _exit(127);
    }
    close(ends[1]);
    fd_ = ends[0];
    fcntl(fd_, F_SETFL, O_NONBLOCK);
  }
  ~FilterProcess() {
    close(fd_);
    if (pid_ > 0) waitpid(pid_, nullptr, 0);
  }
  FilterProcess(const FilterProcess&) = delete;
  FilterProcess& operator=(const FilterProcess&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  // Never blocks.
  [[nodiscard]] int descriptor() const { return fd_; }

  // Queues `text` for Turn.
  void Write(std::string_view text) { out_ += text; }

  // Sends what is queued, waits for input, `milliseconds` at most (-1: for ever), and calls `line`
  // for each line. False at the end.
  template <typename Line>
  bool Turn(Line line, int milliseconds = -1) {
    pollfd wanted = {fd_, static_cast<short>(out_.empty() ? POLLIN : POLLIN | POLLOUT), 0};
    poll(&wanted, 1, milliseconds);
    if ((wanted.revents & POLLOUT) != 0) Send();
    if ((wanted.revents & (POLLIN | POLLHUP)) == 0) return true;
    std::array<char, 65536> block;
    const ssize_t got = read(fd_, block.data(), block.size());
    if (got <= 0) return got < 0 && errno == EAGAIN;
    in_.append(block.data(), static_cast<std::size_t>(got));
    std::size_t start = 0;
    for (std::size_t end; (end = in_.find('\n', start)) != std::string::npos; start = end + 1) {
      line(std::string_view(in_).substr(start, end - start));
    }
    in_.erase(0, start);
    return true;
  }

  // Ends the command's input, waits for its end and returns what it used.
  rusage Finish() {
    shutdown(fd_, SHUT_WR);
    std::array<char, 65536> block;
    fcntl(fd_, F_SETFL, 0);
    while (read(fd_, block.data(), block.size()) > 0) {
    }
    rusage used = {};
    wait4(pid_, nullptr, 0, &used);
    pid_ = -1;
    return used;
  }

 private:
  void Send() {
    const ssize_t sent = send(fd_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (sent > 0) sent_ += static_cast<std::size_t>(sent);
    if (sent_ < out_.size()) return;
    out_.clear();
    sent_ = 0;
  }

  pid_t pid_ = -1;  // -1 also after its end.
  int fd_ = -1;
  std::string in_;
  std::string out_;
  std::size_t sent_ = 0;  // Of out_.
};

}  // namespace helovet

#endif  // HELOVET_TESTS_BENCH_FILTER_PROCESS_H_
