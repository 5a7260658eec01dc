// Accreditors, from both sides: who points to them, and what they report (DNA-02 §4, §6; BCP).
#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "checks/dna.h"
#include "helovet/result.h"
#include "lint/look.h"
#include "lint/report_text.h"

namespace helovet {
namespace {

constexpr std::size_t kMaxAsked = 20;  // Accreditors whose reports are looked at. Ours.

// What the TXT records of an accreditor say of a name.
struct Reports {
  std::set<Rating> ratings = {};
  std::vector<DnsRecord> readable = {};
};

Reports ReadReports(const std::vector<DnsRecord>& records) {
  Reports reports;
  for (const DnsRecord& record : records) {
    const std::optional<Rating> rating = ReadReport(std::get<std::string>(record.data));
    if (!rating) continue;
    reports.ratings.insert(*rating);
    reports.readable.push_back(record);
  }
  return reports;
}

void JudgeContradiction(const Reports& reports, Look& look) {
  if (reports.ratings.size() < 2) return;
  Fault fault = {.id = FindingId::kDnaContradiction, .records = reports.readable};
  look.Add(std::move(fault));
}

// What the answer of the accreditor that `pointer` names says.
void JudgeOpinion(const DnsRecord& pointer, const DnsAnswer& answer, Look& look) {
  if (answer.records.empty()) {
    look.AddRemoved(FindingId::kDnaNoReport, pointer);
    return;
  }
  const Reports reports = ReadReports(answer.records);
  if (reports.ratings.empty()) {
    look.Add({.id = FindingId::kDnaReportUnreadable, .records = answer.records});
    return;
  }
  JudgeContradiction(reports, look);
  const Rating worst = *reports.ratings.rbegin();
  if (worst == Rating::kD || worst == Rating::kE) {
    look.AddRemoved(FindingId::kDnaNotRecommended, pointer,
                    "its rating is " + std::string(ToString(worst)));
  } else if (worst == Rating::kC) {
    look.Add({.id = FindingId::kDnaNoOpinion, .records = {pointer}});
  }
}

struct Pointer {
  DnsRecord record;
  std::optional<DnsQuestion> question;
};

// The accreditors among `records`; tells of the others.
std::vector<Pointer> PointersOf(const std::vector<DnsRecord>& records, Look& look) {
  std::vector<Pointer> pointers;
  for (const DnsRecord& record : records) {
    const std::optional<DnsName> accreditor = AccreditorOf(std::get<DnsName>(record.data));
    if (!accreditor) {
      look.Add({.id = FindingId::kDnaPointerIgnored, .records = {record}});
      continue;
    }
    pointers.push_back({record, ReportQuestion(look.name(), *accreditor)});
  }
  return pointers;
}

void JudgeNumber(const std::vector<Pointer>& pointers, Look& look) {
  if (pointers.size() <= kMaxNamedAccreditors) return;
  Fault fault = {.id = FindingId::kDnaTooManyAccreditors,
                 .detail = std::to_string(pointers.size()) + " accreditors"};
  for (const Pointer& pointer : pointers) fault.records.push_back(pointer.record);
  look.Add(std::move(fault));
}

}  // namespace

Task<Looked> LookAtAccreditors(Look& look) {
  const DnsQuestion question = {look.name(), DnsType::kPtr};
  const DnsAnswer& answer = co_await look.dns().Ask(question);
  if (!look.Tells(question, answer)) co_return Looked();
  look.Weigh(question, answer);
  std::vector<Pointer> pointers = PointersOf(answer.records, look);
  JudgeNumber(pointers, look);
  if (IsWildcard(look.name())) co_return Looked();  // Reports are about the names below.
  if (pointers.size() > kMaxAsked) pointers.resize(kMaxAsked);
  for (const Pointer& pointer : pointers) {
    if (pointer.question) look.dns().Prefetch(*pointer.question);
  }
  for (const Pointer& pointer : pointers) {
    if (!pointer.question) {
      look.Add({.id = FindingId::kNameTooLong,
                .records = {pointer.record},
                .detail = "the accreditor's name behind it does not fit"});
      continue;
    }
    const DnsAnswer& report = co_await look.dns().Ask(*pointer.question);
    if (look.Tells(*pointer.question, report)) JudgeOpinion(pointer.record, report, look);
  }
  co_return Looked();
}

Task<Looked> LookAtReports(Look& look) {
  const DnsQuestion question = {look.name(), DnsType::kTxt};
  const DnsAnswer& answer = co_await look.dns().Ask(question);
  if (!look.Tells(question, answer)) co_return Looked();
  look.Weigh(question, answer);
  for (const DnsRecord& record : answer.records) {
    const std::string& text = std::get<std::string>(record.data);
    if (!LooksLikeReport(text) || ReadReport(text)) continue;
    look.Add({.id = FindingId::kDnaReportMalformed, .records = {record}});
  }
  JudgeContradiction(ReadReports(answer.records), look);
  co_return Looked();
}

}  // namespace helovet
