#include "store/redis_address.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "store/redis_store.h"

namespace helovet {
namespace {

// docs/settings.md, redis.server.
TEST(RedisServerTest, IsAPathOrAHostWithAPort) {
  struct Case {
    std::string_view setting;
    std::string_view shown;
  };
  for (const Case& each : {Case{"/run/redis.sock", "path /run/redis.sock"},
                           Case{"127.0.0.1:6379", "127.0.0.1 6379 at once"},
                           Case{"[2001:db8::7]:6380", "2001:db8::7 6380 at once"},
                           Case{"redis.example.com:6379", "redis.example.com 6379"}}) {
    Config config;
    config.redis.server = each.setting;
    const RedisServer server = RedisServer::Of(config);
    std::string shown = server.path.empty() ? server.host + ' ' + std::to_string(server.port)
                                            : "path " + server.path;
    if (server.Peer() && server.path.empty()) shown += " at once";
    EXPECT_EQ(shown, each.shown);
  }
}

// hosts(5).
TEST(RedisServerTest, IsFoundInHosts) {
  constexpr std::string_view kHosts =
      "127.0.0.1\tlocalhost\n"
      "# 192.0.2.9 redis\n"
      "192.0.2.1 Redis.example.com redis # the old one: cache\r\n"
      "nonsense redis\n"
      "\n"
      "   2001:db8::1   redis";
  const auto addresses = [&](std::string_view host) {
    std::string text;
    for (const IpAddress& address : AddressesOfHosts(kHosts, host))
      text += address.ToString() + ' ';
    return text;
  };
  EXPECT_EQ(addresses("redis"), "192.0.2.1 2001:db8::1 ");
  EXPECT_EQ(addresses("redis.EXAMPLE.com"), "192.0.2.1 ");
  EXPECT_EQ(addresses("localhost"), "127.0.0.1 ");
  EXPECT_EQ(addresses("cache"), "");
  EXPECT_EQ(addresses("192.0.2.1"), "");
}

TEST(RedisServerTest, GetsPrefixesAsTheyAre) {
  EXPECT_EQ(EscapeForScan("helovet:fact:a*[b]?\\^"), "helovet:fact:a\\*\\[b\\]\\?\\\\\\^");
}

}  // namespace
}  // namespace helovet
