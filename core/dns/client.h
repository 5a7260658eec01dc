// Answers from DNS servers over UDP and TCP.
#ifndef HELOVET_CORE_DNS_CLIENT_H_
#define HELOVET_CORE_DNS_CLIENT_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "dns/dns.h"
#include "helovet/config.h"
#include "helovet/loop.h"

namespace helovet {

struct LookupContext;

struct DnsClientOptions {
  std::vector<DnsServer> servers;  // Asked in this order; empty: every question is kUnreachable.
  std::vector<IpNetwork> trusted;  // Whose AD bit and additional data are believed.
  std::chrono::milliseconds query_timeout{2000};  // For one question, retries and TCP included.
  // Random 16 bits for query ids. Empty: getrandom(2) or the system's equivalent.
  std::function<std::uint16_t()> random = {};
};

// Asks recursive servers: UDP with EDNS0 (RFC 6891), TCP after truncation, a try without EDNS after
// FORMERR or BADVERS, retries over the servers. A reply counts only with the id, question and
// source that were asked; others are as if they had not come. dns/lookup.h says in which order.
//
// It has descriptors open only while a question is under way, at most kMaxUdpSockets for each
// server and kMaxTcpConnections. It never blocks and raises no signal.
class DnsClient final : public Dns {
 public:
  // The loop must outlive this.
  DnsClient(Loop& loop, DnsClientOptions options);
  ~DnsClient() override;
  DnsClient(const DnsClient&) = delete;
  DnsClient& operator=(const DnsClient&) = delete;

  std::unique_ptr<Query> Ask(const DnsQuestion& question, Done done) override;

 private:
  std::shared_ptr<LookupContext> context_;
};

inline constexpr std::size_t kMaxResolvConfServers = 8;  // Of a resolv.conf(5); libc takes 3.

// The servers of a resolv.conf(5) text, in order; port 53, scope ids left out. Lines that it does
// not know are passed over, as the C library does; without any server it is the one of this host
// (127.0.0.1), likewise.
[[nodiscard]] std::vector<DnsServer> ServersOfResolvConf(std::string_view text);

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_CLIENT_H_
