// One look at one name's records of one kind: its questions, and what is found.
#ifndef HELOVET_CORE_LINT_LOOK_H_
#define HELOVET_CORE_LINT_LOOK_H_

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dns/dns.h"
#include "dns/session_dns.h"
#include "helovet/lint.h"
#include "helovet/loop.h"
#include "lint/zone_records.h"
#include "loop/task.h"

namespace helovet {

// What all looks share. Whatever it points to must outlive them.
struct LintSources {
  Loop& loop;
  Dns& dns;
  const ZoneRecords* zones = nullptr;  // Null: there are no files.
  // An answer of kRefused means that no file has the name, and that nobody else is asked.
  bool refused_is_outside = false;
  std::chrono::milliseconds deadline{5000};         // Of one look.
  Loop::TimePoint latest = Loop::TimePoint::max();  // Of all.
};

// Findings in the making.
class FindingList {
 public:
  // What is found twice, about whichever names, counts once. Nothing beyond kMaxFindings is kept.
  void Add(DnsName name, Finding finding);

  // By name, then in the order of FindingId.
  [[nodiscard]] LintReport Take();

 private:
  std::vector<std::pair<DnsName, Finding>> findings_;
  std::size_t left_out_ = 0;
};

// A finding before it is text.
struct Fault {
  FindingId id = FindingId::kCouldNotLook;
  std::vector<DnsRecord> records = {};
  std::string detail = {};  // Printable ASCII.
  Remedy remedy = Remedy::kNone;
  std::vector<DnsRecord> corrected = {};
};

// `records`, which a file has under one name and type, as their answer.
[[nodiscard]] DnsAnswer AnswerOf(std::vector<DnsRecord> records);

// What a look's coroutine yields.
struct Looked {};

class Look {
 public:
  // `name` and `sources` must outlive this, and this the task that uses it.
  Look(const LintSources& sources, const DnsName& name, FindingList& findings);
  Look(const Look&) = delete;
  Look& operator=(const Look&) = delete;

  [[nodiscard]] const DnsName& name() const { return name_; }
  [[nodiscard]] SessionDns& dns() { return dns_; }
  [[nodiscard]] const ZoneRecords* zones() const { return sources_.zones; }

  // `answer` says what the zone holds, absence included. Otherwise a finding says so.
  [[nodiscard]] bool Tells(const DnsQuestion& question, const DnsAnswer& answer);

  // Tells of several TTLs in the answer, and of a reply that is too large with `additional`.
  void Weigh(const DnsQuestion& question, const DnsAnswer& answer,
             const std::vector<DnsRecord>& additional = {});

  void Add(Fault fault) { AddFor(name_, std::move(fault)); }
  // About another name than that which is looked at.
  void AddFor(const DnsName& name, Fault fault);
  // `replacement` for `record`.
  void AddReplaced(FindingId id, const DnsRecord& record, DnsRecord replacement,
                   std::string detail = {});
  void AddRemoved(FindingId id, const DnsRecord& record, std::string detail = {});
  // About the name, and written down already.
  void AddFinding(Finding finding) { findings_.Add(name_, std::move(finding)); }

 private:
  const LintSources& sources_;
  const DnsName& name_;
  FindingList& findings_;
  SessionDns dns_;
  std::set<DnsQuestion> weighed_;
};

// "A of mail.example.com".
[[nodiscard]] std::string ToString(const DnsQuestion& question);

// Octets of the reply with `answer` and `additional` as a server compresses it (RFC 1035 §4.1.4;
// RFC 2782: targets are not), without EDNS.
[[nodiscard]] std::size_t ReplyOctets(const DnsQuestion& question, const DnsAnswer& answer,
                                      const std::vector<DnsRecord>& additional);

// The looks. `subject` and `look` must outlive the task.
[[nodiscard]] Task<Looked> LookAtHelo(Look& look, const LintSubject& subject);
[[nodiscard]] Task<Looked> LookAtAccreditors(Look& look);
[[nodiscard]] Task<Looked> LookAtReports(Look& look);
[[nodiscard]] Task<Looked> LookAtDmp(Look& look, const LintSubject& subject);
[[nodiscard]] Task<Looked> LookAtDrip(Look& look, const LintSubject& subject);
[[nodiscard]] Task<Looked> LookAtSpf(Look& look, const LintSubject& subject);
[[nodiscard]] Task<Looked> LookAtRmx(Look& look, const LintSubject& subject);

}  // namespace helovet

#endif  // HELOVET_CORE_LINT_LOOK_H_
