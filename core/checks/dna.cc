#include "checks/dna.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "base/ascii.h"
#include "checks/answers.h"

namespace helovet {
namespace {

constexpr std::string_view kVouchPrefix = "_vouch._smtp";  // DNA-02 §4
constexpr std::size_t kVouchPrefixLabels = 2;
constexpr std::string_view kService = "MARID";  // DNA-02 §6: "service accredited" for CSV
constexpr std::string_view kLevel = "1";        // DNA-02 §6: "level accredited" for CSV

DnsQuestion PointerQuestion(const DnsName& name) { return {name, DnsType::kPtr}; }

// The accreditors that are trusted here, by their names.
std::map<DnsName, const Accreditor*> TrustedBy(const Config::Dna& settings) {
  std::map<DnsName, const Accreditor*> trusted;
  for (const Accreditor& accreditor : settings.trusted) {
    if (std::optional<DnsName> name = DnsName::Parse(accreditor.name)) {
      trusted.emplace(*std::move(name), &accreditor);
    }
  }
  return trusted;
}

// One accreditor: whether it is asked, and what it says.
struct Inquiry {
  DnsName name;
  const Accreditor* trusted = nullptr;                 // Null: nobody here trusts it.
  std::optional<DnsQuestion> question = std::nullopt;  // Empty: it is not asked.
  Opinion opinion = {};
};

// The configuration has every session ask some; the others are asked because the name says so.
Share ShareOf(const Inquiry& inquiry) {
  return inquiry.trusted != nullptr && inquiry.trusted->always_ask ? Share::kConfigured
                                                                   : Share::kName;
}

// An inquiry that is not made.
Inquiry NotAsked(const DnsName& name, const Accreditor* trusted, Reason reason) {
  return {.name = name,
          .trusted = trusted,
          .opinion = {.authority = name.ToString(),
                      .result = Result::kSkipped,
                      .reason = reason,
                      .advisory = trusted != nullptr && trusted->advisory}};
}

Inquiry AskedAbout(const DnsName& helo, const DnsName& name, const Accreditor* trusted) {
  std::optional<DnsQuestion> question = ReportQuestion(helo, name);
  if (!question) return NotAsked(name, trusted, Reason::kNameTooLong);
  return {.name = name,
          .trusted = trusted,
          .question = std::move(question),
          .opinion = {.authority = name.ToString(), .advisory = trusted->advisory}};
}

std::set<DnsName> NamedIn(const DnsAnswer& pointers) {
  std::set<DnsName> named;
  for (const DnsRecord& record : pointers.records) {
    const auto* target = std::get_if<DnsName>(&record.data);
    if (target == nullptr) continue;
    if (std::optional<DnsName> accreditor = AccreditorOf(*target)) {
      named.insert(*std::move(accreditor));
    }
  }
  return named;
}

// DNA-02 §5, step 3: those that the client has registered and that are trusted, and those that are
// always asked; each once, in canonical name order (docs/rules.md §6.1).
std::vector<Inquiry> ListInquiries(const DnsName& helo, const DnsAnswer& pointers,
                                   const Config::Dna& settings) {
  const std::map<DnsName, const Accreditor*> trusted = TrustedBy(settings);
  std::map<DnsName, Inquiry> inquiries;
  std::size_t asked = 0;
  for (const DnsName& name : NamedIn(pointers)) {
    const auto known = trusted.find(name);
    if (known == trusted.end() || asked == kMaxNamedAccreditors) {
      const Accreditor* const accreditor = known == trusted.end() ? nullptr : known->second;
      inquiries.emplace(name, NotAsked(name, accreditor, Reason::kUnknown));
      continue;
    }
    const auto added = inquiries.emplace(name, AskedAbout(helo, name, known->second)).first;
    if (added->second.question) ++asked;
  }
  for (const auto& [name, accreditor] : trusted) {
    if (accreditor->always_ask)
      inquiries.insert_or_assign(name, AskedAbout(helo, name, accreditor));
  }
  std::vector<Inquiry> list;
  list.reserve(inquiries.size());
  for (auto& [name, inquiry] : inquiries) list.push_back(std::move(inquiry));
  return list;
}

std::string_view Trimmed(std::string_view text) {
  const auto is_blank = [](char octet) { return octet == ' ' || octet == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Takes what stands before `end`, or all of `text`, off its front, without the blanks around.
std::string_view TakePart(std::string_view& text, char end) {
  const std::size_t length = std::min(text.find(end), text.size());
  const std::string_view part = text.substr(0, length);
  text.remove_prefix(std::min(length + 1, text.size()));
  return Trimmed(part);
}

Ruling RulingOf(Rating rating) {
  switch (rating) {
    case Rating::kA:
    case Rating::kB:
      return {Result::kPass, Reason::kRecommended};
    case Rating::kC:
      return {Result::kNone, Reason::kUnknown};
    case Rating::kD:
    case Rating::kE:
      return {Result::kFail, Reason::kNotRecommended};
  }
  return {Result::kNone, Reason::kUnknown};
}

// What an accreditor's answer says. Of several reports the worst counts, and of those that rate
// alike the first in the order of octets is told.
void ReadOpinion(const DnsAnswer& answer, Opinion& opinion) {
  std::string_view told;
  for (const DnsRecord& record : answer.records) {
    const auto* report = std::get_if<std::string>(&record.data);
    if (report == nullptr) continue;
    const std::optional<Rating> rating = ReadReport(*report);
    if (!rating) continue;
    const bool alike = opinion.rating == rating;
    if (opinion.rating > rating || (alike && told <= *report)) continue;
    opinion.rating = rating;
    told = *report;
  }
  const Ruling ruling = opinion.rating
                            ? RulingOf(*opinion.rating)
                            : FailureOf(answer).value_or(Ruling{Result::kNone, Reason::kUnknown});
  opinion.result = ruling.result;
  opinion.reason = ruling.reason;
  opinion.text = told.substr(0, kMaxReportOctets);
}

// What the opinions that count come to.
struct Tally {
  const Inquiry* worst = nullptr;  // Of those that do not recommend the name, the first.
  const Inquiry* best = nullptr;   // Of those that do, the first.
  int weight = 0;                  // Of those that do.
  bool temporary = false;
};

Tally TallyOf(const std::vector<Inquiry>& inquiries) {
  Tally tally;
  for (const Inquiry& inquiry : inquiries) {
    const Opinion& opinion = inquiry.opinion;
    if (opinion.advisory) continue;
    if (opinion.result == Result::kTemperror) tally.temporary = true;
    if (opinion.result == Result::kFail &&
        (tally.worst == nullptr || tally.worst->opinion.rating < opinion.rating)) {
      tally.worst = &inquiry;
    }
    if (opinion.result != Result::kPass) continue;
    tally.weight += inquiry.trusted->weight;
    if (tally.best == nullptr || opinion.rating < tally.best->opinion.rating) tally.best = &inquiry;
  }
  return tally;
}

// DNA-02 §5, step 5, with the weightings of docs/rules.md §6.1. Gives the inquiry that decided, or
// null; `registered` is what hindered the question for the registered accreditors.
const Inquiry* Synthesize(const std::vector<Inquiry>& inquiries,
                          const std::optional<Ruling>& registered, int required_weight,
                          CheckResult& result) {
  const Tally tally = TallyOf(inquiries);
  const bool recommended = tally.best != nullptr && tally.weight >= required_weight;
  const Inquiry* const decisive =
      tally.worst != nullptr ? tally.worst : (recommended ? tally.best : nullptr);
  Ruling ruling = registered.value_or(Ruling{Result::kNone, Reason::kUnknown});
  if (tally.temporary) ruling = {Result::kTemperror, Reason::kDns};
  if (decisive != nullptr) {
    ruling = {decisive->opinion.result, decisive->opinion.reason};
    result.authority = decisive->opinion.authority;
    result.rating = decisive->opinion.rating;
  }
  result.result = ruling.result;
  result.reason = ruling.reason;
  return decisive;
}

// DNA-02 §4: where people can ask. RFC 2782's choice by chance would show in the result, so it is
// by weight, and then by name.
Task<std::string> FindContact(const DnsName& accreditor, SessionDns& dns,
                              std::vector<Evidence>& evidence) {
  std::optional<DnsName> owner = accreditor.WithPrefix(kVouchPrefix);
  if (!owner) co_return std::string();
  const DnsQuestion question = {*std::move(owner), DnsType::kSrv};
  const DnsAnswer& answer = co_await dns.Ask(question);
  AddEvidence(question, answer, evidence);

  const SrvData* contact = nullptr;
  const auto precedes = [](const SrvData& a, const SrvData& b) {
    if (a.priority != b.priority) return a.priority < b.priority;
    if (a.weight != b.weight) return a.weight > b.weight;
    return std::tie(a.target, a.port) < std::tie(b.target, b.port);
  };
  for (const DnsRecord& record : answer.records) {
    const auto* srv = std::get_if<SrvData>(&record.data);
    if (srv == nullptr || srv->target.is_root()) continue;  // ".": decidedly no such service.
    if (contact == nullptr || precedes(*srv, *contact)) contact = srv;
  }
  if (contact == nullptr) co_return std::string();
  co_return contact->target.ToString() + ":" + std::to_string(contact->port);
}

}  // namespace

std::optional<DnsName> AccreditorOf(const DnsName& target) {
  const std::size_t labels = target.label_count();
  if (labels <= kVouchPrefixLabels) return std::nullopt;
  DnsName accreditor = target.LastLabels(labels - kVouchPrefixLabels);
  if (accreditor.WithPrefix(kVouchPrefix) != target) return std::nullopt;
  return accreditor;
}

std::optional<DnsQuestion> ReportQuestion(const DnsName& name, const DnsName& accreditor) {
  std::optional<DnsName> owner = accreditor.WithPrefix(name.ToString());
  if (!owner) return std::nullopt;
  return DnsQuestion{*std::move(owner), DnsType::kTxt};
}

std::optional<Rating> ReadReport(std::string_view report) {
  if (!EqualsIgnoringCase(TakePart(report, ','), kService)) return std::nullopt;
  if (TakePart(report, ',') != kLevel) return std::nullopt;
  return ParseRating(TakePart(report, ';'));
}

void PrefetchDna(const HeloFinding& helo, const Config::Dna& settings, SessionDns& dns) {
  if (!helo.name) return;
  dns.Prefetch(PointerQuestion(*helo.name));
  for (const Inquiry& inquiry : ListInquiries(*helo.name, DnsAnswer(), settings)) {
    if (inquiry.question) dns.Prefetch(*inquiry.question, ShareOf(inquiry));
  }
}

// The steps are those of DNA-02 §5; steps 1 and 2 are the checks helo and csa.
Task<CheckResult> CheckDna(const HeloFinding& helo, const Config::Dna& settings, SessionDns& dns) {
  CheckResult result = {.check = CheckId::kDna, .result = Result::kNone, .reason = Reason::kNoName};
  if (!helo.name) co_return result;

  // Step 3: a list of accreditation services.
  const DnsQuestion pointer_question = PointerQuestion(*helo.name);
  const DnsAnswer& pointers = co_await dns.Ask(pointer_question);
  AddEvidence(pointer_question, pointers, result.evidence);
  std::vector<Inquiry> inquiries = ListInquiries(*helo.name, pointers, settings);

  // Step 4: their assessments.
  for (const Inquiry& inquiry : inquiries) {
    if (inquiry.question) dns.Prefetch(*inquiry.question, ShareOf(inquiry));
  }
  for (Inquiry& inquiry : inquiries) {
    if (!inquiry.question) continue;
    const DnsAnswer& answer = co_await dns.Ask(*inquiry.question, ShareOf(inquiry));
    AddEvidence(*inquiry.question, answer, result.evidence);
    ReadOpinion(answer, inquiry.opinion);
  }

  // Steps 5 and 6: a single assessment.
  const Inquiry* const decisive =
      Synthesize(inquiries, FailureOf(pointers), settings.required_weight, result);
  if (result.result == Result::kFail) {
    result.contact = co_await FindContact(decisive->name, dns, result.evidence);
  }
  for (Inquiry& inquiry : inquiries) result.opinions.push_back(std::move(inquiry.opinion));
  co_return result;
}

}  // namespace helovet
