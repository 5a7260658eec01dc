#include "engine/verdict_memory.h"

#include <utility>

namespace helovet {
namespace {

std::size_t OctetsOf(const std::string& text) {
  return text.capacity() <= std::string().capacity() ? 0 : text.capacity() + 1;
}

std::size_t OctetsOf(const CheckResult& check) {
  std::size_t octets = sizeof check + OctetsOf(check.authority) + OctetsOf(check.contact) +
                       OctetsOf(check.explanation);
  for (const Evidence& item : check.evidence) {
    octets += sizeof item + OctetsOf(item.owner) + OctetsOf(item.text);
  }
  for (const Opinion& opinion : check.opinions) {
    octets += sizeof opinion + OctetsOf(opinion.authority) + OctetsOf(opinion.text);
  }
  return octets;
}

std::size_t OctetsOf(const Exchange& exchange) {
  std::size_t octets = sizeof exchange + OctetsOf(exchange.name) + OctetsOf(exchange.server);
  for (const std::string& record : exchange.records) {
    octets += sizeof(std::string) + OctetsOf(record);
  }
  return octets;
}

std::size_t OctetsOf(const Verdict& verdict) {
  std::size_t octets = OctetsOf(verdict.session.helo);
  if (verdict.session.mail_from) octets += OctetsOf(*verdict.session.mail_from);
  for (const CheckResult& check : verdict.checks) octets += OctetsOf(check);
  for (const Exchange& exchange : verdict.exchanges) octets += OctetsOf(exchange);
  // That on the name is kept for itself as well, but may outlive its entry.
  return verdict.on_name ? octets + sizeof(Verdict) + OctetsOf(*verdict.on_name) : octets;
}

}  // namespace

std::string VerdictKey(const Session& session) {
  // Each part but the last with its length before it, so that no two sessions have one key.
  const auto octets = session.client.bytes();
  std::string key(1, static_cast<char>(octets.size()));
  key.append(octets.begin(), octets.end());
  key += session.smtputf8 ? '8' : '7';
  key += std::to_string(session.helo.size()) + ':';
  key += session.helo;
  if (session.mail_from) key.append(1, ':').append(*session.mail_from);
  return key;
}

const Verdict* VerdictMemory::Find(const std::string& key, std::uint64_t lists_changes,
                                   Loop::TimePoint now) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  if (now >= found->second.holds_until || lists_changes != found->second.lists_changes) {
    Drop(found);
    return nullptr;
  }
  uses_.splice(uses_.begin(), uses_, found->second.use);
  return &found->second.verdict;
}

void VerdictMemory::Keep(const std::string& key, const Verdict& verdict,
                         std::uint64_t lists_changes, Loop::TimePoint holds_until) {
  const std::size_t octets =
      OctetsOf(verdict) + key.size() + sizeof(Entries::value_type) + sizeof(Entries::iterator);
  if (octets > kMaxVerdictOctets) return;
  if (const auto former = entries_.find(key); former != entries_.end()) Drop(former);
  while (kept_octets_ + octets > max_octets_ && !uses_.empty()) Drop(uses_.back());
  const auto place =
      entries_.try_emplace(key, Entry{verdict, lists_changes, holds_until, octets, {}}).first;
  uses_.push_front(place);
  place->second.use = uses_.begin();
  kept_octets_ += octets;
}

void VerdictMemory::Drop(Entries::iterator entry) {
  kept_octets_ -= entry->second.octets;
  uses_.erase(entry->second.use);
  entries_.erase(entry);
}

}  // namespace helovet
