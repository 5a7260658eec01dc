#include "dns/tcp_exchange.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include <stdbool.h>  // Or ldns makes `bool` and `true` macros.

#include <ldns/ldns.h>

#include "base/system_calls.h"

namespace helovet {
namespace {

constexpr std::size_t kLengthOctets = 2;

bool WouldWait(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

TcpExchange::TcpExchange(Loop& loop, const DnsServer& server, DnsQuestion question,
                         std::uint16_t id, bool edns, Done done)
    : loop_(loop),
      question_(std::move(question)),
      id_(id),
      done_(std::move(done)),
      socket_(Socket::Connect(server, SOCK_STREAM)),
      query_(kLengthOctets),
      piece_(kLengthOctets) {
  if (!socket_) {
    watch_ = loop_.Post([this] { Finish(DnsOutcome::kUnreachable); });
    return;
  }
  const std::vector<std::uint8_t> message = EncodeQuery(question_, id, edns);
  ldns_write_uint16(query_.data(), static_cast<std::uint16_t>(message.size()));
  query_.insert(query_.end(), message.begin(), message.end());
  Watch(POLLOUT);
}

void TcpExchange::Watch(short events) {
  watch_ = loop_.WatchDescriptor(socket_->descriptor(), events, [this](short revents) {
    if ((revents & POLLNVAL) != 0) {
      socket_->Release();  // The host has closed it; the number may be somebody else's soon.
      Finish(DnsOutcome::kUnreachable);
      return;
    }
    OnReady();
  });
}

void TcpExchange::OnReady() { sent_ < query_.size() ? Write() : Read(); }

void TcpExchange::Write() {
  const ssize_t sent =
      SendAtOnce(socket_->descriptor(), query_.data() + sent_, query_.size() - sent_);
  if (sent < 0) {
    // A connection that failed says so here.
    if (!WouldWait(errno)) Finish(DnsOutcome::kUnreachable);
    return;
  }
  sent_ += static_cast<std::size_t>(sent);
  if (sent_ == query_.size()) Watch(POLLIN);
}

void TcpExchange::Read() {
  const ssize_t received =
      recv(socket_->descriptor(), piece_.data() + read_, piece_.size() - read_, MSG_DONTWAIT);
  if (received < 0) {
    if (!WouldWait(errno)) Finish(DnsOutcome::kUnreachable);
    return;
  }
  if (received == 0) {
    Finish(DnsOutcome::kMalformed);
    return;
  }
  read_ += static_cast<std::size_t>(received);
  if (read_ == piece_.size()) OnPiece();
}

void TcpExchange::OnPiece() {
  read_ = 0;
  if (piece_is_length_) {
    const std::size_t length = ldns_read_uint16(piece_.data());
    if (length < kDnsHeaderOctets) {
      Finish(DnsOutcome::kMalformed);
      return;
    }
    piece_.resize(length);
    piece_is_length_ = false;
    return;
  }
  std::optional<WireReply> reply = DecodeReply(piece_, question_, id_);
  if (reply) {
    Finish(*std::move(reply));
    return;
  }
  if (++strays_ > kMaxStrays) {
    Finish(DnsOutcome::kMalformed);
    return;
  }
  // Not ours: as if it had not come.
  piece_.resize(kLengthOctets);
  piece_is_length_ = true;
}

void TcpExchange::Finish(DnsOutcome failure) {
  WireReply reply;
  reply.outcome = failure;
  Finish(std::move(reply));
}

void TcpExchange::Finish(WireReply reply) {
  watch_.Cancel();
  socket_.reset();
  Done done = std::move(done_);
  done(std::move(reply));  // This may be gone now.
}

}  // namespace helovet
