#include "store/lmdb_records.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "store/lease_id.h"

namespace helovet {
namespace {

using Time = std::chrono::milliseconds;

constexpr std::string_view kFact = "f";
constexpr std::string_view kLeases = "l";
constexpr std::string_view kIndex = "x";
constexpr std::size_t kTimeOctets = 8;
constexpr unsigned kBitsOfOctet = 8;

std::string Joined(std::string_view kind, std::string_view key) {
  return std::string(kind).append(key);
}

std::string OctetsOf(Time time) {
  std::string octets(kTimeOctets, '\0');
  auto rest = static_cast<std::uint64_t>(time.count());
  for (std::size_t i = kTimeOctets; i-- > 0; rest >>= kBitsOfOctet) {
    octets[i] = static_cast<char>(rest & 0xFFU);
  }
  return octets;
}

// `octets` has at least kTimeOctets.
Time TimeOf(std::string_view octets) {
  std::uint64_t time = 0;
  for (const char octet : octets.substr(0, kTimeOctets)) {
    time = (time << kBitsOfOctet) | static_cast<unsigned char>(octet);
  }
  return Time(static_cast<std::int64_t>(time));
}

std::string IndexKey(Time end, std::string_view record) {
  return std::string(kIndex).append(OctetsOf(end)).append(record);
}

Time Bounded(Time lifetime) { return std::clamp(lifetime, Time(1), Time(kMaxStoreLifetime)); }

}  // namespace

LmdbRecords::Outcome<std::optional<Time>> LmdbRecords::EndOf(std::string_view record) const {
  const Outcome<std::string_view> value = transaction_.Get(record);
  if (!value && value.error() == MDB_NOTFOUND) return std::optional<Time>();
  if (!value) return tl::make_unexpected(value.error());
  if (value->size() < kTimeOctets) return tl::make_unexpected(MDB_CORRUPTED);
  return std::optional(TimeOf(*value));
}

int LmdbRecords::Write(std::string_view record, Time end, std::string_view rest) {
  const Outcome<std::optional<Time>> former = EndOf(record);
  if (!former) return former.error();
  if (*former && **former != end) {
    if (const int error = transaction_.Delete(IndexKey(**former, record)); error != 0) return error;
  }
  const int error = transaction_.Put(record, OctetsOf(end).append(rest));
  return error != 0 ? error : transaction_.Put(IndexKey(end, record), {});
}

int LmdbRecords::Remove(std::string_view record) {
  const Outcome<std::optional<Time>> end = EndOf(record);
  if (!end) return end.error();
  if (!*end) return 0;
  const int error = transaction_.Delete(IndexKey(**end, record));
  return error != 0 ? error : transaction_.Delete(record);
}

LmdbRecords::Outcome<std::optional<StoredFact>> LmdbRecords::FindFact(std::string_view key) const {
  const Outcome<std::string_view> value = transaction_.Get(Joined(kFact, key));
  if (!value && value.error() == MDB_NOTFOUND) return std::optional<StoredFact>();
  if (!value) return tl::make_unexpected(value.error());
  if (value->size() < kTimeOctets) return tl::make_unexpected(MDB_CORRUPTED);
  const Time end = TimeOf(*value);
  if (end <= now_) return std::optional<StoredFact>();
  return std::optional(StoredFact{.key = std::string(key),
                                  .value = std::string(value->substr(kTimeOctets)),
                                  .left = end - now_});
}

int LmdbRecords::PutFact(std::string_view key, std::string_view value, Time lifetime) {
  return Write(Joined(kFact, key), now_ + Bounded(lifetime), value);
}

LmdbRecords::Outcome<std::vector<StoredFact>> LmdbRecords::FactsOf(std::string_view prefix) const {
  const std::string first = Joined(kFact, prefix);
  std::vector<StoredFact> facts;
  LmdbCursor cursor(transaction_);
  auto entry = cursor.From(first);
  for (; entry && entry->key.starts_with(first); entry = cursor.Next()) {
    if (entry->value.size() < kTimeOctets) return tl::make_unexpected(MDB_CORRUPTED);
    const Time end = TimeOf(entry->value);
    if (end <= now_) continue;
    facts.push_back({.key = std::string(entry->key.substr(kFact.size())),
                     .value = std::string(entry->value.substr(kTimeOctets)),
                     .left = end - now_});
  }
  if (!entry && entry.error() != MDB_NOTFOUND) return tl::make_unexpected(entry.error());
  return facts;
}

LmdbRecords::Outcome<LmdbRecords::Forgotten> LmdbRecords::ForgetFacts(std::string_view prefix,
                                                                      std::string_view after,
                                                                      std::size_t limit) {
  const std::string first = Joined(kFact, prefix);
  const std::string start = after.empty() ? first : Joined(kFact, after);
  Forgotten forgotten;
  std::vector<std::string> records;  // No cursor while they are removed.
  {
    LmdbCursor cursor(transaction_);
    auto entry = cursor.From(start);
    for (; entry && entry->key.starts_with(first); entry = cursor.Next()) {
      if (records.size() == limit) {
        forgotten.all = false;
        break;
      }
      if (entry->value.size() < kTimeOctets) return tl::make_unexpected(MDB_CORRUPTED);
      if (TimeOf(entry->value) > now_) ++forgotten.alive;
      records.emplace_back(entry->key);
    }
    if (!entry && entry.error() != MDB_NOTFOUND) return tl::make_unexpected(entry.error());
  }
  for (const std::string& record : records) {
    if (const int error = Remove(record); error != 0) return tl::make_unexpected(error);
  }
  if (!records.empty()) forgotten.last = records.back().substr(kFact.size());
  return forgotten;
}

LmdbRecords::Outcome<std::vector<LmdbRecords::LeaseEntry>> LmdbRecords::LivingLeases(
    std::string_view record) const {
  const Outcome<std::string_view> value = transaction_.Get(record);
  std::vector<LeaseEntry> leases;
  if (!value && value.error() == MDB_NOTFOUND) return leases;
  if (!value) return tl::make_unexpected(value.error());
  constexpr std::size_t kEntryOctets = kLeaseIdOctets + kTimeOctets;
  if (value->size() < kTimeOctets || (value->size() - kTimeOctets) % kEntryOctets != 0) {
    return tl::make_unexpected(MDB_CORRUPTED);
  }
  for (std::string_view rest = value->substr(kTimeOctets); !rest.empty();
       rest.remove_prefix(kEntryOctets)) {
    const Time end = TimeOf(rest.substr(kLeaseIdOctets));
    if (end > now_)
      leases.push_back({.id = std::string(rest.substr(0, kLeaseIdOctets)), .end = end});
  }
  return leases;
}

int LmdbRecords::WriteLeases(std::string_view record, const std::vector<LeaseEntry>& leases) {
  if (leases.empty()) return Remove(record);
  std::string rest;
  Time last{0};
  for (const LeaseEntry& lease : leases) {
    rest.append(lease.id).append(OctetsOf(lease.end));
    last = std::max(last, lease.end);
  }
  return Write(record, last, rest);
}

LmdbRecords::Outcome<std::optional<std::string>> LmdbRecords::AddLease(std::string_view key,
                                                                       std::size_t limit,
                                                                       Time lifetime) {
  const std::string record = Joined(kLeases, key);
  Outcome<std::vector<LeaseEntry>> leases = LivingLeases(record);
  if (!leases) return tl::make_unexpected(leases.error());
  if (leases->size() >= limit) return std::optional<std::string>();
  const std::string id = DrawLeaseId();
  if (id.empty()) return tl::make_unexpected(errno);
  leases->push_back({.id = id, .end = now_ + Bounded(lifetime)});
  if (const int error = WriteLeases(record, *leases); error != 0) {
    return tl::make_unexpected(error);
  }
  return std::optional(LeaseIdText(id));
}

LmdbRecords::Outcome<bool> LmdbRecords::EndLease(std::string_view key, std::string_view id) {
  const std::string record = Joined(kLeases, key);
  Outcome<std::vector<LeaseEntry>> leases = LivingLeases(record);
  if (!leases) return tl::make_unexpected(leases.error());
  const auto is_it = [id](const LeaseEntry& lease) { return LeaseIdText(lease.id) == id; };
  if (std::erase_if(*leases, is_it) == 0) return false;
  if (const int error = WriteLeases(record, *leases); error != 0) {
    return tl::make_unexpected(error);
  }
  return true;
}

LmdbRecords::Outcome<std::size_t> LmdbRecords::Sweep(std::size_t limit) {
  return RemoveFirst(limit, Removes::kWhatHasEnded);
}

LmdbRecords::Outcome<std::size_t> LmdbRecords::Evict(std::size_t limit) {
  return RemoveFirst(limit, Removes::kFacts);
}

LmdbRecords::Outcome<std::size_t> LmdbRecords::RemoveFirst(std::size_t limit, Removes which) {
  constexpr std::size_t kHeadOctets = kIndex.size() + kTimeOctets;
  std::vector<std::string> records;
  {
    LmdbCursor cursor(transaction_);
    auto entry = cursor.From(kIndex);
    for (; entry && records.size() < limit && entry->key.starts_with(kIndex);
         entry = cursor.Next()) {
      if (entry->key.size() < kHeadOctets) return tl::make_unexpected(MDB_CORRUPTED);
      if (TimeOf(entry->key.substr(kIndex.size())) > now_) {
        if (which == Removes::kWhatHasEnded) break;
        if (!entry->key.substr(kHeadOctets).starts_with(kFact)) continue;
      }
      records.emplace_back(entry->key);
    }
    if (!entry && entry.error() != MDB_NOTFOUND) return tl::make_unexpected(entry.error());
  }
  for (const std::string& first : records) {
    const int error = Remove(first.substr(kHeadOctets));
    if (error != 0) return tl::make_unexpected(error);
  }
  return records.size();
}

}  // namespace helovet
