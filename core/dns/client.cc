#include "dns/client.h"

#include <unistd.h>

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

// The system's random octets, some at a time. A child of a fork draws its own: with the stock of
// its parent it would send the ids that the parent sends.
class SystemRandom {
 public:
  std::optional<std::uint16_t> operator()() {
    const pid_t process = getpid();
    if (left_ == 0 || process != process_) {
      std::array<std::uint8_t, sizeof stock_> random{};
      if (!FillWithRandom(random)) return std::nullopt;
      stock_ = std::bit_cast<decltype(stock_)>(random);
      left_ = stock_.size();
      process_ = process;
    }
    return stock_[--left_];
  }

 private:
  std::array<std::uint16_t, 32> stock_{};
  std::size_t left_ = 0;
  pid_t process_ = 0;
};

}  // namespace

DnsClient::DnsClient(Loop& loop, DnsClientOptions options) {
  IdSource draw_id = SystemRandom();
  if (options.random) draw_id = std::move(options.random);
  context_ = std::make_shared<LookupContext>(loop, options.query_timeout);
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
