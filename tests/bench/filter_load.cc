// filter_load [--sessions N] [--parallel N] COMMAND [ARGUMENT...]
//
// Runs COMMAND as OpenSMTPD runs a filter, plays sessions against it as fast as it answers, and
// prints one line: sessions a second, microseconds of CPU a session, and its peak memory. Each
// session is link-connect, then the filter phases that the command has registered among connect,
// helo, ehlo and mail-from, each awaited, then link-disconnect. Only what was registered is sent,
// so that filters that do different things can stand side by side.
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

constexpr std::string_view kPrefix = "|0.6|1700000000.000000|smtp-in|";
constexpr std::array<std::string_view, 4> kPhases = {"connect", "helo", "ehlo", "mail-from"};

class Filter {
 public:
  explicit Filter(char** command) {
    std::array<int, 2> ends;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) std::abort();
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], STDIN_FILENO);
      dup2(ends[1], STDOUT_FILENO);
      close(ends[0]);
      close(ends[1]);
      execvp(command[0], command);
      _exit(127);
    }
    close(ends[1]);
    fd_ = ends[0];
    fcntl(fd_, F_SETFL, O_NONBLOCK);
  }

  void Write(std::string_view text) { out_ += text; }

  // Sends what is queued and waits for input; calls `line` for each line. False at the end.
  template <typename Line>
  bool Turn(Line line) {
    pollfd wanted = {fd_, static_cast<short>(out_.empty() ? POLLIN : POLLIN | POLLOUT), 0};
    poll(&wanted, 1, -1);
    if ((wanted.revents & POLLOUT) != 0) {
      const ssize_t sent = send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
      if (sent > 0) out_.erase(0, static_cast<std::size_t>(sent));
    }
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

  // Ends the command's input and returns what it used.
  rusage Finish() {
    shutdown(fd_, SHUT_WR);
    std::array<char, 65536> block;
    fcntl(fd_, F_SETFL, 0);
    while (read(fd_, block.data(), block.size()) > 0) {
    }
    rusage used = {};
    int status = 0;
    wait4(pid_, &status, 0, &used);
    return used;
  }

 private:
  pid_t pid_ = -1;
  int fd_ = -1;
  std::string in_;
  std::string out_;
};

class Load {
 public:
  Load(Filter& filter, long sessions, long parallel)
      : filter_(filter), sessions_(sessions), parallel_(parallel) {}

  bool Run() {
    filter_.Write(
        "config|smtpd-version|6.8.0p2\nconfig|smtp-session-timeout|300\n"
        "config|subsystem|smtp-in\nconfig|admd|mx.example\nconfig|ready\n");
    while (finished_ < sessions_) {
      if (!filter_.Turn([this](std::string_view line) { OnLine(line); })) return false;
    }
    return true;
  }

  [[nodiscard]] std::chrono::duration<double> took() const { return ended_ - started_; }

 private:
  void OnLine(std::string_view line) {
    if (line == "register|ready") {
      started_ = std::chrono::steady_clock::now();
      while (begun_ < sessions_ && begun_ < parallel_) Begin();
    } else if (line.starts_with("register|report|smtp-in|")) {
      reports_.emplace(line.substr(24));
    } else if (line.starts_with("register|filter|smtp-in|")) {
      filters_.emplace(line.substr(24));
    } else if (line.starts_with("filter-result|")) {
      const std::string_view id = line.substr(14, 16);
      Next(std::strtoul(std::string(id).c_str(), nullptr, 16));
    }
  }

  static std::string Id(unsigned long number) {
    std::array<char, 17> text;
    std::snprintf(text.data(), text.size(), "%016lx", number);
    return text.data();
  }

  void Send(std::string_view kind, std::string_view event, unsigned long number,
            std::string_view fields) {
    std::string line(kind);
    line += kPrefix;
    line += event;
    line += '|';
    line += Id(number);
    line += fields;
    line += '\n';
    filter_.Write(line);
  }

  // Every session is another client with another name: nothing can be remembered from before.
  static std::string Client(unsigned long number) {
    return "10." + std::to_string(number >> 16 & 255) + "." + std::to_string(number >> 8 & 255) +
           "." + std::to_string(number & 255);
  }

  void Begin() {
    const auto number = static_cast<unsigned long>(begun_++);
    phase_.push_back(0);
    if (reports_.contains("link-connect")) {
      Send("report", "link-connect", number,
           "|client.example|pass|" + Client(number) + ":4321|192.0.2.25:25");
    }
    Next(number);
  }

  void Next(unsigned long number) {
    std::size_t& phase = phase_[number];
    while (phase < kPhases.size() && !filters_.contains(kPhases[phase])) ++phase;
    // A client says HELO or EHLO, not both.
    if (phase < kPhases.size() && kPhases[phase] == "helo" && filters_.contains("ehlo")) ++phase;
    if (phase == kPhases.size()) {
      End(number);
      return;
    }
    const std::string_view event = kPhases[phase++];
    std::string fields = "|0123456789abcdef";
    if (event == "connect") {
      fields += "|client.example|" + Client(number);
    } else if (event == "mail-from") {
      fields += "|sender@example.com";
    } else {
      fields += "|h" + std::to_string(number) + ".load.example.com";
    }
    Send("filter", event, number, fields);
  }

  void End(unsigned long number) {
    if (reports_.contains("link-disconnect")) Send("report", "link-disconnect", number, "");
    ++finished_;
    ended_ = std::chrono::steady_clock::now();
    if (begun_ < sessions_) Begin();
  }

  Filter& filter_;
  const long sessions_;
  const long parallel_;
  long begun_ = 0;
  long finished_ = 0;
  std::vector<std::size_t> phase_;
  std::set<std::string, std::less<>> reports_;
  std::set<std::string, std::less<>> filters_;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point ended_;
};

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  long sessions = 20000;
  long parallel = 200;
  int at = 1;
  for (; at + 1 < argc && std::string_view(argv[at]).starts_with("--"); at += 2) {
    const std::string_view option = argv[at];
    (option == "--sessions" ? sessions : parallel) = std::strtol(argv[at + 1], nullptr, 10);
  }
  if (at >= argc || sessions < 1 || parallel < 1) {
    std::fputs("usage: filter_load [--sessions N] [--parallel N] COMMAND [ARGUMENT...]\n", stderr);
    return 2;
  }
  Filter filter(argv + at);
  Load load(filter, sessions, parallel);
  if (!load.Run()) {
    std::fprintf(stderr, "filter_load: %s ended early\n", argv[at]);
    return 1;
  }
  const rusage used = filter.Finish();
  const double cpu = Seconds(used.ru_utime) + Seconds(used.ru_stime);
  std::printf("%.0f sessions/s  %.1f us CPU/session  %.1f MiB\n",
              static_cast<double>(sessions) / load.took().count(),
              cpu * 1e6 / static_cast<double>(sessions),
              static_cast<double>(used.ru_maxrss) / 1024);
  return 0;
}
