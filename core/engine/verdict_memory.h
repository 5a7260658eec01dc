// Verdicts on clients that come again.
#ifndef HELOVET_CORE_ENGINE_VERDICT_MEMORY_H_
#define HELOVET_CORE_ENGINE_VERDICT_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <string>

#include "helovet/loop.h"
#include "helovet/session.h"
#include "helovet/verdict.h"

namespace helovet {

// Ours: room for some thousands.
inline constexpr std::size_t kMaxVerdictsOctets = std::size_t{24} * 1024 * 1024;
// Of one verdict: the texts that domains give are not to push out all others. Ours.
inline constexpr std::size_t kMaxVerdictOctets = std::size_t{16} * 1024;

// Nobody has authenticated, and no recipient is known whose domain could have a profile of its own.
[[nodiscard]] inline bool IsMemorable(const Session& session) {
  return !session.authenticated && session.recipient.empty();
}

// The client, its name and the sender of `session`: all of it that a verdict hangs on where the
// session is memorable.
[[nodiscard]] std::string VerdictKey(const Session& session);

// Verdicts by VerdictKey. Each is kept until the first answer ends that it rests on, and while the
// local lists are the same, so that whoever asked again would be told the same (docs/rules.md §8).
// The least recently used go when there are too many. Not thread-safe.
class VerdictMemory {
 public:
  // `max_octets`: about what all verdicts may take.
  explicit VerdictMemory(std::size_t max_octets = kMaxVerdictsOctets) : max_octets_(max_octets) {}
  VerdictMemory(const VerdictMemory&) = delete;
  VerdictMemory& operator=(const VerdictMemory&) = delete;

  // For Verdict::name_finding: a number that no other finding has had.
  [[nodiscard]] std::uint64_t NumberFinding() { return ++findings_; }

  // Null: none that still holds; `lists_changes` as LocalLists::changes() has it now. Valid until
  // the next call of Keep or Find.
  [[nodiscard]] const Verdict* Find(const std::string& key, std::uint64_t lists_changes,
                                    Loop::TimePoint now);

  // Keeps `verdict`, in place of what was kept under `key`, unless it is too large.
  void Keep(const std::string& key, const Verdict& verdict, std::uint64_t lists_changes,
            Loop::TimePoint holds_until);

  // Octets of memory that the verdicts take, with what the containers add, about.
  [[nodiscard]] std::size_t kept_octets() const { return kept_octets_; }

 private:
  struct Entry;
  // An order, not a hash: clients choose the names.
  using Entries = std::map<std::string, Entry>;
  using Uses = std::list<Entries::iterator>;  // The latest used first.
  struct Entry {
    Verdict verdict;
    std::uint64_t lists_changes;
    Loop::TimePoint holds_until;
    std::size_t octets;
    Uses::iterator use;
  };

  void Drop(Entries::iterator entry);

  const std::size_t max_octets_;
  std::size_t kept_octets_ = 0;
  std::uint64_t findings_ = 0;
  Entries entries_;
  Uses uses_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_ENGINE_VERDICT_MEMORY_H_
