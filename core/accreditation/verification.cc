#include "accreditation/verification.h"

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "accreditation/zone_names.h"
#include "dns/network.h"
#include "dns/zone.h"

namespace helovet {
namespace {

// What is expected at a name of the zone.
struct Expectation {
  DnsQuestion question;
  std::string wanted;  // Empty: no record.
};

// Records of the type at the name itself, and an alias that stands there instead.
std::vector<std::string> FoundIn(const DnsReply& reply, const DnsQuestion& question) {
  std::vector<std::string> found;
  for (const DnsRecord& record : reply.answers) {
    if (record.owner != question.name) continue;
    const auto* text = std::get_if<std::string>(&record.data);
    if (record.type == question.type) {
      found.push_back(text != nullptr ? *text : record.DataToString());
    } else if (record.type == DnsType::kCname) {
      found.push_back("CNAME " + record.DataToString());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

// RFC 2308 §2.2: without a SOA record an empty answer may be a referral to other servers, which
// says nothing of the name.
bool TellsNothing(const DnsReply& reply) {
  return IsTemporary(reply.outcome) ||
         (reply.outcome == DnsOutcome::kOk && reply.answers.empty() && reply.negative_ttl == 0);
}

std::string WhyUnknown(const DnsReply& reply) {
  return reply.outcome == DnsOutcome::kOk ? "referral" : std::string(ToString(reply.outcome));
}

std::string Joined(const std::vector<std::string>& found) {
  std::string text;
  for (const std::string& each : found) {
    if (!text.empty()) text += " | ";
    text += each;
    if (text.size() > kMaxFoundOctets) return text.substr(0, kMaxFoundOctets) + "...";
  }
  return text;
}

// Empty: nothing differs.
std::optional<AccreditationDifference> Compare(const Expectation& expected, const DnsReply& reply) {
  AccreditationDifference difference = {.owner = expected.question.name.ToString(),
                                        .wanted = expected.wanted};
  if (TellsNothing(reply)) {
    difference.found = WhyUnknown(reply);
    return difference;
  }
  const std::vector<std::string> found = FoundIn(reply, expected.question);
  if (expected.wanted.empty() ? found.empty()
                              : found.size() == 1 && found.front() == expected.wanted) {
    return std::nullopt;
  }
  difference.found = Joined(found);
  difference.finding = found.empty()             ? AccreditationFinding::kMissing
                       : expected.wanted.empty() ? AccreditationFinding::kExtra
                                                 : AccreditationFinding::kDifferent;
  return difference;
}

// The contact point, then the domains of a list.
class Verification {
 public:
  Verification(Loop& loop, Dns& dns, const AccreditationList& list, const AccreditationZone& zone,
               std::optional<std::size_t> sample, const TaskProgress& progress);

  [[nodiscard]] AccreditationComparison Run();

 private:
  [[nodiscard]] Expectation ContactPoint() const;
  // Of chosen_'s `place`.
  [[nodiscard]] Expectation Report(std::size_t place) const;
  void Await(std::size_t slot);
  void OnReply(std::size_t slot, std::size_t place, const DnsReply& reply);
  void Count(std::size_t place, std::optional<AccreditationDifference> difference);
  void AskContactPoint();
  [[nodiscard]] AccreditationComparison Result();

  Loop& loop_;
  Dns& dns_;
  const AccreditationList& list_;
  const AccreditationZone& zone_;
  const TaskProgress& progress_;
  DnsName apex_;
  std::vector<std::size_t> chosen_;  // Places in list_ that are asked about, in order.
  std::vector<std::unique_ptr<Dns::Query>> slots_;
  std::size_t next_ = 0;  // In chosen_.
  std::size_t answered_ = 0;
  std::size_t failures_in_row_ = 0;
  // With places in chosen_, in the order of arrival.
  std::vector<std::pair<std::size_t, AccreditationDifference>> found_;
  AccreditationComparison result_;
};

Verification::Verification(Loop& loop, Dns& dns, const AccreditationList& list,
                           const AccreditationZone& zone, std::optional<std::size_t> sample,
                           const TaskProgress& progress)
    : loop_(loop), dns_(dns), list_(list), zone_(zone), progress_(progress) {
  apex_ = DnsName::Parse(zone.name).value_or(DnsName());
  std::vector<std::size_t> all(list.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  if (sample && *sample < all.size()) {
    std::mt19937_64 chance{std::random_device{}()};
    std::sample(all.begin(), all.end(), std::back_inserter(chosen_), *sample, chance);
  } else {
    chosen_ = std::move(all);
  }
  result_.zone = zone.name;
  result_.domains = list.size();
  result_.asked = chosen_.size();
}

Expectation Verification::ContactPoint() const {
  Expectation expected;
  expected.question = {apex_.WithPrefix(kVouchLabels).value_or(DnsName()), DnsType::kSrv};
  if (zone_.contact_host.empty()) return expected;
  const DnsRecord record = {
      .owner = DnsName(),
      .type = DnsType::kSrv,
      .data = SrvData{0, 0, zone_.contact_port,
                      DnsName::Parse(zone_.contact_host).value_or(DnsName())}};
  expected.wanted = record.DataToString();
  return expected;
}

Expectation Verification::Report(std::size_t place) const {
  const AccreditationList::Entry entry = list_.At(chosen_[place]);
  return {{apex_.WithPrefix(entry.domain).value_or(DnsName()), DnsType::kTxt}, ReportText(entry)};
}

AccreditationComparison Verification::Run() {
  AskContactPoint();
  slots_.resize(std::min(kAccreditationQuestionsInFlight, chosen_.size()));
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) Await(slot);
  loop_.RunUntil([this] { return answered_ == next_; });
  return Result();
}

void Verification::AskContactPoint() {
  const Expectation expected = ContactPoint();
  bool answered = false;
  const std::unique_ptr<Dns::Query> query = dns_.Ask(expected.question, [&](const DnsReply& reply) {
    answered = true;
    if (auto difference = Compare(expected, reply)) {
      result_.differences.push_back(*std::move(difference));
    }
  });
  loop_.RunUntil([&answered] { return answered; });
}

void Verification::Await(std::size_t slot) {
  if (next_ == chosen_.size() || result_.gave_up) return;
  const std::size_t place = next_++;
  slots_[slot] = dns_.Ask(Report(place).question, [this, slot, place](const DnsReply& reply) {
    OnReply(slot, place, reply);
  });
}

void Verification::OnReply(std::size_t slot, std::size_t place, const DnsReply& reply) {
  ++answered_;
  failures_in_row_ = TellsNothing(reply) ? failures_in_row_ + 1 : 0;
  if (failures_in_row_ == kMaxFailuresInRow) result_.gave_up = true;
  Count(place, Compare(Report(place), reply));
  if (progress_) progress_(answered_, chosen_.size());
  Await(slot);  // Ends the query whose callback this is.
}

void Verification::Count(std::size_t place, std::optional<AccreditationDifference> difference) {
  if (!difference) {
    ++result_.equal;
    return;
  }
  switch (difference->finding) {
    case AccreditationFinding::kMissing:
      ++result_.missing;
      break;
    case AccreditationFinding::kDifferent:
    case AccreditationFinding::kExtra:
      ++result_.different;
      break;
    case AccreditationFinding::kUnknown:
      ++result_.unknown;
      break;
  }
  found_.emplace_back(place, *std::move(difference));
}

AccreditationComparison Verification::Result() {
  // The order in which answers arrive leaves no trace (docs/rules.md §2).
  std::sort(found_.begin(), found_.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [place, difference] : found_) result_.differences.push_back(std::move(difference));
  result_.unknown += chosen_.size() - next_;
  result_.gave_up = next_ < chosen_.size();
  return std::move(result_);
}

}  // namespace

AccreditationComparison CompareAccreditation(Loop& loop, Dns& dns, const AccreditationList& list,
                                             const AccreditationZone& zone,
                                             std::optional<std::size_t> sample,
                                             const TaskProgress& progress) {
  return Verification(loop, dns, list, zone, sample, progress).Run();
}

FileErrorOr<AccreditationComparison> VerifyAccreditation(Loop& loop, const Config& config,
                                                         const AccreditationList& list,
                                                         const AccreditationZone& zone,
                                                         const AccreditationQuestions& questions,
                                                         const TaskProgress& progress) {
  std::unique_ptr<Dns> dns;
  if (questions.zone_files.empty()) {
    dns = NetworkDns(loop, config);
  } else {
    auto zones = ZoneDns::Load(loop, questions.zone_files, nullptr);
    if (!zones) return tl::unexpected(std::move(zones.error()));
    dns = *std::move(zones);
  }
  return CompareAccreditation(loop, *dns, list, zone, questions.sample, progress);
}

}  // namespace helovet
