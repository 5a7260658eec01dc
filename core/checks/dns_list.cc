#include "checks/dns_list.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

#include "checks/answers.h"

namespace helovet {
namespace {

constexpr std::string_view kV4ReverseRoot = ".in-addr.arpa";  // RFC 1035 §3.5
constexpr std::string_view kV6ReverseRoot = ".ip6.arpa";      // RFC 3596 §2.5

constexpr std::uint8_t kCodeNetwork = 127;  // RFC 5782 §2.1: codes are in 127.0.0.0/8.
// Where large lists answer those whom they do not serve, 127.255.255.0/24 (docs/rules.md §7.2).
constexpr std::array<std::uint8_t, 3> kErrorNetwork = {127, 255, 255};

// A list and what it is asked.
struct ListQuestion {
  const DnsList* list;
  DnsName zone;
  std::optional<DnsQuestion> question;  // Empty: the joined name would be too long.
};

// RFC 5782 §2.1, §2.4: octets or nibbles in reverse, as under in-addr.arpa and ip6.arpa.
std::string Reversed(const IpAddress& client) {
  std::string name = client.ReverseName();
  name.resize(name.size() - (client.is_v4() ? kV4ReverseRoot : kV6ReverseRoot).size());
  return name;
}

// What `lists` are asked about `subject`, in the order of zones.
std::vector<ListQuestion> QuestionsAbout(const std::string& subject,
                                         const std::vector<DnsList>& lists) {
  std::vector<ListQuestion> questions;
  questions.reserve(lists.size());
  for (const DnsList& list : lists) {
    // The configuration holds nothing but names.
    ListQuestion question{&list, DnsName::Parse(list.zone).value_or(DnsName()), std::nullopt};
    if (std::optional<DnsName> name = question.zone.WithPrefix(subject)) {
      question.question = DnsQuestion{*std::move(name), DnsType::kA};
    }
    questions.push_back(std::move(question));
  }
  std::stable_sort(questions.begin(), questions.end(),
                   [](const ListQuestion& a, const ListQuestion& b) { return a.zone < b.zone; });
  return questions;
}

void Prefetch(const std::vector<ListQuestion>& questions, SessionDns& dns) {
  for (const ListQuestion& each : questions) {
    if (each.question) dns.Prefetch(*each.question, Share::kConfigured);
  }
}

// In their own order, each once: that of the answer leaves no trace.
std::set<IpAddress> CodesOf(const DnsAnswer& answer) {
  std::set<IpAddress> codes;
  for (const DnsRecord& record : answer.records) {
    if (const auto* code = std::get_if<IpAddress>(&record.data)) codes.insert(*code);
  }
  return codes;
}

std::string Join(const std::set<IpAddress>& codes) {
  std::string text;
  for (const IpAddress& code : codes) {
    if (!text.empty()) text += ' ';
    text += code.ToString();
  }
  return text;
}

bool IsError(const IpAddress& code) {
  const auto octets = code.bytes();
  return octets[0] != kCodeNetwork ||
         std::equal(kErrorNetwork.begin(), kErrorNetwork.end(), octets.begin());
}

bool Fits(const ReturnCode& pattern, const IpAddress& code) {
  return std::equal(pattern.octets.begin(), pattern.octets.end(), code.bytes().begin(),
                    [](const ReturnCode::Octet& wanted, std::uint8_t octet) {
                      return wanted.least <= octet && octet <= wanted.most;
                    });
}

std::optional<Rating> RatingOf(const IpAddress& code, const DnsList& list) {
  const auto found = std::find_if(list.codes.begin(), list.codes.end(),
                                  [&](const ReturnCode& pattern) { return Fits(pattern, code); });
  if (found == list.codes.end()) return std::nullopt;
  return found->rating;
}

std::optional<Rating> WorstRating(const std::set<IpAddress>& codes, const DnsList& list) {
  std::optional<Rating> worst;
  // An empty optional is less than any rating.
  for (const IpAddress& code : codes) worst = std::max(worst, RatingOf(code, list));
  return worst;
}

Ruling RuleByRating(std::optional<Rating> rating) {
  if (!rating) return {Result::kNeutral, Reason::kUnmappedCode};
  if (*rating <= Rating::kB) return {Result::kPass, Reason::kListed};
  if (*rating >= Rating::kD) return {Result::kFail, Reason::kListed};
  return {Result::kNeutral, Reason::kListed};
}

// docs/rules.md §7.2 for one list.
Opinion OpinionOf(const DnsList& list, const DnsAnswer& answer) {
  Opinion opinion = {.authority = list.zone};
  Ruling ruling = {Result::kNone, Reason::kNotListed};
  const std::set<IpAddress> codes = CodesOf(answer);
  if (const std::optional<Ruling> failure = FailureOf(answer)) {
    ruling = *failure;
  } else if (std::any_of(codes.begin(), codes.end(), IsError)) {
    ruling = {Result::kTemperror, Reason::kListError};
  } else if (!codes.empty()) {
    opinion.rating = WorstRating(codes, list);
    ruling = RuleByRating(opinion.rating);
  }
  opinion.result = ruling.result;
  opinion.reason = ruling.reason;
  opinion.text = Join(codes);
  return opinion;
}

// How much an opinion counts beside others, from the least on. What could not be found out comes
// before what is wrong: a later try may tell.
enum class Standing : std::uint8_t { kNotAsked, kNotListed, kUnmapped, kUnusable, kForNow, kRated };

Standing StandingOf(const Opinion& opinion) {
  if (opinion.rating) return Standing::kRated;
  if (opinion.result == Result::kTemperror) return Standing::kForNow;
  if (opinion.reason == Reason::kAliasChain) return Standing::kUnusable;
  if (opinion.reason == Reason::kUnmappedCode) return Standing::kUnmapped;
  if (opinion.reason == Reason::kNameTooLong) return Standing::kNotAsked;
  return Standing::kNotListed;
}

bool CountsLess(const Opinion& a, const Opinion& b) {
  return std::make_tuple(StandingOf(a), a.rating) < std::make_tuple(StandingOf(b), b.rating);
}

// docs/rules.md §7.2 for all lists; of equals, the first decides.
void RuleByOpinions(CheckResult& result) {
  const auto decisive =
      std::max_element(result.opinions.begin(), result.opinions.end(), CountsLess);
  if (decisive == result.opinions.end()) return;
  result.result = decisive->result;
  result.reason = decisive->reason;
  result.rating = decisive->rating;
  // Codes are a list's own word; silence and absence are not.
  if (!decisive->text.empty()) result.authority = decisive->authority;
}

Task<CheckResult> AskLists(CheckId check, std::vector<ListQuestion> questions, SessionDns& dns) {
  CheckResult result = {.check = check, .result = Result::kNone, .reason = Reason::kNotListed};
  for (const ListQuestion& each : questions) {
    if (!each.question) {
      result.opinions.push_back({.authority = each.list->zone,
                                 .result = Result::kPermerror,
                                 .reason = Reason::kNameTooLong});
      continue;
    }
    const DnsAnswer& answer = co_await dns.Ask(*each.question, Share::kConfigured);
    AddEvidence(*each.question, answer, result.evidence);
    result.opinions.push_back(OpinionOf(*each.list, answer));
  }
  RuleByOpinions(result);
  co_return result;
}

}  // namespace

void PrefetchAddressLists(const IpAddress& client, const std::vector<DnsList>& lists,
                          SessionDns& dns) {
  Prefetch(QuestionsAbout(Reversed(client), lists), dns);
}

void PrefetchNameLists(const HeloFinding& helo, const std::vector<DnsList>& lists,
                       SessionDns& dns) {
  if (helo.name) Prefetch(QuestionsAbout(helo.name->ToString(), lists), dns);
}

Task<CheckResult> CheckAddressLists(const IpAddress& client, const std::vector<DnsList>& lists,
                                    SessionDns& dns) {
  return AskLists(CheckId::kAddressList, QuestionsAbout(Reversed(client), lists), dns);
}

Task<CheckResult> CheckNameLists(const HeloFinding& helo, const std::vector<DnsList>& lists,
                                 SessionDns& dns) {
  CheckResult result = {
      .check = CheckId::kNameList, .result = Result::kNone, .reason = Reason::kNoName};
  if (!helo.name) co_return result;
  std::vector<ListQuestion> questions = QuestionsAbout(helo.name->ToString(), lists);
  result = co_await AskLists(CheckId::kNameList, std::move(questions), dns);
  co_return result;
}

}  // namespace helovet
