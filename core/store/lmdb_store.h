// The embedded store: an LMDB environment and files of counters in one directory of this host
// (docs/rules.md §13.1).
#ifndef HELOVET_CORE_STORE_LMDB_STORE_H_
#define HELOVET_CORE_STORE_LMDB_STORE_H_

#include <memory>

#include "helovet/config.h"
#include "store/store.h"

namespace helovet {

// In config.store.directory. Its operations end at once: they wait for no more than what another
// process is just writing. May be used in a process that was forked after it was made, or used.
[[nodiscard]] std::unique_ptr<Store> MakeLmdbStore(const Config& config);

}  // namespace helovet

#endif  // HELOVET_CORE_STORE_LMDB_STORE_H_
