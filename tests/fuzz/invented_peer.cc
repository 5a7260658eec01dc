#include "invented_peer.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <optional>
#include <utility>

#include "dns/socket.h"

namespace helovet {
namespace fuzz {
namespace {

InventedPeer* the_peer = nullptr;  // The one that lives.

}  // namespace

InventedPeer::InventedPeer(Loop& loop, std::vector<std::string> steps, std::size_t piece, End end)
    : loop_(loop), steps_(std::move(steps)), piece_(piece), end_(end) {
  the_peer = this;
}

InventedPeer::~InventedPeer() { the_peer = nullptr; }

OwnedDescriptor InventedPeer::Accept() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return OwnedDescriptor();
  }
  ++connections_;
  received_.clear();
  to_send_.clear();
  readable_.Cancel();
  socket_ = OwnedDescriptor(ends[0]);
  readable_ = loop_.WatchDescriptor(socket_.get(), POLLIN, [this](short) { Read(); });
  Say();
  return OwnedDescriptor(ends[1]);
}

void InventedPeer::Read() {
  std::array<char, 1024> octets;
  const ssize_t count = recv(socket_.get(), octets.data(), octets.size(), 0);
  if (count <= 0) {
    readable_.Cancel();
    return;
  }
  received_.append(octets.data(), static_cast<std::size_t>(count));
  for (std::size_t end = received_.find("\r\n"); end != std::string::npos;
       end = received_.find("\r\n")) {
    commands_.push_back({received_.substr(0, end), next_step_});
    received_.erase(0, end + 2);
    Say();
  }
}

void InventedPeer::Say() {
  if (next_step_ < steps_.size()) {
    to_send_ += steps_[next_step_++];
    Send();
  } else if (end_ == End::kClose) {
    readable_.Cancel();
    sending_.Cancel();
    socket_.Close();
  }
}

void InventedPeer::Send() {
  const std::size_t octets = piece_ == 0 ? to_send_.size() : std::min(piece_, to_send_.size());
  if (octets == 0 || !socket_) return;
  // The client may be gone; what does not fit is more than it reads.
  static_cast<void>(send(socket_.get(), to_send_.data(), octets, MSG_NOSIGNAL));
  to_send_.erase(0, octets);
  if (!to_send_.empty()) sending_ = loop_.Post([this] { Send(); });
}

}  // namespace fuzz

std::optional<Socket> Socket::Connect(const DnsServer& /*server*/, int /*type*/) {
  OwnedDescriptor end = fuzz::the_peer == nullptr ? OwnedDescriptor() : fuzz::the_peer->Accept();
  if (!end) return std::nullopt;
  return Socket(std::move(end));
}

}  // namespace helovet
