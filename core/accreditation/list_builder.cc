#include "accreditation/list_builder.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/host_name.h"
#include "base/idna.h"

namespace helovet {
namespace {

constexpr std::size_t kChunkOctets = std::size_t{1} << 20;
constexpr std::size_t kKeyLength = 0;
constexpr std::size_t kInfoLength = 1;
constexpr std::size_t kRating = 2;
constexpr std::size_t kHeadOctets = 3;

static_assert(kMaxHostNameOctets < 256 && kMaxAccreditedInfoOctets < 256, "lengths of an octet");

std::size_t LengthAt(const char* octets, std::size_t place) {
  return static_cast<unsigned char>(octets[place]);
}

// Writes the key of `domain`, which is as long, to `out`.
void WriteKey(std::string_view domain, char* out) {
  for (;;) {
    const std::size_t dot = domain.rfind('.');
    const std::string_view label = domain.substr(dot + 1);  // npos + 1 is 0.
    out = std::copy(label.begin(), label.end(), out);
    if (dot == std::string_view::npos) return;
    *out++ = '\0';
    domain = domain.substr(0, dot);
  }
}

std::string DomainOfKey(std::string_view key) {
  std::string domain;
  domain.reserve(key.size());
  for (;;) {
    const std::size_t nul = key.rfind('\0');
    domain += key.substr(nul + 1);
    if (nul == std::string_view::npos) return domain;
    domain += '.';
    key = key.substr(0, nul);
  }
}

bool SaysTheSame(const char* a, const char* b) {
  return AccreditationListBuilder::RatingOf(a) == AccreditationListBuilder::RatingOf(b) &&
         AccreditationListBuilder::InfoOf(a) == AccreditationListBuilder::InfoOf(b);
}

}  // namespace

std::string_view AccreditationListBuilder::KeyOf(const char* octets) {
  return {octets + kHeadOctets, LengthAt(octets, kKeyLength)};
}

std::string_view AccreditationListBuilder::InfoOf(const char* octets) {
  return {octets + kHeadOctets + LengthAt(octets, kKeyLength), LengthAt(octets, kInfoLength)};
}

Rating AccreditationListBuilder::RatingOf(const char* octets) {
  return static_cast<Rating>(octets[kRating]);
}

char* AccreditationListBuilder::Allocate(std::size_t octets) {
  if (room_ < octets) {
    list_.chunks_.push_back(std::make_unique_for_overwrite<char[]>(kChunkOctets));
    room_ = kChunkOctets;
  }
  char* const place = list_.chunks_.back().get() + (kChunkOctets - room_);
  room_ -= octets;
  return place;
}

void AccreditationListBuilder::Add(std::string_view domain, Rating rating, std::string_view info,
                                   std::uint32_t line) {
  char* const octets = Allocate(kHeadOctets + domain.size() + info.size());
  octets[kKeyLength] = static_cast<char>(domain.size());
  octets[kInfoLength] = static_cast<char>(info.size());
  octets[kRating] = static_cast<char>(rating);
  WriteKey(domain, octets + kHeadOctets);
  std::copy(info.begin(), info.end(), octets + kHeadOctets + domain.size());
  list_.records_.push_back({octets, line});
}

void AccreditationListBuilder::Complain(std::uint32_t line, std::size_t column,
                                        std::string message) {
  // The heap's top is the last line, so that the first mistakes stay, whatever finds them.
  const auto precedes = [](const FileError& a, const FileError& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  };
  errors_.push_back({path_, static_cast<int>(line), static_cast<int>(column), std::move(message)});
  std::push_heap(errors_.begin(), errors_.end(), precedes);
  if (errors_.size() <= kMaxAccreditedComplaints) return;
  std::pop_heap(errors_.begin(), errors_.end(), precedes);
  errors_.pop_back();
  ++untold_;
}

// Of the lines about a domain, which stand side by side now, the first stays.
void AccreditationListBuilder::DropRepeated() {
  std::vector<AccreditationList::Record>& records = list_.records_;
  std::size_t kept = 0;
  for (const AccreditationList::Record& record : records) {
    if (kept == 0 || KeyOf(records[kept - 1].octets) != KeyOf(record.octets)) {
      records[kept++] = record;
      continue;
    }
    const AccreditationList::Record& first = records[kept - 1];
    if (SaysTheSame(first.octets, record.octets)) {
      ++list_.repeated_;
      continue;
    }
    Complain(record.line, 0,
             "says something else of \"" + DomainOfKey(KeyOf(record.octets)) + "\" than line " +
                 std::to_string(first.line));
  }
  records.resize(kept);
}

tl::expected<AccreditationList, std::vector<FileError>> AccreditationListBuilder::Finish() && {
  std::sort(list_.records_.begin(), list_.records_.end(),
            [](const AccreditationList::Record& a, const AccreditationList::Record& b) {
              const int order = KeyOf(a.octets).compare(KeyOf(b.octets));
              return order != 0 ? order < 0 : a.line < b.line;
            });
  DropRepeated();
  if (errors_.empty()) return std::move(list_);
  std::sort(errors_.begin(), errors_.end(), [](const FileError& a, const FileError& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
  if (untold_ > 0) {
    errors_.push_back({path_, 0, 0, "has " + std::to_string(untold_) + " more mistakes"});
  }
  return tl::make_unexpected(std::move(errors_));
}

AccreditationList::Entry AccreditationList::At(std::size_t index) const {
  const Record& record = records_[index];
  return {.domain = DomainOfKey(AccreditationListBuilder::KeyOf(record.octets)),
          .rating = AccreditationListBuilder::RatingOf(record.octets),
          .info = std::string(AccreditationListBuilder::InfoOf(record.octets)),
          .line = record.line};
}

std::optional<std::string> DomainOf(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  const bool ascii = std::all_of(text.begin(), text.end(), [](char octet) {
    return static_cast<unsigned char>(octet) < 0x80;
  });
  std::optional<std::string> name = ascii ? std::string(text) : ToALabels(text);
  if (!name || name->size() > kMaxHostNameOctets || FindBadLabel(*name)) return std::nullopt;
  return LowerCase(*name);
}

}  // namespace helovet
