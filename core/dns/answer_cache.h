// Answers that are remembered as long as their TTLs allow.
#ifndef HELOVET_CORE_DNS_ANSWER_CACHE_H_
#define HELOVET_CORE_DNS_ANSWER_CACHE_H_

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <tuple>

#include "dns/dns.h"
#include "helovet/loop.h"

namespace helovet {

// Longer TTLs count as these. RFC 8767 §4 bounds TTLs by days to weeks; ours is one day, since what
// we serve decides about mail. RFC 2308 §5 finds one to three hours good for absence.
inline constexpr std::chrono::seconds kMaxPositiveLife = std::chrono::hours(24);
inline constexpr std::chrono::seconds kMaxNegativeLife = std::chrono::hours(1);
// Ours: some 50,000 answers of usual size.
inline constexpr std::size_t kDefaultCacheOctets = std::size_t{32} * 1024 * 1024;
// Ours: larger answers are not kept, so that a few names cannot push out all others. A validation
// keeps no more either (kMaxKeptOctets).
inline constexpr std::size_t kMaxCachedAnswerOctets = std::size_t{128} * 1024;

// Remembers the answers of another Dns, for an engine that lives long (docs/rules.md §8).
//
// - An answer is kept for the least TTL of its answer section, at most kMaxPositiveLife. Absence is
//   kept for its negative TTL (RFC 2308 §5), at most kMaxNegativeLife, and not at all without SOA.
//   Failures, and answers that contradict themselves, are never kept.
// - What is served from memory has `cached` set, and TTLs reduced by its age; additional records
//   whose own TTL has passed are left out.
// - The least recently used answers go when `max_octets` would be exceeded.
// - Askers of a question that is under way wait for its answer together, and within the time limit
//   of the first. The question is withdrawn when the last of them has gone.
//
// Not thread-safe. As for every Dns, no Query may outlive this.
class AnswerCache final : public Dns {
 public:
  // The loop must outlive this. `max_octets`: of memory for answers, 0 for none.
  AnswerCache(Loop& loop, std::unique_ptr<Dns> source,
              std::size_t max_octets = kDefaultCacheOctets);
  ~AnswerCache() override;
  AnswerCache(const AnswerCache&) = delete;
  AnswerCache& operator=(const AnswerCache&) = delete;

  std::unique_ptr<Query> Ask(const DnsQuestion& question, Done done) override;

  // Octets of memory that the answers take, with what malloc(3) and the containers add, about.
  // Never more than `max_octets`.
  [[nodiscard]] std::size_t kept_octets() const { return kept_octets_; }

 private:
  // An order, not a hash: clients choose the names, and would choose them to collide.
  struct QuestionLess {
    bool operator()(const DnsQuestion& a, const DnsQuestion& b) const {
      return std::tuple(a.type, a.name.wire()) < std::tuple(b.type, b.name.wire());
    }
  };

  using Uses = std::list<const DnsQuestion*>;  // Keys of entries_, the latest used first.
  struct Entry {
    DnsReply reply;
    Loop::TimePoint kept_at;
    Loop::TimePoint ends;
    std::size_t octets;
    Uses::iterator use;
  };
  using Entries = std::map<DnsQuestion, Entry, QuestionLess>;

  class Asker;
  // A question under way.
  struct Flight {
    AnswerCache* cache = nullptr;            // Null as soon as the reply is there.
    const DnsQuestion* question = nullptr;   // Its key in flights_.
    std::unique_ptr<Query> query = nullptr;  // Of source_.
    Asker* first = nullptr;                  // The askers as they came; each takes itself out.
    Asker* last = nullptr;
  };

  static std::size_t OctetsOf(const DnsQuestion& question, const DnsReply& reply);

  // A reply from memory, aged.
  [[nodiscard]] std::optional<DnsReply> Recall(const DnsQuestion& question);
  void Keep(const DnsQuestion& question, const DnsReply& reply);
  void Drop(Entries::iterator entry);
  void Withdraw(const Flight& flight);
  // Calls the askers back. They may ask, and may destroy one another; when all Queries are gone,
  // this may be as well.
  void OnReply(const Flight& landing, DnsReply reply);

  Loop& loop_;
  const std::unique_ptr<Dns> source_;
  const std::size_t max_octets_;
  std::size_t kept_octets_ = 0;
  Entries entries_;
  Uses uses_;
  std::map<DnsQuestion, Flight, QuestionLess> flights_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_ANSWER_CACHE_H_
