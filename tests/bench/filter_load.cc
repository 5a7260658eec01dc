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
#include <sys/resource.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "filter_process.h"

namespace {

using helovet::FilterProcess;

constexpr std::array<std::string_view, 4> kPhases = {"connect", "helo", "ehlo", "mail-from"};

struct Numbers {
  unsigned long sessions = 20000;
  unsigned long parallel = 200;
  unsigned long clients = 0;  // 0: a new one each time.
};

class Load {
 public:
  Load(FilterProcess& filter, const Numbers& numbers)
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

  FilterProcess& filter_;
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
  FilterProcess filter(argv + at);
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
