// Answers from DNS servers over UDP and TCP.
#ifndef HELOVET_CORE_DNS_CLIENT_H_
#define HELOVET_CORE_DNS_CLIENT_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "dns/dns.h"
#include "helovet/config.h"
#include "helovet/loop.h"

namespace helovet {

struct DnsClientOptions {
  std::vector<DnsServer> servers;  // Asked in this order; empty: every question is kUnreachable.
  std::vector<IpNetwork> trusted;  // Whose AD bit and additional data are believed.
  std::chrono::milliseconds query_timeout{2000};  // For one question, retries and TCP included.
  // Random 16 bits for query ids. Empty: getrandom(2) or the system's equivalent.
  std::function<std::uint16_t()> random = {};
};

// Asks recursive servers: UDP with EDNS0 (spec §11), TCP after truncation, a try without EDNS after
// FORMERR or BADVERS, retries over the servers. A reply counts only with the id, question and
// source that were asked; others are as if they had not come.
class DnsClient final : public Dns {
 public:
  // The loop must outlive this.
  DnsClient(Loop& loop, DnsClientOptions options);
  ~DnsClient() override;

  std::unique_ptr<Query> Ask(const DnsQuestion& question, Done done) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The servers of a resolv.conf(5) text, in order; port 53. Lines that it does not know are passed
// over, as the C library does.
[[nodiscard]] std::vector<DnsServer> ServersOfResolvConf(std::string_view text);

}  // namespace helovet

#endif  // HELOVET_CORE_DNS_CLIENT_H_
