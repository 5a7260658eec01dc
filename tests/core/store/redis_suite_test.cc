// The store of a fleet does what every store does: on a socket of this host, with a password, and
// in TLS.
#include <atomic>
#include <memory>
#include <string>

#include "core/store/redis_server.h"
#include "core/store/store_suite.h"
#include "store/redis_store.h"

namespace helovet::testing {
namespace {

// A server with the settings that reach it.
struct Reachable {
  TemporaryDirectory files;
  Config config;
  std::unique_ptr<RedisServerProcess> process;
};

std::unique_ptr<Reachable> StartPlain() {
  auto server = std::make_unique<Reachable>();
  const std::string path = server->files.Path("redis.sock");
  server->config = ConfigOfRedis(path);
  server->process = std::make_unique<RedisServerProcess>(
      std::vector<std::string>{"--port", "0", "--unixsocket", path}, 0, path);
  return server;
}

std::unique_ptr<Reachable> StartWithPassword() {
  auto server = std::make_unique<Reachable>();
  const std::uint16_t port = FreePort();
  server->config = ConfigOfRedis("127.0.0.1:" + std::to_string(port));
  server->config.redis.user = "mail";
  server->config.redis.password_file = server->files.Write("password", "a b\"c\nnot this\n");
  // What docs/rules.md §13.2 needs and no more.
  const std::string users = server->files.Write(
      "users", "user default off\nuser mail on >" + std::string("a b\"c") + " ~helovet* +@all\n");
  server->files.Write("users", "user default off\nuser mail on #"
                               // SHA-256 of the password.
                               "PASSWORD_HASH ~test* +@all\n");
  server->process = std::make_unique<RedisServerProcess>(
      std::vector<std::string>{"--port", std::to_string(port), "--aclfile", users}, port);
  return server;
}

}  // namespace
}  // namespace helovet::testing
