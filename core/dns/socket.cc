#include "dns/socket.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/system_calls.h"

namespace helovet {
namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

template <typename Address>
SocketAddress ToSocketAddress(const Address& address) {
  SocketAddress result;
  std::memcpy(&result.storage, &address, sizeof address);
  result.length = sizeof address;
  return result;
}

SocketAddress ToSocketAddress(const DnsServer& server) {
  const auto bytes = server.address.bytes();
  if (server.address.is_v4()) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port);
    std::memcpy(&address.sin_addr, bytes.data(), bytes.size());
    return ToSocketAddress(address);
  }
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(server.port);
  std::memcpy(&address.sin6_addr, bytes.data(), bytes.size());
  return ToSocketAddress(address);
}

}  // namespace

std::optional<Socket> Socket::Connect(const DnsServer& server, int type) {
  const SocketAddress address = ToSocketAddress(server);
  Socket opened(OpenSocket(address.storage.ss_family, type));
  if (!opened.is_open()) return std::nullopt;
  if (connect(opened.descriptor(), reinterpret_cast<const sockaddr*>(&address.storage),
              address.length) != 0 &&
      errno != EINPROGRESS) {
    return std::nullopt;
  }
  return opened;
}

}  // namespace helovet
