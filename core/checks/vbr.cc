#include "checks/vbr.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "checks/answers.h"

namespace helovet {
namespace {

constexpr std::string_view kVouchLabel = "_vouch";  // RFC 5518 §5
constexpr std::string_view kAllTypes = "all";       // RFC 5518 §6

// NAME._vouch.CERTIFIER. Empty where that is too long.
std::optional<DnsQuestion> VouchQuestion(const DnsName& name, const DnsName& certifier) {
  const std::optional<DnsName> vouch = certifier.WithPrefix(kVouchLabel);
  std::optional<DnsName> owner = vouch ? vouch->WithPrefix(name.ToString()) : std::nullopt;
  if (!owner) return std::nullopt;
  return DnsQuestion{*std::move(owner), DnsType::kTxt};
}

// The questions to the certifiers, each once and in canonical order of names.
std::map<DnsName, std::optional<DnsQuestion>> QuestionsAbout(const DnsName& name,
                                                             const Config::Vbr& settings) {
  std::map<DnsName, std::optional<DnsQuestion>> questions;
  for (const std::string& text : settings.certifiers) {
    const std::optional<DnsName> certifier = DnsName::Parse(text);
    if (certifier) questions.emplace(*certifier, VouchQuestion(name, *certifier));
  }
  return questions;
}

// RFC 5518 §5: anything but lower-case letters and spaces is no vouching, such as records of
// wildcards that were made for something else.
bool IsVouching(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char octet) { return octet == ' ' || (octet >= 'a' && octet <= 'z'); });
}

bool HasWord(std::string_view text, std::string_view word) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (text.substr(0, end) == word) return true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

// The types of mail that `text` vouches for have one that counts here.
bool Vouches(std::string_view text, const Config::Vbr& settings) {
  return HasWord(text, kAllTypes) ||
         std::any_of(settings.types.begin(), settings.types.end(),
                     [text](const std::string& type) { return HasWord(text, type); });
}

// RFC 5518 §5 wants one record. Of several, one that vouches is enough; the first in the order of
// octets is told.
void ReadOpinion(const DnsAnswer& answer, const Config::Vbr& settings, Opinion& opinion) {
  // Those that vouch first.
  std::set<std::pair<bool, std::string_view>> texts;
  for (const DnsRecord& record : answer.records) {
    const auto* text = std::get_if<std::string>(&record.data);
    if (text == nullptr || !IsVouching(*text)) continue;
    texts.emplace(!Vouches(*text, settings), *text);
  }
  Ruling ruling = FailureOf(answer).value_or(Ruling{Result::kNone, Reason::kNotVouched});
  if (!texts.empty()) {
    const auto& [lacks, text] = *texts.begin();
    if (!lacks) ruling = {Result::kPass, Reason::kVouched};
    opinion.text = text.substr(0, kMaxReportOctets);
  }
  opinion.result = ruling.result;
  opinion.reason = ruling.reason;
}

// docs/rules.md §6.2. A certifier that could not be asked for good leaves the word to the others.
void Synthesize(CheckResult& result) {
  const auto first = [&result](Result wanted) {
    return std::find_if(result.opinions.begin(), result.opinions.end(),
                        [wanted](const Opinion& opinion) { return opinion.result == wanted; });
  };
  const auto none = result.opinions.end();
  if (const auto vouching = first(Result::kPass); vouching != none) {
    result.result = Result::kPass;
    result.reason = Reason::kVouched;
    result.authority = vouching->authority;
  } else if (first(Result::kTemperror) != none) {
    result.result = Result::kTemperror;
    result.reason = Reason::kDns;
  } else if (first(Result::kNone) == none && first(Result::kPermerror) != none) {
    result.result = Result::kPermerror;
    result.reason = first(Result::kPermerror)->reason;
  } else {
    result.result = Result::kNone;
    result.reason = Reason::kNotVouched;
  }
}

}  // namespace

void PrefetchVbr(const HeloFinding& helo, const Config::Vbr& settings, SessionDns& dns) {
  if (!helo.name) return;
  for (const auto& [certifier, question] : QuestionsAbout(*helo.name, settings)) {
    if (question) dns.Prefetch(*question, Share::kConfigured);
  }
}

Task<CheckResult> CheckVbr(const HeloFinding& helo, const Config::Vbr& settings, SessionDns& dns) {
  CheckResult result = {.check = CheckId::kVbr, .result = Result::kNone, .reason = Reason::kNoName};
  if (!helo.name) co_return result;

  const auto questions = QuestionsAbout(*helo.name, settings);
  for (const auto& [certifier, question] : questions) {
    Opinion opinion = {.authority = certifier.ToString(),
                       .result = Result::kPermerror,
                       .reason = Reason::kNameTooLong};
    if (question) {
      const DnsAnswer& answer = co_await dns.Ask(*question, Share::kConfigured);
      AddEvidence(*question, answer, result.evidence);
      ReadOpinion(answer, settings, opinion);
    }
    result.opinions.push_back(std::move(opinion));
  }
  Synthesize(result);
  co_return result;
}

}  // namespace helovet
