// Answers of a Redis server, read as they come, and what commands look like on the wire.
#ifndef HELOVET_CORE_STORE_REDIS_REPLY_H_
#define HELOVET_CORE_STORE_REDIS_REPLY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tl/expected.hpp"

struct redisReader;

namespace helovet {

// What a server can make us keep; all ours. A value of ours has 1,024 octets at most, a batch of
// keys some hundred elements.
inline constexpr std::size_t kMaxRedisTextOctets = std::size_t{64} * 1024;
inline constexpr std::size_t kMaxRedisElements = 100000;  // Of one answer, nested ones included.
inline constexpr std::size_t kMaxRedisReplyOctets = std::size_t{16} * 1024 * 1024;

struct RedisReply {
  enum class Kind : std::uint8_t { kStatus, kError, kInteger, kText, kNil, kArray };
  Kind kind = Kind::kNil;
  std::int64_t integer = 0;
  std::string text = {};  // Of kStatus, kError and kText: any octets.
  std::vector<RedisReply> elements = {};

  [[nodiscard]] bool Is(Kind wanted) const { return kind == wanted; }
};

// A command and its arguments, any octets, in the server's protocol.
[[nodiscard]] std::string RedisCommand(const std::vector<std::string>& words);

// Splits what one connection receives into answers. Remote octets never allocate more than the
// limits above.
class RedisReader {
 public:
  RedisReader();
  ~RedisReader();
  RedisReader(const RedisReader&) = delete;
  RedisReader& operator=(const RedisReader&) = delete;

  void Feed(std::string_view octets);
  // The next whole answer; empty: the rest of it is yet to come. Unexpected, from then on: why
  // these are no answers, printable.
  [[nodiscard]] tl::expected<std::optional<RedisReply>, std::string> Next();

 private:
  struct Budget;
  struct Build;

  std::unique_ptr<Budget> budget_;
  redisReader* reader_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_STORE_REDIS_REPLY_H_
