// One validation's view of the DNS: bounded, remembered, with a deadline.
#ifndef HELOVET_CORE_DNS_SESSION_DNS_H_
#define HELOVET_CORE_DNS_SESSION_DNS_H_

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "dns/dns.h"
#include "helovet/loop.h"
#include "helovet/result.h"
#include "helovet/verdict.h"

namespace helovet {

inline constexpr std::size_t kMaxQueries = 40;  // Queries of one validation, docs/rules.md §8.
// PTR records of Share::kReverse that are kept: the first in canonical name order (RFC 4034 §6.1).
// RFC 8601 §3 wants a bound; RFC 7208 §4.6.4 has this one.
inline constexpr std::size_t kMaxPtrRecords = 10;
// Of kMaxQueries, of Share::kReverse: the PTR question, an alias as RFC 2317 delegations need, and
// kMaxPtrRecords names. So 28 are always left for a name, which needs 27 at most: 8 that the
// configuration always asks, its SRV record, those of 5 parents, its addresses, its PTR records, 4
// targets, 6 accreditors and the contact (SRV) of one. docs/rules.md §8.
inline constexpr std::size_t kMaxReverseQueries = 2 + kMaxPtrRecords;
inline constexpr std::size_t kMaxAliases = 8;  // CNAMEs in a row, docs/rules.md §8.
// Of the records that one validation keeps, counted with their names written out. Ours: compression
// lets one answer of 64 KiB become megabytes, and a mail server has thousands of sessions at once.
inline constexpr std::size_t kMaxKeptOctets = std::size_t{128} * 1024;
inline constexpr std::size_t kMaxReverseKeptOctets = kMaxKeptOctets / 2;  // Of Share::kReverse.
// Of Share::kConfigured, beside kMaxKeptOctets. Ours: the longest TXT record fits.
inline constexpr std::size_t kMaxConfiguredKeptOctets = std::size_t{128} * 1024;

// The outcome of an exchange that nobody waited for: the verdict was there first.
inline constexpr std::string_view kUnanswered = "unanswered";

// On whose account a question is asked, from the least on. The client's network chooses how many
// names, aliases and octets its PTR records lead to; it must not be able to spend what the check of
// a name, which may be somebody else's, still needs. Nor may the owner of a name, by large records
// of its own, push out what lists, accreditors and certifiers say that the configuration has every
// session ask. Of PTR records kReverse keeps kMaxPtrRecords, the others all.
enum class Share : std::uint8_t { kReverse, kName, kConfigured };

// The final answer to a question, aliases followed.
struct DnsAnswer {
  DnsOutcome outcome = DnsOutcome::kUnreachable;
  std::vector<DnsRecord> records;     // Of the asked type, at the end of the aliases.
  std::vector<DnsRecord> aliases;     // The CNAMEs passed, in order.
  std::vector<DnsRecord> additional;  // A and AAAA beside the records; only from a trusted server.
  std::uint32_t ttl = 0;              // Seconds: the least of all the above; else the negative TTL.
  bool ad = false;                    // Every reply on the way was authenticated.
  std::string server;                 // Of the last reply.
  Trail trail = Trail::kFull;         // What AddEvidence is to tell.

  // Adds an Evidence for each alias and record, or one for their absence, under `question`: the
  // aliases as they were followed, the records in an order of their own, so that the order of an
  // answer never shows in a result. With Trail::kOutcomes adds to the one that there is.
  void AddEvidence(const DnsQuestion& question, std::vector<Evidence>& evidence) const;
};

// What the checks of one validation ask. Each distinct question is asked once however many checks
// need it; aliases are followed here; no more than kMaxQueries leave; an answer that would exceed
// the octets of its share is dropped, with the outcome kTooLarge; from the deadline on every
// question without an answer has the outcome kTimeout. A question of several shares is one of the
// greatest, and what the limits of a lesser one have refused can still be asked; but a PTR question
// of kReverse and another is two questions, since their answers differ. Not thread-safe; must
// outlive the Tasks that await it.
class SessionDns {
 public:
  SessionDns(Loop& loop, Dns& dns, Loop::TimePoint deadline, Trail trail = Trail::kFull);
  ~SessionDns();
  SessionDns(const SessionDns&) = delete;
  SessionDns& operator=(const SessionDns&) = delete;

  // Lets the question leave now, for an Ask that may follow.
  void Prefetch(const DnsQuestion& question, Share share = Share::kName);

  // `co_await dns.Ask(question)` yields `const DnsAnswer&`, valid as long as this.
  class Awaiter;
  [[nodiscard]] Awaiter Ask(const DnsQuestion& question, Share share = Share::kName);

  // Calls `begin` as soon as a question has ended, before whoever awaits it; at once if none is
  // under way. Sessions that wait for a silent server need no coroutines until then. Once in the
  // life of this.
  void WhenAnswered(absl::AnyInvocable<void()> begin);

  // Until when whoever asks the same again is told the same from memory: until the first of the
  // answers that have come ends there. Past where one is new or has failed, or a limit kept it
  // away.
  [[nodiscard]] Loop::TimePoint holds_until() const { return holds_until_; }

  // Every question that left, in order. Ends the validation: what is still open is withdrawn.
  [[nodiscard]] std::vector<Exchange> TakeExchanges();

 private:
  struct Lookup;
  struct Sent;

  Lookup& Start(const DnsQuestion& question, Share share);
  void Send(Lookup& lookup);
  void OnReply(Lookup& lookup, DnsReply reply);
  // Counts a query that is about to leave. False: a limit forbids it.
  [[nodiscard]] bool CountQuery(Share share);
  // How many octets more `share` may keep.
  [[nodiscard]] std::size_t Room(Share share) const;
  // Counts what `reply` would have us keep, and empties it where that is too much.
  void Admit(DnsReply& reply, Share share);
  void Record(const Lookup& lookup, const DnsReply& reply);
  // Notes for how long memory holds `reply`.
  void Note(const DnsReply& reply);
  DnsAnswer& AnswerOf(Lookup& lookup) const;
  void Finish(Lookup& lookup);
  void OnDeadline();

  Loop& loop_;
  Dns& dns_;
  const Trail trail_;
  bool expired_ = false;
  std::uint8_t queries_ = 0;
  std::uint8_t reverse_queries_ = 0;
  std::uint32_t kept_octets_ = 0;             // Of kName and kReverse.
  std::uint32_t reverse_kept_octets_ = 0;     // Of these, of kReverse.
  std::uint32_t configured_kept_octets_ = 0;  // Of kConfigured.
  Loop::TimePoint holds_until_ = Loop::TimePoint::max();
  Loop::Handle deadline_;
  std::vector<std::unique_ptr<Lookup>> lookups_;  // As they were asked; kMaxQueries or some more.
  std::vector<Sent> sent_;
  absl::AnyInvocable<void()> begin_;
};

class SessionDns::Awaiter {
 public:
  explicit Awaiter(Lookup& lookup) : lookup_(&lookup) {}
  Awaiter(const Awaiter&) = delete;
  Awaiter& operator=(const Awaiter&) = delete;
  ~Awaiter();

  [[nodiscard]] bool await_ready() const;
  void await_suspend(std::coroutine_handle<> waiter);
  [[nodiscard]] const DnsAnswer& await_resume() const;

 private:
  friend class SessionDns;
  Lookup* lookup_;
  Awaiter* next_ = nullptr;         // Among the lookup's waiters.
  std::coroutine_handle<> waiter_;  // Set while this stands there.
};

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_SESSION_DNS_H_
