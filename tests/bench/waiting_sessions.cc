// waiting_sessions [--waiting N] [--deadline SECONDS] [--rate N] [--seconds N] [--rounds N]
//                  [--json] FILTER
//
// Sessions that wait for DNS servers that say nothing: what they cost the filter, whether each gets
// its one answer at the deadline, and what others notice of them. The DNS server is our own.
//
// FILTER is filter-helovet. A round plays other sessions, --rate a second for --seconds, about
// names with an answer (--rate 0: none); then opens --waiting sessions as fast as the filter takes
// them, all of which wait from EHLO on, while the others go on until the last of them has its
// answer. Times of the others are from EHLO to the answer at MAIL FROM; memory is the filter's,
// from /proc/PID/smaps_rollup.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "filter_process.h"
#include "silent_dns.h"

namespace {

using helovet::FilterLog;
using helovet::FilterProcess;
using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;
using Seconds = std::chrono::duration<double>;

constexpr std::string_view kPrefix = "|0.6|1700000000.000000|smtp-in|";
constexpr std::string_view kEhloToken = "00000000000000e1";
constexpr std::string_view kMailToken = "00000000000000f1";
constexpr unsigned long kOther = 1UL << 40;  // In the ids of sessions that need not wait.
constexpr std::size_t kOpeningAtOnce = 32;   // EHLOs without an answer.
constexpr Clock::duration kSettling = std::chrono::seconds(1);
constexpr Clock::duration kPatience = std::chrono::seconds(20);  // After the deadline.

struct Memory {
  long resident = 0;  // KiB, all three.
  long pss = 0;
  long own = 0;  // Private pages.
};
Memory ReadMemory(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/smaps_rollup");
  Memory memory;
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(':');
    const std::string_view name = std::string_view(line).substr(0, colon);
    if (name != "Rss" && name != "Pss" && !name.starts_with("Private_")) continue;
    const long value = std::strtol(line.c_str() + colon + 1, nullptr, 10);
    (name == "Rss" ? memory.resident : name == "Pss" ? memory.pss : memory.own) += value;
  }
  return memory;
}

// Seconds of CPU so far, of user and system.
double ReadCpu(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/schedstat");
  double nanoseconds = 0;
  file >> nanoseconds;
  return nanoseconds / 1e9;
}

struct Options {
  long waiting = 10000;
  long deadline = 30;  // Seconds.
  long rate = 500;
  long seconds = 5;
  long rounds = 1;
  bool json = false;
  const char* filter = nullptr;
};

enum Phase : std::uint8_t { kAlone, kOpening, kWaiting, kEnding, kSettled, kPhases };
constexpr std::array<const char*, kPhases> kPhaseNames = {"alone", "opening", "waiting", "ending",
                                                          "settled"};

struct Figures {
  std::array<std::vector<double>, kPhases> others;  // Milliseconds, by what else went on at EHLO.
  std::vector<double> lateness;            // Milliseconds after the deadline; negative: before it.
  std::vector<double> resident, pss, own;  // Octets for each waiting session.
  std::vector<double> total;               // Octets of resident memory, all of it.
  std::vector<double> kept;                // Likewise of resident memory, after the end.
  std::vector<double> opening;             // Seconds.
  std::vector<double> cpu_opening, cpu_waiting, cpu_ending;  // Microseconds a waiting session.
  std::vector<double> questions;  // For each waiting session, repetitions included.
  long answers = 0;               // To MAIL FROM of waiting sessions.
  long unanswered = 0;            // Waiting sessions without one.
  long others_unanswered = 0;
  long repeated = 0;  // Answers to what had one.
};

double Quantile(std::vector<double> values, double part) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::size_t>(part * static_cast<double>(values.size() - 1) + 0.5);
  std::nth_element(values.begin(), values.begin() + static_cast<long>(at), values.end());
  return values[at];
}

class Play {
 public:
  Play(const Options& options, FilterProcess& filter, const helovet::SilentDns& dns)
      : options_(options), filter_(filter), dns_(dns) {
    filter_.Write(
        "config|smtpd-version|6.8.0p2\nconfig|smtp-session-timeout|300\n"
        "config|subsystem|smtp-in\nconfig|admd|mx.example\nconfig|ready\n");
    while (!ready_) Turn(Clock::now() + kSettling);
    next_other_ = Clock::now();
    phase_ = kSettled;
    Go(Clock::now() + kSettling);  // Its first sessions cost more than others.
  }

  void Round() {
    phase_ = kAlone;
    next_other_ = Clock::now();
    if (options_.rate > 0) Go(Clock::now() + std::chrono::seconds(options_.seconds));

    const Memory before = ReadMemory(filter_.pid());
    const long questions = dns_.unanswered();
    double cpu = ReadCpu(filter_.pid());
    phase_ = kOpening;
    waiting_.assign(static_cast<std::size_t>(options_.waiting), {});
    opened_ = identified_ = finished_ = 0;
    const Clock::time_point start = Clock::now();
    while (identified_ < waiting_.size()) {
      Open();
      Step(Clock::now() + std::chrono::milliseconds(1));
    }
    const Clock::time_point opened = Clock::now();
    figures_.opening.push_back(Seconds(opened - start).count());
    cpu = KeepCpu(figures_.cpu_opening, cpu);

    phase_ = kWaiting;
    const auto deadline = std::chrono::seconds(options_.deadline);
    const Clock::time_point first = start + deadline - std::chrono::milliseconds(100);
    Go(first);
    KeepMemory(before);
    cpu = KeepCpu(figures_.cpu_waiting, cpu);

    phase_ = kEnding;
    while (finished_ < waiting_.size() && Clock::now() < opened + deadline + kPatience) {
      Step(Clock::now() + std::chrono::milliseconds(1));
    }
    phase_ = kSettled;
    Go(Clock::now() + kSettling);
    KeepCpu(figures_.cpu_ending, cpu);
    KeepEnd(before, questions);
  }

  [[nodiscard]] const Figures& figures() const { return figures_; }

 private:
  struct Waiting {
    Clock::time_point ehlo;
    Clock::time_point answered;
    int answers = 0;
  };
  struct Other {
    Clock::time_point ehlo;
    Phase phase;
  };

  double KeepCpu(std::vector<double>& kept, double before) const {
    const double now = ReadCpu(filter_.pid());
    kept.push_back((now - before) * 1e6 / static_cast<double>(options_.waiting));
    return now;
  }

  void KeepMemory(const Memory& before) {
    const Memory now = ReadMemory(filter_.pid());
    const auto each = [this](long kib) {
      return static_cast<double>(kib) * 1024 / static_cast<double>(options_.waiting);
    };
    figures_.total.push_back(static_cast<double>(now.resident) * 1024);
    figures_.resident.push_back(each(now.resident - before.resident));
    figures_.pss.push_back(each(now.pss - before.pss));
    figures_.own.push_back(each(now.own - before.own));
  }

  void KeepEnd(const Memory& before, long questions) {
    const auto sessions = static_cast<double>(options_.waiting);
    figures_.questions.push_back(static_cast<double>(dns_.unanswered() - questions) / sessions);
    figures_.kept.push_back(
        static_cast<double>(ReadMemory(filter_.pid()).resident - before.resident) * 1024 /
        sessions);
    const auto deadline = std::chrono::seconds(options_.deadline);
    for (const Waiting& session : waiting_) {
      if (session.answers == 0) {
        ++figures_.unanswered;
        continue;
      }
      ++figures_.answers;
      figures_.repeated += session.answers - 1;
      figures_.lateness.push_back(Milliseconds(session.answered - session.ehlo - deadline).count());
    }
  }

  // Other sessions, until then.
  void Go(Clock::time_point until) {
    while (Clock::now() < until) Step(until);
  }

  void Step(Clock::time_point until) {
    if (options_.rate == 0) {
      Turn(until);
      return;
    }
    const Clock::duration interval = std::chrono::nanoseconds(1'000'000'000 / options_.rate);
    for (; Clock::now() >= next_other_; next_other_ += interval) BeginOther();
    Turn(std::min(until, next_other_));
  }

  void Turn(Clock::time_point until) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    const int milliseconds = static_cast<int>(std::clamp<long>(left, 0, 1000));
    if (filter_.Turn([this](std::string_view line) { OnLine(line); }, milliseconds)) return;
    std::fputs("waiting_sessions: the filter has ended\n", stderr);
    std::exit(1);
  }

  void OnLine(std::string_view line) {
    if (line == "register|ready") ready_ = true;
    if (!line.starts_with("filter-result|")) return;
    const auto id = std::strtoul(std::string(line.substr(14, 16)).c_str(), nullptr, 16);
    const bool at_mail = line.substr(31, 16) == kMailToken;
    if (id >= kOther) {
      at_mail ? EndOther(id) : Mail(id);
    } else if (at_mail) {
      EndWaiting(id);
    } else {
      ++identified_;
      Mail(id);
    }
  }

  void Open() {
    for (; opened_ < waiting_.size() && opened_ < identified_ + kOpeningAtOnce; ++opened_) {
      const std::string number = std::to_string(names_++);
      waiting_[opened_].ehlo = Clock::now();
      Begin(opened_, "10." + Address(opened_), "mail.d" + number + ".silent");
    }
  }

  void BeginOther() {
    const unsigned long number = others_.size();
    others_.push_back({Clock::now(), phase_});
    ++figures_.others_unanswered;
    Begin(kOther + number, "172." + Address(number), "h" + std::to_string(number) + ".example.com");
  }

  void EndWaiting(unsigned long id) {
    Waiting& session = waiting_[id];
    if (session.answers++ > 0) return;
    session.answered = Clock::now();
    ++finished_;
    Send("report", "link-disconnect", id, "");
  }

  void EndOther(unsigned long id) {
    --figures_.others_unanswered;
    const Other& session = others_[id - kOther];
    figures_.others.at(session.phase).push_back(Milliseconds(Clock::now() - session.ehlo).count());
    Send("report", "link-disconnect", id, "");
  }

  static std::string Address(unsigned long number) {
    return std::to_string(number >> 16 & 255) + "." + std::to_string(number >> 8 & 255) + "." +
           std::to_string(number & 255);
  }

  void Begin(unsigned long id, const std::string& client, const std::string& name) {
    Send("report", "link-connect", id, "|client.example|pass|" + client + ":4321|192.0.2.25:25");
    Send("filter", "ehlo", id, "|" + std::string(kEhloToken) + "|" + name);
  }

  void Mail(unsigned long id) {
    Send("filter", "mail-from", id, "|" + std::string(kMailToken) + "|sender@example.com");
  }

  void Send(std::string_view kind, std::string_view event, unsigned long id,
            std::string_view fields) {
    std::array<char, 17> number;
    std::snprintf(number.data(), number.size(), "%016lx", id);
    std::string line(kind);
    line.append(kPrefix).append(event).append("|").append(number.data()).append(fields);
    filter_.Write(line += '\n');
  }

  const Options& options_;
  FilterProcess& filter_;
  const helovet::SilentDns& dns_;
  Figures figures_;
  bool ready_ = false;
  Phase phase_ = kSettled;
  Clock::time_point next_other_;
  std::vector<Other> others_;
  std::vector<Waiting> waiting_;
  unsigned long names_ = 0;  // No name comes twice.
  std::size_t opened_ = 0;
  std::size_t identified_ = 0;
  std::size_t finished_ = 0;
};

double Median(const std::vector<double>& values) { return Quantile(values, 0.5); }

// By name, for people or machines.
void Print(const Options& options, const Figures& figures) {
  std::vector<std::pair<std::string, double>> lines = {
      {"waiting", options.waiting},
      {"rounds", options.rounds},
      {"deadline_s", options.deadline},
      {"resident_total_octets", Median(figures.total)},
      {"resident_octets", Median(figures.resident)},
      {"pss_octets", Median(figures.pss)},
      {"private_octets", Median(figures.own)},
      {"resident_octets_after", Median(figures.kept)},
      {"answers", figures.answers},
      {"without_answer", figures.unanswered},
      {"answered_again", figures.repeated},
      {"earliest_ms_after_deadline", Quantile(figures.lateness, 0)},
      {"median_ms_after_deadline", Median(figures.lateness)},
      {"latest_ms_after_deadline", Quantile(figures.lateness, 1)},
      {"opening_s", Median(figures.opening)},
      {"questions", Median(figures.questions)},
      {"cpu_us_opening", Median(figures.cpu_opening)},
      {"cpu_us_waiting", Median(figures.cpu_waiting)},
      {"cpu_us_ending", Median(figures.cpu_ending)},
  };
  lines.emplace_back("others_without_answer", figures.others_unanswered);
  for (std::size_t phase = kAlone; phase < kSettled; ++phase) {
    const std::string name = "others_" + std::string(kPhaseNames.at(phase));
    const std::vector<double>& times = figures.others.at(phase);
    lines.emplace_back(name, static_cast<double>(times.size()));
    lines.emplace_back(name + "_median_ms", Median(times));
    lines.emplace_back(name + "_p99_ms", Quantile(times, 0.99));
  }
  const char* before = "{";
  for (const auto& [name, value] : lines) {
    if (options.json) {
      std::printf("%s\"%s\": %.10g", before, name.c_str(), value);
      before = ", ";
    } else {
      std::printf("%-28s %12.10g\n", name.c_str(),
                  static_cast<double>(std::lround(value * 1000)) / 1000);
    }
  }
  if (options.json) std::puts("}");
}

bool Read(int argc, char** argv, Options& options) {
  for (int at = 1; at < argc; ++at) {
    const std::string_view word = argv[at];
    if (word == "--json") {
      options.json = true;
      continue;
    }
    if (!word.starts_with("--")) {
      if (at + 1 != argc) return false;
      options.filter = argv[at];
      break;
    }
    long* const place = word == "--waiting"    ? &options.waiting
                        : word == "--deadline" ? &options.deadline
                        : word == "--rate"     ? &options.rate
                        : word == "--seconds"  ? &options.seconds
                        : word == "--rounds"   ? &options.rounds
                                               : nullptr;
    if (place == nullptr || ++at == argc) return false;
    *place = std::strtol(argv[at], nullptr, 10);
    if (*place < (place == &options.rate ? 0 : 1)) return false;
  }
  return options.filter != nullptr && options.waiting < 1 << 24 && options.deadline <= 60;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!Read(argc, argv, options)) {
    std::fputs(
        "usage: waiting_sessions [--waiting N] [--deadline SECONDS] [--rate N] [--seconds N] "
        "[--rounds N] [--json] FILTER\n",
        stderr);
    return 2;
  }
  std::string config = std::filesystem::temp_directory_path() / "helovet-waiting-XXXXXX";
  close(mkstemp(config.data()));
  const helovet::SilentDns dns;
  const std::string deadline = "\"" + std::to_string(options.deadline) + "s\"\n";
  std::ofstream(config) << "deadline = " << deadline
                        << "store.kind = \"none\"\n[dns]\nservers = [\"127.0.0.1:" << dns.port()
                        << "\"]\nquery_timeout = " << deadline;
  const std::array<const char*, 4> command = {options.filter, "-c", config.c_str(), nullptr};
  FilterProcess filter(const_cast<char* const*>(command.data()), FilterLog::kDiscarded);
  Play play(options, filter, dns);
  unlink(config.c_str());
  for (long round = 0; round < options.rounds; ++round) play.Round();
  Print(options, play.figures());
  const Figures& figures = play.figures();
  return figures.unanswered == 0 && figures.repeated == 0 ? 0 : 1;
}
