// One question over one TCP connection.
#ifndef HELOVET_CORE_DNS_TCP_EXCHANGE_H_
#define HELOVET_CORE_DNS_TCP_EXCHANGE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "dns/socket.h"
#include "dns/wire.h"
#include "helovet/config.h"
#include "helovet/loop.h"

namespace helovet {

// Messages on a connection that are not the reply, before it counts as malformed: a server that
// sends them without end must not keep us busy until the deadline.
inline constexpr int kMaxStrays = 16;

// Sends a query under two octets of length and reads the reply (RFC 1035 §4.2.2, RFC 7766 §8). It
// has no time limit of its own; destroying it ends it. The loop must outlive it.
class TcpExchange {
 public:
  // Called once, from the loop and never from the constructor; may destroy the exchange. Outcome
  // kUnreachable: there is no connection; kMalformed: it ended before a whole reply.
  using Done = absl::AnyInvocable<void(WireReply)>;

  TcpExchange(Loop& loop, const DnsServer& server, DnsQuestion question, std::uint16_t id,
              bool edns, Done done);
  TcpExchange(const TcpExchange&) = delete;
  TcpExchange& operator=(const TcpExchange&) = delete;

 private:
  void Watch(short events);
  void OnReady();
  void Write();
  void Read();
  void OnPiece();
  void Finish(DnsOutcome failure);
  void Finish(WireReply reply);

  Loop& loop_;
  const DnsQuestion question_;
  const std::uint16_t id_;
  Done done_;
  std::optional<Socket> socket_;
  std::vector<std::uint8_t> query_;  // With its length.
  std::size_t sent_ = 0;
  // The piece that is read: a length, then the message it announces, and so on.
  std::vector<std::uint8_t> piece_;
  std::size_t read_ = 0;
  bool piece_is_length_ = true;
  int strays_ = 0;
  Loop::Handle watch_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_TCP_EXCHANGE_H_
