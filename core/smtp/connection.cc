#include "smtp/connection.h"

#include <array>
#include <cerrno>
#include <utility>

#include <sys/socket.h>

#include "base/system_calls.h"
#include "smtp/readiness.h"

namespace helovet {
namespace {

constexpr std::size_t kReadOctets = 4096;
constexpr std::string_view kClosingDigits = "421";

bool WouldWait(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

// What of a failed connection says nothing of the server. ENETUNREACH is our own routing table: on
// most hosts it means that they have no IPv6.
ConnectFault FaultOf(int error) {
  switch (error) {
    case ECONNREFUSED:
    case ECONNRESET:
    case EHOSTUNREACH:
    case EPROTO:
      return ConnectFault::kRefused;
    case ETIMEDOUT:
      return ConnectFault::kSilent;
    default:
      return ConnectFault::kLocal;
  }
}

// What may stand behind a reply: that the connection is about to end, or the beginning of that.
bool MayBeClosingNotice(std::string_view text) {
  return text.substr(0, kClosingDigits.size()) == kClosingDigits.substr(0, text.size());
}

}  // namespace

Task<SmtpConnection::Opened> SmtpConnection::Open(Loop& loop, DnsServer server,
                                                  Loop::TimePoint latest, Loop::TimePoint deadline,
                                                  Journal& journal) {
  std::optional<Socket> socket = Socket::Connect(server, SOCK_STREAM);
  if (!socket) co_return tl::make_unexpected(FaultOf(errno));
  const short revents = co_await Readiness(loop, socket->descriptor(), POLLOUT, latest);
  if (revents == 0) co_return tl::make_unexpected(ConnectFault::kSilent);
  if ((revents & POLLNVAL) != 0) {
    socket->Release();  // The host has closed it; the number may be somebody else's soon.
    co_return tl::make_unexpected(ConnectFault::kLocal);
  }
  const int error = PendingError(socket->descriptor());
  if (error != 0) co_return tl::make_unexpected(FaultOf(error));
  co_return std::unique_ptr<SmtpConnection>(
      new SmtpConnection(loop, *std::move(socket), deadline, journal));
}

ssize_t SmtpConnection::Send(std::string_view octets) const {
  return SendAtOnce(socket_.descriptor(), octets.data(), octets.size());
}

void SmtpConnection::Quit() {
  journal_.Sent("QUIT");
  Send("QUIT\r\n");
}

Task<SmtpConnection::Answer> SmtpConnection::Exchange(std::string command) {
  if (received_.empty() && Fill() == Filled::kEnd) {
    co_return tl::make_unexpected(SmtpFault::kClosed);
  }
  if (!received_.empty()) {
    Answer early = co_await ReadReply();
    if (early && early->code != kClosingCode) early = Refuse("a reply before its command");
    co_return early;
  }
  journal_.Sent(command);
  command += "\r\n";
  for (std::size_t sent = 0; sent < command.size();) {
    const ssize_t count = Send(std::string_view(command).substr(sent));
    if (count >= 0) {
      sent += static_cast<std::size_t>(count);
    } else if (!WouldWait(errno)) {
      break;  // What the server said last may still be there to read.
    } else {
      const short revents = co_await Readiness(loop_, socket_.descriptor(), POLLOUT, deadline_);
      if (revents == 0) co_return tl::make_unexpected(SmtpFault::kTimeout);
      if ((revents & POLLNVAL) != 0) break;
    }
  }
  co_return co_await ReadReply();
}

Task<SmtpConnection::Answer> SmtpConnection::ReadReply() {
  ReplyReader reader;
  for (;;) {
    received_.erase(0, reader.Read(received_));
    if (reader.state() != ReplyReader::State::kUnfinished) co_return Finish(reader);
    const short revents = co_await Readiness(loop_, socket_.descriptor(), POLLIN, deadline_);
    if ((revents & POLLNVAL) != 0) socket_.Release();  // As above.
    const bool ended = revents != 0 && (!socket_.is_open() || Fill() == Filled::kEnd);
    if (revents != 0 && !ended) continue;
    journal_.Received(reader.reply());
    co_return tl::make_unexpected(ended ? SmtpFault::kClosed : SmtpFault::kTimeout);
  }
}

SmtpConnection::Answer SmtpConnection::Finish(const ReplyReader& reader) {
  journal_.Received(reader.reply());
  if (reader.state() == ReplyReader::State::kMalformed) return Refuse(reader.fault());
  if (!MayBeClosingNotice(received_)) return Refuse("text behind a reply");
  return reader.reply();
}

SmtpConnection::Answer SmtpConnection::Refuse(std::string_view why) {
  journal_.Note("bad reply: " + std::string(why));
  return tl::make_unexpected(SmtpFault::kMalformed);
}

SmtpConnection::Filled SmtpConnection::Fill() {
  std::array<char, kReadOctets> octets;
  const ssize_t count = recv(socket_.descriptor(), octets.data(), octets.size(), MSG_DONTWAIT);
  if (count < 0) return WouldWait(errno) ? Filled::kNothing : Filled::kEnd;
  if (count == 0) return Filled::kEnd;
  received_.append(octets.data(), static_cast<std::size_t>(count));
  return Filled::kOctets;
}

std::optional<IpAddress> SmtpConnection::LocalAddress() const {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  auto* const address = reinterpret_cast<sockaddr*>(&storage);
  if (getsockname(socket_.descriptor(), address, &length) != 0) return std::nullopt;
  return AddressIn(address);
}

}  // namespace helovet
