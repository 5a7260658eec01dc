// SPF records, with all that they lead to (RFC 7208).
#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/printable.h"
#include "checks/spf/evaluation.h"
#include "checks/spf/record.h"
#include "lint/look.h"
#include "publication/zone_text.h"

namespace helovet {
namespace {

using spf::Term;

constexpr std::string_view kVersion = "v=spf1";
constexpr std::size_t kMaxShownOctets = 60;  // Of a term, in a finding.

// A term as it stands in a record. Points into its text.
struct Word {
  std::string_view text;
  std::optional<Term> term = std::nullopt;  // Empty: it cannot be read.
};

// Behind the version. `text` is a record.
std::vector<Word> WordsOf(std::string_view text) {
  std::vector<Word> words;
  text.remove_prefix(kVersion.size());
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty()) return words;
    const std::size_t length = std::min(text.find(' '), text.size());
    Word word = {.text = text.substr(0, length)};
    // One word makes a record of its own; what its term points to is of `alone`.
    const std::string alone = std::string(kVersion) + " " + std::string(word.text);
    if (const std::optional<spf::Record> record = spf::Record::Parse(alone)) {
      word.term = spf::Record::Terms(*record).Next();
      if (word.term && !word.term->domain_spec.empty()) {
        const std::size_t at = word.text.find(word.term->domain_spec);
        word.term->domain_spec = word.text.substr(at, word.term->domain_spec.size());
      }
    }
    words.push_back(word);
    text.remove_prefix(length);
  }
}

std::string TextOf(const std::vector<std::string_view>& words) {
  std::string text(kVersion);
  for (const std::string_view word : words) (text += ' ') += word;
  return text;
}

// `words` without those for which `drops` says so.
template <typename Drops>
std::string TextWithout(const std::vector<Word>& words, Drops drops) {
  std::vector<std::string_view> kept;
  for (const Word& word : words) {
    if (!drops(word)) kept.push_back(word.text);
  }
  return TextOf(kept);
}

bool Is(const Word& word, Term::Kind kind) { return word.term && word.term->kind == kind; }

// A mechanism that every client of a family matches, or every host of the domain stands for.
bool HoldsEverybody(const Term& term) {
  switch (term.kind) {
    case Term::Kind::kAll:
      return true;
    case Term::Kind::kIp4:
      return term.v4_bits == 0;
    case Term::Kind::kIp6:
      return term.v6_bits == 0;
    case Term::Kind::kA:
    case Term::Kind::kMx:
      return term.v4_bits == 0 || term.v6_bits == 0;
    default:
      return false;
  }
}

bool PassesEverybody(const Word& word) {
  return word.term && word.term->qualifier == Result::kPass && HoldsEverybody(*word.term);
}

const Word* FindKind(const std::vector<Word>& words, Term::Kind kind) {
  const auto found =
      std::find_if(words.begin(), words.end(), [kind](const Word& word) { return Is(word, kind); });
  return found == words.end() ? nullptr : &*found;
}

bool IsModifier(const Word& word) {
  return Is(word, Term::Kind::kRedirect) || Is(word, Term::Kind::kExplanation) ||
         Is(word, Term::Kind::kUnknownModifier);
}

class SpfLook {
 public:
  explicit SpfLook(Look& look) : look_(look) {}

  Task<Looked> Run(const LintSubject& subject);

 private:
  // What a record comes to where it is followed.
  struct Branch {
    bool usable = true;
    bool passes_everybody = false;
  };

  void JudgeSyntax(const DnsRecord& record);
  void JudgeTerms();
  void JudgeAll();
  void JudgeWalk();
  void JudgeTypes(const LintSubject& subject, bool has_text);
  void AddWithout(FindingId id, const Word& dropped);
  void AddText(FindingId id, std::string text, std::string_view detail);
  Task<Branch> Walk(const std::vector<Word>& words, DnsName domain, bool is_own);
  Task<Branch> Follow(std::string_view domain_spec, DnsName domain);
  Task<Looked> Count(const Word& word, DnsName domain, bool is_own);
  Task<bool> FindsNothing(DnsName name, DnsType type);
  [[nodiscard]] bool at_limit() const { return terms_ > spf::kMaxAskingTerms; }

  Look& look_;
  DnsRecord record_;         // The one record.
  std::vector<Word> words_;  // Of it.
  int terms_ = 0;            // That ask, so far.
  bool too_many_hosts_ = false;
  std::vector<const Word*> void_;  // Null for those of other records.
  std::vector<const Word*> bad_;   // Of ours, that lead to no usable record.
  std::vector<const Word*> wide_;  // Of ours, that lead to one that passes everybody.
};

void SpfLook::AddText(FindingId id, std::string text, std::string_view detail) {
  DnsRecord corrected = record_;
  corrected.data = std::move(text);
  look_.AddReplaced(id, record_, std::move(corrected),
                    Printable(detail.substr(0, kMaxShownOctets)));
}

void SpfLook::AddWithout(FindingId id, const Word& dropped) {
  AddText(id, TextWithout(words_, [&](const Word& word) { return word.text == dropped.text; }),
          dropped.text);
}

// RFC 7208 §4.6.
void SpfLook::JudgeSyntax(const DnsRecord& record) {
  const std::string& text = std::get<std::string>(record.data);
  if (spf::Record::Parse(text)) return;
  Fault fault = {.id = FindingId::kSpfSyntax, .records = {record}};
  fault.detail = "redirect= or exp= stands there twice";
  for (const Word& word : WordsOf(text)) {
    if (word.term) continue;
    fault.detail = Printable(word.text.substr(0, kMaxShownOctets));
    break;
  }
  look_.Add(std::move(fault));
}

void SpfLook::JudgeAll() {
  const Word* const all = FindKind(words_, Term::Kind::kAll);
  if (all == nullptr) {
    if (FindKind(words_, Term::Kind::kRedirect) != nullptr) return;
    std::string text = TextWithout(words_, [](const Word&) { return false; });
    AddText(FindingId::kSpfNoAll, std::move(text += " ?all"), "");
    return;
  }
  // RFC 7208 §5.1: redirect= wherever it stands, and mechanisms behind.
  const auto is_lost = [all](const Word& word) {
    return Is(word, Term::Kind::kRedirect) || (&word > all && !IsModifier(word));
  };
  const auto lost = std::find_if(words_.begin(), words_.end(), is_lost);
  if (lost == words_.end()) return;
  AddText(FindingId::kSpfAfterAll, TextWithout(words_, is_lost), lost->text);
}

void SpfLook::JudgeTerms() {
  JudgeAll();
  if (const Word* const ptr = FindKind(words_, Term::Kind::kPtr)) {
    AddText(FindingId::kSpfPtr,
            TextWithout(words_, [](const Word& word) { return Is(word, Term::Kind::kPtr); }),
            ptr->text);
  }
  // What stands behind `all` is judged above, and passes nobody.
  const auto all = std::find_if(words_.begin(), words_.end(),
                                [](const Word& word) { return Is(word, Term::Kind::kAll); });
  const auto end = all == words_.end() ? all : all + 1;
  const auto wide = std::find_if(words_.begin(), end, PassesEverybody);
  if (wide == end) return;
  std::vector<std::string_view> kept;
  for (const Word& word : words_) {
    if (!PassesEverybody(word)) kept.push_back(word.text);
    if (PassesEverybody(word) && Is(word, Term::Kind::kAll)) kept.emplace_back("~all");
  }
  AddText(FindingId::kSpfPassesAll, TextOf(kept), wide->text);
}

Task<bool> SpfLook::FindsNothing(DnsName name, DnsType type) {
  const DnsQuestion question = {std::move(name), type};
  const DnsAnswer& answer = co_await look_.dns().Ask(question);
  if (!look_.Tells(question, answer)) co_return false;
  if (type == DnsType::kMx && answer.records.size() > spf::kMaxMxRecords) too_many_hosts_ = true;
  co_return answer.records.empty();
}

// RFC 7208 §4.6.4, of a term that asks and is no include.
Task<Looked> SpfLook::Count(const Word& word, DnsName domain, bool is_own) {
  const Term& term = *word.term;
  const bool has_macro = term.domain_spec.find('%') != std::string_view::npos;
  if (has_macro || term.kind == Term::Kind::kPtr) co_return Looked();
  if (!term.domain_spec.empty()) {
    std::optional<DnsName> target = DnsName::Parse(term.domain_spec);
    if (!target) co_return Looked();
    domain = *std::move(target);
  }
  const DnsType type = term.kind == Term::Kind::kMx ? DnsType::kMx : DnsType::kA;
  bool is_void = co_await FindsNothing(domain, type);
  // The clients of one family at least find something.
  if (is_void && term.kind == Term::Kind::kA)
    is_void = co_await FindsNothing(domain, DnsType::kAaaa);
  if (is_void) void_.push_back(is_own ? &word : nullptr);
  co_return Looked();
}

Task<SpfLook::Branch> SpfLook::Follow(std::string_view domain_spec, DnsName domain) {
  Branch branch;
  if (domain_spec.find('%') != std::string_view::npos) co_return branch;
  const std::optional<DnsName> target = DnsName::Parse(domain_spec);
  branch.usable = target.has_value();
  if (!target) co_return branch;
  const DnsQuestion question = {*target, DnsType::kTxt};
  const DnsAnswer& answer = co_await look_.dns().Ask(question);
  if (!look_.Tells(question, answer)) co_return branch;
  std::vector<std::string_view> texts;
  for (const DnsRecord& record : answer.records) {
    const std::string& text = std::get<std::string>(record.data);
    if (spf::IsRecord(text)) texts.push_back(text);
  }
  branch.usable = texts.size() == 1 && spf::Record::Parse(texts.front()).has_value();
  if (!branch.usable) co_return branch;
  domain = *target;
  const std::vector<Word> words = WordsOf(texts.front());
  branch = co_await Walk(words, domain, false);
  co_return branch;
}

// As for a client that nothing before `all` matches.
Task<SpfLook::Branch> SpfLook::Walk(const std::vector<Word>& words, DnsName domain, bool is_own) {
  Branch whole;
  for (const Word& word : words) {
    if (at_limit()) co_return whole;
    const bool passes = word.term->qualifier == Result::kPass;
    if (PassesEverybody(word)) whole.passes_everybody = true;
    if (Is(word, Term::Kind::kAll)) co_return whole;
    if (!word.term->asks()) continue;
    ++terms_;
    if (!Is(word, Term::Kind::kInclude)) {
      co_await Count(word, domain, is_own);
      continue;
    }
    const Branch branch = co_await Follow(word.term->domain_spec, domain);
    if (!branch.usable) whole.usable = false;
    if (branch.passes_everybody && passes) whole.passes_everybody = true;
    if (is_own && !branch.usable) bad_.push_back(&word);
    if (is_own && branch.passes_everybody && passes) wide_.push_back(&word);
  }
  const Word* const redirect = FindKind(words, Term::Kind::kRedirect);
  if (redirect == nullptr || at_limit()) co_return whole;
  ++terms_;
  const Branch branch = co_await Follow(redirect->term->domain_spec, domain);
  whole.usable = whole.usable && branch.usable;
  whole.passes_everybody = whole.passes_everybody || branch.passes_everybody;
  if (is_own && !branch.usable) bad_.push_back(redirect);
  if (is_own && branch.passes_everybody) wide_.push_back(redirect);
  co_return whole;
}

void SpfLook::JudgeWalk() {
  for (const Word* word : bad_) AddWithout(FindingId::kSpfBadInclude, *word);
  for (const Word* word : wide_) AddWithout(FindingId::kSpfPassesAll, *word);
  if (at_limit() || too_many_hosts_) {
    look_.Add({.id = FindingId::kSpfTooManyLookups, .records = {record_}});
  }
  if (void_.size() <= static_cast<std::size_t>(spf::kMaxVoidLookups)) return;
  const auto others = std::count(void_.begin(), void_.end(), nullptr);
  if (others > spf::kMaxVoidLookups) {
    look_.Add({.id = FindingId::kSpfVoidLookups,
               .records = {record_},
               .detail = "in the records that it includes"});
    return;
  }
  const auto is_void = [this](const Word& word) {
    return std::find(void_.begin(), void_.end(), &word) != void_.end();
  };
  AddText(FindingId::kSpfVoidLookups, TextWithout(words_, is_void), "");
}

// RFC 7208 §3.1. Only files show such records, for nobody asks for them.
void SpfLook::JudgeTypes(const LintSubject& subject, bool has_text) {
  for (const PlacedRecord* placed : subject.spf_type) {
    ZoneRecord record = ZoneRecordOf(placed->record);
    Finding finding = {.id = FindingId::kSpfType, .remedy = Remedy::kRemove};
    if (!has_text) {
      finding.remedy = Remedy::kReplace;
      finding.corrected.push_back(ToString(record));
    }
    record.type = "SPF";
    finding.records.push_back(
        {.text = ToString(record), .file = look_.zones()->FileOf(*placed), .line = placed->line});
    look_.AddFinding(std::move(finding));
  }
}

Task<Looked> SpfLook::Run(const LintSubject& subject) {
  const DnsQuestion question = {look_.name(), DnsType::kTxt};
  const DnsAnswer& answer = co_await look_.dns().Ask(question);
  if (!look_.Tells(question, answer)) co_return Looked();
  std::vector<DnsRecord> records;
  std::copy_if(answer.records.begin(), answer.records.end(), std::back_inserter(records),
               [](const auto& each) { return spf::IsRecord(std::get<std::string>(each.data)); });
  JudgeTypes(subject, !records.empty());
  if (records.empty()) co_return Looked();
  look_.Weigh(question, answer);
  for (const DnsRecord& record : records) JudgeSyntax(record);
  if (records.size() > 1) {
    look_.Add({.id = FindingId::kSpfSeveralRecords, .records = records});
    co_return Looked();
  }
  record_ = records.front();
  const std::string& text = std::get<std::string>(record_.data);
  if (!spf::Record::Parse(text)) co_return Looked();
  words_ = WordsOf(text);
  JudgeTerms();
  co_await Walk(words_, look_.name(), true);
  JudgeWalk();
  co_return Looked();
}

}  // namespace

Task<Looked> LookAtSpf(Look& look, const LintSubject& subject) {
  SpfLook spf(look);
  co_await spf.Run(subject);
  co_return Looked();
}

}  // namespace helovet
