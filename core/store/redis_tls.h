// TLS of a connection, apart from its socket.
#ifndef HELOVET_CORE_STORE_REDIS_TLS_H_
#define HELOVET_CORE_STORE_REDIS_TLS_H_

#include <memory>
#include <string>
#include <string_view>

#include "tl/expected.hpp"

namespace helovet {

// A client's side of TLS 1.2 or later (RFC 5246, RFC 8446), between octets of the application and
// octets of the network. The server must have a certificate of a trusted authority for `host`
// (RFC 6125), a name or an address.
class RedisTls {
 public:
  // `ca_file`: the authorities, PEM; empty: the system's. Unexpected, of every function here: what
  // is wrong, printable.
  [[nodiscard]] static tl::expected<std::unique_ptr<RedisTls>, std::string> Create(
      const std::string& host, const std::string& ca_file);
  ~RedisTls();
  RedisTls(const RedisTls&) = delete;
  RedisTls& operator=(const RedisTls&) = delete;

  [[nodiscard]] bool is_established() const;
  // Takes what came from the network, makes the handshake go on, encrypts of `to_send` what it can
  // and removes that, and adds what was decrypted to `received`. To be called until nothing comes
  // any more; what is to go to the network is in TakeOutput afterwards, also after an error.
  [[nodiscard]] tl::expected<void, std::string> Advance(std::string_view from_network,
                                                        std::string& to_send,
                                                        std::string& received);
  [[nodiscard]] std::string TakeOutput();

 private:
  struct Session;
  explicit RedisTls(std::unique_ptr<Session> session);

  [[nodiscard]] tl::expected<bool, std::string> Judge(int outcome);

  std::unique_ptr<Session> session_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_STORE_REDIS_TLS_H_
