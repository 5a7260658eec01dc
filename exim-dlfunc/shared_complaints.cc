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
  mapped_ = memory != MAP_FAILED;
  places_ = mapped_ ? static_cast<Place*>(memory) : new Place[kMost]();
}

SharedComplaints::~SharedComplaints() {
  if (mapped_) {
    munmap(places_, kMost * sizeof(Place));
  } else {
    delete[] places_;
  }
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
  for (std::size_t i = 0; i < kMost; ++i) {
    std::uint64_t found = 0;
    if (places_[i].complaint.compare_exchange_strong(found, complaint)) return &places_[i];
    if (found == complaint) return &places_[i];
  }
  return nullptr;
}

}  // namespace helovet
