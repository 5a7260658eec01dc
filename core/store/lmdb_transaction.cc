#include "store/lmdb_transaction.h"

#include <sched.h>
#include <time.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include "base/system_calls.h"

namespace helovet {
namespace {

// How long a writer waits for the others. Ours: a thousand times what writing takes.
constexpr std::chrono::milliseconds kGatePatience{250};
constexpr std::chrono::microseconds kGatePause{100};
constexpr int kGateTriesWithoutPause = 20;
constexpr off_t kGate = 0;  // The octet of the file that is locked.

MDB_val ValueOf(std::string_view text) {
  return {.mv_size = text.size(), .mv_data = const_cast<char*>(text.data())};
}

std::string_view TextOf(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

// LMDB waits for the writer before it without end. With a lock of ours around, which never waits,
// somebody who was stopped (SIGSTOP) in the midst of writing holds nobody up. It falls with the
// process, as LMDB's does. A step of a session has many transactions, and a mail server that waits
// for each of them in vain would answer nobody else.
int CloseGate(int file, const LmdbEnvironment& environment) {
  const auto patience = environment.IsHeldUp() ? std::chrono::milliseconds(0) : kGatePatience;
  const auto give_up = std::chrono::steady_clock::now() + patience;
  for (int attempt = 0;; ++attempt) {
    const int error = LockOctet(file, kGate, LockKind::kExclusive);
    if (error != EAGAIN && error != EACCES) return error;
    if (attempt < kGateTriesWithoutPause) {
      sched_yield();
      continue;
    }
    if (std::chrono::steady_clock::now() > give_up) {
      if (patience > std::chrono::milliseconds(0)) environment.NoteHeldUp();
      return EBUSY;
    }
    const timespec pause = {.tv_sec = 0, .tv_nsec = std::chrono::nanoseconds(kGatePause).count()};
    nanosleep(&pause, nullptr);
  }
}

}  // namespace

tl::expected<LmdbTransaction, int> LmdbTransaction::Begin(const LmdbEnvironment& environment,
                                                          Kind kind) {
  int gate = -1;
  if (kind == Kind::kWrite) {
    int error = mdb_env_get_fd(environment.get(), &gate);
    if (error == 0) error = CloseGate(gate, environment);
    if (error != 0) return tl::make_unexpected(error);
  }
  LmdbTransaction transaction(environment, nullptr, gate);
  const unsigned flags = kind == Kind::kRead ? MDB_RDONLY : 0;
  const int error = mdb_txn_begin(environment.get(), nullptr, flags, &transaction.transaction_);
  if (error != 0) return tl::make_unexpected(error);
  return transaction;
}

LmdbTransaction::LmdbTransaction(LmdbTransaction&& other) noexcept
    : database_(other.database_),
      transaction_(std::exchange(other.transaction_, nullptr)),
      gate_(std::exchange(other.gate_, -1)) {}

LmdbTransaction::~LmdbTransaction() {
  if (transaction_ != nullptr) mdb_txn_abort(transaction_);
  OpenGate();
}

void LmdbTransaction::OpenGate() {
  if (gate_ >= 0) static_cast<void>(LockOctet(gate_, kGate, LockKind::kNone));
  gate_ = -1;
}

tl::expected<std::string_view, int> LmdbTransaction::Get(std::string_view key) const {
  MDB_val name = ValueOf(key);
  MDB_val value{};
  const int error = mdb_get(transaction_, database_, &name, &value);
  if (error != 0) return tl::make_unexpected(error);
  return TextOf(value);
}

int LmdbTransaction::Put(std::string_view key, std::string_view value) {
  MDB_val name = ValueOf(key);
  MDB_val text = ValueOf(value);
  return mdb_put(transaction_, database_, &name, &text, 0);
}

int LmdbTransaction::Delete(std::string_view key) {
  MDB_val name = ValueOf(key);
  const int error = mdb_del(transaction_, database_, &name, nullptr);
  return error == MDB_NOTFOUND ? 0 : error;
}

tl::expected<std::size_t, int> LmdbTransaction::Pages() const {
  MDB_stat stat{};
  const int error = mdb_stat(transaction_, database_, &stat);
  if (error != 0) return tl::make_unexpected(error);
  return stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages;
}

int LmdbTransaction::Commit() {
  const int error = mdb_txn_commit(std::exchange(transaction_, nullptr));
  OpenGate();
  return error;
}

LmdbCursor::LmdbCursor(const LmdbTransaction& transaction)
    : error_(mdb_cursor_open(transaction.transaction_, transaction.database_, &cursor_)) {}

LmdbCursor::~LmdbCursor() {
  if (cursor_ != nullptr) mdb_cursor_close(cursor_);
}

tl::expected<LmdbCursor::Entry, int> LmdbCursor::From(std::string_view key) {
  return Move(key, MDB_SET_RANGE);
}

tl::expected<LmdbCursor::Entry, int> LmdbCursor::Next() { return Move({}, MDB_NEXT); }

tl::expected<LmdbCursor::Entry, int> LmdbCursor::Move(std::string_view key, MDB_cursor_op where) {
  if (error_ != 0) return tl::make_unexpected(error_);
  MDB_val name = ValueOf(key);
  MDB_val value{};
  const int error = mdb_cursor_get(cursor_, &name, &value, where);
  if (error != 0) return tl::make_unexpected(error);
  return Entry{.key = TextOf(name), .value = TextOf(value)};
}

}  // namespace helovet
