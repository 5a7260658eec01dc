// Datagrams to one DNS server, many questions over few sockets.
#ifndef HELOVET_CORE_DNS_UDP_POOL_H_
#define HELOVET_CORE_DNS_UDP_POOL_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "helovet/config.h"
#include "helovet/loop.h"

namespace helovet {

class Lookup;
class UdpSocket;

// A question's port is random for whoever has not seen it, so a socket is soon replaced.
inline constexpr int kQuestionsPerSocket = 256;             // In its life.
inline constexpr std::chrono::seconds kSocketLife{5};       // For new questions.
inline constexpr std::size_t kMaxWaitingPerSocket = 64;     // Before another is opened.
inline constexpr std::size_t kUsualUdpSockets = 16;         // To one server, if those suffice.
inline constexpr std::size_t kManyWaitingPerSocket = 4096;  // Before more than these are opened.
inline constexpr std::size_t kMaxUdpSockets = 32;           // To one server, whatever waits.
// When no other may be opened: half of the ids there are, so that a free one is soon drawn. All
// together have room for the questions of 100,000 sessions at a server that says nothing.
inline constexpr std::size_t kMaxWaitingPerFullSocket = 32768;

// Draws the id of a query. Empty: the system has no randomness to give.
using IdSource = std::function<std::optional<std::uint16_t>()>;

// One question as it was sent to one server.
struct UdpAttempt {
  Lookup* lookup;
  std::uint32_t server;  // Its place among the lookup's servers.
  bool edns;
};

// Whom a pool tells. Both are called from the loop only, and may withdraw and send anything.
struct UdpEvents {
  // A datagram came from the server under the attempt's id; nothing else of it has been checked.
  void (*received)(const UdpAttempt& attempt, std::uint16_t id,
                   std::span<const std::uint8_t> message);
  // The network says that nobody is there. An answer may come all the same.
  void (*refused)(const UdpAttempt& attempt);
};

// An attempt that waits for its answer. Destroying it withdraws the attempt.
class UdpTicket {
 public:
  UdpTicket(std::shared_ptr<UdpSocket> socket, std::uint16_t id);
  UdpTicket(UdpTicket&&) noexcept = default;
  UdpTicket& operator=(UdpTicket&&) = delete;
  ~UdpTicket();

  // Sends `query`, the same as before, once more: under the same id and from the same port, so that
  // however often a question is repeated it takes one id. False: the network refuses. Never calls
  // back.
  [[nodiscard]] bool Repeat(std::vector<std::uint8_t> query) const;

 private:
  std::shared_ptr<UdpSocket> socket_;  // Null: moved from.
  std::uint16_t id_;
};

// The sockets to one server. They are opened when the first question needs one, each with a random
// port; ids are unique among what waits at a socket.
class UdpPool {
 public:
  // The loop must outlive this.
  UdpPool(Loop& loop, const DnsServer& server, UdpEvents events, IdSource draw_id);

  // Sends `query` after writing a fresh id over its first two octets. Empty: the network refuses.
  // Never calls back.
  [[nodiscard]] std::optional<UdpTicket> Send(std::vector<std::uint8_t> query,
                                              const UdpAttempt& attempt);
  // Closes every socket, whatever still waits there.
  void Close();

 private:
  [[nodiscard]] std::shared_ptr<UdpSocket> Pick();

  Loop& loop_;
  DnsServer server_;
  UdpEvents events_;
  IdSource draw_id_;
  std::vector<std::shared_ptr<UdpSocket>> sockets_;
};

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_UDP_POOL_H_
