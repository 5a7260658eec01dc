// Sockets to DNS servers.
#ifndef HELOVET_CORE_DNS_SOCKET_H_
#define HELOVET_CORE_DNS_SOCKET_H_

#include <optional>
#include <utility>

#include "base/descriptor.h"
#include "helovet/config.h"

namespace helovet {

// Owns one descriptor: non-blocking, and closed in programs that the host executes.
class Socket {
 public:
  // A socket of `type` (SOCK_DGRAM or SOCK_STREAM) that exchanges octets with `server` alone, from
  // a port that the kernel chose. A stream's connection is only begun. Empty: the system refuses.
  [[nodiscard]] static std::optional<Socket> Connect(const DnsServer& server, int type);

  [[nodiscard]] int descriptor() const { return descriptor_.get(); }  // -1: closed.
  [[nodiscard]] bool is_open() const { return static_cast<bool>(descriptor_); }
  void Close() { descriptor_.Close(); }
  // Gives the descriptor up without closing it.
  int Release() { return descriptor_.Release(); }

 private:
  explicit Socket(OwnedDescriptor descriptor) : descriptor_(std::move(descriptor)) {}

  OwnedDescriptor descriptor_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_SOCKET_H_
