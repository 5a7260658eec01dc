#include "render/exchange.h"

#include "nlohmann/json.hpp"

namespace helovet {

std::string Milliseconds(std::chrono::microseconds took) {
  const std::string thousandths = std::to_string(took.count() % 1000);
  return std::to_string(took.count() / 1000) + "." + std::string(3 - thousandths.size(), '0') +
         thousandths + " ms";
}

nlohmann::ordered_json ExchangeJson(const Exchange& exchange) {
  return {{"name", exchange.name},
          {"type", exchange.type},
          {"outcome", exchange.outcome},
          {"server", exchange.server},
          {"cached", exchange.cached},
          {"ttl", exchange.ttl},
          {"ad", exchange.ad},
          {"records", exchange.records},
          {"microseconds", exchange.took.count()}};
}

}  // namespace helovet
