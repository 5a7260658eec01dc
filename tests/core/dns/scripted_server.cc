#include "core/dns/scripted_server.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "gtest/gtest.h"

namespace helovet::testing {
namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);

  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] std::uint16_t port() const {
    sockaddr_in6 v6{};  // The port stands at the same place in both families.
    std::memcpy(&v6, &storage, sizeof v6);
    return ntohs(v6.sin6_port);
  }
};

Address ToAddress(const IpAddress& ip, std::uint16_t port) {
  Address address;
  if (ip.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&v4.sin_addr, ip.bytes().data(), 4);
    std::memcpy(&address.storage, &v4, sizeof v4);
    address.length = sizeof v4;
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&v6.sin6_addr, ip.bytes().data(), 16);
    std::memcpy(&address.storage, &v6, sizeof v6);
    address.length = sizeof v6;
  }
  return address;
}

// A bound socket, or -1; `port` gets the port.
int Bind(const IpAddress& ip, int type, std::uint16_t& port) {
  Address address = ToAddress(ip, port);
  const int descriptor = socket(address.storage.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  if (type == SOCK_STREAM) setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(descriptor, address.get(), address.length) != 0) {
    close(descriptor);
    return -1;
  }
  getsockname(descriptor, address.get(), &address.length);
  port = address.port();
  return descriptor;
}

bool HasEdns(const Octets& message) { return message.size() > 11 && message[11] != 0; }

}  // namespace

Octets Framed(const Octets& message) {
  Octets framed = ToOctets(Uint16(static_cast<unsigned>(message.size())));
  framed.insert(framed.end(), message.begin(), message.end());
  return framed;
}

DnsServer NobodyAt(const std::string& address) {
  std::uint16_t port = 0;
  const IpAddress ip = *IpAddress::Parse(address);
  close(Bind(ip, SOCK_DGRAM, port));
  return {ip, port};
}

ScriptedServer::ScriptedServer(Loop& loop, Script script, Tcp tcp, const std::string& address,
                               std::uint16_t port)
    : loop_(loop), script_(std::move(script)), address_{*IpAddress::Parse(address), port} {
  // TCP may have the port of UDP taken by somebody else.
  constexpr int kTries = 20;
  bool open = false;
  for (int i = 0; i < kTries && !open; ++i) open = Open(address, port, tcp);
  if (!open) {
    ADD_FAILURE() << "cannot listen on " << address;
    return;
  }
  handles_.push_back(loop_.WatchDescriptor(udp_, POLLIN, [this](short) { OnDatagram(); }));
  if (tcp_ >= 0)
    handles_.push_back(loop_.WatchDescriptor(tcp_, POLLIN, [this](short) { OnConnection(); }));
}

bool ScriptedServer::Open(const std::string& address, std::uint16_t port, Tcp tcp) {
  const IpAddress ip = *IpAddress::Parse(address);
  udp_ = Bind(ip, SOCK_DGRAM, port);
  address_.port = port;
  std::uint16_t other_port = 0;
  other_udp_ = Bind(ip, SOCK_DGRAM, other_port);
  if (tcp == Tcp::kListens) {
    tcp_ = Bind(ip, SOCK_STREAM, port);
    if (tcp_ >= 0) listen(tcp_, 128);
  }
  if (udp_ >= 0 && other_udp_ >= 0 && (tcp_ >= 0 || tcp == Tcp::kRefuses)) return true;
  for (int* const descriptor : {&udp_, &other_udp_, &tcp_}) {
    if (*descriptor >= 0) close(*descriptor);
    *descriptor = -1;
  }
  return false;
}

ScriptedServer::~ScriptedServer() {
  handles_.clear();
  for (Connection& connection : connections_) Close(connection);
  for (const int descriptor : {udp_, other_udp_, tcp_}) {
    if (descriptor >= 0) close(descriptor);
  }
}

void ScriptedServer::OnDatagram() {
  std::array<std::uint8_t, 4096> buffer;
  Address from;
  for (;;) {
    from.length = sizeof from.storage;
    const ssize_t size = recvfrom(udp_, buffer.data(), buffer.size(), 0, from.get(), &from.length);
    if (size < 0) return;
    udp_sources_.insert(from.port());
    Octets message(buffer.begin(), buffer.begin() + size);
    const bool edns = HasEdns(message);
    Answer({std::move(message), false, edns, 0}, [this, from](const Delivery& delivery) mutable {
      sendto(delivery.from_other_port ? other_udp_ : udp_, delivery.octets.data(),
             delivery.octets.size(), MSG_NOSIGNAL, from.get(), from.length);
    });
  }
}

void ScriptedServer::OnConnection() {
  const int descriptor = accept4(tcp_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor < 0) return;
  // Room for the largest message: the script's octets are sent in one piece.
  const int room = 1 << 18;
  setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  Connection& connection = connections_.emplace_back(Connection{descriptor});
  ++all_connections_;
  connection.watch = loop_.WatchDescriptor(descriptor, POLLIN,
                                           [this, &connection](short) { OnStream(connection); });
}

void ScriptedServer::OnStream(Connection& connection) {
  std::array<std::uint8_t, 4096> buffer;
  const ssize_t size = recv(connection.descriptor, buffer.data(), buffer.size(), 0);
  if (size < 0) return;
  if (size == 0) {
    Close(connection);
    connections_.remove_if([&](const Connection& c) { return &c == &connection; });
    return;
  }
  connection.read.insert(connection.read.end(), buffer.begin(), buffer.begin() + size);
  if (connection.read.size() < 2) return;
  const std::size_t length =
      static_cast<std::size_t>(connection.read[0] << 8U | connection.read[1]);
  if (connection.read.size() < 2 + length) return;
  Octets message(connection.read.begin() + 2, connection.read.end());
  connection.read.clear();
  const bool edns = HasEdns(message);
  Answer({std::move(message), true, edns, 0}, [this, &connection](const Delivery& delivery) {
    // The connection may have ended since.
    const bool open = std::any_of(connections_.begin(), connections_.end(),
                                  [&](const Connection& c) { return &c == &connection; });
    if (!open || connection.descriptor < 0) return;
    send(connection.descriptor, delivery.octets.data(), delivery.octets.size(), MSG_NOSIGNAL);
    if (delivery.then_close) Close(connection);
  });
}

void ScriptedServer::Close(Connection& connection) {
  connection.watch.Cancel();
  if (connection.descriptor >= 0) close(connection.descriptor);
  connection.descriptor = -1;
}

void ScriptedServer::Answer(ScriptedQuery query, std::function<void(const Delivery&)> send) {
  query.number = queries_.size();
  queries_.push_back(query);
  for (Delivery& delivery : script_(query)) {
    if (delivery.after.count() == 0) {
      send(delivery);
      continue;
    }
    const Loop::TimePoint due = loop_.Now() + delivery.after;
    handles_.push_back(
        loop_.CallAt(due, [send, delivery = std::move(delivery)] { send(delivery); }));
  }
}

}  // namespace helovet::testing
