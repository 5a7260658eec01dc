#include "checks/dmp.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/host_name.h"
#include "checks/answers.h"

namespace helovet {
namespace {

constexpr std::string_view kPrefix = "_smtp-client";  // DMP-01 §4
constexpr std::string_view kReverseRoot = ".arpa";    // Of the names that §4 takes the form from.
constexpr std::string_view kParticipates = "dmp=";    // DMP-01 §4; every record begins with it.
constexpr std::string_view kAllow = "dmp=allow";
constexpr std::string_view kDeny = "dmp=deny";

// The address that no client has, in the family of `client`.
IpAddress UnspecifiedLike(const IpAddress& client) {
  return client.is_v4() ? IpAddress::FromV4({}) : IpAddress::FromV6({});
}

// The questions about one domain.
struct Questions {
  DnsQuestion entry;
  DnsQuestion participation;
  DnsQuestion unspecified;  // Asked with dmp.refuse_allow_all.
};

// Empty: the entry's name is longer than a name can be.
std::optional<Questions> QuestionsAbout(const DnsName& domain, const IpAddress& client) {
  std::optional<DnsQuestion> entry = DmpEntryQuestion(domain, client);
  std::optional<DnsQuestion> unspecified = DmpEntryQuestion(domain, UnspecifiedLike(client));
  std::optional<DnsName> participation = domain.WithPrefix(kPrefix);
  if (!entry || !unspecified || !participation) return std::nullopt;
  return Questions{
      *std::move(entry), {*std::move(participation), DnsType::kTxt}, *std::move(unspecified)};
}

// The domain that is asked first, and whose it is.
struct Subject {
  Identity identity = Identity::kHelo;
  std::optional<DnsName> domain;  // Empty: there is no name to ask about.
};

Subject FirstSubject(const HeloFinding& helo, const SenderIdentity& sender) {
  if (sender.domain) return {Identity::kMailFrom, sender.domain};
  return {Identity::kHelo, helo.name};
}

bool IsAsked(const DnsName& domain, const Config::Dmp& settings) {
  if (settings.domains.empty()) return true;
  return std::any_of(settings.domains.begin(), settings.domains.end(),
                     [&domain](const std::string& text) {
                       const std::optional<DnsName> asked = DnsName::Parse(text);
                       return asked && domain.IsWithin(*asked);
                     });
}

void PrefetchQuestions(const Questions& questions, Share share, SessionDns& dns) {
  dns.Prefetch(questions.entry, share);
  dns.Prefetch(questions.participation, share);
}

// The texts of the records of DMP, in lower case; records of other purposes may stand beside them.
std::vector<std::string> DmpTexts(const DnsAnswer& answer) {
  std::vector<std::string> texts;
  for (const DnsRecord& record : answer.records) {
    const auto* text = std::get_if<std::string>(&record.data);
    if (text == nullptr) continue;
    std::string lower = LowerCase(*text);
    if (lower.starts_with(kParticipates)) texts.push_back(std::move(lower));
  }
  return texts;
}

bool Holds(const std::vector<std::string>& texts, std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

// DMP-01 §5, the first list: what the entry says; empty for a contradiction or nothing.
std::optional<Ruling> ReadEntry(const DnsAnswer& answer) {
  if (std::optional<Ruling> failure = FailureOf(answer)) return failure;
  const std::vector<std::string> texts = DmpTexts(answer);
  const bool allowed = Holds(texts, kAllow);
  const bool denied = Holds(texts, kDeny);
  if (allowed == denied) return std::nullopt;
  if (allowed) return Ruling{Result::kPass, Reason::kDesignated};
  return Ruling{Result::kFail, Reason::kDenied};
}

// DMP-01 §5, the second list: a domain without a valid entry for the client.
Ruling ReadParticipation(const DnsAnswer& answer) {
  if (const std::optional<Ruling> failure = FailureOf(answer)) return *failure;
  const std::vector<std::string> texts = DmpTexts(answer);
  const bool valid =
      !texts.empty() && std::all_of(texts.begin(), texts.end(),
                                    [](const auto& text) { return text == kParticipates; });
  if (valid) return {Result::kFail, Reason::kNotDesignated};
  return {Result::kNone, Reason::kNotParticipating};
}

// DMP-01 §9.3: `designated` where an address that nobody has is not allowed as well. What cannot
// be found out is no designation yet.
Task<Ruling> RefuseAllowAll(const DnsQuestion& unspecified, Share share, SessionDns& dns,
                            std::vector<Evidence>& evidence) {
  const DnsAnswer& answer = co_await dns.Ask(unspecified, share);
  AddEvidence(unspecified, answer, evidence);
  Ruling ruling = {Result::kPass, Reason::kDesignated};
  const std::optional<Ruling> everybody = ReadEntry(answer);
  if (everybody && everybody->result == Result::kTemperror) ruling = *everybody;
  if (everybody && everybody->result == Result::kPass) {
    ruling = {Result::kPolicy, Reason::kAllowsAll};
  }
  co_return ruling;
}

// What `domain` says of the client, asked on the account of `share`.
Task<Ruling> Lookup(const DnsName& domain, Share share, const IpAddress& client,
                    const Config::Dmp& settings, SessionDns& dns, std::vector<Evidence>& evidence) {
  Ruling ruling = {Result::kPermerror, Reason::kNameTooLong};
  const std::optional<Questions> questions = QuestionsAbout(domain, client);
  if (!questions) co_return ruling;
  PrefetchQuestions(*questions, share, dns);

  const DnsAnswer& entry = co_await dns.Ask(questions->entry, share);
  AddEvidence(questions->entry, entry, evidence);
  if (const std::optional<Ruling> said = ReadEntry(entry)) {
    ruling = *said;
    if (said->result == Result::kPass && settings.refuse_allow_all) {
      ruling = co_await RefuseAllowAll(questions->unspecified, share, dns, evidence);
    }
    co_return ruling;
  }
  const DnsAnswer& participation = co_await dns.Ask(questions->participation, share);
  AddEvidence(questions->participation, participation, evidence);
  ruling = ReadParticipation(participation);
  co_return ruling;
}

void Give(CheckResult& result, Identity identity, const Ruling& ruling) {
  result.identity = identity;
  result.result = ruling.result;
  result.reason = ruling.reason;
}

}  // namespace

std::optional<DnsQuestion> DmpEntryQuestion(const DnsName& domain, const IpAddress& client) {
  std::string prefix = client.ReverseName();
  prefix.resize(prefix.size() - kReverseRoot.size());
  std::optional<DnsName> owner = domain.WithPrefix(prefix + "." + std::string(kPrefix));
  if (!owner) return std::nullopt;
  return DnsQuestion{*std::move(owner), DnsType::kTxt};
}

void PrefetchDmp(const HeloFinding& helo, const SenderIdentity& sender, const IpAddress& client,
                 const Config::Dmp& settings, SessionDns& dns) {
  const Subject subject = FirstSubject(helo, sender);
  if (!subject.domain || !IsAsked(*subject.domain, settings)) return;
  if (const std::optional<Questions> questions = QuestionsAbout(*subject.domain, client)) {
    PrefetchQuestions(*questions, Share::kName, dns);
  }
}

Task<CheckResult> CheckDmp(const HeloFinding& helo, const SenderIdentity& sender,
                           const IpAddress& client, const Config::Dmp& settings, SessionDns& dns) {
  const Subject subject = FirstSubject(helo, sender);
  CheckResult result = {.check = CheckId::kDmp,
                        .result = Result::kNone,
                        .reason = Reason::kNoName,
                        .identity = subject.identity};
  if (!subject.domain) co_return result;
  if (!IsAsked(*subject.domain, settings)) {
    result.reason = Reason::kNotAsked;
    co_return result;
  }
  const Ruling first =
      co_await Lookup(*subject.domain, Share::kName, client, settings, dns, result.evidence);
  Give(result, subject.identity, first);

  // DMP-01 §5.1, "Allow HELO as alternative?"
  const bool has_alternative = subject.identity == Identity::kMailFrom && helo.name.has_value() &&
                               helo.name != subject.domain;
  if (first.result != Result::kFail || !has_alternative) co_return result;
  // The client chooses this name; it must not spend what the sender's domain still needs.
  const Ruling other =
      co_await Lookup(*helo.name, Share::kReverse, client, settings, dns, result.evidence);
  // A host that might be the alternative must not be refused before that is known.
  if (other.result == Result::kPass || other.result == Result::kTemperror) {
    Give(result, Identity::kHelo, other);
  }
  co_return result;
}

}  // namespace helovet
