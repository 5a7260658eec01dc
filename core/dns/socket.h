// Sockets to DNS servers.
#ifndef HELOVET_CORE_DNS_SOCKET_H_
#define HELOVET_CORE_DNS_SOCKET_H_

#include <optional>
#include <utility>

#include "helovet/config.h"

namespace helovet {

// Owns one descriptor: non-blocking, and closed in programs that the host executes.
class Socket {
 public:
  // A socket of `type` (SOCK_DGRAM or SOCK_STREAM) that exchanges octets with `server` alone, from
  // a port that the kernel chose. A stream's connection is only begun. Empty: the system refuses.
  [[nodiscard]] static std::optional<Socket> Connect(const DnsServer& server, int type);

  Socket(Socket&& other) noexcept : descriptor_(other.Release()) {}
  Socket& operator=(Socket&& other) noexcept;
  ~Socket() { Close(); }

  [[nodiscard]] int descriptor() const { return descriptor_; }  // -1: closed.
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  void Close();
  // Gives the descriptor up without closing it.
  int Release() { return std::exchange(descriptor_, -1); }

 private:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_SOCKET_H_
