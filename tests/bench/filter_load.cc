// filter_load [--sessions N] [--parallel N] [--clients N] COMMAND [ARGUMENT...]
//
// Runs COMMAND as OpenSMTPD runs a filter, plays sessions against it as fast as it answers, and
// prints one line: sessions a second, microseconds of CPU a session (of the user's, of the
// system's, and both), and its peak memory. Each session is link-connect, then the filter phases
// that the command has registered among connect, helo, ehlo and mail-from, each awaited, then
// link-disconnect. Only what was registered is sent, so that filters that do different things can
// stand side by side. With --clients so many clients take turns, and have been seen once before the
// time is taken; without, every session is another client with another name, and nothing can be
// remembered.
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

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
      const ssize_t sent = send(fd_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
      if (sent > 0) sent_ += static_cast<std::size_t>(sent);
      if (sent_ == out_.size()) {
        out_.clear();
        sent_ = 0;
      }
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
  std::size_t sent_ = 0;  // Of out_.
};

struct Numbers {
  unsigned long sessions = 20000;
  unsigned long parallel = 200;
  unsigned long clients = 0;  // 0: a new one each time.
};

class Load {
 public:
  Load(Filter& filter, const Numbers& numbers)
      : filter_(filter), numbers_(numbers), total_(numbers.clients + numbers.sessions) {
    phase_.reserve(total_);
  }

  bool Run() {
    filter_.Write(
        "config|smtpd-version|6.8.0p2\nconfig|smtp-session-timeout|300\n"
        "config|subsystem|smtp-in\nconfig|admd|mx.example\nconfig|ready\n");
    while (finished_ < total_) {
      if (!filter_.Turn([this](std::string_view line) { OnLine(line); })) return false;
    }
    ended_ = std::chrono::steady_clock::now();
    return true;
  }

  // Of the sessions, without those that made the clients known.
  [[nodiscard]] std::chrono::duration<double> took() const { return ended_ - started_; }

 private:
  void OnLine(std::string_view line) {
    if (line.starts_with("filter-result|")) {
      unsigned long number = 0;
      const char* const id = line.data() + 14;
      std::from_chars(id, id + 16, number, 16);
      Next(number);
    } else if (line == "register|ready") {
      started_ = std::chrono::steady_clock::now();
      while (begun_ < total_ && begun_ < numbers_.parallel) Begin();
    } else if (line.starts_with("register|report|smtp-in|")) {
      const std::string_view event = line.substr(24);
      connect_ = connect_ || event == "link-connect";
      disconnect_ = disconnect_ || event == "link-disconnect";
    } else if (line.starts_with("register|filter|smtp-in|")) {
      for (std::size_t i = 0; i < kPhases.size(); ++i) {
        if (line.substr(24) == kPhases[i]) asked_[i] = true;
      }
    }
  }

  void Send(const char* format, unsigned long number, std::string_view fields) {
    std::array<char, 256> line;
    const int size = std::snprintf(line.data(), line.size(), format, number,
                                   static_cast<int>(fields.size()), fields.data());
    filter_.Write(std::string_view(line.data(), static_cast<std::size_t>(size)));
  }

  [[nodiscard]] unsigned long ClientOf(unsigned long number) const {
    return numbers_.clients == 0 ? number : number % numbers_.clients;
  }

  std::string_view Fields(const char* format, unsigned long client) {
    const int size = std::snprintf(fields_.data(), fields_.size(), format, client >> 16 & 255,
                                   client >> 8 & 255, client & 255);
    return {fields_.data(), static_cast<std::size_t>(size)};
  }

  void Begin() {
    const unsigned long number = begun_++;
    phase_.push_back(0);
    if (connect_) {
      Send("report|0.6|1700000000.000000|smtp-in|link-connect|%016lx%.*s\n", number,
           Fields("|client.example|pass|10.%lu.%lu.%lu:4321|192.0.2.25:25", ClientOf(number)));
    }
    Next(number);
  }

  void Next(unsigned long number) {
    unsigned char& phase = phase_[number];
    while (phase < kPhases.size() && !asked_[phase]) ++phase;
    // A client says HELO or EHLO, not both.
    if (phase < kPhases.size() && kPhases[phase] == "helo" && asked_[phase + 1U]) ++phase;
    if (phase == kPhases.size()) {
      End(number);
      return;
    }
    const unsigned long client = ClientOf(number);
    const std::string_view event = kPhases[phase++];
    if (event == "connect") {
      Send("filter|0.6|1700000000.000000|smtp-in|connect|%016lx|0123456789abcdef%.*s\n", number,
           Fields("|client.example|10.%lu.%lu.%lu", client));
    } else if (event == "mail-from") {
      Send("filter|0.6|1700000000.000000|smtp-in|mail-from|%016lx|0123456789abcdef%.*s\n", number,
           "|sender@example.com");
    } else if (event == "ehlo") {
      Send("filter|0.6|1700000000.000000|smtp-in|ehlo|%016lx|0123456789abcdef%.*s\n", number,
           Fields("|h%lu-%lu-%lu.load.example.com", client));
    } else {
      Send("filter|0.6|1700000000.000000|smtp-in|helo|%016lx|0123456789abcdef%.*s\n", number,
           Fields("|h%lu-%lu-%lu.load.example.com", client));
    }
  }

  void End(unsigned long number) {
    if (disconnect_) {
      Send("report|0.6|1700000000.000000|smtp-in|link-disconnect|%016lx%.*s\n", number, "");
    }
    if (++finished_ == numbers_.clients) started_ = std::chrono::steady_clock::now();
    if (begun_ < total_) Begin();
  }

  Filter& filter_;
  const Numbers numbers_;
  const unsigned long total_;
  unsigned long begun_ = 0;
  unsigned long finished_ = 0;
  bool connect_ = false;
  bool disconnect_ = false;
  std::array<bool, kPhases.size()> asked_{};
  std::vector<unsigned char> phase_;
  std::array<char, 128> fields_{};
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point ended_;
};

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  Numbers numbers;
  int at = 1;
  for (; at + 1 < argc && std::string_view(argv[at]).starts_with("--"); at += 2) {
    const std::string_view option = argv[at];
    const unsigned long value = std::strtoul(argv[at + 1], nullptr, 10);
    (option == "--sessions"   ? numbers.sessions
     : option == "--parallel" ? numbers.parallel
                              : numbers.clients) = value;
  }
  if (at >= argc || numbers.sessions < 1 || numbers.parallel < 1) {
    std::fputs(
        "usage: filter_load [--sessions N] [--parallel N] [--clients N] COMMAND [ARGUMENT...]\n",
        stderr);
    return 2;
  }
  Filter filter(argv + at);
  Load load(filter, numbers);
  if (!load.Run()) {
    std::fprintf(stderr, "filter_load: %s ended early\n", argv[at]);
    return 1;
  }
  const rusage used = filter.Finish();
  const auto all = static_cast<double>(numbers.clients + numbers.sessions);
  const double user = Seconds(used.ru_utime) * 1e6 / all;
  const double system = Seconds(used.ru_stime) * 1e6 / all;
  std::printf("%.0f sessions/s  %.1f us user  %.1f us system  %.1f us CPU/session  %.1f MiB\n",
              static_cast<double>(numbers.sessions) / load.took().count(), user, system,
              user + system, static_cast<double>(used.ru_maxrss) / 1024);
  return 0;
}
