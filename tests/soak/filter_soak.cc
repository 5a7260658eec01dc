// filter_soak --plan FILE [--sessions N] [--parallel N] [--stops N] COMMAND [ARGUMENT...]
//
// Plays the sessions of a plan against COMMAND, run as OpenSMTPD runs a filter, and holds each
// answer against the plan. A line of the plan is one kind of session, its fields parted by tabs:
//
//   WEIGHT KIND HELO CLIENT SENDER NAMES WAY OUTCOME
//
// WEIGHT: its share. In HELO and SENDER, # is the number of the session among those of its kind,
// modulo NAMES (0: never the same again); CLIENT is what is added to the second octet
// of 10.(#>>16).(#>>8).#. WAY: mail (up to MAIL FROM), data (and DATA), lines (and a message),
// vanish-helo and vanish-mail (gone before the answer). OUTCOME: accept or reject (at MAIL FROM),
// refuse (at DATA), none (vanished).
//
// N times on the way all sessions are played to their end; then "stop PID SESSIONS" is printed and
// a line of input awaited, so that somebody can look at a process that has nothing to do. At the
// end, for each kind, "kind KIND SESSIONS AS-PLANNED", and "total SESSIONS ANSWERS UNEXPECTED
// LATEST-MS", with answers that nobody was waiting for and the longest time that one took. Exit 1
// if anything differs from the plan.
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bench/filter_process.h"

namespace {

using helovet::FilterProcess;
using Clock = std::chrono::steady_clock;

constexpr int kMillisecondsForTheLast = 100;
constexpr unsigned long kMostQuoted = 20;  // Of what differs from the plan.

enum class Way : unsigned char { kMail, kData, kLines, kVanishHelo, kVanishMail };
enum class Step : unsigned char { kHelo = 1, kMail = 2, kData = 3, kLines = 4 };

struct Kind {
  std::string name;
  std::string helo;
  unsigned long client = 0;
  std::string sender;
  unsigned long names = 0;
  Way way = Way::kMail;
  std::string outcome;
  unsigned long sessions = 0;
  unsigned long as_planned = 0;
};

struct Plan {
  std::vector<Kind> kinds;
  std::vector<std::size_t> turns;  // Indices of kinds, each as often as its weight.
};

Way WayOf(std::string_view word) {
  if (word == "data") return Way::kData;
  if (word == "lines") return Way::kLines;
  if (word == "vanish-helo") return Way::kVanishHelo;
  if (word == "vanish-mail") return Way::kVanishMail;
  return Way::kMail;
}

Plan ReadPlan(const char* path) {
  Plan plan;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::array<std::string, 8> field;
    std::istringstream fields(line);
    for (std::string& each : field) std::getline(fields, each, '\t');
    plan.turns.insert(plan.turns.end(), std::stoul(field[0]), plan.kinds.size());
    plan.kinds.push_back({.name = field[1],
                          .helo = field[2],
                          .client = std::stoul(field[3]),
                          .sender = field[4],
                          .names = std::stoul(field[5]),
                          .way = WayOf(field[6]),
                          .outcome = field[7]});
  }
  // Kinds mixed, the same way each time.
  for (std::size_t i = plan.turns.size(), seed = 1; i > 1; --i) {
    seed = seed * 6364136223846793005UL + 1442695040888963407UL;
    std::swap(plan.turns[i - 1], plan.turns[(seed >> 33) % i]);
  }
  return plan;
}

std::string WithNumber(std::string_view text, unsigned long number) {
  const std::size_t at = text.find('#');
  if (at == std::string_view::npos) return std::string(text);
  return std::string(text.substr(0, at)) + std::to_string(number) +
         std::string(text.substr(at + 1));
}

struct Session {
  std::size_t kind = 0;
  unsigned long number = 0;  // Among those of its kind.
  Step step = Step::kHelo;
  bool gone = false;
  bool forged = false;  // A line that the filter should have taken away came back.
  Clock::time_point asked;
};

class Soak {
 public:
  Soak(FilterProcess& filter, Plan plan, unsigned long total, unsigned long parallel,
       unsigned long stops)
      : filter_(filter),
        plan_(std::move(plan)),
        total_(total),
        parallel_(parallel),
        stops_(stops) {}

  bool Run() {
    filter_.Write(
        "config|smtpd-version|6.8.0p2\nconfig|smtp-session-timeout|300\n"
        "config|subsystem|smtp-in\nconfig|admd|mx.example\nconfig|ready\n");
    const auto line = [this](std::string_view text) { OnLine(text); };
    while (!registered_) {
      if (!filter_.Turn(line)) return false;
    }
    for (unsigned long stop = 0; stop <= stops_; ++stop) {
      until_ = stops_ == 0 ? total_ : total_ * stop / stops_;
      while (begun_ < until_ && sessions_.size() < parallel_) Begin();
      while (!sessions_.empty()) {
        if (!filter_.Turn(line)) return false;
      }
      // The ends of the last are still to be sent.
      if (!filter_.Turn(line, kMillisecondsForTheLast)) return false;
      Stop();
    }
    return true;
  }

  [[nodiscard]] bool Report() const {
    unsigned long as_planned = 0;
    for (const Kind& kind : plan_.kinds) {
      std::printf("kind %s %lu %lu\n", kind.name.c_str(), kind.sessions, kind.as_planned);
      as_planned += kind.as_planned;
    }
    std::printf("total %lu %lu %lu %lld\n", begun_, answers_, unexpected_,
                static_cast<long long>(
                    std::chrono::duration_cast<std::chrono::milliseconds>(latest_).count()));
    return as_planned == total_ && unexpected_ == 0;
  }

 private:
  void OnLine(std::string_view line) {
    if (line == "register|ready") {
      registered_ = true;
    } else if (line.starts_with("filter-result|")) {
      OnResult(line.substr(14));
    } else if (line.starts_with("filter-dataline|")) {
      OnDataLine(line.substr(16));
    }
  }

  // SESSION|TOKEN|ANSWER; the token is the number of the step.
  void OnResult(std::string_view line) {
    const unsigned long id = std::strtoul(std::string(line.substr(0, 16)).c_str(), nullptr, 16);
    const auto found = sessions_.find(id);
    ++answers_;
    if (found == sessions_.end() || line.size() < 34 ||
        line[32] != static_cast<char>('0' + static_cast<int>(found->second.step))) {
      Unexpected(line);
      return;
    }
    Session& session = found->second;
    latest_ = std::max(latest_, Clock::now() - session.asked);
    Next(id, session, line.substr(34));
  }

  void Next(unsigned long id, Session& session, std::string_view answer) {
    const Way way = plan_.kinds[session.kind].way;
    if (session.step == Step::kHelo) {
      if (answer != "proceed") return End(id, session, answer);
      if (way == Way::kVanishHelo) return End(id, session, "none");
      Ask(id, session, Step::kMail, "mail-from", SenderOf(session));
      if (way == Way::kVanishMail) Disconnect(id, session);
    } else if (session.gone) {
      End(id, session, answer == "proceed" ? "none" : answer);
    } else if (session.step == Step::kMail) {
      if (answer != "proceed") return End(id, session, "reject");
      if (way == Way::kMail) return End(id, session, "accept");
      Ask(id, session, Step::kData, "data", "");
    } else if (session.step == Step::kData) {
      if (answer != "proceed") return End(id, session, "refuse");
      if (way == Way::kData) return End(id, session, "accept");
      session.step = Step::kLines;
      for (const std::string_view text :
           {"Subject: soak", "Authentication-Results: mx.example; x=forged", "", "body", "."}) {
        Request(id, Step::kLines, "data-line", text);
      }
    }
  }

  // SESSION|TOKEN|TEXT
  void OnDataLine(std::string_view line) {
    const unsigned long id = std::strtoul(std::string(line.substr(0, 16)).c_str(), nullptr, 16);
    const auto found = sessions_.find(id);
    if (found == sessions_.end() || found->second.step != Step::kLines || line.size() < 34) {
      Unexpected(line);
      return;
    }
    const std::string_view text = line.substr(34);
    if (text.find("forged") != std::string_view::npos) found->second.forged = true;
    if (text == ".") End(id, found->second, found->second.forged ? "forged" : "accept");
  }

  void Begin() {
    const unsigned long id = begun_++;
    Session session;
    session.kind = plan_.turns[id % plan_.turns.size()];
    Kind& kind = plan_.kinds[session.kind];
    session.number = kind.names == 0 ? kind.sessions : kind.sessions % kind.names;
    ++kind.sessions;
    const unsigned long n = session.number;
    std::array<char, 160> line;
    const int size = std::snprintf(
        line.data(), line.size(),
        "report|0.6|1700000000.000000|smtp-in|link-connect|%016lx|client.example|pass|"
        "10.%lu.%lu.%lu:4321|192.0.2.25:25\n",
        id, kind.client + (n >> 16 & 63), n >> 8 & 255, n & 255);
    filter_.Write({line.data(), static_cast<std::size_t>(size)});
    Session& placed = sessions_.emplace(id, session).first->second;
    Ask(id, placed, Step::kHelo, "ehlo", WithNumber(kind.helo, n));
    if (kind.way == Way::kVanishHelo) Disconnect(id, placed);
  }

  [[nodiscard]] std::string SenderOf(const Session& session) const {
    return WithNumber(plan_.kinds[session.kind].sender, session.number);
  }

  void Ask(unsigned long id, Session& session, Step step, std::string_view phase,
           std::string_view argument) {
    session.step = step;
    session.asked = Clock::now();
    Request(id, step, phase, argument);
  }

  void Request(unsigned long id, Step step, std::string_view phase, std::string_view argument) {
    std::array<char, 400> line;
    const int size = std::snprintf(
        line.data(), line.size(), "filter|0.6|1700000000.000000|smtp-in|%.*s|%016lx|%016d%s%.*s\n",
        static_cast<int>(phase.size()), phase.data(), id, static_cast<int>(step),
        step == Step::kData ? "" : "|", static_cast<int>(argument.size()), argument.data());
    filter_.Write({line.data(), static_cast<std::size_t>(size)});
  }

  void Disconnect(unsigned long id, Session& session) {
    session.gone = true;
    std::array<char, 100> line;
    const int size =
        std::snprintf(line.data(), line.size(),
                      "report|0.6|1700000000.000000|smtp-in|link-disconnect|%016lx\n", id);
    filter_.Write({line.data(), static_cast<std::size_t>(size)});
  }

  void End(unsigned long id, Session& session, std::string_view outcome) {
    Kind& kind = plan_.kinds[session.kind];
    if (outcome == kind.outcome) {
      ++kind.as_planned;
    } else if (++quoted_ <= kMostQuoted) {
      std::fprintf(stderr, "%s, number %lu: got %.*s, want %s\n", kind.name.c_str(), session.number,
                   static_cast<int>(outcome.size()), outcome.data(), kind.outcome.c_str());
    }
    if (!session.gone) Disconnect(id, session);
    sessions_.erase(id);
    if (begun_ < until_) Begin();
  }

  void Unexpected(std::string_view line) {
    if (++unexpected_ > kMostQuoted) return;
    std::fprintf(stderr, "nobody waits for %.*s\n", static_cast<int>(line.size()), line.data());
  }

  void Stop() {
    std::printf("stop %d %lu\n", static_cast<int>(filter_.pid()), begun_);
    std::fflush(stdout);
    std::string go_on;
    if (!std::getline(std::cin, go_on)) std::exit(2);  // Nobody looks any more.
  }

  FilterProcess& filter_;
  Plan plan_;
  const unsigned long total_, parallel_, stops_;
  bool registered_ = false;
  unsigned long begun_ = 0, until_ = 0, answers_ = 0, unexpected_ = 0, quoted_ = 0;
  Clock::duration latest_{0};
  std::unordered_map<unsigned long, Session> sessions_;
};

}  // namespace

int main(int argc, char** argv) {
  unsigned long sessions = 10000, parallel = 500, stops = 10;
  const char* plan = nullptr;
  int at = 1;
  for (; at + 1 < argc && std::string_view(argv[at]).starts_with("--"); at += 2) {
    const std::string_view option = argv[at];
    if (option == "--plan") {
      plan = argv[at + 1];
    } else {
      (option == "--sessions"   ? sessions
       : option == "--parallel" ? parallel
                                : stops) = std::strtoul(argv[at + 1], nullptr, 10);
    }
  }
  if (at >= argc || plan == nullptr) {
    std::fputs(
        "usage: filter_soak --plan FILE [--sessions N] [--parallel N] [--stops N] COMMAND "
        "[ARGUMENT...]\n",
        stderr);
    return 2;
  }
  FilterProcess filter(argv + at, helovet::FilterLog::kDiscarded);
  Soak soak(filter, ReadPlan(plan), sessions, parallel, stops);
  if (!soak.Run()) {
    std::fprintf(stderr, "filter_soak: %s ended early\n", argv[at]);
    return 1;
  }
  const bool as_planned = soak.Report();
  const rusage used = filter.Finish();
  std::printf("cpu %.1f\n", static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec));
  return as_planned ? 0 : 1;
}
