// One UDP socket of a pool.
#ifndef HELOVET_CORE_DNS_UDP_SOCKET_H_
#define HELOVET_CORE_DNS_UDP_SOCKET_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>

#include "dns/socket.h"
#include "dns/udp_pool.h"
#include "helovet/loop.h"

namespace helovet {

// Tells the answers at one socket apart by their ids. Shared: whoever it tells of one datagram may
// close the pool before the next is read.
class UdpSocket : public std::enable_shared_from_this<UdpSocket> {
 public:
  // Null: the system refuses. The loop must outlive the result.
  [[nodiscard]] static std::shared_ptr<UdpSocket> Open(Loop& loop, const DnsServer& server,
                                                       UdpEvents events);

  // How many attempts wait here.
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  [[nodiscard]] bool Waits(std::uint16_t id) const { return waiting_.contains(id); }
  [[nodiscard]] bool is_open() const { return socket_.is_open(); }
  // It has served its time and takes no new question.
  [[nodiscard]] bool IsSpent() const;

  // False: the network refuses the datagram.
  [[nodiscard]] bool Send(std::span<const std::uint8_t> query);
  // `attempt` has been sent under `id`, under which nothing waits here.
  void Await(std::uint16_t id, const UdpAttempt& attempt);
  void Withdraw(std::uint16_t id) { waiting_.erase(id); }
  void Close();

 private:
  UdpSocket(Loop& loop, Socket socket, UdpEvents events);

  void OnReady(short revents);
  void Deliver(std::span<const std::uint8_t> message);
  void TellRefused();

  Loop& loop_;
  Socket socket_;
  UdpEvents events_;
  Loop::TimePoint opened_;
  int questions_ = 0;
  std::unordered_map<std::uint16_t, UdpAttempt> waiting_;
  Loop::Handle watch_;
  Loop::Handle refused_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_UDP_SOCKET_H_
