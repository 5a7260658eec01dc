#include "lists/name_table.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>

#include "base/host_name.h"
#include "helovet/local_lists.h"

namespace helovet {
namespace {

// A record: its line in four octets, the length of the name in one, the name.
constexpr std::size_t kHeadOctets = sizeof(std::uint32_t) + 1;
constexpr std::size_t kChunkOctets = std::size_t{1} << 20;
// Buckets up to this size are read from end to end.
constexpr std::size_t kSmallBucket = 16;

static_assert(kMaxHostNameOctets + 2 <= NameTable::kMaxNameOctets, "for the @. in front");
// A line has at least two octets, a name and its end; positions have 32 bits.
static_assert(kMaxListFileOctets / 2 * (kHeadOctets + 2) < (std::uint64_t{1} << 32));

}  // namespace

void NameTable::Add(std::string_view name, std::uint32_t line) {
  if (chunks_.empty() || kChunkOctets - ends_.back() < kHeadOctets + name.size()) {
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(kChunkOctets));
    ends_.push_back(0);
  }
  char* const record = chunks_.back().get() + ends_.back();
  std::memcpy(record, &line, sizeof(line));
  record[sizeof(line)] = static_cast<char>(name.size());
  std::copy(name.begin(), name.end(), record + kHeadOctets);
  ends_.back() += static_cast<std::uint32_t>(kHeadOctets + name.size());
  ++count_;
}

NameTable::Record NameTable::At(std::uint32_t position) const {
  const char* const record = chunks_[position / kChunkOctets].get() + position % kChunkOctets;
  Record result;
  std::memcpy(&result.line, record, sizeof(result.line));
  const auto octets = static_cast<unsigned char>(record[sizeof(result.line)]);
  result.name = {record + kHeadOctets, octets};
  return result;
}

template <typename Visit>
void NameTable::VisitAll(Visit visit) const {
  for (std::size_t chunk = 0; chunk < chunks_.size(); ++chunk) {
    for (std::uint32_t offset = 0; offset < ends_[chunk];) {
      const auto position = static_cast<std::uint32_t>(chunk * kChunkOctets + offset);
      const Record record = At(position);
      visit(position, record.name);
      offset += static_cast<std::uint32_t>(kHeadOctets + record.name.size());
    }
  }
}

std::size_t NameTable::BucketOf(std::string_view name) const {
  const std::size_t buckets = bucket_begins_.size() - 1;  // A power of two.
  return std::hash<std::string_view>()(name) & (buckets - 1);
}

void NameTable::Seal() {
  if (empty()) return;
  const std::size_t buckets = std::max(std::bit_ceil(count_) / 2, std::size_t{1});
  // Begins lie one place further on while the buckets are filled, which moves them to their own.
  bucket_begins_.assign(buckets + 1, 0);
  VisitAll([this](std::uint32_t, std::string_view name) {
    const std::size_t bucket = BucketOf(name);
    if (bucket + 2 < bucket_begins_.size()) ++bucket_begins_[bucket + 2];
  });
  for (std::size_t i = 1; i < bucket_begins_.size(); ++i) {
    bucket_begins_[i] += bucket_begins_[i - 1];
  }
  positions_.resize(count_);
  VisitAll([this](std::uint32_t position, std::string_view name) {
    positions_[bucket_begins_[BucketOf(name) + 1]++] = position;
  });

  for (std::size_t i = 0; i + 1 < bucket_begins_.size(); ++i) {
    if (bucket_begins_[i + 1] - bucket_begins_[i] <= kSmallBucket) continue;
    std::stable_sort(positions_.begin() + bucket_begins_[i],
                     positions_.begin() + bucket_begins_[i + 1],
                     [this](std::uint32_t a, std::uint32_t b) { return At(a).name < At(b).name; });
  }
}

std::optional<std::uint32_t> NameTable::Find(std::string_view name) const {
  if (empty()) return std::nullopt;
  const std::size_t bucket = BucketOf(name);
  const auto begin = positions_.begin() + bucket_begins_[bucket];
  const auto end = positions_.begin() + bucket_begins_[bucket + 1];
  const auto is_before = [this](std::uint32_t position, std::string_view key) {
    return At(position).name < key;
  };
  const auto is_name = [this, name](std::uint32_t position) { return At(position).name == name; };
  const bool small = static_cast<std::size_t>(end - begin) <= kSmallBucket;
  const auto found =
      small ? std::find_if(begin, end, is_name) : std::lower_bound(begin, end, name, is_before);
  if (found == end || !is_name(*found)) return std::nullopt;
  return At(*found).line;
}

}  // namespace helovet
