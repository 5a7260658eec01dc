#include "store/redis_reply.h"

#include <hiredis/hiredis.h>
#include <hiredis/read.h>

#include <utility>

#include "base/printable.h"

namespace helovet {
namespace {

// What may wait in the reader: a text that is not whole, its length and its line end.
constexpr std::size_t kMaxWaitingOctets = kMaxRedisTextOctets + 64;

RedisReply::Kind KindOf(int type) {
  switch (type) {
    case REDIS_REPLY_STATUS:
      return RedisReply::Kind::kStatus;
    case REDIS_REPLY_ERROR:
      return RedisReply::Kind::kError;
    default:
      return RedisReply::Kind::kText;
  }
}

}  // namespace

// What the answer that is being read may still take.
struct RedisReader::Budget {
  std::size_t elements = kMaxRedisElements;
  std::size_t octets = kMaxRedisReplyOctets;
  bool spent = false;

  [[nodiscard]] bool Take(std::size_t more_elements, std::size_t more_octets) {
    if (more_elements > elements || more_octets > octets || more_octets > kMaxRedisTextOctets) {
      spent = true;
      return false;
    }
    elements -= more_elements;
    octets -= more_octets;
    return true;
  }
};

// hiredis's reader makes its objects with these. Null ends it with an error.
struct RedisReader::Build {
  // An array has room for all its elements from the start, so that they stay where they are while
  // the reader knows them by their addresses.
  static void* Add(const redisReadTask* task, RedisReply reply) {
    if (task->parent == nullptr) return new RedisReply(std::move(reply));
    auto& siblings = static_cast<RedisReply*>(task->parent->obj)->elements;
    return &siblings.emplace_back(std::move(reply));
  }
  static void* Text(const redisReadTask* task, char* octets, std::size_t count) {
    if (!static_cast<Budget*>(task->privdata)->Take(0, count)) return nullptr;
    RedisReply reply{.kind = KindOf(task->type)};
    reply.text.assign(octets, count);
    return Add(task, std::move(reply));
  }
  static void* Array(const redisReadTask* task, int count) {
    const auto elements = static_cast<std::size_t>(count);
    if (!static_cast<Budget*>(task->privdata)->Take(elements, 0)) return nullptr;
    RedisReply reply{.kind = RedisReply::Kind::kArray};
    reply.elements.reserve(elements);
    return Add(task, std::move(reply));
  }
  static void* Integer(const redisReadTask* task, long long value) {
    RedisReply reply{.kind = RedisReply::Kind::kInteger};
    reply.integer = value;
    return Add(task, std::move(reply));
  }
  static void* Nil(const redisReadTask* task) { return Add(task, RedisReply()); }
  static void Free(void* root) { delete static_cast<RedisReply*>(root); }
};

std::string RedisCommand(const std::vector<std::string>& words) {
  std::vector<const char*> starts;
  std::vector<std::size_t> lengths;
  for (const std::string& word : words) {
    starts.push_back(word.data());
    lengths.push_back(word.size());
  }
  char* octets = nullptr;
  const int count = redisFormatCommandArgv(&octets, static_cast<int>(words.size()), starts.data(),
                                           lengths.data());
  std::string command(octets, count > 0 ? static_cast<std::size_t>(count) : 0);
  redisFreeCommand(octets);
  return command;
}

RedisReader::RedisReader() : budget_(std::make_unique<Budget>()) {
  static redisReplyObjectFunctions functions = {Build::Text, Build::Array, Build::Integer,
                                                Build::Nil, Build::Free};
  reader_ = redisReaderCreateWithFunctions(&functions);
  reader_->privdata = budget_.get();
}

RedisReader::~RedisReader() { redisReaderFree(reader_); }

void RedisReader::Feed(std::string_view octets) {
  redisReaderFeed(reader_, octets.data(), octets.size());
}

tl::expected<std::optional<RedisReply>, std::string> RedisReader::Next() {
  void* root = nullptr;
  if (redisReaderGetReply(reader_, &root) != REDIS_OK) {
    return tl::make_unexpected(budget_->spent ? std::string("an answer that is too large")
                                              : Printable(reader_->errstr));
  }
  if (root == nullptr) {
    if (reader_->len - reader_->pos <= kMaxWaitingOctets) return std::nullopt;
    return tl::make_unexpected("an answer that is too large");
  }
  *budget_ = Budget();
  const std::unique_ptr<RedisReply> reply(static_cast<RedisReply*>(root));
  return std::move(*reply);
}

}  // namespace helovet
