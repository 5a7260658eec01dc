#include "dns/udp_pool.h"

#include <algorithm>
#include <utility>

#include <stdbool.h>  // Or ldns makes `bool` and `true` macros.

#include <ldns/ldns.h>

#include "dns/udp_socket.h"

namespace helovet {
namespace {

// Draws before the next free id is taken instead; a socket has at most half of all in use.
constexpr int kMaxDraws = 32;

std::optional<std::uint16_t> DrawFreeId(const UdpSocket& socket, const IdSource& draw) {
  std::optional<std::uint16_t> id = draw();
  for (int draws = 1; id && socket.Waits(*id) && draws < kMaxDraws; ++draws) id = draw();
  while (id && socket.Waits(*id)) ++*id;
  return id;
}

bool HasLessWaiting(const std::shared_ptr<UdpSocket>& a, const std::shared_ptr<UdpSocket>& b) {
  return a->waiting() < b->waiting();
}

}  // namespace

UdpTicket::UdpTicket(std::shared_ptr<UdpSocket> socket, std::uint16_t id)
    : socket_(std::move(socket)), id_(id) {}

UdpTicket::~UdpTicket() {
  if (socket_) socket_->Withdraw(id_);
}

bool UdpTicket::Repeat(std::vector<std::uint8_t> query) const {
  ldns_write_uint16(query.data(), id_);
  return socket_->Send(query);
}

UdpPool::UdpPool(Loop& loop, const DnsServer& server, UdpEvents events, IdSource draw_id)
    : loop_(loop), server_(server), events_(events), draw_id_(std::move(draw_id)) {}

std::optional<UdpTicket> UdpPool::Send(std::vector<std::uint8_t> query, const UdpAttempt& attempt) {
  const std::shared_ptr<UdpSocket> socket = Pick();
  if (!socket) return std::nullopt;
  const std::optional<std::uint16_t> id = DrawFreeId(*socket, draw_id_);
  if (!id) return std::nullopt;
  ldns_write_uint16(query.data(), *id);
  if (!socket->Send(query)) return std::nullopt;
  socket->Await(*id, attempt);
  return UdpTicket(socket, *id);
}

void UdpPool::Close() {
  for (const std::shared_ptr<UdpSocket>& socket : sockets_) socket->Close();
  sockets_.clear();
}

std::shared_ptr<UdpSocket> UdpPool::Pick() {
  std::erase_if(sockets_, [](const std::shared_ptr<UdpSocket>& socket) {
    return !socket->is_open() || (socket->waiting() == 0 && socket->IsSpent());
  });
  for (const std::shared_ptr<UdpSocket>& socket : sockets_) {
    if (!socket->IsSpent() && socket->waiting() < kMaxWaitingPerSocket) return socket;
  }
  const auto least = std::min_element(sockets_.begin(), sockets_.end(), &HasLessWaiting);
  const bool many_wait = least == sockets_.end() || (*least)->waiting() >= kManyWaitingPerSocket;
  if (sockets_.size() < (many_wait ? kMaxUdpSockets : kUsualUdpSockets)) {
    if (std::shared_ptr<UdpSocket> opened = UdpSocket::Open(loop_, server_, events_)) {
      sockets_.push_back(opened);
      return opened;
    }
  }
  if (least == sockets_.end() || (*least)->waiting() >= kMaxWaitingPerFullSocket) return nullptr;
  return *least;
}

}  // namespace helovet
