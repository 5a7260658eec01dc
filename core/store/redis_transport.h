// The octets of one connection to a Redis server.
#ifndef HELOVET_CORE_STORE_REDIS_TRANSPORT_H_
#define HELOVET_CORE_STORE_REDIS_TRANSPORT_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/descriptor.h"
#include "helovet/config.h"
#include "store/redis_tls.h"
#include "tl/expected.hpp"

namespace helovet {

// Where a server listens: a socket's absolute path, or an address.
using RedisPeer = std::variant<std::string, DnsServer>;

// A connection over TCP or a socket of this host, with TLS where that is wanted. It never waits and
// raises no signal; who uses it waits for `events` and calls Advance. Destroying it closes the
// descriptor and says nothing to the server, so a process that was forked may do it as well.
class RedisTransport {
 public:
  // Begins to connect. `tls` is null for none. Unexpected: why not, printable.
  [[nodiscard]] static tl::expected<std::unique_ptr<RedisTransport>, std::string> Open(
      const RedisPeer& peer, std::unique_ptr<RedisTls> tls);

  [[nodiscard]] int descriptor() const { return socket_.get(); }
  // Of poll(2): what to wait for.
  [[nodiscard]] short events() const;
  // The server can be talked to: octets have their way, encrypted where that is wanted.
  [[nodiscard]] bool is_open() const {
    return connected_ && (tls_ == nullptr || tls_->is_established());
  }

  // To be sent by the next calls of Advance.
  void Write(std::string_view octets) { to_send_ += octets; }
  // Connects, sends and receives what is possible without waiting; what came is added to
  // `received`. Unexpected: the connection is of no use any more, printable.
  [[nodiscard]] tl::expected<void, std::string> Advance(std::string& received);

 private:
  RedisTransport(OwnedDescriptor socket, std::unique_ptr<RedisTls> tls)
      : socket_(std::move(socket)), tls_(std::move(tls)) {}

  // False: not yet.
  [[nodiscard]] tl::expected<bool, std::string> Connect();
  [[nodiscard]] tl::expected<void, std::string> Send();
  [[nodiscard]] tl::expected<void, std::string> Receive(std::string& received);
  // What the network gave, which is nothing for a beginning, to `received`.
  [[nodiscard]] tl::expected<void, std::string> Accept(std::string_view octets,
                                                       std::string& received);

  OwnedDescriptor socket_;
  std::unique_ptr<RedisTls> tls_;
  bool connected_ = false;
  std::string to_send_;     // Of the application.
  std::string to_network_;  // As it goes out.
};

}  // namespace helovet

#endif  // HELOVET_CORE_STORE_REDIS_TRANSPORT_H_
