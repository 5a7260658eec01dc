// growth_parts lists names|networks N      a local list of N entries, in a file
// growth_parts depth ROUNDS                HELO names of 2 to 30 labels
// growth_parts accreditors ROUNDS          0 to 8 trusted accreditors
//
// How the work on a session grows with what is configured and said, without a network: DNS answers
// come from zones in memory. Prints JSON; tests/bench/growth draws it.
#include <malloc.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dns/zone.h"
#include "helovet/config.h"
#include "helovet/engine.h"
#include "helovet/local_lists.h"

namespace helovet {
namespace {

constexpr int kVerdictsAtOnce = 50;  // Between two looks at the clock.
constexpr unsigned long kLookUps = 200'000;

// Nanoseconds of this process's CPU.
double Cpu() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double ResidentOctets() {
  std::ifstream file("/proc/self/statm");
  double size = 0;
  double resident = 0;
  file >> size >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

// Entry `number` of a list; no two are alike, and neighbours lie far apart.
std::string Entry(bool names, unsigned long number) {
  const unsigned long mixed = number * 2654435761UL & 0xffffffffUL;
  if (names) return "mail" + std::to_string(mixed) + ".example.com";
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    text += (text.empty() ? "" : ".") + std::to_string(mixed >> shift & 255);
  }
  return text;
}

// Nanoseconds for one of these look-ups.
double LookUpTime(const LocalLists& lists, bool names, unsigned long first, unsigned long count) {
  std::vector<std::string> texts;
  for (unsigned long number = 0; number < std::min(count, kLookUps); ++number) {
    texts.push_back(Entry(names, first + number * (count / std::min(count, kLookUps))));
  }
  std::vector<IpAddress> addresses;
  for (const std::string& text : texts) {
    if (!names) addresses.push_back(*IpAddress::Parse(text));
  }
  const double start = Cpu();
  unsigned long done = 0;
  while (done < kLookUps) {
    for (std::size_t at = 0; at < texts.size(); ++at, ++done) {
      const ListMatch match = names ? lists.FindName(texts[at]) : lists.FindAddress(addresses[at]);
      if (match.listing == Listing::kAllow) std::abort();
    }
  }
  return (Cpu() - start) / static_cast<double>(done);
}

// The path of a new file.
std::string WriteList(bool names, unsigned long entries) {
  std::string path = std::filesystem::temp_directory_path() / "helovet-list-XXXXXX";
  close(mkstemp(path.data()));
  std::ofstream file(path);
  for (unsigned long number = 0; number < entries; ++number) file << Entry(names, number) << '\n';
  return path;
}

int MeasureLists(bool names, unsigned long entries) {
  const std::string path = WriteList(names, entries);
  // What the first reading of any file costs is no entry's.
  const std::string other = WriteList(names, 1);
  static_cast<void>(LocalLists({}, {other}));
  unlink(other.c_str());
  malloc_trim(0);
  const double memory = ResidentOctets();
  const double start = Cpu();
  LocalLists lists({}, {path});
  const double load = Cpu() - start;
  const double used = ResidentOctets() - memory;
  unlink(path.c_str());
  if (!lists.TakeComplaints().empty() || lists.empty() != (entries == 0)) return 1;
  const double found = entries == 0 ? 0 : LookUpTime(lists, names, 0, entries);
  const double missed = LookUpTime(lists, names, entries, kLookUps);
  std::printf(
      R"({"entries": %lu, "load_ms": %.4f, "octets": %.0f, "found_ns": %.1f, "missed_ns": %.1f})"
      "\n",
      entries, load / 1e6, used, found, missed);
  return 0;
}

// One session under one configuration, as often as wanted.
class Subject {
 public:
  Subject(std::string key, long x, Config config, std::string helo, const std::string& zones)
      : key_(std::move(key)),
        x_(x),
        session_{.client = *IpAddress::Parse("192.0.2.1"), .helo = std::move(helo)},
        engine_(loop_, std::make_shared<const Config>(std::move(config)),
                std::move(*ZoneDns::Parse(loop_, Texts(zones), nullptr))) {}

  void Play() {
    const double start = Cpu();
    for (int count = 0; count < kVerdictsAtOnce; ++count) {
      queries_ = engine_.ValidateAndWait(session_).exchanges.size();
    }
    times_.push_back((Cpu() - start) / 1e3 / kVerdictsAtOnce);
  }

  [[nodiscard]] std::string ToJson() const {
    return R"({"series": ")" + key_ + R"(", "x": )" + std::to_string(x_) + R"(, "cpu_us": )" +
           std::to_string(Median(times_)) + R"(, "queries": )" + std::to_string(queries_) + "}";
  }

 private:
  static std::vector<ZoneDns::Text> Texts(const std::string& records) {
    const std::string soa = "$TTL 3600\n@ SOA ns hostmaster 1 7200 3600 1209600 300\n";
    return {{"example.com", "$ORIGIN example.com.\n" + soa + records},
            {"judge.example", "$ORIGIN judge.example.\n" + soa + "* TXT MARID,1,B\n"},
            {"reverse", "$ORIGIN 2.0.192.in-addr.arpa.\n" + soa + "1 PTR mail.example.com.\n"}};
  }

  const std::string key_;
  const long x_;
  const Session session_;
  Loop loop_;
  Engine engine_;
  std::size_t queries_ = 0;
  std::vector<double> times_;
};

using Subjects = std::vector<std::unique_ptr<Subject>>;

// In turn, so that whatever else the machine does meets all of them.
int Measure(const Subjects& subjects, long rounds) {
  for (long round = 0; round < rounds; ++round) {
    for (const auto& subject : subjects) subject->Play();
  }
  const char* before = "[";
  for (const auto& subject : subjects) {
    std::printf("%s%s", before, subject->ToJson().c_str());
    before = ",\n ";
  }
  std::puts("]");
  return 0;
}

int MeasureDepth(long rounds) {
  Subjects subjects;
  for (const long labels : {2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30}) {
    std::string name;
    for (long label = 2; label < labels; ++label) name += "a" + std::to_string(label) + ".";
    const std::string owner = name.empty() ? "@" : name.substr(0, name.size() - 1);
    const std::string service = name.empty() ? "" : "." + owner;
    name += "example.com";
    subjects.push_back(std::make_unique<Subject>("absent", labels, Config(), name, ""));
    subjects.push_back(std::make_unique<Subject>(
        "published", labels, Config(), name,
        owner + " A 192.0.2.1\n_client._smtp" + service + " SRV 1 2 0 " + name + ".\n"));
  }
  return Measure(subjects, rounds);
}

int MeasureAccreditors(long rounds) {
  Subjects subjects;
  for (long count = 0; count <= 8; ++count) {
    Config pointed;
    std::string records = "mail A 192.0.2.1\n_client._smtp.mail SRV 1 2 0 mail\n";
    for (long number = 0; number < count; ++number) {
      const std::string name = "a" + std::to_string(number) + ".judge.example";
      pointed.dna.trusted.push_back({.name = name});
      records += "mail PTR _vouch._smtp." + name + ".\n";
    }
    Config always = pointed;
    for (Accreditor& each : always.dna.trusted) each.always_ask = true;
    subjects.push_back(
        std::make_unique<Subject>("pointed", count, pointed, "mail.example.com", records));
    subjects.push_back(std::make_unique<Subject>("always", count, always, "mail.example.com", ""));
  }
  return Measure(subjects, rounds);
}

int Main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  const long number = argc > 2 ? std::strtol(argv[argc - 1], nullptr, 10) : 0;
  if (what == "lists" && argc == 4 && number >= 0) {
    return MeasureLists(argv[2] == std::string_view("names"), static_cast<unsigned long>(number));
  }
  if (what == "depth" && argc == 3 && number > 0) return MeasureDepth(number);
  if (what == "accreditors" && argc == 3 && number > 0) return MeasureAccreditors(number);
  std::fputs("usage: growth_parts lists names|networks N | depth ROUNDS | accreditors ROUNDS\n",
             stderr);
  return 2;
}

}  // namespace
}  // namespace helovet

int main(int argc, char** argv) { return helovet::Main(argc, argv); }
