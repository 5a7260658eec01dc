// What is remembered, to look at and to forget: for the command `helovet` (docs/rules.md §13). And
// what a host can have ready of it before it forks.
#ifndef HELOVET_STORE_ACCESS_H_
#define HELOVET_STORE_ACCESS_H_

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "helovet/config.h"
#include "helovet/statistics.h"
#include "tl/expected.hpp"

namespace helovet {

struct RememberedFact {
  std::string key;
  std::string value;
  std::chrono::milliseconds left{0};  // Until it is forgotten.
  friend bool operator==(const RememberedFact&, const RememberedFact&) = default;
};

// An error is a printable line, such as "store: /var/lib/helovet: Permission denied". Each of these
// opens the store that `config` names, waits for it (within the store's own time limit) and closes
// it; without a store there is an error. Thread-safe.
template <typename T>
using StoreAccessOr = tl::expected<T, std::string>;

// The facts whose keys begin with `prefix`, by key. Empty: all.
[[nodiscard]] StoreAccessOr<std::vector<RememberedFact>> ListRemembered(const Config& config,
                                                                        const std::string& prefix);
// That of `key`, if it lives.
[[nodiscard]] StoreAccessOr<std::optional<RememberedFact>> FindRemembered(const Config& config,
                                                                          const std::string& key);
// Forgets the facts whose keys begin with `prefix`; how many there were. Empty: all.
[[nodiscard]] StoreAccessOr<std::size_t> ForgetRemembered(const Config& config,
                                                          const std::string& prefix);
// The counters of `month`; all 0 where nothing has been counted.
[[nodiscard]] StoreAccessOr<CounterTotals> ReadCounters(const Config& config, Month month);

// Computes what a process computes once for the store that `config` names, so that those forked
// from it need not. Opens nothing. Not thread-safe.
void PrepareStore(const Config& config);

// A line for each fact: how many seconds are left, key, value.
[[nodiscard]] std::string RenderRemembered(const std::vector<RememberedFact>& facts);
// A JSON array of objects with "key", "value" and "seconds_left", ended by "\n".
[[nodiscard]] std::string RenderRememberedJson(const std::vector<RememberedFact>& facts);

}  // namespace helovet

#endif  // HELOVET_STORE_ACCESS_H_
