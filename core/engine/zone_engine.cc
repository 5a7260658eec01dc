// In a file of its own: a host that never reads master files need not link what parses them.
#include <memory>
#include <utility>

#include "dns/network.h"
#include "dns/zone.h"
#include "helovet/engine.h"

namespace helovet {

FileErrorOr<std::unique_ptr<Engine>> Engine::CreateWithZones(
    Loop& loop, std::shared_ptr<const Config> config, const std::vector<std::string>& zone_files,
    ZoneFallback fallback) {
  std::unique_ptr<Dns> network;
  if (fallback == ZoneFallback::kNetwork) network = NetworkDns(loop, *config);
  auto zones = ZoneDns::Load(loop, zone_files, std::move(network));
  if (!zones) return tl::unexpected(std::move(zones.error()));
  return std::make_unique<Engine>(loop, std::move(config), std::move(*zones));
}

}  // namespace helovet
