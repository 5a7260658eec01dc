#include "smtp/options.h"

#include <array>
#include <cstdint>
#include <string>

#include <unistd.h>

#include "base/own_host.h"

namespace helovet {
namespace {

// 24 letters, 112 random bits. Empty where the system has none.
std::string RandomLocalPart() {
  std::array<std::uint8_t, 24> random{};
  if (getentropy(random.data(), random.size()) != 0) return "";
  std::string text;
  for (const std::uint8_t octet : random) text += static_cast<char>('a' + octet % 26);
  return text;
}

}  // namespace

CallOptions CallOptionsFrom(const Config& config) {
  CallOptions options;
  options.helo_name = config.cbv.helo_name;
  if (options.helo_name.empty() && config.our_names && !config.our_names->empty()) {
    options.helo_name = config.our_names->front();
  }
  if (options.helo_name.empty()) options.helo_name = OwnHostName();
  options.port = config.cbv.port;
  options.hosts = config.cbv.hosts;
  options.noop = config.cbv.noop;
  if (config.cbv.catch_all) {
    options.random_local_part = RandomLocalPart();
    options.catch_all = !options.random_local_part.empty();
  }
  options.allow_networks = config.cbv.allow_networks;
  options.own_addresses = config.our_addresses ? *config.our_addresses : OwnAddresses();
  return options;
}

}  // namespace helovet
