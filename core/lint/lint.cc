#include "lint/lint.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/host_name.h"
#include "base/idna.h"
#include "base/printable.h"
#include "dns/answer_cache.h"
#include "dns/network.h"
#include "dns/zone.h"

namespace helovet {
namespace {

// One look under way. On the heap, since its task refers to it.
class RunningLook {
 public:
  using Start = Task<Looked> (*)(Look& look, const LintSubject& subject);

  RunningLook(const LintSources& sources, const DnsName& name, const LintSubject& subject,
              Start start, FindingList& findings)
      : look_(sources, name, findings), task_(start(look_, subject)) {
    task_.Start();
  }
  RunningLook(const RunningLook&) = delete;
  RunningLook& operator=(const RunningLook&) = delete;

  [[nodiscard]] bool done() const { return task_.done(); }

 private:
  Look look_;
  Task<Looked> task_;  // After look_, which it uses.
};

struct DueLook {
  const DnsName* name;
  const LintSubject* subject;
  RunningLook::Start start;
};

void AddLooks(const DnsName& name, const LintSubject& subject, std::deque<DueLook>& due) {
  const auto add = [&](bool wanted, RunningLook::Start start) {
    if (wanted) due.push_back({&name, &subject, start});
  };
  add(subject.helo, &LookAtHelo);
  add(subject.helo || subject.dna,
      [](Look& look, const LintSubject&) { return LookAtAccreditors(look); });
  add(subject.reports, [](Look& look, const LintSubject&) { return LookAtReports(look); });
  add(subject.dmp, &LookAtDmp);
  add(subject.drip, &LookAtDrip);
  add(subject.spf, &LookAtSpf);
  add(subject.rmx, &LookAtRmx);
}

// Time is up: what was not begun is told as not found out, without a question.
void GiveUp(std::deque<DueLook>& due, FindingList& findings) {
  for (const DueLook& left : due) {
    const std::string detail = left.name->ToString() + ": not begun in time";
    findings.Add(*left.name, {.id = FindingId::kCouldNotLook, .detail = detail});
  }
  due.clear();
}

// What is asked of a name that a person gave, in addition to what the files have of it.
void AskAll(LintSubject& subject) {
  subject.asked = subject.helo = subject.dmp = subject.drip = subject.spf = subject.rmx = true;
}

tl::unexpected<FileError> NoName(const std::string& text) {
  return tl::unexpected(FileError{"", 0, 0, "\"" + Printable(text) + "\" is not a domain name"});
}

std::optional<DnsName> DomainName(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  const std::optional<std::string> ascii = ToALabels(text);
  if (!ascii || FindBadLabel(*ascii)) return std::nullopt;
  return DnsName::Parse(*ascii);
}

FileErrorOr<LintSubjects> SubjectsOf(const std::vector<std::string>& names,
                                     const ZoneRecords& zones) {
  if (names.empty()) return zones.subjects();
  LintSubjects subjects;
  for (const std::string& text : names) {
    const std::optional<DnsName> name = DomainName(text);
    if (!name) return NoName(text);
    const auto known = zones.subjects().find(*name);
    LintSubject& subject = subjects[*name];
    if (known != zones.subjects().end()) subject = known->second;
    AskAll(subject);
  }
  return subjects;
}

}  // namespace

LintReport LintSubjectsAndWait(const LintSources& sources, const LintSubjects& subjects) {
  FindingList findings;
  LintReport report;
  std::deque<DueLook> due;
  std::vector<std::string> names;
  for (const auto& [name, subject] : subjects) {
    if (names.size() == kMaxLintNames) {
      Finding left = {.id = FindingId::kTooManyNames};
      left.detail =
          std::to_string(subjects.size() - names.size()) + " names are left, from here on";
      findings.Add(name, std::move(left));
      break;
    }
    names.push_back(name.ToString());
    AddLooks(name, subject, due);
  }
  std::vector<std::unique_ptr<RunningLook>> running;
  const auto go_on = [&] {
    std::erase_if(running, [](const auto& look) { return look->done(); });
    if (sources.loop.Now() >= sources.latest) GiveUp(due, findings);
    while (!due.empty() && running.size() < kLooksAtOnce) {
      const DueLook& next = due.front();
      running.push_back(
          std::make_unique<RunningLook>(sources, *next.name, *next.subject, next.start, findings));
      due.pop_front();
      if (running.back()->done()) running.pop_back();
    }
    return running.empty();
  };
  sources.loop.RunUntil(go_on);
  report = findings.Take();
  report.names = std::move(names);
  return report;
}

FileErrorOr<LintReport> LintAndWait(Loop& loop, const std::shared_ptr<const Config>& config,
                                    const LintRequest& request) {
  const bool asks_network =
      request.zone_files.empty() || request.fallback == ZoneFallback::kNetwork;
  std::unique_ptr<Dns> dns;
  // Looks at one name share many questions.
  if (asks_network) dns = std::make_unique<AnswerCache>(loop, NetworkDns(loop, *config));
  FileErrorOr<ZoneRecords> zones = ZoneRecords::Read(request.zone_files);
  if (!zones) return tl::unexpected(std::move(zones.error()));
  if (!request.zone_files.empty()) {
    auto answers = ZoneDns::Load(loop, request.zone_files, std::move(dns));
    if (!answers) return tl::unexpected(std::move(answers.error()));
    dns = std::move(*answers);
  }
  const FileErrorOr<LintSubjects> subjects = SubjectsOf(request.names, *zones);
  if (!subjects) return tl::unexpected(subjects.error());
  const LintSources sources = {.loop = loop,
                               .dns = *dns,
                               .zones = request.zone_files.empty() ? nullptr : &*zones,
                               .refused_is_outside = !asks_network,
                               .deadline = config->deadline,
                               .latest = loop.Now() + kMaxLintTime};
  return LintSubjectsAndWait(sources, *subjects);
}

}  // namespace helovet
