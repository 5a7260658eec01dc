// One question's way over the servers.
#ifndef HELOVET_CORE_DNS_LOOKUP_H_
#define HELOVET_CORE_DNS_LOOKUP_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "dns/dns.h"
#include "dns/tcp_exchange.h"
#include "dns/udp_pool.h"
#include "dns/wire.h"
#include "helovet/config.h"
#include "helovet/loop.h"
#include "loop/due_queue.h"

namespace helovet {

// A question that met silence is sent again after this or, if that is less, after this share of its
// time limit; then after twice as long, and so on. So each server of three has its turn.
inline constexpr std::chrono::milliseconds kFirstRetry{400};
inline constexpr int kFirstRetryShare = 5;
inline constexpr std::size_t kMaxTcpConnections = 32;  // Of a client; further ones wait.
// Intervals that differ: with 15 of them the last is of over an hour.
inline constexpr std::size_t kIntervals = 15;

// A server as all lookups of a client use it.
struct Upstream {
  DnsServer server;
  std::string name;  // "127.0.0.1:53"
  bool trusted;
  UdpPool udp;
};

// What the lookups of a client share.
struct LookupContext {
  LookupContext(Loop& loop_in, std::chrono::milliseconds query_timeout_in);

  Loop& loop;
  const std::chrono::milliseconds query_timeout;
  std::vector<Upstream> upstreams;
  std::size_t lookups = 0;  // Under way.
  std::size_t tcp_connections = 0;
  std::deque<Lookup*> tcp_waiting;             // Each called back with OnTcpPlace, once an entry.
  std::array<DueQueue, kIntervals> intervals;  // The lookups that wait for the end of theirs.

  // A lookup has ended. With the last one under way the sockets go.
  void Leave();
  void CloseSockets();
};

// Asks one server after the other until one has answered.
//
// - Silence: after kFirstRetry, and in doubling intervals from then on, the question goes to the
//   next server, from the last to the first again. Answers to earlier attempts still count.
// - SERVFAIL, REFUSED, FORMERR or NOTIMP without EDNS, a malformed reply: the server has failed for
//   this question, and a server that was not asked yet is asked at once.
// - The network says that nobody is there: likewise, but the server has its turn again after the
//   interval, so that a resolver may restart.
// - FORMERR or BADVERS to EDNS (RFC 6891 §7, §6.1.3), or NOTIMP (RFC 2671 §5.3): the same server at
//   once without EDNS.
// - TC: the same server over TCP.
//
// When every server has failed or is unreachable, and one has failed at least, the outcome is that
// of the first such server in the administrator's order. When time is up, the outcome is
// kUnreachable if nobody was there to hear any attempt, else kTimeout.
class Lookup final : public Dns::Query, public DueQueue::Waiter {
 public:
  Lookup(std::shared_ptr<LookupContext> context, const DnsQuestion& question, Dns::Done done);
  ~Lookup() override;
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;

  // For UdpEvents. Each may end the lookup, and so destroy this.
  void OnDatagram(const UdpAttempt& attempt, std::uint16_t id,
                  std::span<const std::uint8_t> message);
  void OnRefused(const UdpAttempt& attempt);

  // The interval has ended. May end the lookup, likewise.
  void OnIntervalEnd();

  // A TCP connection that this waits for may be made. Never calls back.
  void OnTcpPlace();

 private:
  enum class Standing : std::uint8_t { kUntried, kAsked, kUnreachable, kFailed };
  struct ServerState {
    Standing standing = Standing::kUntried;
    DnsOutcome failure = DnsOutcome::kTimeout;  // Where it has failed.
    bool edns = true;                           // False once it has refused EDNS.
    std::uint16_t id = 0;                       // Of the reply that was cut short.
    bool wants_tcp = false;                     // Stands in tcp_waiting.
    std::unique_ptr<TcpExchange> tcp = nullptr;

    [[nodiscard]] bool uses_tcp() const { return wants_tcp || tcp != nullptr; }
  };

  // False: the network refuses.
  [[nodiscard]] bool Send(std::size_t server);
  void OpenTcp(std::size_t server);
  void CloseTcp(std::size_t server);
  void StartInterval();
  void Withdraw();

  // Each of these may end the lookup, and so destroy this.
  void OnTcpReply(std::size_t server, bool edns, WireReply reply);
  void OnReply(std::size_t server, bool edns, WireReply reply);
  // FORMERR or NOTIMP.
  void OnNotUnderstood(std::size_t server, bool edns, DnsOutcome failure);
  void OnFailure(std::size_t server, DnsOutcome failure);
  void OnUnreachable(std::size_t server);
  // Asks the next server that was not asked yet. Ends when no server is left that may answer.
  void MoveOn(std::size_t from);
  void EndIfHopeless();
  void EndInTime();
  void Finish(DnsReply reply);

  struct Attempted {
    std::uint32_t server;
    bool edns;
    UdpTicket ticket;
  };

  const std::shared_ptr<LookupContext> context_;
  const DnsQuestion question_;
  Dns::Done done_;
  absl::InlinedVector<ServerState, 1> servers_;
  absl::InlinedVector<Attempted, 1> attempted_;  // Each server once, and once more without EDNS.
  const Loop::TimePoint deadline_;
  std::uint32_t last_asked_ = 0;  // Its place among servers_.
  std::uint8_t interval_ = 0;     // Its place among LookupContext::intervals.
  bool finished_ = false;
};

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_LOOKUP_H_
