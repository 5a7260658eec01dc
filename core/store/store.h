// What is remembered beyond a session: facts with a lifetime, leases, and counters (docs/rules.md
// §13). Implementations: LmdbStore (files of this host) and RedisStore (a server for a fleet).
#ifndef HELOVET_CORE_STORE_STORE_H_
#define HELOVET_CORE_STORE_STORE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "helovet/config.h"
#include "helovet/loop.h"
#include "loop/task.h"
#include "statistics/counters.h"
#include "tl/expected.hpp"

namespace helovet {

// Keys and values are printable ASCII; whoever makes them escapes. A key is never empty. Ours: LMDB
// takes no longer key.
inline constexpr std::size_t kMaxStoreKeyOctets = 480;
inline constexpr std::size_t kMaxStoreValueOctets = 1024;

// Why the store could not be used, one printable line: "store: /var/lib/helovet: No space left".
struct StoreError {
  std::string message;
  // Nobody has set a store up: store.directory is the default one and does not exist. Nothing to
  // complain of where no check needs a store.
  bool not_set_up = false;
};
template <typename T>
using StoreErrorOr = tl::expected<T, StoreError>;

// Why `key` and `value` cannot be stored; empty: they can. Every store asks this first.
[[nodiscard]] std::optional<StoreError> WhyNotStorable(std::string_view key,
                                                       std::string_view value = {});

// No lifetime is longer; what is asked for beyond it counts as this. Ours.
inline constexpr std::chrono::milliseconds kMaxStoreLifetime = std::chrono::hours(24 * 366);

struct StoredFact {
  std::string key;
  std::string value;
  std::chrono::milliseconds left{0};  // Until it is forgotten.
};

enum class Overwrite : std::uint8_t {
  kAlways,
  kNothingAlive,  // Only where no fact of that key lives.
};

// The right to do something for a time, such as to call a domain. It ends by Release or by itself.
struct Lease {
  std::string key;
  std::string id;  // Of this holder, unlike any other's.
};

// Every operation ends within the store's own time limit and never throws; an error leaves the
// store as it was or as if the operation had succeeded. Atomic among all that share the store. Not
// thread-safe; nothing is opened before the first operation (a host may fork before that). The
// store must outlive the tasks; destroying a task gives up waiting.
class Store {
 public:
  virtual ~Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // The fact of `key`, if it lives.
  [[nodiscard]] virtual Task<StoreErrorOr<std::optional<StoredFact>>> Find(std::string key) = 0;
  // True: it was written. `lifetime` is more than 0.
  [[nodiscard]] virtual Task<StoreErrorOr<bool>> Put(std::string key, std::string value,
                                                     std::chrono::milliseconds lifetime,
                                                     Overwrite overwrite) = 0;
  // Empty: `limit` leases of `key` live already. `limit` is more than 0. A lease that is never
  // released ends after `lifetime`, so that leases can bound a rate as well.
  [[nodiscard]] virtual Task<StoreErrorOr<std::optional<Lease>>> Acquire(
      std::string key, std::size_t limit, std::chrono::milliseconds lifetime) = 0;
  // False: it had ended by itself.
  [[nodiscard]] virtual Task<StoreErrorOr<bool>> Release(Lease lease) = 0;
  // The facts that live whose keys begin with `prefix`, by key.
  [[nodiscard]] virtual Task<StoreErrorOr<std::vector<StoredFact>>> List(std::string prefix) = 0;
  // Forgets them, one by one; how many there were. What is put meanwhile may stay.
  [[nodiscard]] virtual Task<StoreErrorOr<std::size_t>> Flush(std::string prefix) = 0;

  // Adds to the counters of the present month (UTC).
  [[nodiscard]] virtual Task<StoreErrorOr<bool>> Count(CounterIncrements increments) = 0;
  // The counters of `month`; all 0 where nothing has been counted.
  [[nodiscard]] virtual Task<StoreErrorOr<CounterTotals>> Totals(Month month) = 0;

 protected:
  Store() = default;
};

// The store that `config` names; null for StoreKind::kNone. Cheap: nothing is opened. `loop` must
// outlive it.
[[nodiscard]] std::unique_ptr<Store> OpenStore(Loop& loop, const Config& config);

}  // namespace helovet

#endif  // HELOVET_CORE_STORE_STORE_H_
