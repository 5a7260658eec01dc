#include "checks/spf/evaluation.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace helovet::spf {
namespace {

constexpr Ruling kMalformed = {Result::kPermerror, Reason::kMalformed};
constexpr Ruling kMissing = {Result::kPermerror, Reason::kMissingInclude};

bool IsVoid(const DnsAnswer& answer) {
  return answer.outcome == DnsOutcome::kNoData || answer.outcome == DnsOutcome::kNxDomain;
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char octet) { return static_cast<unsigned char>(octet) < 0x80; });
}

Ruling RulingOf(Result qualifier) {
  switch (qualifier) {
    case Result::kPass:
      return {Result::kPass, Reason::kDesignated};
    case Result::kFail:
      return {Result::kFail, Reason::kNotDesignated};
    case Result::kSoftfail:
      return {Result::kSoftfail, Reason::kProbablyNotDesignated};
    default:
      return {Result::kNeutral, Reason::kNoAssertion};
  }
}

// Of terms that take no question.
bool MatchesUnasked(const Term& term, const IpAddress& client) {
  switch (term.kind) {
    case Term::Kind::kAll:
      return true;
    case Term::Kind::kIp4:
    case Term::Kind::kIp6:
      return term.HoldsClient(client);
    default:
      return false;
  }
}

bool HoldsMatch(const DnsAnswer& answer, const Term& term, const IpAddress& client) {
  return std::any_of(answer.records.begin(), answer.records.end(), [&](const DnsRecord& record) {
    const auto* const address = std::get_if<IpAddress>(&record.data);
    return address != nullptr && term.Matches(*address, client);
  });
}

}  // namespace

std::optional<DnsQuestion> RecordQuestion(const DnsName& domain) {
  if (domain.label_count() < 2) return std::nullopt;
  return DnsQuestion{domain, DnsType::kTxt};
}

Evaluation::Evaluation(MacroValues values, SessionDns& dns, std::vector<Evidence>& evidence)
    : values_(std::move(values)), dns_(dns), evidence_(evidence) {}

void Evaluation::Use(const DnsQuestion& question, const DnsAnswer& answer) {
  if (used_.insert(question).second) AddEvidence(question, answer, evidence_);
}

std::optional<Ruling> Evaluation::CountTerm() {
  if (++asking_terms_ <= kMaxAskingTerms) return std::nullopt;
  return Ruling{Result::kPermerror, Reason::kTooManyLookups};
}

std::optional<Ruling> Evaluation::EndBy(const DnsAnswer& answer) {
  if (IsVoid(answer) && ++void_lookups_ > kMaxVoidLookups) {
    return Ruling{Result::kPermerror, Reason::kTooManyVoidLookups};
  }
  return FailureOf(answer);
}

// RFC 7208 §4.3 to §4.6.
Task<Evaluation::Lookup> Evaluation::FindRecord(const DnsName& domain) {
  Lookup lookup;
  lookup.ruling = {Result::kNone, Reason::kNoRecord};
  const std::optional<DnsQuestion> question = RecordQuestion(domain);
  if (!question) co_return lookup;
  const DnsAnswer& answer = co_await dns_.Ask(*question);
  Use(*question, answer);
  if (const std::optional<Ruling> failure = FailureOf(answer)) {
    lookup.ruling = *failure;
    co_return lookup;
  }
  const std::string* text = nullptr;
  for (const DnsRecord& record : answer.records) {
    const auto* const found = std::get_if<std::string>(&record.data);
    if (found == nullptr || !IsRecord(*found)) continue;
    if (text != nullptr) {
      lookup.ruling = {Result::kPermerror, Reason::kMultipleRecords};
      co_return lookup;
    }
    text = found;
  }
  if (text == nullptr) co_return lookup;
  lookup.ruling = kMalformed;
  lookup.record = Record::Parse(*text);
  co_return lookup;
}

Task<Evaluation::Outcome> Evaluation::CheckHost(DnsName domain) {
  Outcome outcome;
  for (bool redirected = false;; redirected = true) {
    const Lookup lookup = co_await FindRecord(domain);
    outcome.ruling = lookup.ruling;
    if (!lookup.record) {
      // RFC 7208 §6.1.
      if (redirected && outcome.ruling.result == Result::kNone) outcome.ruling = kMissing;
      co_return outcome;
    }
    if (const std::optional<Ruling> ruling = co_await RunDirectives(*lookup.record, domain)) {
      outcome.ruling = *ruling;
      if (ruling->result == Result::kFail) outcome.explanation = lookup.record->explanation();
      outcome.domain = std::move(domain);
      co_return outcome;
    }
    outcome.ruling = {Result::kNeutral, Reason::kNoAssertion};  // RFC 7208 §4.7
    const std::string_view redirect = lookup.record->redirect();
    if (redirect.empty()) co_return outcome;
    if (const std::optional<Ruling> end = CountTerm()) {
      outcome.ruling = *end;
      co_return outcome;
    }
    std::optional<DnsName> target = co_await TargetOf(redirect, domain);
    domain = std::move(target).value_or(DnsName());  // The root has no record.
  }
}

Task<std::optional<Ruling>> Evaluation::RunDirectives(const Record& record, const DnsName& domain) {
  Record::Terms terms(record);
  while (const std::optional<Term> term = terms.Next()) {
    // Of these a record may have thousands: no task of its own for each.
    if (!term->asks()) {
      if (MatchesUnasked(*term, values_.client)) co_return RulingOf(term->qualifier);
      continue;
    }
    if (const std::optional<Ruling> end = CountTerm()) co_return end;
    const Match match = co_await Matches(*term, domain);
    if (match.end) co_return match.end;
    if (match.matches) co_return RulingOf(term->qualifier);
  }
  co_return std::nullopt;
}

Task<Evaluation::Match> Evaluation::Matches(const Term& term, const DnsName& domain) {
  switch (term.kind) {
    case Term::Kind::kInclude:
      return MatchesInclude(term, domain);
    case Term::Kind::kMx:
      return MatchesMx(term, domain);
    case Term::Kind::kPtr:
      return MatchesPtr(term, domain);
    default:
      return MatchesAddress(term, domain);
  }
}

// RFC 7208 §5.2, with its table.
Task<Evaluation::Match> Evaluation::MatchesInclude(const Term& term, const DnsName& domain) {
  Match match;
  std::optional<DnsName> target = co_await TargetOf(term.domain_spec, domain);
  const Outcome included = co_await CheckHost(std::move(target).value_or(DnsName()));
  switch (included.ruling.result) {
    case Result::kTemperror:
    case Result::kPermerror:
      match.end = included.ruling;
      break;
    case Result::kNone:
      match.end = kMissing;
      break;
    default:
      match.matches = included.ruling.result == Result::kPass;
      break;
  }
  co_return match;
}

// RFC 7208 §5.3 ("a") and §5.7 ("exists", which asks for IPv4 always).
Task<Evaluation::Match> Evaluation::MatchesAddress(const Term& term, const DnsName& domain) {
  Match match;
  const std::optional<DnsName> target = co_await TargetOf(term.domain_spec, domain);
  if (!target) co_return match;
  const bool exists = term.kind == Term::Kind::kExists;
  const DnsQuestion question =
      exists ? DnsQuestion{*target, DnsType::kA} : AddressQuestion(*target, values_.client);
  const DnsAnswer& answer = co_await dns_.Ask(question);
  Use(question, answer);
  match.end = EndBy(answer);
  match.matches = exists ? !answer.records.empty() : HoldsMatch(answer, term, values_.client);
  co_return match;
}

// RFC 7208 §5.4. A host that matches counts although another could not be asked for.
Task<Evaluation::Match> Evaluation::MatchesMx(const Term& term, const DnsName& domain) {
  Match match;
  const std::optional<DnsName> target = co_await TargetOf(term.domain_spec, domain);
  if (!target) co_return match;
  const DnsQuestion question = {*target, DnsType::kMx};
  const DnsAnswer& exchanges = co_await dns_.Ask(question);
  Use(question, exchanges);
  match.end = EndBy(exchanges);
  if (match.end) co_return match;
  if (exchanges.records.size() > kMaxMxRecords) {
    match.end = Ruling{Result::kPermerror, Reason::kTooManyLookups};
    co_return match;
  }
  const std::vector<DnsName> hosts = NamesIn(exchanges);
  for (const DnsName& host : hosts) dns_.Prefetch(AddressQuestion(host, values_.client));
  for (const DnsName& host : hosts) {
    const DnsQuestion address = AddressQuestion(host, values_.client);
    const DnsAnswer& answer = co_await dns_.Ask(address);
    Use(address, answer);
    if (HoldsMatch(answer, term, values_.client)) {
      match.matches = true;
      match.end.reset();
      co_return match;
    }
    if (!match.end) match.end = FailureOf(answer);
  }
  co_return match;
}

// RFC 7208 §5.5: a failure means only that nothing matches.
Task<Evaluation::Match> Evaluation::MatchesPtr(const Term& term, const DnsName& domain) {
  Match match;
  const std::optional<DnsName> target = co_await TargetOf(term.domain_spec, domain);
  if (!target) co_return match;
  co_await ValidateNames();
  if (lacks_ptr_records_ && ++void_lookups_ > kMaxVoidLookups) {
    match.end = Ruling{Result::kPermerror, Reason::kTooManyVoidLookups};
    co_return match;
  }
  match.matches = std::any_of(validated_names_->begin(), validated_names_->end(),
                              [&](const DnsName& name) { return name.IsWithin(*target); });
  co_return match;
}

Task<std::optional<DnsName>> Evaluation::TargetOf(std::string_view domain_spec,
                                                  const DnsName& domain) {
  if (domain_spec.empty()) co_return domain;
  const MacroValues values = co_await ValuesFor(domain_spec, domain);
  co_return ExpandName(domain_spec, values);
}

Task<MacroValues> Evaluation::ValuesFor(std::string_view text, const DnsName& domain) {
  MacroValues values = values_;
  values.domain = TextOfName(domain);
  if (NeedsValidatedName(text)) {
    co_await ValidateNames();
    values.validated_name = ValidatedName(domain);
  }
  co_return values;
}

// The client's network chooses these names, so they are asked for on its account.
Task<bool> Evaluation::ValidateNames() {
  if (validated_names_) co_return true;
  const DnsQuestion question = PtrQuestion(values_.client);
  const DnsAnswer& pointers = co_await dns_.Ask(question, Share::kReverse);
  Use(question, pointers);
  lacks_ptr_records_ = IsVoid(pointers);
  std::vector<DnsName> names = NamesIn(pointers);
  if (names.size() > kMaxPtrNames) names.resize(kMaxPtrNames);
  for (const DnsName& name : names) {
    dns_.Prefetch(AddressQuestion(name, values_.client), Share::kReverse);
  }
  std::vector<DnsName> validated;
  for (const DnsName& name : names) {
    const DnsQuestion address = AddressQuestion(name, values_.client);
    const DnsAnswer& answer = co_await dns_.Ask(address, Share::kReverse);
    Use(address, answer);
    if (HoldsAddress(answer, values_.client)) validated.push_back(name);
  }
  validated_names_ = std::move(validated);
  co_return true;
}

// RFC 7208 §7.3: the domain itself, else one below it, else any.
std::string Evaluation::ValidatedName(const DnsName& domain) const {
  if (validated_names_->empty()) return values_.validated_name;
  const auto best = std::min_element(validated_names_->begin(), validated_names_->end(),
                                     [&](const DnsName& a, const DnsName& b) {
                                       const auto rank = [&](const DnsName& name) {
                                         return name == domain ? 0 : name.IsWithin(domain) ? 1 : 2;
                                       };
                                       return rank(a) < rank(b);
                                     });
  return best->ToString();
}

Task<std::string> Evaluation::Explain(Outcome outcome) {
  std::string text;
  if (outcome.explanation.empty()) co_return text;
  const std::optional<DnsName> target = co_await TargetOf(outcome.explanation, outcome.domain);
  if (!target) co_return text;
  const DnsQuestion question = {*target, DnsType::kTxt};
  const DnsAnswer& answer = co_await dns_.Ask(question);
  Use(question, answer);
  if (answer.records.size() != 1) co_return text;
  const auto* const explanation = std::get_if<std::string>(&answer.records.front().data);
  if (explanation == nullptr) co_return text;
  if (!IsMacroString(*explanation, MacroPlace::kExplanation)) co_return text;
  const MacroValues values = co_await ValuesFor(*explanation, outcome.domain);
  text = ExpandText(*explanation, values, kMaxExplanationOctets);
  if (!IsAscii(text)) text.clear();
  co_return text;
}

}  // namespace helovet::spf
