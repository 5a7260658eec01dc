// check_host() (RFC 7208 §4 to §6).
#ifndef HELOVET_CORE_CHECKS_SPF_EVALUATION_H_
#define HELOVET_CORE_CHECKS_SPF_EVALUATION_H_

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "checks/answers.h"
#include "checks/spf/macro.h"
#include "checks/spf/record.h"
#include "dns/session_dns.h"
#include "helovet/result.h"
#include "loop/task.h"

namespace helovet::spf {

// RFC 7208 §4.6.4, all of them.
inline constexpr int kMaxAskingTerms = 10;                 // Of all records together.
inline constexpr std::size_t kMaxMxRecords = 10;           // Of one "mx".
inline constexpr std::size_t kMaxPtrNames = 10;            // Further ones do not count.
inline constexpr int kMaxVoidLookups = 2;                  // Terms whose question finds nothing.
inline constexpr std::size_t kMaxExplanationOctets = 200;  // Ours, docs/rules.md §11.5.

// The question for the record of `domain`; empty where there can be none: RFC 7208 §4.3 asks for
// two labels at least.
[[nodiscard]] std::optional<DnsQuestion> RecordQuestion(const DnsName& domain);

// One judgement of one client, over all records that it leads to.
class Evaluation {
 public:
  // `values`: all but `domain` and `validated_name`. `dns` and `evidence`, to which every answer
  // that is used goes once, must outlive this.
  Evaluation(MacroValues values, SessionDns& dns, std::vector<Evidence>& evidence);
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;

  struct Outcome {
    Ruling ruling;
    // Of a failure: the domain-spec of exp=, and the domain whose record has it.
    std::string_view explanation = {};
    DnsName domain = {};
  };

  // pass/designated, fail/not-designated, softfail/probably-not-designated, neutral/no-assertion,
  // none/no-record, temperror or permerror. This must outlive the task, as for the others.
  [[nodiscard]] Task<Outcome> CheckHost(DnsName domain);

  // What the domain says of the failure `outcome` (RFC 7208 §6.2): ASCII, at most
  // kMaxExplanationOctets. Empty: nothing that can be used.
  [[nodiscard]] Task<std::string> Explain(Outcome outcome);

 private:
  // A term matches or does not, or the whole evaluation ends.
  struct Match {
    bool matches = false;
    std::optional<Ruling> end = std::nullopt;
  };
  // A record, or why there is none.
  struct Lookup {
    std::optional<Record> record = std::nullopt;
    Ruling ruling = {};
  };

  Task<Lookup> FindRecord(const DnsName& domain);
  // The first of the directives that matches; empty: none does.
  Task<std::optional<Ruling>> RunDirectives(const Record& record, const DnsName& domain);
  // Of a mechanism that asks.
  Task<Match> Matches(const Term& term, const DnsName& domain);
  Task<Match> MatchesInclude(const Term& term, const DnsName& domain);
  Task<Match> MatchesAddress(const Term& term, const DnsName& domain);
  Task<Match> MatchesMx(const Term& term, const DnsName& domain);
  Task<Match> MatchesPtr(const Term& term, const DnsName& domain);

  // What the domain-spec means in a record of `domain`; that domain where it is empty. Empty: no
  // question can be made of it.
  Task<std::optional<DnsName>> TargetOf(std::string_view domain_spec, const DnsName& domain);
  Task<MacroValues> ValuesFor(std::string_view text, const DnsName& domain);

  // Fills validated_names_ (RFC 7208 §5.5).
  Task<bool> ValidateNames();
  [[nodiscard]] std::string ValidatedName(const DnsName& domain) const;

  // Counts a term that asks. Empty: it may.
  [[nodiscard]] std::optional<Ruling> CountTerm();
  // What `answer` to a term's own question ends: by its failure, or as one void lookup too many.
  [[nodiscard]] std::optional<Ruling> EndBy(const DnsAnswer& answer);
  void Use(const DnsQuestion& question, const DnsAnswer& answer);

  const MacroValues values_;
  SessionDns& dns_;
  std::vector<Evidence>& evidence_;
  std::set<DnsQuestion> used_;
  int asking_terms_ = 0;
  int void_lookups_ = 0;
  // The client's names, as soon as they have been asked for, in canonical order.
  std::optional<std::vector<DnsName>> validated_names_;
  bool lacks_ptr_records_ = false;
};

}  // namespace helovet::spf

#endif  // HELOVET_CORE_CHECKS_SPF_EVALUATION_H_
