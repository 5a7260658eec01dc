// One transaction of an LMDB environment.
#ifndef HELOVET_CORE_STORE_LMDB_TRANSACTION_H_
#define HELOVET_CORE_STORE_LMDB_TRANSACTION_H_

#include <lmdb.h>

#include <cstdint>
#include <string_view>

#include "store/lmdb_environment.h"
#include "tl/expected.hpp"

namespace helovet {

// An int from here is 0 or a value of errno(3) or LMDB. Ends without effect unless committed. Text
// that it returns lives until the next change or the end.
class LmdbTransaction {
 public:
  enum class Kind : std::uint8_t { kRead, kWrite };

  // `environment` must be usable and outlive it. A writer that another process keeps waiting, for
  // it was stopped in the midst of writing, has EBUSY after a moment.
  [[nodiscard]] static tl::expected<LmdbTransaction, int> Begin(const LmdbEnvironment& environment,
                                                                Kind kind);
  LmdbTransaction(LmdbTransaction&& other) noexcept;
  LmdbTransaction& operator=(LmdbTransaction&&) = delete;
  ~LmdbTransaction();

  // MDB_NOTFOUND where there is no `key`.
  [[nodiscard]] tl::expected<std::string_view, int> Get(std::string_view key) const;
  [[nodiscard]] int Put(std::string_view key, std::string_view value);
  [[nodiscard]] int Delete(std::string_view key);  // What is not there is deleted.
  // How many pages the records take.
  [[nodiscard]] tl::expected<std::size_t, int> Pages() const;
  [[nodiscard]] int Commit();

 private:
  friend class LmdbCursor;

  LmdbTransaction(const LmdbEnvironment& environment, MDB_txn* transaction, int gate)
      : database_(environment.database()), transaction_(transaction), gate_(gate) {}
  void OpenGate();

  MDB_dbi database_;
  MDB_txn* transaction_;
  int gate_;  // -1: none is held.
};

// The records from a key on, in the order of their octets.
class LmdbCursor {
 public:
  struct Entry {
    std::string_view key;
    std::string_view value;
  };

  // `transaction` must outlive it.
  explicit LmdbCursor(const LmdbTransaction& transaction);
  LmdbCursor(const LmdbCursor&) = delete;
  LmdbCursor& operator=(const LmdbCursor&) = delete;
  ~LmdbCursor();

  // The first record whose key is not before `key`, and the one after the last that was given;
  // MDB_NOTFOUND after all.
  [[nodiscard]] tl::expected<Entry, int> From(std::string_view key);
  [[nodiscard]] tl::expected<Entry, int> Next();

 private:
  [[nodiscard]] tl::expected<Entry, int> Move(std::string_view key, MDB_cursor_op where);

  MDB_cursor* cursor_ = nullptr;
  int error_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_STORE_LMDB_TRANSACTION_H_
