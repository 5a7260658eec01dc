// A DNS server that does what the test wrote, right or wrong, on the test's own loop.
#ifndef HELOVET_TESTS_CORE_DNS_SCRIPTED_SERVER_H_
#define HELOVET_TESTS_CORE_DNS_SCRIPTED_SERVER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/dns/reply_builder.h"
#include "helovet/config.h"
#include "helovet/loop.h"

namespace helovet::testing {

// What the server got.
struct ScriptedQuery {
  Octets message;  // Without the length that TCP puts before it.
  bool tcp = false;
  bool edns = false;
  std::size_t number = 0;  // Of this server's queries, from 0.
};

// What the server does about it.
struct Delivery {
  Octets octets = {};                  // As they are; see Framed() for TCP.
  std::chrono::milliseconds after{0};  // From the query.
  bool from_other_port = false;        // UDP: a source that was never asked.
  bool then_close = false;             // TCP: the connection ends.
};

using Script = std::function<std::vector<Delivery>(const ScriptedQuery&)>;

// A message with its length before it.
[[nodiscard]] Octets Framed(const Octets& message);
// A port of `address` on which nobody listens.
[[nodiscard]] DnsServer NobodyAt(const std::string& address = "127.0.0.1");

class ScriptedServer {
 public:
  enum class Tcp { kListens, kRefuses };

  // Listens on a free port, or on `port`. Fails the test if it cannot. The loop must outlive this.
  ScriptedServer(Loop& loop, Script script, Tcp tcp = Tcp::kListens,
                 const std::string& address = "127.0.0.1", std::uint16_t port = 0);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] const DnsServer& address() const { return address_; }
  [[nodiscard]] const std::vector<ScriptedQuery>& queries() const { return queries_; }
  // The distinct client ports that datagrams came from.
  [[nodiscard]] std::size_t udp_sources() const { return udp_sources_.size(); }
  [[nodiscard]] std::size_t tcp_connections() const { return connections_.size(); }
  // Those that have ended included.
  [[nodiscard]] std::size_t all_tcp_connections() const { return all_connections_; }

 private:
  struct Connection {
    int descriptor = -1;
    Octets read = {};
    Loop::Handle watch = {};
  };

  bool Open(const std::string& address, std::uint16_t port, Tcp tcp);
  void OnDatagram();
  void OnConnection();
  void OnStream(Connection& connection);
  void Close(Connection& connection);
  // Runs the script and delivers with `send` in time.
  void Answer(ScriptedQuery query, std::function<void(const Delivery&)> send);

  Loop& loop_;
  Script script_;
  DnsServer address_;
  int udp_ = -1;
  int other_udp_ = -1;
  int tcp_ = -1;
  std::vector<ScriptedQuery> queries_;
  std::set<std::uint16_t> udp_sources_;
  std::list<Connection> connections_;
  std::size_t all_connections_ = 0;
  std::vector<Loop::Handle> handles_;
};

}  // namespace helovet::testing

#endif  // HELOVET_TESTS_CORE_DNS_SCRIPTED_SERVER_H_
