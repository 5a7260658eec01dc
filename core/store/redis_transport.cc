#include "store/redis_transport.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <system_error>

#include "base/system_calls.h"
#include "dns/socket.h"

namespace helovet {
namespace {

constexpr std::size_t kReceiveOctets = std::size_t{16} * 1024;
// Of one call of Advance, so that a server that never stops does not stop us; ours.
constexpr int kMaxReceives = 16;

tl::unexpected<std::string> SystemError(int error) {
  return tl::make_unexpected(std::generic_category().message(error));
}

tl::expected<OwnedDescriptor, std::string> ConnectTo(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return SystemError(ENAMETOOLONG);
  std::memcpy(address.sun_path, path.data(), path.size());
  OwnedDescriptor socket = OpenSocket(AF_UNIX, SOCK_STREAM);
  if (!socket) return SystemError(errno);
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0) {
    return SystemError(errno);
  }
  return socket;
}

tl::expected<OwnedDescriptor, std::string> ConnectTo(const DnsServer& server) {
  std::optional<Socket> opened = Socket::Connect(server, SOCK_STREAM);
  if (!opened) return SystemError(errno);
  OwnedDescriptor socket(opened->Release());
  // Commands are small, and each is waited for.
  const int on = 1;
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

}  // namespace

tl::expected<std::unique_ptr<RedisTransport>, std::string> RedisTransport::Open(
    const RedisPeer& peer, std::unique_ptr<RedisTls> tls) {
  tl::expected<OwnedDescriptor, std::string> socket =
      std::visit([](const auto& place) { return ConnectTo(place); }, peer);
  if (!socket) return tl::make_unexpected(socket.error());
  return std::unique_ptr<RedisTransport>(new RedisTransport(*std::move(socket), std::move(tls)));
}

short RedisTransport::events() const {
  if (!connected_) return POLLOUT;
  // Before its handshake has ended TLS keeps what the application wants to send.
  const bool sends = !to_network_.empty() || (is_open() && !to_send_.empty());
  return static_cast<short>(sends ? POLLIN | POLLOUT : POLLIN);
}

tl::expected<bool, std::string> RedisTransport::Connect() {
  pollfd ready = {.fd = descriptor(), .events = POLLOUT, .revents = 0};
  if (poll(&ready, 1, 0) <= 0) return false;
  if (const int error = PendingError(descriptor()); error != 0) return SystemError(error);
  return true;
}

tl::expected<void, std::string> RedisTransport::Accept(std::string_view octets,
                                                       std::string& received) {
  if (tls_ == nullptr) {
    received += octets;
    to_network_ += to_send_;
    to_send_.clear();
    return {};
  }
  tl::expected<void, std::string> done = tls_->Advance(octets, to_send_, received);
  to_network_ += tls_->TakeOutput();
  return done;
}

tl::expected<void, std::string> RedisTransport::Send() {
  while (!to_network_.empty()) {
    const ssize_t count = SendAtOnce(descriptor(), to_network_.data(), to_network_.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (count < 0) return SystemError(errno);
    to_network_.erase(0, static_cast<std::size_t>(count));
  }
  return {};
}

tl::expected<void, std::string> RedisTransport::Receive(std::string& received) {
  std::array<char, kReceiveOctets> octets;
  for (int i = 0; i < kMaxReceives; ++i) {
    const ssize_t count = recv(descriptor(), octets.data(), octets.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return {};
    if (count < 0) return SystemError(errno);
    if (count == 0) return tl::make_unexpected("the server has closed the connection");
    if (auto done = Accept({octets.data(), static_cast<std::size_t>(count)}, received); !done) {
      return done;
    }
  }
  return {};
}

tl::expected<void, std::string> RedisTransport::Advance(std::string& received) {
  if (!connected_) {
    const tl::expected<bool, std::string> connected = Connect();
    if (!connected) return tl::make_unexpected(connected.error());
    if (!*connected) return {};
    connected_ = true;
  }
  tl::expected<void, std::string> outcome = Accept({}, received);
  if (outcome) outcome = Send();
  // Also after a failure to send: what came before may say why.
  const tl::expected<void, std::string> receipt = Receive(received);
  if (outcome) outcome = receipt;
  if (outcome) return Send();
  // The peer is told why, if it can be.
  (void)Send();
  return outcome;
}

}  // namespace helovet
