// The store of a fleet: a Redis or Valkey server (docs/rules.md §13.2).
#ifndef HELOVET_CORE_STORE_REDIS_STORE_H_
#define HELOVET_CORE_STORE_REDIS_STORE_H_

#include <memory>
#include <string>
#include <string_view>

#include "helovet/config.h"
#include "helovet/loop.h"
#include "store/store.h"

namespace helovet {

// At config.redis.server. Facts are strings at PREFIX:fact:KEY, leases sorted sets at
// PREFIX:lease:KEY, the counters of a month a hash at PREFIX:statistics:MONTH. Lifetimes and the
// ends of leases are by the server's clock, months by ours. Each operation is one command, so that
// it is done as a whole or not at all, and List and Flush are one for some hundred facts. It needs
// Redis 5 or any Valkey. `loop` must outlive it.
[[nodiscard]] std::unique_ptr<Store> MakeRedisStore(Loop& loop, const Config& config);

// `text` as a pattern of SCAN that matches itself alone.
[[nodiscard]] std::string EscapeForScan(std::string_view text);

}  // namespace helovet

#endif  // HELOVET_CORE_STORE_REDIS_STORE_H_
