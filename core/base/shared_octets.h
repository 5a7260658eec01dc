// Octets that copies share.
#ifndef HELOVET_CORE_BASE_SHARED_OCTETS_H_
#define HELOVET_CORE_BASE_SHARED_OCTETS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string_view>
#include <utility>

namespace helovet {

// Immutable octets in one block with the count of their uses, so that a copy is a pointer's. Half
// of what std::shared_ptr takes for an array of this size. Empty octets take no block. Thread-safe
// as a std::shared_ptr is.
class SharedOctets {
 public:
  SharedOctets() = default;
  // `front`, then `back`.
  explicit SharedOctets(std::string_view front, std::string_view back = "") {
    const std::size_t size = front.size() + back.size();
    if (size == 0) return;
    block_ = new (::operator new(sizeof(Block) + size)) Block(static_cast<std::uint32_t>(size));
    front.copy(OctetsOf(block_), front.size());
    back.copy(OctetsOf(block_) + front.size(), back.size());
  }
  SharedOctets(const SharedOctets& other) noexcept : block_(other.block_) {
    if (block_ != nullptr) block_->uses.fetch_add(1, std::memory_order_relaxed);
  }
  SharedOctets(SharedOctets&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  SharedOctets& operator=(SharedOctets other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~SharedOctets() {
    if (block_ == nullptr || block_->uses.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    std::destroy_at(block_);
    ::operator delete(block_);
  }

  [[nodiscard]] bool empty() const { return block_ == nullptr; }
  [[nodiscard]] std::string_view view() const {
    return empty() ? std::string_view() : std::string_view(OctetsOf(block_), block_->size);
  }
  // Of memory beside this object, without what malloc(3) adds; those who share it count it each.
  [[nodiscard]] std::size_t block_octets() const {
    return empty() ? 0 : sizeof(Block) + block_->size;
  }
  [[nodiscard]] bool IsSharedWith(const SharedOctets& other) const {
    return block_ == other.block_;
  }

 private:
  struct Block {
    explicit Block(std::uint32_t octets) : size(octets) {}
    std::atomic<std::uint32_t> uses = 1;
    const std::uint32_t size;  // Of the octets, which follow.
  };

  static char* OctetsOf(Block* block) { return static_cast<char*>(static_cast<void*>(block + 1)); }

  Block* block_ = nullptr;  // Owned by all that share it.
};

}  // namespace helovet

#endif  // HELOVET_CORE_BASE_SHARED_OCTETS_H_
