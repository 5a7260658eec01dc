// Questions to the Redis server of the settings and their answers, over one connection.
#ifndef HELOVET_CORE_STORE_REDIS_CONNECTION_H_
#define HELOVET_CORE_STORE_REDIS_CONNECTION_H_

#include <sys/types.h>

#include <coroutine>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "helovet/config.h"
#include "helovet/loop.h"
#include "loop/task.h"
#include "store/redis_address.h"
#include "store/redis_reply.h"
#include "store/redis_transport.h"
#include "store/store.h"

namespace helovet {

// From a failure to the next try (docs/rules.md §13.2).
inline constexpr std::chrono::seconds kRedisPause{1};

// Opens when first asked, logs in, sends questions without waiting for earlier answers, and opens
// anew after a failure, once the pause is over. Every question is answered once, at the latest
// `redis.timeout` after it was asked; whatever breaks the connection fails all that wait. Without
// a question nothing is registered with the loop. In a forked process it opens a connection of its
// own. Not thread-safe.
class RedisConnection {
 public:
  // The loop must outlive this.
  RedisConnection(Loop& loop, const Config& config);
  ~RedisConnection();
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  // `co_await connection.Ask(words)` yields the answer, StoreErrorOr<RedisReply>, which is never
  // Kind::kError. Destroying what waits gives the answer up; the connection must outlive it.
  class Asking;
  [[nodiscard]] Asking Ask(const std::vector<std::string>& words);

 private:
  struct Exchange;
  struct Ended {};

  // Opens unless there is a connection, or the pause forbids it. Empty: it is there or on its way.
  [[nodiscard]] std::optional<StoreError> Ensure();
  void DropIfStale();
  void ForgetIfForked();
  void Open();
  [[nodiscard]] bool LogIn();
  Task<Ended> Resolve(Loop::TimePoint deadline);
  void OnResolved();
  void ConnectNext();
  void OnReady();
  void OnReceived(std::string_view octets);
  // False: it broke the connection.
  [[nodiscard]] bool OnReply(RedisReply reply);
  void Watch();
  void WatchTime();
  void Complete(Exchange& exchange, StoreErrorOr<RedisReply> outcome);
  void Close();
  // Closes, fails all that wait, and begins the pause.
  void Break(std::string_view why);
  [[nodiscard]] StoreError Error(std::string_view why) const;

  Loop& loop_;
  Config config_;
  RedisServer server_;
  pid_t process_;

  std::deque<std::shared_ptr<Exchange>> waiting_;  // In the order of their answers.
  std::vector<RedisPeer> peers_;
  std::size_t next_peer_ = 0;   // Goes on where one cannot be reached, the silent ones included.
  std::size_t peers_left_ = 0;  // Of this try.
  std::unique_ptr<RedisTransport> transport_;
  std::unique_ptr<RedisReader> reader_;
  std::optional<Task<Ended>> resolving_;
  tl::expected<std::vector<RedisPeer>, std::string> resolved_;
  Loop::Handle resolved_post_;
  Loop::Handle watch_;
  short watched_events_ = 0;
  Loop::Handle timer_;
  Loop::TimePoint timer_due_{};

  std::optional<Loop::TimePoint> pause_ends_;
  StoreError last_error_;
};

class RedisConnection::Asking {
 public:
  Asking(Asking&&) noexcept = default;
  Asking& operator=(Asking&&) = delete;
  ~Asking();

  [[nodiscard]] bool await_ready() const;
  void await_suspend(std::coroutine_handle<> waiter);
  [[nodiscard]] StoreErrorOr<RedisReply> await_resume();

 private:
  friend class RedisConnection;
  explicit Asking(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

  std::shared_ptr<Exchange> exchange_;  // Empty: moved from.
};

}  // namespace helovet

#endif  // HELOVET_CORE_STORE_REDIS_CONNECTION_H_
