// Where the server of the settings is.
#ifndef HELOVET_CORE_STORE_REDIS_ADDRESS_H_
#define HELOVET_CORE_STORE_REDIS_ADDRESS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "helovet/config.h"
#include "helovet/loop.h"
#include "loop/task.h"
#include "store/redis_transport.h"
#include "tl/expected.hpp"

namespace helovet {

// `redis.server` in its parts: a socket's path, or a host (a name or an address) and a port.
struct RedisServer {
  std::string path;  // Empty: none.
  std::string host;  // Without brackets.
  std::uint16_t port = 0;

  // As the settings were checked.
  [[nodiscard]] static RedisServer Of(const Config& config);
  // Known without a question; empty for a name.
  [[nodiscard]] std::optional<RedisPeer> Peer() const;
};

// The addresses of `host` in a hosts(5) text, in its order.
[[nodiscard]] std::vector<IpAddress> AddressesOfHosts(std::string_view text, std::string_view host);

// The peers of a server that is a name: those of /etc/hosts, otherwise its AAAA and A records, IPv4
// first. Unexpected: why there are none, printable. Ends at `deadline` at the latest. The
// references must outlive the task.
[[nodiscard]] Task<tl::expected<std::vector<RedisPeer>, std::string>> FindPeers(
    Loop& loop, const Config& config, RedisServer server, Loop::TimePoint deadline);

}  // namespace helovet

#endif  // HELOVET_CORE_STORE_REDIS_ADDRESS_H_
