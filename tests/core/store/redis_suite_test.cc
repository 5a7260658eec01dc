// The store of a fleet does what every store does: on a socket of this host, with a password, and
// in TLS.
#include <memory>
#include <string>
#include <utility>
#include <vector>

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

// A user who may do no more than docs/rules.md §13.2 needs, at keys with the prefix alone.
std::unique_ptr<Reachable> StartWithPassword() {
  auto server = std::make_unique<Reachable>();
  const std::uint16_t port = FreePort();
  server->config = ConfigOfRedis("127.0.0.1:" + std::to_string(port));
  server->config.redis.user = "mail";
  server->config.redis.password_file = server->files.Write("password", "se\"c*ret\nnot this\n");
  const std::string users = server->files.Write(
      "users.acl",
      "user default off\n"
      "user mail on >se\"c*ret ~helovet* -@all +set +get +pttl +eval +scan +unlink +mget +time "
      "+zadd +zcard +zrange +zrem +zremrangebyscore +pexpireat +hincrby +hgetall\n");
  server->process = std::make_unique<RedisServerProcess>(
      std::vector<std::string>{"--port", std::to_string(port), "--aclfile", users}, port);
  return server;
}

std::unique_ptr<Reachable> StartWithTls() {
  auto server = std::make_unique<Reachable>();
  const std::string port = std::to_string(FreePort());
  const Certificate certificate = MakeCertificate(server->files, "server", "DNS:localhost");
  server->config = ConfigOfRedis("localhost:" + port);
  server->config.redis.tls = true;
  server->config.redis.ca_file = certificate.certificate_file;
  server->process = std::make_unique<RedisServerProcess>(
      std::vector<std::string>{"--port", "0", "--tls-port", port, "--tls-cert-file",
                               certificate.certificate_file, "--tls-key-file", certificate.key_file,
                               "--tls-ca-cert-file", certificate.certificate_file,
                               "--tls-auth-clients", "no"},
      static_cast<std::uint16_t>(std::stoi(port)));
  return server;
}

// One server for all cases of a kind; each place has keys of its own there.
class RedisPlace final : public StorePlace {
 public:
  explicit RedisPlace(const Reachable& server) : config_(server.config) {
    static int places = 0;
    config_.redis.prefix = "helovet[" + std::to_string(++places) + "]";
  }
  std::unique_ptr<Store> Open(Loop& loop) override { return MakeRedisStore(loop, config_); }

 private:
  Config config_;
};

template <std::unique_ptr<Reachable> (*Start)()>
std::unique_ptr<StorePlace> MakePlace() {
  static const std::unique_ptr<Reachable> server = Start();
  return std::make_unique<RedisPlace>(*server);
}

INSTANTIATE_TEST_SUITE_P(Redis, StoreTest, ::testing::Values(&MakePlace<StartPlain>));
INSTANTIATE_TEST_SUITE_P(RedisWithPassword, StoreTest,
                         ::testing::Values(&MakePlace<StartWithPassword>));
INSTANTIATE_TEST_SUITE_P(RedisInTls, StoreTest, ::testing::Values(&MakePlace<StartWithTls>));

}  // namespace
}  // namespace helovet::testing
