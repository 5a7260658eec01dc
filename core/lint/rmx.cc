// RMX records in their TXT form (RMX-04 §4, §6.2).
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/printable.h"
#include "checks/rmx_record.h"
#include "lint/look.h"

namespace helovet {
namespace {

constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";  // RMX-04 §4.1
constexpr std::size_t kMaxShownOctets = 60;              // Of an entry, in a finding.

// The first entry that cannot be read; empty: all can be.
std::string_view BadEntry(std::string_view text) {
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(kWhiteSpace), text.size()));
    if (text.empty()) return {};
    const std::size_t length = std::min(text.find_first_of(kWhiteSpace), text.size());
    if (!ReadRmxEntry(text.substr(0, length))) return text.substr(0, length);
    text.remove_prefix(length);
  }
}

void Judge(const std::vector<DnsRecord>& records, Look& look) {
  std::size_t told = 0;
  for (const DnsRecord& record : records) {
    const std::string_view bad = BadEntry(std::get<std::string>(record.data));
    if (bad.empty()) continue;
    if (++told > kMaxFindingRecords) return;
    look.Add({.id = FindingId::kRmxSyntax,
              .records = {record},
              .detail = Printable(bad.substr(0, kMaxShownOctets))});
  }
  if (told > 0) return;
  if (!ReadRmxEntries(AnswerOf(records)).malformed) return;
  look.Add({.id = FindingId::kRmxSyntax,
            .records = records,
            .detail = "more than " + std::to_string(kMaxRmxEntries) + " entries"});
}

}  // namespace

Task<Looked> LookAtRmx(Look& look, const LintSubject& subject) {
  std::map<DnsName, std::vector<DnsRecord>> of_senders;
  for (const PlacedRecord* placed : subject.rmx_entries) {
    of_senders[placed->record.owner].push_back(placed->record);
  }
  for (const auto& [owner, records] : of_senders) Judge(records, look);

  const std::optional<DnsName> owner = look.name().WithPrefix("_rmx");
  if (!owner) co_return Looked();
  const DnsQuestion question = {*owner, DnsType::kTxt};
  const DnsAnswer& answer = co_await look.dns().Ask(question);
  if (!look.Tells(question, answer)) co_return Looked();
  look.Weigh(question, answer);
  Judge(answer.records, look);
  co_return Looked();
}

}  // namespace helovet
