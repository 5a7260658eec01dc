// SPF records, explanations and their macros (RFC 7208). The first line is the local part of MAIL
// FROM, the second one the HELO name; of the others the domains that are asked have one after the
// other for their TXT record.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/host_name.h"
#include "checks/spf.h"
#include "checks/spf/evaluation.h"
#include "checks/spf/macro.h"
#include "checks/spf/record.h"
#include "fuzz.h"
#include "invented_dns.h"
#include "results.h"

namespace helovet::fuzz {
namespace {

constexpr std::string_view kDomain = "example.com";
// RFC 7208 §4.6.4: ten terms beside the record itself and the explanation; "ptr" and "mx" have ten
// names each.
constexpr std::size_t kMostRecords = 1 + spf::kMaxAskingTerms + 1;

IpAddress Client() { return *IpAddress::Parse("192.0.2.1"); }

// Hosts of whose names the first letter is in the alphabet's first half have the client's address.
DnsReply ReplyTo(const DnsQuestion& question, const std::optional<std::string>& text) {
  DnsReply reply;
  reply.outcome = DnsOutcome::kOk;
  const auto add = [&](DnsData data) {
    reply.answers.push_back(
        {.owner = question.name, .type = question.type, .ttl = 300, .data = std::move(data)});
  };
  const std::string name = question.name.ToString();
  if (question.type == DnsType::kTxt && text) add(*text);
  if (question.type == DnsType::kA && name < "n") add(Client());
  if (question.type == DnsType::kA && name >= "n") add(*IpAddress::Parse("192.0.2.200"));
  if (question.type == DnsType::kPtr) {
    add(*DnsName::Parse("mail.example.com"));
    add(*DnsName::Parse("zebra.example.org"));
  }
  if (question.type == DnsType::kMx && name < "x") {
    for (const char* const each : {"mx1.example.com", "zmx.example.com"}) {
      MxData mx = {.preference = 10, .exchange = *DnsName::Parse(each)};
      add(mx);
    }
  }
  return reply;
}

void HoldTerm(const spf::Term& term, std::string_view text) {
  const std::string_view spec = term.domain_spec;
  const bool inside = spec.empty() || (spec.data() >= text.data() &&
                                       spec.data() + spec.size() <= text.data() + text.size());
  Hold(inside, "a term points into its record");
  using Kind = spf::Term::Kind;
  if (!spec.empty() && term.kind != Kind::kUnknownModifier) {
    Hold(spf::IsDomainSpec(spec), "a term's domain-spec is one");
    Hold(spf::IsMacroString(spec, spf::MacroPlace::kDomainSpec), "a domain-spec is a macro string");
  }
  Hold(term.v4_bits >= 0 && term.v4_bits <= 32 && term.v6_bits >= 0 && term.v6_bits <= 128,
       "prefixes fit their families");
  const Result qualifier = term.qualifier;
  Hold(qualifier == Result::kPass || qualifier == Result::kFail || qualifier == Result::kSoftfail ||
           qualifier == Result::kNeutral,
       "a qualifier is one of four");
}

void HoldMacros(std::string_view text, const spf::MacroValues& values) {
  const std::string said = spf::ExpandText(text, values, spf::kMaxExplanationOctets);
  Hold(said.size() <= spf::kMaxExplanationOctets, "an explanation is bounded");
  const std::optional<DnsName> name = spf::ExpandName(text, values);
  Hold(!name || name->wire().size() <= kMaxNameWireOctets, "a name fits RFC 1035 §2.3.4");
  Hold(!name || spf::NameOfText(spf::TextOfName(*name)) == name || !name->label_count(),
       "a name's text is that name");
}

// True: a record, and its syntax is right.
bool HoldRecord(std::string_view text) {
  if (!spf::IsRecord(text)) return false;
  const std::optional<spf::Record> record = spf::Record::Parse(text);
  if (!record) return false;
  std::size_t count = 0;
  for (spf::Record::Terms terms(*record); const std::optional<spf::Term> term = terms.Next();) {
    HoldTerm(*term, text);
    Hold(++count <= text.size() / 2, "no more terms than a record has room for");
  }
  Hold(record->redirect().empty() || spf::IsDomainSpec(record->redirect()), "redirect= is one");
  Hold(record->explanation().empty() || spf::IsDomainSpec(record->explanation()), "exp= is one");
  return true;
}

class Domains {
 public:
  explicit Domains(std::string_view input) {
    Choices lines(input);
    local_part_ = lines.Line();
    helo_ = lines.Line();
    while (!lines.empty() && records_.size() < 2 * kMostRecords) {
      records_.emplace_back(lines.Line());
    }
  }

  [[nodiscard]] const std::string& local_part() const { return local_part_; }
  [[nodiscard]] const std::string& helo() const { return helo_; }
  [[nodiscard]] const std::vector<std::string>& records() const { return records_; }
  [[nodiscard]] std::size_t texts_asked() const { return given_.size(); }

  DnsReply Reply(const DnsQuestion& question) {
    std::optional<std::string> text;
    if (question.type == DnsType::kTxt) {
      const auto place = given_.try_emplace(question.name, given_.size()).first;
      if (place->second < records_.size()) text = records_[place->second];
    }
    return ReplyTo(question, text);
  }

 private:
  std::string local_part_;
  std::string helo_;
  std::vector<std::string> records_;
  std::map<DnsName, std::size_t> given_;
};

CheckResult RunCheck(const SpfContext& context, const SenderIdentity& sender, Domains& domains) {
  StandingClock clock;
  const Loop::TimePoint deadline = clock.now() + std::chrono::seconds(5);
  InventedDns::Answers answers;
  InventedDns dns(clock.loop(), answers, [&](const DnsQuestion& question) {
    return std::optional(domains.Reply(question));
  });
  SessionDns session_dns(clock.loop(), dns, deadline);
  const HeloFinding helo = CheckHelo({.client = Client(), .helo = context.helo}, Config());
  const IpAddress client = Client();
  CheckResult result =
      RunTask(clock, deadline, CheckSpf(helo, sender, client, context, Config::Spf(), session_dns));
  Hold(dns.asked() <= kMaxQueries, "no more is asked than docs/rules.md §8 allows");
  return result;
}

}  // namespace

void Try(std::string_view input) {
  Domains domains(input);
  const std::string mail_from = domains.local_part() + "@" + std::string(kDomain);
  const SenderIdentity sender = IdentifySender(mail_from);
  const SpfContext context = {.helo = domains.helo(), .receiver = "mx.example.net"};
  spf::MacroValues values = {.client = Client()};
  values.local_part = domains.local_part();
  values.helo = domains.helo();
  values.domain = values.sender_domain = kDomain;
  for (const std::string& text : domains.records()) {
    HoldRecord(text);
    HoldMacros(text, values);
  }
  const CheckResult result = RunCheck(context, sender, domains);
  const bool is_domain = sender.domain && sender.domain->ToString() == kDomain;
  if (is_domain && !domains.records().empty() && spf::IsRecord(domains.records().front()) &&
      !HoldRecord(domains.records().front())) {
    Hold(result.reason == Reason::kMalformed, "a mistake anywhere ends all (RFC 7208 §4.6)");
  }
  Hold(domains.texts_asked() <= kMostRecords, "terms that ask are bounded (RFC 7208 §4.6.4)");
  HoldResults({&result, 1});
}

}  // namespace helovet::fuzz
