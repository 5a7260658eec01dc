#include "dns/client.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <utility>

#include "base/system_calls.h"
#include "dns/lookup.h"

namespace helovet {
namespace {

constexpr UdpEvents kUdpEvents = {
    [](const UdpAttempt& attempt, std::uint16_t id, std::span<const std::uint8_t> message) {
      attempt.lookup->OnDatagram(attempt, id, message);
    },
    [](const UdpAttempt& attempt) { attempt.lookup->OnRefused(attempt); },
};

// Two octets a call: a stock of them would be shared by the children of a fork.
std::optional<std::uint16_t> SystemRandom() {
  std::array<std::uint8_t, sizeof(std::uint16_t)> random{};
  if (!FillWithRandom(random)) return std::nullopt;
  return std::bit_cast<std::uint16_t>(random);
}

}  // namespace

DnsClient::DnsClient(Loop& loop, DnsClientOptions options) {
  IdSource draw_id = &SystemRandom;
  if (options.random) draw_id = std::move(options.random);
  context_ = std::make_shared<LookupContext>(LookupContext{loop, options.query_timeout, {}});
  context_->upstreams.reserve(options.servers.size());
  for (const DnsServer& server : options.servers) {
    const bool trusted =
        std::any_of(options.trusted.begin(), options.trusted.end(),
                    [&](const IpNetwork& network) { return network.Contains(server.address); });
    context_->upstreams.push_back(
        {server, server.ToString(), trusted, UdpPool(loop, server, kUdpEvents, draw_id)});
  }
}

DnsClient::~DnsClient() { context_->CloseSockets(); }

std::unique_ptr<Dns::Query> DnsClient::Ask(const DnsQuestion& question, Done done) {
  return std::make_unique<Lookup>(context_, question, std::move(done));
}

}  // namespace helovet
