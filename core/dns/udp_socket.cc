#include "dns/udp_socket.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include <stdbool.h>  // Or ldns makes `bool` and `true` macros.

#include <ldns/ldns.h>

#include "base/system_calls.h"

namespace helovet {
namespace {

// Above kEdnsUdpOctets, so that a server which sends more is seen to do so.
constexpr std::size_t kReceiveOctets = 4096;
// So that one socket's flood leaves the loop to the others.
constexpr int kDatagramsPerTurn = 64;

}  // namespace

std::shared_ptr<UdpSocket> UdpSocket::Open(Loop& loop, const DnsServer& server, UdpEvents events) {
  std::optional<Socket> socket = Socket::Connect(server, SOCK_DGRAM);
  if (!socket) return nullptr;
  return std::shared_ptr<UdpSocket>(new UdpSocket(loop, *std::move(socket), events));
}

UdpSocket::UdpSocket(Loop& loop, Socket socket, UdpEvents events)
    : loop_(loop), socket_(std::move(socket)), events_(events), opened_(loop.Now()) {
  watch_ = loop.WatchDescriptor(socket_.descriptor(), POLLIN,
                                [this](short revents) { OnReady(revents); });
}

bool UdpSocket::IsSpent() const {
  return questions_ >= kQuestionsPerSocket || loop_.Now() - opened_ >= kSocketLife;
}

bool UdpSocket::Send(std::span<const std::uint8_t> query) {
  ssize_t sent = 0;
  do {
    sent = SendAtOnce(socket_.descriptor(), query.data(), query.size());
  } while (sent < 0 && errno == EINTR);
  if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS) {
    // The error may belong to a datagram before this one, and is told only once.
    refused_ = loop_.Post([this] { TellRefused(); });
    return false;
  }
  // A full buffer has lost the datagram, as networks do: a repetition will follow.
  return true;
}

void UdpSocket::Await(std::uint16_t id, const UdpAttempt& attempt) {
  waiting_.emplace(id, attempt);
  ++questions_;
}

void UdpSocket::Close() {
  watch_.Cancel();
  refused_.Cancel();
  socket_.Close();
}

void UdpSocket::OnReady(short revents) {
  const std::shared_ptr<UdpSocket> self = shared_from_this();
  if ((revents & POLLNVAL) != 0) {
    // The host has closed the descriptor; its number may be somebody else's soon.
    socket_.Release();
    Close();
    TellRefused();
    return;
  }
  std::array<std::uint8_t, kReceiveOctets> buffer;
  for (int turn = 0; turn < kDatagramsPerTurn && socket_.is_open(); ++turn) {
    const ssize_t received = recv(socket_.descriptor(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (received >= 0) {
      Deliver(std::span(buffer).first(static_cast<std::size_t>(received)));
    } else if (errno != EINTR) {
      if (errno != EAGAIN && errno != EWOULDBLOCK) TellRefused();
      return;
    }
  }
}

void UdpSocket::Deliver(std::span<const std::uint8_t> message) {
  if (message.size() < sizeof(std::uint16_t)) return;
  const std::uint16_t id = ldns_read_uint16(message.data());
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return;
  const UdpAttempt attempt = found->second;  // The entry may go during the call.
  events_.received(attempt, id, message);
}

void UdpSocket::TellRefused() {
  const std::shared_ptr<UdpSocket> self = shared_from_this();
  const std::vector<std::pair<std::uint16_t, UdpAttempt>> told(waiting_.begin(), waiting_.end());
  for (const auto& [id, attempt] : told) {
    // Telling one may withdraw others.
    const auto found = waiting_.find(id);
    if (found != waiting_.end() && found->second.lookup == attempt.lookup) events_.refused(attempt);
  }
}

}  // namespace helovet
