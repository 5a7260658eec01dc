#include "shared_complaints.h"

#include <sys/mman.h>

#include <functional>

namespace helovet {
namespace {

// Never that of a free place. Two complaints that collide count as one.
std::uint64_t HashOf(std::string_view complaint) {
  return std::hash<std::string_view>{}(complaint) | 1U;
}

}  // namespace

// Memory from mmap(2) is zero, which is what free places are.
SharedComplaints::SharedComplaints() {
  void* const memory = mmap(nullptr, kMost * sizeof(Place), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    own_ = std::vector<Place>(kMost);
  } else {
    shared_.reset(static_cast<Place*>(memory));
  }
}

void SharedComplaints::Unmap::operator()(Place* places) const {
  munmap(places, kMost * sizeof(Place));
}

std::span<SharedComplaints::Place> SharedComplaints::places() {
  return shared_ ? std::span(shared_.get(), kMost) : std::span(own_);
}

bool SharedComplaints::IsNews(std::string_view complaint, TimePoint now) {
  Place* const place = PlaceOf(HashOf(complaint));
  if (place == nullptr) return false;
  constexpr std::int64_t kInterval = TimePoint::duration(kComplaintInterval).count();
  const std::int64_t ticks = now.time_since_epoch().count();
  std::int64_t told = place->told.load();
  if (told != 0 && ticks - told < kInterval) return false;
  return place->told.compare_exchange_strong(told, ticks);
}

SharedComplaints::Place* SharedComplaints::PlaceOf(std::uint64_t complaint) {
  for (Place& place : places()) {
    std::uint64_t found = 0;
    if (place.complaint.compare_exchange_strong(found, complaint)) return &place;
    if (found == complaint) return &place;
  }
  return nullptr;
}

}  // namespace helovet
