#include "store/store.h"

#include "helovet/store_access.h"
#include "store/lmdb_store.h"
#include "store/redis_store.h"

namespace helovet {

std::optional<StoreError> WhyNotStorable(std::string_view key, std::string_view value) {
  StoreError error;
  if (key.empty()) {
    error.message = "store: an empty key";
  } else if (key.size() > kMaxStoreKeyOctets) {
    error.message = "store: a key of more than " + std::to_string(kMaxStoreKeyOctets) + " octets";
  } else if (value.size() > kMaxStoreValueOctets) {
    error.message =
        "store: a value of more than " + std::to_string(kMaxStoreValueOctets) + " octets";
  } else {
    return std::nullopt;
  }
  return error;
}

std::unique_ptr<Store> OpenStore(Loop& loop, const Config& config) {
  switch (config.store.kind) {
    case Config::StoreKind::kNone:
      return nullptr;
    case Config::StoreKind::kLmdb:
      return MakeLmdbStore(config);
    case Config::StoreKind::kRedis:
      return MakeRedisStore(loop, config);
  }
  return nullptr;
}

// What is static in a store's parts comes to be with the first of its kind.
void PrepareStore(const Config& config) {
  Loop loop;
  const std::unique_ptr<Store> store = OpenStore(loop, config);
}

}  // namespace helovet
