#include "store/redis_reply.h"

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace helovet {
namespace {

using namespace std::string_literals;

std::string Show(const RedisReply& reply) {
  switch (reply.kind) {
    case RedisReply::Kind::kStatus:
      return "+" + reply.text;
    case RedisReply::Kind::kError:
      return "-" + reply.text;
    case RedisReply::Kind::kInteger:
      return std::to_string(reply.integer);
    case RedisReply::Kind::kText:
      return "\"" + reply.text + "\"";
    case RedisReply::Kind::kNil:
      return "nil";
    case RedisReply::Kind::kArray:
      break;
  }
  std::string text = "[";
  for (const RedisReply& element : reply.elements) {
    text += (text.size() > 1 ? " " : "") + Show(element);
  }
  return text + "]";
}

// All answers in `octets`, which come in pieces of `size`, and the error that ends them.
std::string ReadAll(std::string_view octets, std::size_t size) {
  RedisReader reader;
  std::string shown;
  while (!octets.empty()) {
    reader.Feed(octets.substr(0, size));
    octets.remove_prefix(std::min(size, octets.size()));
    for (;;) {
      const auto reply = reader.Next();
      if (!reply) return shown + "error: " + reply.error();
      if (!*reply) break;
      shown += Show(**reply) + ";";
    }
  }
  return shown;
}

struct Case {
  std::string_view octets;
  std::string_view shown;
};

// Redis's protocol, RESP2.
TEST(RedisReaderTest, ReadsAnswersInAnyPieces) {
  const std::vector<Case> cases = {
      {"+OK\r\n", "+OK;"},
      {"-ERR no\r\n", "-ERR no;"},
      {":-12\r\n", "-12;"},
      {"$-1\r\n*-1\r\n", "nil;nil;"},
      {"$0\r\n\r\n", "\"\";"},
      {"$5\r\na\r\nbc\r\n", "\"a\r\nbc\";"},
      {"*0\r\n", "[];"},
      {"*2\r\n$1\r\n0\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n", "[\"0\" [\"a\" \"b\"]];"},
      {"*3\r\n*1\r\n:1\r\n*-1\r\n*2\r\n*0\r\n+x\r\n:7\r\n", "[[1] nil [[] +x]];7;"},
      {"+one\r\n$3\r\ntw", "+one;"},
  };
  for (const Case& each : cases) {
    for (std::size_t size = 1; size <= each.octets.size(); ++size) {
      EXPECT_EQ(ReadAll(each.octets, size), each.shown) << size;
    }
  }
}

TEST(RedisReaderTest, ReadsNothingElse) {
  for (const std::string_view octets :
       {"HTTP/1.1 400 Bad Request\r\n", "\r\n", "220 mail.example.com ESMTP\r\n",
        "%1\r\n+a\r\n+b\r\n", "*x\r\n", "$x\r\n", ":x\r\n", "$-2\r\n", "*-2\r\n"}) {
    EXPECT_NE(ReadAll(octets, octets.size()).find("error: "), std::string::npos) << octets;
  }
}

std::string Repeat(std::string_view text, std::size_t times) {
  std::string repeated;
  for (std::size_t i = 0; i < times; ++i) repeated += text;
  return repeated;
}

// What a server could make us allocate.
TEST(RedisReaderTest, KeepsToItsLimits) {
  constexpr std::string_view kTooLarge = "error: an answer that is too large";
  const std::string text(kMaxRedisTextOctets, 'x');
  const std::string longest = "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
  EXPECT_EQ(ReadAll(longest, 4096), "\"" + text + "\";");
  const std::string longer = "$" + std::to_string(text.size() + 1) + "\r\n" + text + "x\r\n";
  EXPECT_EQ(ReadAll(longer, 4096), kTooLarge);
  EXPECT_EQ(ReadAll("$9999999999\r\n" + Repeat(text, 2), 4096), kTooLarge);
  EXPECT_EQ(ReadAll("+" + Repeat(text, 2), 4096), kTooLarge);
  const std::string most = std::to_string(kMaxRedisElements);
  EXPECT_EQ(ReadAll("*" + most + "\r\n" + Repeat(":1\r\n", kMaxRedisElements), 4096),
            "[" + Repeat("1 ", kMaxRedisElements - 1) + "1];");
  EXPECT_EQ(ReadAll("*100001\r\n", 4096), kTooLarge);
  EXPECT_EQ(ReadAll("*2147483647\r\n", 4096), kTooLarge);
  EXPECT_EQ(ReadAll("*3\r\n*60000\r\n" + Repeat(":1\r\n", 60000) + "*60000\r\n", 4096), kTooLarge);
  EXPECT_EQ(ReadAll("*1000\r\n" + Repeat(longest, 300), 65536), kTooLarge) << "too many octets";
  // Each answer has the limits for itself.
  EXPECT_EQ(ReadAll(Repeat("*60000\r\n" + Repeat(":1\r\n", 60000), 2), 65536).size(), 2 * 120002U);
  EXPECT_NE(ReadAll(Repeat("*1\r\n", 50), 4096).find("error: "), std::string::npos) << "nesting";
}

// Any octets: an answer, an error or nothing yet, whatever memory checkers watch.
TEST(RedisReaderTest, OutlivesAnyOctets) {
  constexpr std::string_view kAlphabet = "+-:$*0123456789\r\n\r\nab";
  std::mt19937 random(7);
  std::size_t errors = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string octets;
    for (std::size_t length = random() % 40; length > 0; --length) {
      octets +=
          random() % 8 == 0 ? static_cast<char>(random()) : kAlphabet[random() % kAlphabet.size()];
    }
    if (ReadAll(octets, 1 + random() % 8).find("error: ") != std::string::npos) ++errors;
  }
  EXPECT_GT(errors, 1000U);
}

TEST(RedisCommandTest, TakesAnyOctets) {
  EXPECT_EQ(RedisCommand({"SET", "k", std::string("a\r\n\0b", 5), ""}),
            "*4\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\na\r\n\0b\r\n$0\r\n\r\n"s);
}

}  // namespace
}  // namespace helovet
