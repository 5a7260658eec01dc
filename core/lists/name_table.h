// A million names in little memory: one text, and a hash index of 32-bit positions in it.
#ifndef HELOVET_CORE_LISTS_NAME_TABLE_H_
#define HELOVET_CORE_LISTS_NAME_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace helovet {

// From names, which are compared octet by octet, to the lines they stand in. Filled once: Add...,
// Seal, Find... Six octets and a name for each entry, and 6 to 8 for the index.
//
// The names come from files that others may write. Names made to collide in the hash cost a binary
// search, never a walk through all of them.
class NameTable {
 public:
  static constexpr std::size_t kMaxNameOctets = 255;

  // A name of at most kMaxNameOctets.
  void Add(std::string_view name, std::uint32_t line);
  // After the last Add.
  void Seal();

  // The first of the lines in which `name` stands, or empty.
  [[nodiscard]] std::optional<std::uint32_t> Find(std::string_view name) const;
  [[nodiscard]] bool empty() const { return count_ == 0; }

 private:
  struct Record {
    std::string_view name;
    std::uint32_t line = 0;
  };

  [[nodiscard]] Record At(std::uint32_t position) const;
  template <typename Visit>
  void VisitAll(Visit visit) const;
  [[nodiscard]] std::size_t BucketOf(std::string_view name) const;

  // Records lie in chunks, none across two, so that growing copies nothing. A position counts
  // through the chunks as if they were one.
  std::vector<std::unique_ptr<char[]>> chunks_;
  std::vector<std::uint32_t> ends_;  // Of each chunk, where its last record ends.
  std::size_t count_ = 0;
  // Positions by bucket, in the order of Add, large buckets in that of the names; bucket b has
  // those from bucket_begins_[b] to bucket_begins_[b + 1].
  std::vector<std::uint32_t> positions_;
  std::vector<std::uint32_t> bucket_begins_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_LISTS_NAME_TABLE_H_
